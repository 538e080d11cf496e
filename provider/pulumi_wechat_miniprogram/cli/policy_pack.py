"""`policy-pack`: where the installed pack is, for `--policy-pack`."""

from __future__ import annotations

import sysconfig
from importlib.resources import as_file, files
from pathlib import Path

import typer

_EXECUTABLE = "pulumi-analyzer-wechat-miniprogram"


def policy_pack() -> None:
    """Print the paths of the policy pack: the executable (CLI 3.255 or newer) and the directory."""
    typer.echo(f"executable  {find_executable(Path(sysconfig.get_path('scripts')))}")
    with as_file(files("pulumi_wechat_miniprogram") / "policy" / "pack") as directory:
        typer.echo(f"directory   {directory}")


def find_executable(scripts: Path) -> Path:
    """Return the executable among the scripts of an environment.

    Raises:
        FileNotFoundError: it is not there.
    """
    executable = scripts / _EXECUTABLE
    if not executable.exists():
        message = f"{executable} is missing: install the package again, with pip install --force-reinstall"
        raise FileNotFoundError(message)
    return executable
