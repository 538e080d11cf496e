"""What the provider processes of one run of the engine tell each other: what each of them declares.

A change of face or provider creates a resource in one process and deletes it in another one. What one is
about to delete, the other may just have declared, and the engine tells neither. Each process therefore adds
what it checks to a file of its own, which the others read before they delete. All processes of a run are
started with the same address of the engine, so that is the name of their folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import stat
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from pulumi_wechat_miniprogram.lifecycle.declarations import Said
from pulumi_wechat_miniprogram.lifecycle.domain import read_listed

_ADDRESS: Final = re.compile(r"[\w.\-\[\]]+:\d+", re.ASCII)
_UNSAFE: Final = re.compile(r"\W")
_SHOWN: Final = ".jsonl"


def engine_address(arguments: Sequence[str]) -> str:
    """Return the engine's address among the arguments of a plugin, where flags may come first."""
    return next(filter(_ADDRESS.fullmatch, arguments), "")


class Run:
    """One process of a run. Safe for concurrent use.

    A process whose folder cannot be made or is not its own says nothing and hears nothing.
    """

    def __init__(self, address: str, *, root: Path | None = None) -> None:
        """Take the engine's address; without one there is no other process."""
        root = root or Path(tempfile.gettempdir()) / f"pulumi-wechat-miniprogram-{os.getuid()}"
        self._folder = root / _UNSAFE.sub("_", address) if address else None
        self._guard = threading.Lock()
        self._own: _Own | None = None
        self._read: dict[Path, int] = {}

    def say(self, said: Said) -> None:
        """Tell the other processes."""
        told = [said.appid, said.name, sorted(said.domains), said.only_read]
        line = json.dumps(told).encode() + b"\n"
        with self._guard, contextlib.suppress(OSError):
            if self._folder and not self._own:
                self._own = _Own(self._folder)
            if self._own:
                self._own.file.write(line)

    def hear(self) -> list[Said]:
        """Return what the other processes said since the last time."""
        fresh: list[Said] = []
        with self._guard:
            for path in self._others():
                with contextlib.suppress(OSError, ValueError, TypeError):
                    fresh += map(_said, self._news(path))
        return fresh

    def close(self) -> None:
        """Say no more: the engine ends this process."""
        with self._guard, contextlib.suppress(OSError):
            folder, own, self._folder, self._own = self._folder, self._own, None, None
            if folder and own:
                own.path.unlink()
                own.file.close()
                folder.rmdir()  # unless there is another process

    def _others(self) -> list[Path]:
        if not (self._folder and self._folder.is_dir() and _is_ours(self._folder)):
            return []
        own = self._own.path if self._own else None
        return sorted(path for path in self._folder.glob(f"*{_SHOWN}") if path != own)

    def _news(self, path: Path) -> list[bytes]:
        with path.open("rb") as file:
            if _is_left_over(file):
                path.unlink(missing_ok=True)
                return []
            file.seek(self._read.get(path, 0))
            lines, end, _ = file.read().rpartition(b"\n")
        self._read[path] = self._read.get(path, 0) + len(lines + end)
        return lines.splitlines()


class _Own:
    """The file of this process. It has a lock when it appears, and for as long as the process lives."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(folder):
            raise PermissionError(folder)
        descriptor, begun = tempfile.mkstemp(dir=folder)
        self.file: Final = open(descriptor, "wb", buffering=0)  # noqa: SIM115, PTH123 - open until the end
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.path: Final = Path(begun).rename(begun + _SHOWN)


def _said(line: bytes) -> Said:
    appid, name, domains, only_read = json.loads(line)
    return Said(appid, name, frozenset(map(read_listed, domains)), only_read=only_read)


def _is_ours(folder: Path) -> bool:
    """Tell whether nobody else may write to a folder: its place is known to all users of the machine."""
    found = [each.lstat() for each in (folder.parent, folder)]
    return all(
        each.st_uid == os.getuid()
        and stat.S_ISDIR(each.st_mode)
        and not each.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        for each in found
    )


def _is_left_over(file: IO[bytes]) -> bool:
    """Tell whether the process of a file is gone: an earlier run had the same address."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
