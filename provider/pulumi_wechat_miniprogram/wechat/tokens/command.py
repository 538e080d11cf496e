"""Tokens from a command of the user's."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import IO, Final

from pulumi_wechat_miniprogram.settings import config_name, redact
from pulumi_wechat_miniprogram.wechat.tokens.printed import NoToken, parse_token
from pulumi_wechat_miniprogram.wechat.tokens.source import Token, TokenUnavailable

__all__ = ["CommandTokens"]

_KEY: Final = config_name("access_token_command")
_SHOWN_LINES: Final = 5
_KILL_SECONDS: Final = 1.0
_CHUNK_BYTES: Final = 1 << 16
_KEPT_BYTES: Final = 1 << 16
"""Far more than a token or an error text; what a command prints beyond it is read and dropped."""


class CommandTokens:
    """Runs a command for each appid, which it finds in the variable `WECHAT_APPID`."""

    def __init__(self, words: Sequence[str], seconds: float) -> None:
        """Take the command and its time limit."""
        self._words = words
        self._seconds = seconds

    def fetch(self, appid: str) -> Token:
        """Run the command. What it prints to stdout is never shown; stderr is, redacted, when it fails."""
        program = self._words[0]
        try:
            running = subprocess.Popen(
                self._words,
                env={**os.environ, "WECHAT_APPID": appid},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            problem = f"{_KEY}: {program} cannot be started: {error.strerror or error}"
            raise TokenUnavailable(appid, problem) from None
        try:
            out, err = _collect(running, time.monotonic() + self._seconds)
        except subprocess.TimeoutExpired:
            problem = f"{_KEY}: {program} did not end within {self._seconds:g} s (requestTimeout)"
            raise TokenUnavailable(appid, problem) from None
        finally:
            _end(running)
        if running.returncode:
            problem = f"{_KEY}: {program} ended with {_status(running.returncode)}{_shown(err)}"
            raise TokenUnavailable(appid, problem)
        try:
            return parse_token(appid, out.decode("utf-8", "replace"))
        except NoToken as error:
            raise TokenUnavailable(appid, f"{_KEY}: what {program} printed {error}{_shown(err)}") from None


def _collect(running: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bytes]:
    """Read both outputs to their ends, of each no more than is of use, and wait for the exit."""
    kept: dict[IO[bytes], bytearray] = {
        stream: bytearray() for stream in (running.stdout, running.stderr) if stream
    }
    with selectors.DefaultSelector() as readable:
        for stream in kept:
            readable.register(stream, selectors.EVENT_READ, stream)
        while readable.get_map():
            left = max(0.0, deadline - time.monotonic())
            ready = readable.select(left)
            if not ready or not left:
                raise subprocess.TimeoutExpired(running.args, 0)
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK_BYTES)
                if not chunk:
                    readable.unregister(key.fileobj)
                kept[key.data] += chunk[: max(0, _KEPT_BYTES - len(kept[key.data]))]
    running.wait(max(0.0, deadline - time.monotonic()))
    out, err = kept.values()
    return bytes(out), bytes(err)


def _end(running: subprocess.Popen[bytes]) -> None:
    """End what still runs of the command, and wait no longer than a kill takes."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # not ours to end: it runs as another user
        os.killpg(running.pid, signal.SIGKILL)
    for stream in filter(None, (running.stdout, running.stderr)):
        stream.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(_KILL_SECONDS)


def _status(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _shown(err: bytes) -> str:
    lines = redact(err.decode("utf-8", "replace")).strip().splitlines()[-_SHOWN_LINES:]
    return "".join(f"\n  stderr: {line[:200]}" for line in lines)
