"""Tokens from a command that the user configures."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import IO, Final
from urllib.parse import unquote

from pulumi_wechat_miniprogram.safety.interruption import Deadline, Interrupted, Interruption
from pulumi_wechat_miniprogram.safety.masking import credentials_in, redact, words_in
from pulumi_wechat_miniprogram.settings import ACCESS_TOKEN, APPID, SecretKind, Spell, config_name
from pulumi_wechat_miniprogram.wechat.tokens.source import NoToken, Token, TokenUnavailable, parse_token

_PROGRAM: Final = re.compile(r"[\w.+-]{1,32}")
"""The name of a program. Any other first word may be a token or a whole command."""
_OPTION: Final = re.compile(r"--[a-z]+(?:-[a-z]+)*")
_SIGNS: Final = ".,:;()'\""
_SHOWN_LINES: Final = 5
_KILL_SECONDS: Final = 1.0
_CHECK_SECONDS: Final = 0.5
_LINE_LENGTH: Final = 200
_CHUNK_BYTES: Final = 1 << 16
_KEPT_BYTES: Final = 1 << 16
"""Far more than a token or an error. The beginning of stdout and the end of stderr are kept."""


class CommandTokens:
    """Runs a command for each appid, with the appid in the variable `WECHAT_APPID`."""

    def __init__(
        self,
        words: Sequence[str],
        seconds: float,
        name: Spell = config_name,
        interruption: Interruption | None = None,
        limit: Deadline | None = None,
    ) -> None:
        self._interruption = interruption or Interruption()
        self._limit = limit or Deadline()
        self._words = words
        self._seconds = seconds
        self._name = name

    def fetch(self, appid: str, kind: SecretKind = ACCESS_TOKEN) -> Token:
        """Run the command. Its stdout is never shown. Its stderr is shown, redacted, if it fails.

        Raises:
            Interrupted: the run was interrupted; the command was ended.
        """
        program = _shown_program(self._words[0])
        where = self._name("access_token_command")
        try:
            running = _RUNNING.start(self._words, {**_inherited(), "WECHAT_APPID": appid})
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
            hint = ""
            if any(c.isspace() for c in self._words[0]):
                hint = ". Its first word contains spaces: give a JSON array with one entry for each word"
            raise TokenUnavailable(appid, f"{where}: {program} cannot be started: {reason}{hint}") from None
        seconds, left = self._seconds, self._limit.left
        try:
            out, err = _collect(running, time.monotonic() + min(seconds, left), self._interruption)
        except subprocess.TimeoutExpired:
            limit = f"{seconds:g} s ({self._name('request_timeout')})" if seconds <= left else "its time"
            raise TokenUnavailable(appid, f"{where}: {program} did not end within {limit}") from None
        finally:
            _RUNNING.end(running)
        try:
            if not (code := running.returncode):
                return parse_token(appid, out, kind)
            problem = f"{program} ended with " + (f"signal {-code}" if code < 0 else f"exit status {code}")
        except NoToken as error:
            problem = f"what {program} printed {error}"
        raise TokenUnavailable(appid, f"{where}: {problem}{self._shown(out, err)}")

    def _shown(self, out: bytes, err: bytes) -> str:
        """Return the last lines of stderr, without any word of stdout or of the command."""
        words = words_in(out.decode("utf-8", "replace")) | _words_of(self._words)
        secrets = {word for word in words if not APPID.fullmatch(word.strip(_SIGNS))}
        text = err.decode("utf-8", "replace")
        if len(err) == _KEPT_BYTES:  # the first line may be cut after the name of a secret
            text = text.partition("\n")[2]
        lines = redact(text, also=secrets, longest=_KEPT_BYTES).strip().splitlines()[-_SHOWN_LINES:]
        return "".join(f"\n  stderr: {line[:_LINE_LENGTH]}" for line in lines)


def _inherited() -> dict[str, str]:
    """Return the environment without the stack config, which Pulumi gives with its secrets in clear."""
    return {name: value for name, value in os.environ.items() if name != "PULUMI_CONFIG"}


def _shown_program(word: str) -> str:
    """Return the name of an existing program. Any other word may be a token and is not shown."""
    name = PurePath(word).name
    plain = _PROGRAM.fullmatch(name) and not any(c.isspace() or c == "=" for c in word)
    return name if plain and shutil.which(word) else "the command"


def _words_of(command: Sequence[str]) -> set[str]:
    """Return the possible secrets of a command: all words and their parts except program and options."""
    program, *arguments = command
    words = {*credentials_in(" ".join(command)), *arguments}.union(*map(words_in, arguments))
    words |= set(map(unquote, words))
    return {word for word in words if word != program and not _OPTION.fullmatch(word.strip(_SIGNS))}


class _Running:
    """The commands that are running: a daemon thread cannot end its own when the process ends."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._commands: set[subprocess.Popen[bytes]] = set()
        self._is_over = False
        atexit.register(self.end_all)

    def start(self, words: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a command in its own process group, unless this process is ending (Interrupted)."""
        with self._guard:  # `end_all` must not run between the start and its registration
            if self._is_over:
                raise Interrupted
            running = subprocess.Popen(
                words,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self._commands.add(running)
        return running

    def end(self, running: subprocess.Popen[bytes]) -> None:
        _kill_group(running)
        with self._guard:
            self._commands.discard(running)
        for stream in filter(None, (running.stdout, running.stderr)):
            stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(_KILL_SECONDS)

    def end_all(self) -> None:
        """End every command with its children, and allow no other to start."""
        with self._guard:
            self._is_over = True
            for running in self._commands:
                _kill_group(running)


_RUNNING: Final = _Running()


def _collect(
    running: subprocess.Popen[bytes], deadline: float, interruption: Interruption
) -> tuple[bytes, bytes]:
    """Read both outputs to their ends, and wait for the exit.

    `Popen.communicate` does not fit: it keeps everything, and `yes` prints about 300 MiB in one second.
    """

    def left() -> float:
        interruption.check()
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise subprocess.TimeoutExpired(running.args, 0)
        return min(seconds, _CHECK_SECONDS)

    kept: dict[IO[bytes], bytearray] = {
        stream: bytearray() for stream in (running.stdout, running.stderr) if stream
    }
    with selectors.DefaultSelector() as readable:
        for stream in kept:
            readable.register(stream, selectors.EVENT_READ, stream)
        while readable.get_map():
            for key, _ in readable.select(left()):
                chunk = os.read(key.fd, _CHUNK_BYTES)
                if not chunk:
                    readable.unregister(key.fileobj)
                kept[key.data] += chunk
                surplus = slice(_KEPT_BYTES, None) if key.data is running.stdout else slice(-_KEPT_BYTES)
                del kept[key.data][surplus]
    while running.poll() is None:
        seconds = left()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(seconds)
    out, err = kept.values()
    return bytes(out), bytes(err)


def _kill_group(running: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # PermissionError: it runs as another user
        os.killpg(running.pid, signal.SIGKILL)
