"""What the provider processes of one run of the engine tell each other: what each of them declares.

A change of face or provider creates a resource in one process and deletes it in another one. What one is
about to delete, the other may just have declared, and the engine tells neither. Each process therefore adds
what it checks to its own file, which the others read before they write. All processes of a run are
started with the same address of the engine, with which the names of their files begin. The files are in
Pulumi's home folder, for this user alone, and hold digests of domains.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from pulumi_wechat_miniprogram.lifecycle.declarations import Said
from pulumi_wechat_miniprogram.safety.errors import UserError

_ADDRESS: Final = re.compile(r"[\w.\-]+:\d+", re.ASCII)
_FOLDER: Final = "wechat-miniprogram-runs"
_KEPT_SECONDS: Final = 3600.0
"""A process that was killed leaves its file. It counts for the rest of its run, which is over by then."""


def engine_address(arguments: Sequence[str]) -> str:
    """Return the engine's address among the arguments of a plugin, where flags may come first."""
    return next(filter(_ADDRESS.fullmatch, arguments), "")


def pulumi_home() -> Path:
    """Return the folder that the CLI keeps its own files in."""
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


class Run:
    """One process of a run. Safe for concurrent use.

    Each method raises:
        UserError: the files cannot be written or read, so nobody knows what may be removed.
    """

    def __init__(self, address: str, *, home: Path | None = None) -> None:
        """`address` is the engine's. A process without one runs alone: it says and hears nothing."""
        self._home = home
        self._run = address.replace(":", "-")
        self._guard = threading.Lock()
        self._own: Path | None = None
        self._read: dict[Path, int] = {}

    def say(self, said: Said) -> None:
        """Tell the other processes."""
        if not self._run:
            return
        line = json.dumps([said.appid, said.name, said.what, sorted(said.domains), said.of]).encode() + b"\n"
        with self._guard, self._explained() as folder:
            if not self._own:
                self._own = _begin(folder, self._run)
            descriptor = os.open(self._own, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if os.write(descriptor, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            finally:
                os.close(descriptor)

    def hear(self) -> list[Said]:
        """Return what the other processes said since the last time."""
        if not self._run:
            return []
        with self._guard, self._explained() as folder:
            try:
                found = sorted(path for path in folder.iterdir() if path.name.startswith(f"{self._run}."))
            except FileNotFoundError:
                return []
            return [said for path in found if path != self._own for said in self._news(path)]

    def close(self) -> None:
        """Say no more: the engine ends this process."""
        with self._guard, contextlib.suppress(OSError):
            self._run = ""
            if self._own:
                self._own.unlink()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[Path]:
        place = f"{_FOLDER} in Pulumi's home folder"
        try:
            folder = (self._home or pulumi_home()) / _FOLDER
            place = str(folder)
            yield folder
        except (OSError, RuntimeError, ValueError, TypeError) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise UserError(
                f"the folder {place} cannot be used: {reason}",
                "The provider processes of a run use it to exchange what they declare, so that none of them "
                "removes another one's domains. Make the folder writable, or set PULUMI_HOME",
            ) from None

    def _news(self, path: Path) -> list[Said]:
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_mtime < time.time() - _KEPT_SECONDS:
                    return []
                file.seek(self._read.get(path, 0))
                lines, end, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:  # its process has ended
            return []
        self._read[path] = self._read.get(path, 0) + len(lines + end)
        return list(map(_said, lines.splitlines()))


def _begin(folder: Path, run: str) -> Path:
    """Return the name of a new file, and remove what processes that were killed left long ago."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                path.unlink()
    return folder / f"{run}.{uuid4().hex}"


def _said(line: bytes) -> Said:
    appid, name, what, domains, *of = json.loads(line)  # a process of an earlier version says no kind of list
    return Said(appid, name, what, frozenset(domains), *of)
