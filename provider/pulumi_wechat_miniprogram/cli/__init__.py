"""The command line `wechat-miniprogram`."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Run the command line; wrong usage and errors leave with exit code 1."""
    _open_output()
    try:
        from pulumi_wechat_miniprogram.cli.app import run  # noqa: PLC0415 - an extra, loaded on demand
    except ModuleNotFoundError as error:
        sys.exit(
            f"wechat-miniprogram needs {error.name}: pip install 'pulumi-wechat-miniprogram[cli,emulator]'"
        )
    sys.exit(run(sys.argv[1:]))


def _open_output() -> None:
    """Let no character end a command, and no output that the shell closed (`>&-`)."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
