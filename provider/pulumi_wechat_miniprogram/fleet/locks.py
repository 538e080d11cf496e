"""Locks of stacks: which process holds one, and whether that process is gone.

A lock of a self-managed backend does not expire: a killed run leaves it behind. Only the host that a lock
names can tell whether its process still runs.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from urllib.parse import unquote

import psutil

Verdict = Literal["gone", "running", "unknown"]

_HOLDER: Final = re.compile(
    r"(?:(?P<file>file:///\S+\.json)(?:\?\S*)?: )?"
    r"created by (?P<user>\S*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<time>\d{4}-\d\d-\d\dT\S+)"
)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_STRONGEST: Final[Sequence[Verdict]] = ("running", "gone", "unknown")
"""Which verdict of several machines counts."""
_SKEW: Final = 2.0
"""Seconds by which the start of a process may seem later than the lock that it took."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that took a lock, as the lock names it; in a backend of files `file` is the lock."""

    user: str
    host: str
    pid: int
    time: str
    file: str = field(default="", compare=False)


def holders_in(text: str) -> tuple[Holder, ...]:
    """Return the holders that the CLI names, by the lines that it prints for the locks, one for each."""
    return tuple(
        Holder(
            found["user"],
            found["host"],
            int(found["pid"]),
            found["time"],
            unquote((found["file"] or "").removeprefix("file://")),
        )
        for found in _HOLDER.finditer(text)
    )


def judge(holder: Holder) -> Verdict:
    """Return whether a process is gone: on its own host, its id is free or belongs to a younger process."""
    if holder.host != socket.gethostname():
        return "unknown"
    try:
        process = psutil.Process(holder.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return "gone"
        started = process.create_time()
    except psutil.NoSuchProcess:
        return "gone"
    except psutil.Error:
        return "unknown"
    taken = seconds_of(holder.time)
    # A clock that is set forward makes each process younger.
    younger = taken is not None and started > taken + _SKEW and not process.name().startswith("pulumi")
    return "gone" if younger else "running"


def together(verdicts: Collection[Verdict]) -> Verdict:
    """Return what machines know together about one process: only its own host can say that it is gone."""
    return next((one for one in _STRONGEST if one in verdicts), "unknown")


def all_gone(holders: Iterable[Holder]) -> bool:
    """Return whether this host can prove that no holder still runs."""
    found = [judge(holder) for holder in holders]
    return bool(found) and set(found) == {"gone"}


def seconds_of(time: str) -> float | None:
    """Return a time of the CLI, RFC 3339 with up to nine decimals, as seconds since 1970."""
    found = _TIME.fullmatch(time)
    if not found:
        return None
    zone = "+00:00" if found[3] in {None, "Z"} else found[3]
    try:
        return datetime.fromisoformat(f"{found[1]}{zone}").timestamp() + float(found[2] or 0)
    except ValueError:
        return None
