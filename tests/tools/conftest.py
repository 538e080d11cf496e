from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_TOOLS = (
    *("awk", "bash", "cat", "chmod", "cksum", "cp", "date", "dirname", "env", "find", "flock", "grep"),
    *("install", "make", "mkdir", "mktemp", "mv", "rm", "sed", "sh", "sleep", "tail", "tee", "touch", "tr"),
)
PULUMI_PARTS = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")


@dataclass(frozen=True)
class Checkout:
    """A copy of the tooling in a folder with a space, on a PATH that has system tools and fakes only."""

    root: Path
    fakes: Path
    system: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def cli(self) -> Path:
        return self.root / ".pulumi-cli"

    def fake(self, name: str, script: str, folder: Path | None = None) -> Path:
        """Put an executable shell script on PATH, or into `folder`."""
        path = (folder or self.fakes) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def fake_pulumi(self, version: str, folder: Path | None = None) -> None:
        self.fake("pulumi", f"echo {version}", folder)
        for part in PULUMI_PARTS:
            self.fake(part, "", folder)

    def popen(
        self, *command: str | Path, folder: Path | None = None, **environment: str
    ) -> subprocess.Popen[str]:
        variables = {
            "PATH": f"{self.fakes}:{self.system}",
            "HOME": str(self.root.parent),
            "TMPDIR": str(self.root.parent),
            **self.environment,
            **environment,
        }
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=folder or self.root.parent,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *command: str | Path, folder: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        with self.popen(*command, folder=folder, **environment) as process:
            out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def tool(self, name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.root / "tools" / name, *arguments, folder=None, **environment)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout on a machine that has neither Python, Go, curl nor Pulumi, until a test fakes them."""
    root, fakes, system = tmp_path / "a checkout", tmp_path / "fakes", tmp_path / "system"
    fakes.mkdir()
    system.mkdir()
    shutil.copytree(ROOT / "tools", root / "tools")
    shutil.copytree(ROOT / ".ci", root / ".ci")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    link(system, SYSTEM_TOOLS)
    return Checkout(root, fakes, system)


def link(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / name).symlink_to(shutil.which(name, path=os.defpath) or shutil.which(name) or name)


def without_times(text: str) -> str:
    return re.sub(r"\b\d+ s\.", "N s.", text)


def fake_go(checkout: Checkout, before_build: str = ":") -> None:
    """Answer the three subcommands that the build uses; each build leaves a line in `builds`."""
    sdk = checkout.root.parent / "sdk"
    for part in ("dist/pulumi-resource-pulumi-python", "cmd/pulumi-language-python-exec"):
        (sdk / "python" / part).parent.mkdir(parents=True, exist_ok=True)
        (sdk / "python" / part).touch()
    checkout.fake(
        "go",
        f"""
case $1 in
  env) echo go1.26.8 ;;
  list) echo {shlex.quote(str(sdk))} ;;
  build)
    {before_build}
    for last; do :; done
    while [ "$1" != -o ]; do shift; done
    mkdir -p "$2"
    printf '#!/bin/sh\\necho v3.259.0\\n' > "$2${{last##*/}}"
    chmod 755 "$2${{last##*/}}"
    echo "$last" >> {shlex.quote(str(checkout.root.parent / "builds"))} ;;
esac""",
    )
