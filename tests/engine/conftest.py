"""Pulumi projects in temporary folders, run by the real CLI against an emulator over HTTP."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.exports.state import from_wire
from tests.engine.golden import compare, normalise
from tests.engine.proxy import Proxy
from tests.engine.sessions import Run
from wechat_miniprogram_emulator import Emulator

APPID = "wx0123456789abcdef"
A, B, C, D = (f"https://{name}.example.com" for name in "abcd")
OUTPUTS = ("domains", "effective_domains", "pending_domains", "release_required", "added_domains")
DIES_BY_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
"""With Python's own handler a program whose run failed may wait for the engine, which kills it after five seconds."""
ENDS_AT_ONCE = "import atexit, gc; atexit.register(gc.freeze); "
"""Each program ends 0.1 s earlier without the interpreter's last collections."""
QUIET = ("--yes", "--skip-preview", "--suppress-progress")


@functools.cache
def python_of_programs():
    """The tests' Python, but `pip list` is answered from a file: each run asks, and the answer takes 0.3 s."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    asked = ["-m", "pip", "list", "-v", "--format", "json"]
    listed = subprocess.run([sys.executable, *asked], check=True, capture_output=True)
    (folder / "packages.json").write_bytes(listed.stdout)
    python, packages = shlex.quote(sys.executable), shlex.quote(str(folder / "packages.json"))
    script = f'[ "$*" = "{" ".join(asked)}" ] && exec cat {packages}\nexec {python} "$@"\n'
    command = folder / "python"
    command.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    command.chmod(0o755)
    return command


def environment_of(folder):
    """What a CLI with its own home and backend in `folder` needs; the tests' Python comes first.

    Coverage is left out: it makes each run 40 % slower, and the contract tests count the provider's lines.
    """
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PULUMI_DIY_BACKEND_NO_LEGACY_WARNING": "true",
        "PULUMI_PYTHON_CMD": str(python_of_programs()),
        "GOGC": "off",  # no run lives long enough to need its memory back
        "NO_COLOR": "1",
    }


def without_backend(folder):
    """What a CLI needs of which nobody has said yet where its states are: a README has to say it."""
    ours = {"PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"}
    return {name: value for name, value in environment_of(folder).items() if name not in ours}


def resource(*domains, name="shop", **inputs):
    """A line of a program: one resource."""
    inputs = {"appid": APPID, "domains": list(domains), **inputs}
    return f"MiniProgramWebviewDomains({name!r}, **{inputs!r})\n"


class Project:
    """One Pulumi project with its own home, backend and stack."""

    def __init__(self, folder, control, face=""):
        """Take over a folder with a stack; the stack config holds no secret."""
        self.folder = folder
        self.control = control
        self.face = face
        self.runs: list[Run] = []
        self.environment = {
            **environment_of(folder),
            "PULUMI_STACK": "test",
            "WECHAT_MINIPROGRAM_ENDPOINT": control.url,
            "WECHAT_MINIPROGRAM_PROBE": "false",  # no host of a test exists; those that probe map them
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps({APPID: f"emulator-{APPID}"}),
        }

    def program(self, text):
        """Write the program, below the imports."""
        head = f"{DIES_BY_SIGINT}{ENDS_AT_ONCE}import pulumi\nfrom pulumi_wechat_miniprogram{self.face} import *\n"
        (self.folder / "__main__.py").write_text(head + text, encoding="utf-8")

    def domains(self, *domains, name="shop", **inputs):
        """Write a program with one resource."""
        self.program(resource(*domains, name=name, **inputs))

    def begin(self, prepared):
        """Take over program, state and live list of what was prepared; all of it is in force."""
        folder, live = prepared
        shutil.copyfile(folder / "__main__.py", self.folder / "__main__.py")
        shutil.copytree(folder / "state", self.folder / "state", dirs_exist_ok=True)
        self.control.seed(APPID, live=live)

    def run(self, *arguments, fails=False, **environment):
        """Run the CLI and return what it printed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self, *arguments):
        """Start the CLI in a session of its own, which is gone after the test."""
        command = ["pulumi", *arguments, "--non-interactive"]
        self.runs.append(Run(command, self.folder, self.environment))
        return self.runs[-1]

    def preview(self, *more, **options):
        """Preview."""
        return self.run("preview", "--suppress-progress", *more, **options)

    def up(self, *more, **options):
        """Update without the preview."""
        return self.run("up", *QUIET, *more, **options)

    def refresh(self, *more, **options):
        """Refresh."""
        return self.run("refresh", *QUIET, *more, **options)

    def destroy(self, *more, **options):
        """Destroy."""
        return self.run("destroy", *QUIET, *more, **options)

    def calls(self):
        """Return the calls since the last look, in one word each."""
        names = [call.name for call in self.control.calls()]
        self.control.clear_calls()
        return names

    def exports(self):
        """Return the stack's outputs."""
        return json.loads(self.run("stack", "output", "--json"))

    def export(self):
        """Return the stack export."""
        return json.loads(self.run("stack", "export"))

    def entries(self):
        """Return the entries of our resources in the state, old copies among them."""
        entries = self.export()["deployment"].get("resources", [])
        return [entry for entry in entries if kind_of(entry["type"])]

    def resources(self):
        """Return the entries by logical name."""
        return {entry["urn"].rpartition("::")[2]: entry for entry in self.entries()}

    def outputs(self, name="shop"):
        """Return what a resource says of its domains, from the state."""
        outputs = from_wire(self.resources()[name]["outputs"])
        return {key: outputs[key] for key in OUTPUTS}


@pytest.fixture(scope="session")
def empty_stack(tmp_path_factory):
    """A folder with a project and an empty stack, made once."""
    assert shutil.which("pulumi"), "the Pulumi CLI is not on PATH; run the tests by `make test`"
    folder = tmp_path_factory.mktemp("stack")
    (folder / "state").mkdir()
    plugins = {"providers": [{"name": "wechat-miniprogram", "path": str(Path(sys.executable).parent)}]}
    text = f"name: engine-test\nruntime: python\nplugins: {json.dumps(plugins)}\n"
    (folder / "Pulumi.yaml").write_text(text, encoding="utf-8")
    command = ["pulumi", "stack", "init", "test", "--non-interactive"]
    subprocess.run(command, cwd=folder, env=environment_of(folder), check=True, capture_output=True)
    shutil.rmtree(folder / "home")
    return folder


@pytest.fixture
def face():
    """The submodule whose classes a program uses: the dynamic face, unless a module asks for `both_faces`."""
    return ""


@pytest.fixture(params=["", ".native"], ids=["dynamic", "native"])
def both_faces(request):
    """Each face in turn. A module says `face = both_faces`: what holds for one face holds for the other."""
    return request.param


@pytest.fixture
def project(tmp_path, empty_stack, wechat_emulator, face):
    """A project for one seeded app, and its emulator as `control`."""
    shutil.copytree(empty_stack, tmp_path, dirs_exist_ok=True)
    wechat_emulator.seed(APPID)
    project = Project(tmp_path, wechat_emulator, face)
    yield project
    for run in project.runs:
        run.kill()


@pytest.fixture
def native(project):
    """The project, with programs for the plugin."""
    project.face = ".native"
    return project


@pytest.fixture
def measured(project):
    """The project with coverage: for what a program calls, which nothing but the engine runs."""
    project.environment |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return project


@pytest.fixture(scope="session")
def prepare(tmp_path_factory, empty_stack):
    """Make a beginning that many tests share: the first program released and refreshed, then the others."""

    @functools.cache
    def prepare(face, first, *others):
        folder = tmp_path_factory.mktemp("prepared")
        shutil.copytree(empty_stack, folder, dirs_exist_ok=True)
        with Emulator() as emulator:
            emulator.control.seed(APPID)
            project = Project(folder, emulator.control, face)
            project.program(first)
            project.up()
            emulator.control.release(APPID)
            project.refresh()
            for program in others:
                project.program(program)
                project.up()
            return folder, emulator.control.live(APPID)

    return prepare


@pytest.fixture
def released(project, prepare):
    """The project with `shop` in its state: A and B, live, in force, put there by it."""
    project.begin(prepare(project.face, resource(A, B)))
    return project


@pytest.fixture
def proxy(project):
    """A proxy that the project's providers speak to instead of the emulator."""
    proxy = Proxy(project.control.url)
    project.environment["WECHAT_MINIPROGRAM_ENDPOINT"] = proxy.url
    yield proxy
    proxy.close()


@pytest.fixture
def golden_text(request):
    """Compare a text with a file of golden/, or write it with --write-golden."""
    return functools.partial(compare, write=request.config.getoption("write_golden"))


@pytest.fixture
def golden(golden_text, face):
    """Compare what a user reads, whatever else the CLI printed. The native face says it under the resource."""
    return lambda name, printed: golden_text(name + face.replace(".", "-"), normalise(printed))
