"""The programs that are compared, each in a fresh folder with a fresh state."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fleet import App, changed, manifest, tokens
from benchmarks.races import Lap
from benchmarks.wechat import WeChat

__all__ = [
    "CALLS_ALONE",
    "FLOOR",
    "FLOOR_WITHOUT_CHECKPOINTS",
    "OPERATIONS",
    "PEERS",
    "PROVIDER",
    "SCRIPT",
    "TERRAFORM",
    "TERRAFORM_EQUAL_WORK",
    "TUTORIAL",
    "Contestant",
    "Ground",
    "Ran",
]

OPERATIONS = ("create", "no-op", "change one", "refresh", "destroy")
PEERS = Path(__file__).parent / "peers"
_STACK = "bench"
_QUIET = ("--yes", "--skip-preview", "--suppress-progress", "--non-interactive")
_UP = ("pulumi", "up", *_QUIET)
_PULUMI = {
    "preview": ("pulumi", "preview", "--suppress-progress", "--non-interactive"),
    "create": _UP,
    "no-op": _UP,
    "change one": _UP,
    "refresh": ("pulumi", "refresh", *_QUIET),
    "destroy": ("pulumi", "destroy", *_QUIET),
}
_AGREED = ("-auto-approve", "-input=false", "-no-color")
_APPLY = ("terraform", "apply", *_AGREED)
_TERRAFORM = {
    "create": _APPLY,
    "no-op": _APPLY,
    "change one": _APPLY,
    "refresh": ("terraform", "apply", "-refresh-only", *_AGREED),
    "destroy": ("terraform", "destroy", *_AGREED),
}
_SCRIPT = ("python3", "set_domains.py")


@dataclass(frozen=True)
class Contestant:
    """One way to put a fleet on WeChat's lists: a folder of `peers` and a command for each operation."""

    name: str
    folder: str
    commands: Mapping[str, Sequence[str]]
    state: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_pulumi(self) -> bool:
        """Tell whether it needs a stack."""
        return self.commands["create"][0] == "pulumi"


_CHECKPOINT = f"state/.pulumi/stacks/*/{_STACK}.json"
PROVIDER = Contestant("provider", "provider", _PULUMI, _CHECKPOINT)
FLOOR = Contestant("floor", "floor", _PULUMI, _CHECKPOINT)
TUTORIAL = Contestant("tutorial form", "tutorial", _PULUMI, _CHECKPOINT)
TERRAFORM = Contestant("terraform", "terraform", _TERRAFORM, "terraform.tfstate")
TERRAFORM_EQUAL_WORK = Contestant(
    "terraform, equal work",
    "terraform_equal_work",
    {
        name: (*command, "-parallelism=4") for name, command in _TERRAFORM.items()
    },  # as many as Pulumi's dynamic host
    "terraform.tfstate",
)
CALLS_ALONE = Contestant("floor with calls", "floor", _PULUMI, _CHECKPOINT, {"FLOOR_PROVIDER": "Calls"})
FLOOR_WITHOUT_CHECKPOINTS = Contestant(
    "floor, checkpoints off", "floor", _PULUMI, _CHECKPOINT, {"PULUMI_SKIP_CHECKPOINTS": "true"}
)
SCRIPT = Contestant("script", "script", dict.fromkeys(OPERATIONS[:3], _SCRIPT))


@dataclass(frozen=True)
class Ran:
    """One command that ended; `cpu` is what it and its own processes kept of the processors."""

    seconds: float
    cpu: float
    code: int
    printed: str


@dataclass(frozen=True)
class Ground:
    """A temporary folder, an emulator, and the folder of the `python3` with which contestants run."""

    folder: Path
    wechat: WeChat
    programs: Path

    def fresh(self, contestant: Contestant, apps: list[App], name: str = "lap") -> Path:
        """Return a folder with a contestant's program, its manifest and an empty state."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        template = self.folder / "templates" / contestant.folder
        if not template.exists():
            shutil.copytree(PEERS / contestant.folder, template)
            if contestant.is_pulumi:
                self._init(template)
        shutil.copytree(template, folder)
        (folder / "fleet.json").write_text(manifest(apps), encoding="utf-8")
        return folder

    def run(
        self, contestant: Contestant, operation: str, folder: Path, apps: list[App], *, fails: bool = False
    ) -> Ran:
        """Run one operation.

        Raises:
            RuntimeError: it failed, and may not; the text is what it printed.
        """
        environment = {**self._environment(folder, apps), **contestant.environment}
        began, before = time.perf_counter(), _cpu_of_children()
        done = subprocess.run(
            contestant.commands[operation],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        if done.returncode and not fails:
            message = f"{operation} by {contestant.name} ended with {done.returncode}:\n{done.stdout[-4000:]}"
            raise RuntimeError(message)
        return Ran(took, _cpu_of_children() - before, done.returncode, done.stdout)

    def lap(
        self,
        contestant: Contestant,
        apps: list[App],
        *,
        operations: Sequence[str] = OPERATIONS,
    ) -> Lap:
        """Return a lap over apps that WeChat knows.

        Each leg measures seconds and CPU seconds of an operation, the first also bytes of state an app.
        """

        def lap() -> Iterator[Mapping[str, float]]:
            folder = self.fresh(contestant, apps, re.sub(r"\W+", "-", contestant.name))
            declared = apps
            for operation in [name for name in operations if name in contestant.commands]:
                if operation == "change one":
                    declared = changed(apps)
                    (folder / "fleet.json").write_text(manifest(declared), encoding="utf-8")
                ran = self.run(contestant, operation, folder, declared)
                measured = {operation: ran.seconds, f"{operation}, CPU": ran.cpu}
                if operation == "create" and contestant.state:
                    measured["state bytes"] = self.state(contestant, folder).stat().st_size / len(apps)
                yield measured

        return lap

    @staticmethod
    def state(contestant: Contestant, folder: Path) -> Path:
        """Return the file that holds a contestant's state."""
        return next(folder.glob(contestant.state))

    def _init(self, folder: Path) -> None:
        (folder / "state").mkdir()
        command = ("pulumi", "stack", "init", _STACK, "--non-interactive")
        subprocess.run(
            command, cwd=folder, env=self._environment(folder, []), check=True, capture_output=True
        )

    def _environment(self, folder: Path, apps: list[App]) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_STACK": _STACK,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
            "PULUMI_DIY_BACKEND_NO_LEGACY_WARNING": "true",
            "CHECKPOINT_DISABLE": "true",
            "NO_COLOR": "1",
            "WECHAT_MINIPROGRAM_ENDPOINT": self.wechat.url,
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": tokens(apps),
            "TF_VAR_endpoint": self.wechat.url,
            "TF_VAR_tokens": tokens(apps),
        }


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
