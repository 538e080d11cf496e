"""Locks of stacks: which process holds one, and whether that process is gone.

A lock of a self-managed backend does not expire: a killed run leaves it behind. Only the host that a lock
names can tell whether its process still runs.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final, Literal

import psutil

Verdict = Literal["gone", "running", "unknown"]

_HOLDER: Final = re.compile(
    r"created by (?P<user>\S*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<time>\d{4}-\d\d-\d\dT\S+)"
)
_SKEW: Final = 2.0
"""Seconds by which the start of a process may seem later than the lock that it took."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that took a lock, as the lock names it."""

    user: str
    host: str
    pid: int
    time: str


def holders_in(told: str) -> tuple[Holder, ...]:
    """Return the holders that the CLI names, by the lines that it prints for the locks, one for each."""
    return tuple(
        Holder(found["user"], found["host"], int(found["pid"]), found["time"])
        for found in _HOLDER.finditer(told)
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
    return "gone" if taken is not None and started > taken + _SKEW else "running"


def all_gone(holders: Iterable[Holder]) -> bool:
    """Return whether this host can prove that no holder still runs."""
    found = [judge(holder) for holder in holders]
    return bool(found) and set(found) == {"gone"}


def seconds_of(time: str) -> float | None:
    """Return a time of the CLI, RFC 3339 with up to nine decimals, as seconds since 1970."""
    whole, _, _ = time.partition(".")
    try:
        found = datetime.fromisoformat(whole.removesuffix("Z"))
    except ValueError:
        return None
    # Where a zone is named the whole is aware; the CLI writes UTC.
    return found.replace(tzinfo=found.tzinfo or timezone.utc).timestamp()
