"""The built wheel, and an environment that holds it and what it requires, no extra."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "tools/pins.txt"  # pip splits a list of constraint files at spaces: give it as a URI

Run = Callable[..., str]


@pytest.fixture(scope="session")
def run(callers_proxies: dict[str, str]) -> Run:
    """Run a command that may reach the package index, outside the checkout's own environment."""

    def run(*command: str | Path, folder: Path) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **callers_proxies, "PIP_CONSTRAINT": PINS.as_uri(), "PYTHONSAFEPATH": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def wheel(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `python -m build` makes from the source distribution it makes first."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, folder=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def python(run: Run, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment where the wheel alone was asked for."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder / "venv")
    python = folder / "venv/bin/python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel, folder=folder)
    return python
