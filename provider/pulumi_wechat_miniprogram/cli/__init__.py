"""The command line `wechat-miniprogram`."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Run the command line; wrong usage and errors leave with exit code 1."""
    _open_streams()
    try:
        from pulumi_wechat_miniprogram.cli.app import run  # noqa: PLC0415 - an extra, loaded on demand
        from pulumi_wechat_miniprogram.cli.leaving import TERMINATED  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        sys.exit(
            f"wechat-miniprogram needs {error.name}: pip install 'pulumi-wechat-miniprogram[cli,emulator]'"
        )
    for each in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # Windows has no SIGHUP
        if signal.getsignal(each) != signal.SIG_IGN:
            # Python ends without its exit handlers otherwise, and a token command keeps running.
            signal.signal(each, lambda *_: sys.exit(TERMINATED))
    sys.exit(run(sys.argv[1:]))


class _Closed(io.BytesIO):
    """Standard input that the shell closed."""

    def read(self, _size: int | None = -1, /) -> bytes:
        raise OSError(errno.EBADF, "it is closed")


def _open_streams() -> None:
    """Let no character end a command, and no stream that the shell closed (`>&-`, `<&-`)."""
    sys.stdin = sys.stdin or io.TextIOWrapper(_Closed(), encoding="utf-8")
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
