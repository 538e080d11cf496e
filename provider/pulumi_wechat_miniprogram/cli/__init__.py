"""The command line `wechat-miniprogram`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; wrong usage and errors leave with exit code 1."""
    try:
        from pulumi_wechat_miniprogram.cli.app import run  # noqa: PLC0415 - an extra, loaded on demand
    except ModuleNotFoundError as error:
        sys.exit(
            f"wechat-miniprogram needs {error.name}: pip install 'pulumi-wechat-miniprogram[cli,emulator]'"
        )
    sys.exit(run(sys.argv[1:]))
