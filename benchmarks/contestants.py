"""The Pulumi programs that are compared, each in a fresh folder with a fresh stack."""

from __future__ import annotations

import itertools
import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.races import Lap
from benchmarks.wechat import App, WeChat, tokens

HERE = Path(__file__).parent
_QUIET = ("--suppress-progress", "--non-interactive")
_AT_ONCE = ("--yes", "--skip-preview", *_QUIET)
_laps = itertools.count()
_COMMANDS = {
    "preview of creates": ("preview", *_QUIET),
    "create": ("up", *_AT_ONCE),
    "no-op preview": ("preview", *_QUIET),
    "no-op": ("up", *_AT_ONCE),
    "refresh": ("refresh", *_AT_ONCE),
    "destroy": ("destroy", *_AT_ONCE),
}


_TERRAFORM_RC = """\
disable_checkpoint = true
provider_installation {{
  dev_overrides {{ "example/floor" = "{}" }}
  direct {{}}
}}
"""


@dataclass(frozen=True)
class Contestant:
    """A program beside this module, and variables that change how it runs."""

    name: str
    program: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def with_(self, name: str, **environment: str) -> Contestant:
        """Return one with another name and more variables."""
        return Contestant(name, self.program, {**self.environment, **environment})


_CALLS = "gASMDmZsb29yX3Byb3ZpZGVyjAVDYWxsc5MpgS4="
DYNAMIC = Contestant("dynamic", "provider", {"FACE": ""})
DYNAMIC_FLOOR = Contestant("dynamic floor", "floor", {"FLOOR_PROVIDER": _CALLS})
NATIVE = Contestant("native", "provider", {"FACE": ".native"})
NATIVE_FLOOR = Contestant("native floor", "floor")


@dataclass(frozen=True)
class Ground:
    """A temporary folder, an emulator, and the folder of the `python3` with which contestants run."""

    folder: Path
    wechat: WeChat
    programs: Path

    def lap(self, contestant: Contestant, apps: list[App], operations: Sequence[str]) -> Lap:
        """Return a lap from an empty stack; each operation yields its time and its processor time.

        The latter is that of the command and of all that it started.
        """

        def lap() -> Iterator[Mapping[str, float]]:
            name = f"lap-{next(_laps)}"  # stacks of a database need names of their own
            folder = self._made(name, contestant.program, apps)
            environment = {**self.environment(folder, apps), "PULUMI_STACK": name, **contestant.environment}
            _run(["pulumi", "stack", "init", name, "--non-interactive"], folder, environment)
            for operation in operations:
                yield _timed(operation, ["pulumi", *_COMMANDS[operation]], folder, environment)
            _run(["pulumi", "stack", "rm", name, "--yes", "--force"], folder, environment)
            shutil.rmtree(folder)

        return lap

    def terraform_lap(self, provider: Path, apps: list[App], lanes: int) -> Lap:
        """Return a lap of Terraform, which only creates, with a provider in the folder `provider`."""

        def lap() -> Iterator[Mapping[str, float]]:
            folder = self._made(f"lap-{next(_laps)}", "terraform", apps)
            (folder / "terraform.rc").write_text(_TERRAFORM_RC.format(provider), encoding="utf-8")
            environment = {**self.environment(folder, apps), "TF_CLI_CONFIG_FILE": "terraform.rc"}
            command = ["terraform", "apply", "-auto-approve", "-input=false", f"-parallelism={lanes}"]
            yield _timed("create", command, folder, environment)
            shutil.rmtree(folder)

        return lap

    def _made(self, name: str, program: str, apps: list[App]) -> Path:
        folder = self.folder / name
        shutil.copytree(HERE / program, folder)
        (folder / "state").mkdir()
        manifest = [{"appid": app.appid, "domains": app.domains} for app in apps]
        (folder / "fleet.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    def environment(self, folder: Path, apps: list[App]) -> dict[str, str]:
        """Give a CLI a home and a backend in `folder`, and the provider a token for every app."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
            "PULUMI_DIY_BACKEND_NO_LEGACY_WARNING": "true",
            "NO_COLOR": "1",
            "WECHAT_MINIPROGRAM_ENDPOINT": self.wechat.url,
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": tokens(apps),
        }


def _timed(
    operation: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Mapping[str, float]:
    began, before = time.perf_counter(), _cpu_of_children()
    _run(command, folder, environment)
    took, used = time.perf_counter() - began, _cpu_of_children() - before
    return {operation: took, f"{operation}, processor time": used}


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, input="", capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
