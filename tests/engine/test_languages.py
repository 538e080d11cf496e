"""The native plugin under programs in YAML, TypeScript and Go, with the SDKs that `make sdks` generates."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.__about__ import __version__, semantic
from tests.engine.conftest import APPID, QUIET, A, B
from tests.engine.test_resource_pages import examples

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "languages"
OPTIONS = {"up": QUIET, "preview": ("--expect-no-changes", "--suppress-progress"), "destroy": QUIET}


@pytest.fixture(scope="session")
def online(callers_proxies):
    """Runs a command that may download packages, and returns what it printed."""
    environment = {**os.environ, **callers_proxies, "CGO_ENABLED": "0"}  # as tools/go-tool has it

    def run(*command, folder=ROOT):
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1800
        )
        if (command[0], done.returncode) == ("tools/go-tool", 3):
            pytest.skip(done.stderr.strip())
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture(scope="session")
def sdks(online):
    """The folder of the generated SDKs."""
    online("tools/go-tool", "generate-sdks")
    online("make", "sdks")
    return ROOT / "sdks"


@pytest.fixture(scope="session")
def node_modules(online, sdks, tmp_path_factory):
    """The packages of the TypeScript program, and among them the compiled SDK."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed. Install Node.js 20 or newer with npm.")
    program = PROGRAMS / "typescript"
    installed, lock = program / "node_modules", program / "package-lock.json"
    stamp = installed / ".package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        online("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=program)
    source = shutil.copytree(sdks / "nodejs", tmp_path_factory.mktemp("sdk") / "nodejs")
    (source / "node_modules").symlink_to(installed)
    compiled = installed / "pulumi-wechat-miniprogram"
    online(str(installed / ".bin/tsc"), "--outDir", str(compiled), folder=source)
    shutil.copy(source / "package.json", compiled)
    return installed


@pytest.fixture(scope="session")
def go_program(online, sdks, tmp_path_factory):
    """The Go program, compiled with the module versions of the CLI."""
    folder = tmp_path_factory.mktemp("go")
    for file in ("tests/engine/languages/go/main.go", "tools/pulumi-cli/go.mod", "tools/pulumi-cli/go.sum"):
        shutil.copy(ROOT / file, folder)
    _, sdk, *_ = (sdks / "go/go.mod").read_text(encoding="utf-8").split()
    online("go", "mod", "edit", f"-require={sdk}@v0.0.0", f"-replace={sdk}={sdks / 'go'}", folder=folder)
    online("go", "build", "-trimpath", "-o", "program", "main.go", folder=folder)
    return folder / "program"


@pytest.fixture(scope="session")
def archive(online):
    """The plugin with all that it needs but Python."""
    return ROOT / online("make", "plugin-archive").splitlines()[-1]


def copy_program(project, program):
    """Copy a program into the project; its Pulumi.yaml finds the plugin in `.venv`."""
    names = shutil.ignore_patterns("node_modules")
    shutil.copytree(program, project.folder, dirs_exist_ok=True, ignore=names)
    (project.folder / ".venv").symlink_to(sys.prefix)


@pytest.fixture
def cli(project, online):
    """Runs the CLI with a language host: its own, or else the one that tools/ can build."""

    def of(name):
        if not shutil.which(name):
            project.environment["PATH"] += f"{os.pathsep}{online('tools/go-tool', name)}"
        return lambda command: project.run(command, *OPTIONS[command])

    return of


@pytest.fixture
def yaml(project, cli):
    """Runs a command on the program in YAML."""
    copy_program(project, ROOT / "examples/yaml")
    project.run("stack", "init", "test")
    project.run("config", "set", "wechat-miniprogram:endpoint", project.control.url)
    return cli("pulumi-language-yaml")


@pytest.fixture
def installed(project, yaml, archive):
    """Runs a command on the program in YAML with the archive's plugin, no other and no Python environment."""
    (project.folder / ".venv").unlink()
    file = project.folder / "Pulumi.yaml"
    file.write_text(re.sub(r"plugins:\n( .*\n)+", "", file.read_text(encoding="utf-8")), encoding="utf-8")
    path = project.environment["PATH"].replace(str(Path(sys.executable).parent), f"{sys.base_prefix}/bin")
    project.environment["PATH"] = path
    project.run(
        "plugin", "install", "resource", "wechat-miniprogram", semantic(__version__), "--file", str(archive)
    )
    return yaml


@pytest.fixture
def typescript(project, cli, node_modules):
    """Runs a command on the program in TypeScript."""
    copy_program(project, PROGRAMS / "typescript")
    (project.folder / "node_modules").symlink_to(node_modules)
    return cli("pulumi-language-nodejs")


@pytest.fixture
def go(project, go_program):
    """Runs a command on the program in Go, which starts the engine itself."""
    copy_program(project, PROGRAMS / "go")

    def run(command):
        done = subprocess.run(
            [go_program, command],
            cwd=project.folder,
            env=project.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("language", ["yaml", "installed", "typescript", "go"])
def test_up_preview_and_destroy(request, project, language):
    """Up adds both domains, a preview then asks nothing and sees no change, destroy removes them."""
    run = request.getfixturevalue(language)

    printed = run("up")
    outputs, written, live = project.exports(), project.control.writes(), project.control.live(APPID)
    project.control.clear_calls()
    printed += run("preview")
    unchanged = project.calls()
    printed += run("destroy")
    removed = project.control.writes()

    assert outputs == {"pending": [A, B]}
    assert [(call.action, call.domains) for call in written] == [("set", (A, B))]
    assert live == [A, B]
    assert unchanged == []
    assert [(call.action, set(call.domains)) for call in removed] == [("delete", {A, B})]
    assert project.control.live(APPID) == []
    assert "pulumi-resource-wechat-miniprogram" not in printed  # the engine warns of plugins that PATH has


def test_a_yaml_program_calls_a_function(project, yaml):
    """As the page on languages shows it."""
    page = (ROOT / "docs/guides/languages.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(variables:\n.*?)```", page, re.DOTALL)
    file = project.folder / "Pulumi.yaml"
    text = file.read_text(encoding="utf-8").replace("outputs:\n", shown)
    file.write_text(text, encoding="utf-8")
    server = {"direct": {"requestdomain": [A]}, "mp": {"udpdomain": ["udp://b.example.com:9"]}}
    project.control.sow({"apps": [{"appid": APPID, "server": server}]})

    yaml("up")

    none = {kind: list[str]() for kind in ("socket", "upload", "download", "tcp")}
    assert project.exports()["in force"] == {**none, "request": [A], "udp": ["udp://b.example.com:9"]}


def test_the_examples_of_the_reference_run_together(project, yaml):
    """Those in YAML, with the embedded emulator that their pages name."""
    names = ("resources", "variables", "outputs")
    parts: dict[str, list[str]] = {name: [] for name in names}
    for example in examples("yaml"):
        for name, lines in re.findall(r"^(\w+):\n((?:  .*\n)+)", example, re.MULTILINE):
            parts[name].append(lines)
    file = project.folder / "Pulumi.yaml"
    head = file.read_text(encoding="utf-8").partition("resources:\n")[0]
    sections = [f"{name}:\n{''.join(lines)}" for name, lines in parts.items()]
    file.write_text(head + "".join(sections), encoding="utf-8")
    project.run("config", "set", "wechat-miniprogram:endpoint", f"emulator:{project.folder}/wechat.db")
    del (
        project.environment["WECHAT_MINIPROGRAM_ENDPOINT"],
        project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"],
    )

    yaml("up")
    yaml("preview")

    assert project.exports()["platform-webviews published"] == ["app.example.com"]


def test_the_plugin_of_an_archive_names_the_python_that_it_needs(archive, tmp_path):
    """And ends, where that is not on PATH."""
    with tarfile.open(archive) as packed:
        (launcher,) = [member for member in packed if member.name == "pulumi-resource-wechat-miniprogram"]
        packed.extract(launcher, tmp_path, filter="data")

    done = subprocess.run(
        [tmp_path / launcher.name], env={"PATH": ""}, capture_output=True, text=True, check=False
    )

    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    assert done.returncode == 1
    assert done.stderr == f"{launcher.name} needs {python} on PATH, for which its archive was built.\n"
