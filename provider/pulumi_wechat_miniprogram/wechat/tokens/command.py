"""Tokens from a command of the user's."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import Final

from pulumi_wechat_miniprogram.settings import config_name, redact
from pulumi_wechat_miniprogram.wechat.tokens.printed import NoToken, parse_token
from pulumi_wechat_miniprogram.wechat.tokens.source import Token, TokenUnavailable

__all__ = ["CommandTokens"]

_KEY: Final = config_name("access_token_command")
_SHOWN_LINES: Final = 5


class CommandTokens:
    """Runs a command for each appid, which it finds in the variable `WECHAT_APPID`."""

    def __init__(self, words: Sequence[str], seconds: float) -> None:
        """Take the command and its time limit."""
        self._words = words
        self._seconds = seconds

    def fetch(self, appid: str) -> Token:
        """Run the command. What it prints to stdout is never shown; stderr is, redacted, when it fails."""
        try:
            running = subprocess.Popen(
                self._words,
                env={**os.environ, "WECHAT_APPID": appid},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            problem = f"{_KEY}: {self._words[0]} cannot be started: {error.strerror or error}"
            raise TokenUnavailable(appid, problem) from None
        try:
            out, err = running.communicate(timeout=self._seconds)
        except subprocess.TimeoutExpired:
            problem = f"{_KEY}: {self._words[0]} did not end within {self._seconds:g} s (requestTimeout)"
            raise TokenUnavailable(appid, problem) from None
        finally:
            _end(running)
        if running.returncode:
            problem = f"{_KEY}: {self._words[0]} ended with {_status(running.returncode)}{_shown(err)}"
            raise TokenUnavailable(appid, problem)
        try:
            return parse_token(out)
        except NoToken as error:
            raise TokenUnavailable(
                appid, f"{_KEY}: what {self._words[0]} printed {error}{_shown(err)}"
            ) from None


def _end(running: subprocess.Popen[str]) -> None:
    """End what still runs of the command; a child of it would hold the pipes open."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def _status(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _shown(err: str) -> str:
    lines = redact(err).strip().splitlines()[-_SHOWN_LINES:]
    return "".join(f"\n  stderr: {line[:200]}" for line in lines)
