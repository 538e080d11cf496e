"""The audit log: a file with one line of JSON for each write to WeChat, to which lines are only added.

Several processes and threads may add to one file: a lock of the file keeps their lines apart. The file is
opened anew for each line, so that whoever rotates it may move it away at any time.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import getpass
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, TypeGuard

from pulumi_wechat_miniprogram.safety.masking import mask, redact
from pulumi_wechat_miniprogram.safety.moment import moment

AUDIT_FORMAT: Final = 1
"""Changes only for breaking changes."""
_LOCK_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.02
_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
_RUNS: Final = (
    (
        "GITHUB_ACTIONS",
        ("GITHUB_SERVER_URL", "/", "GITHUB_REPOSITORY", "/actions/runs/", "GITHUB_RUN_ID"),
        "GITHUB_ACTOR",
    ),
    ("GITLAB_CI", ("CI_JOB_URL",), "GITLAB_USER_LOGIN"),
    ("JENKINS_URL", ("BUILD_URL",), "BUILD_USER_ID"),
    (
        "TF_BUILD",
        ("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "/_build/results?buildId=", "BUILD_BUILDID"),
        "BUILD_REQUESTEDFOR",
    ),
    ("CIRCLECI", ("CIRCLE_BUILD_URL",), "CIRCLE_USERNAME"),
)
"""How CI systems describe a run: the variable that each sets, the parts of its address, its author."""

FIELDS: Final = (
    "version",
    "time",
    "appid",
    "list",
    "operation",
    "action",
    "domains",
    "before",
    "after",
    "result",
    "errcode",
    "rid",
    "error",
    "refused",
    "resource",
    "project",
    "stack",
    "urn",
    "user",
    "ci_run",
    "ci_user",
)
"""Of a line, in order. What nobody knew is null."""
_acting: ContextVar[Mapping[str, object]] = ContextVar("acting", default={})  # noqa: B039 - never changed


@contextmanager
def acting(**facts: object) -> Iterator[None]:
    """Add facts to the lines about the writes of the block."""
    before = _acting.set({**_acting.get(), **facts})
    try:
        yield
    finally:
        _acting.reset(before)


def who(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return the user of this machine, Pulumi's project, and the run of a CI system and who started it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        user = str(os.getuid())
    known: dict[str, str | None] = {"user": user, "project": environment.get("PULUMI_PROJECT")}
    found = next((run for run in _RUNS if environment.get(run[0])), None)
    if not found:
        return {**known, "ci_run": None, "ci_user": None}
    _, parts, by = found
    address = "".join(part if "/" in part else environment.get(part, "") for part in parts)
    return {**known, "ci_run": redact(address), "ci_user": environment.get(by)}


def _after(line: Mapping[str, object]) -> object:
    """Return what the list holds after a write, None where only a later look tells."""
    if line["result"] == "not sent":
        return line["before"]
    sent = line["domains"]
    if line["result"] == "refused":  # of several domains WeChat may have taken some
        return line["before"] if isinstance(sent, Sized) and len(sent) == 1 else None
    return line["after"] if line["result"] == "done" and not line["refused"] else None


def unwritable(path: Path) -> str:
    """Return why lines cannot be added to a file, as far as can be seen without making it."""
    place = path if path.exists() else path.parent
    if path.exists() and not path.is_file():
        return f"{path} is not a regular file"
    if not place.exists():
        return f"the folder {place} does not exist"
    return "" if os.access(place, os.W_OK) else f"{place} is not writable"


class AuditLog:
    """A file for lines. Safe for concurrent use, also by several processes.

    Each method raises:
        OSError: the file cannot be written; `strerror` says why.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.path = path
        self._clock = clock
        self._sleep = sleep
        self._lost = ""

    def check(self) -> None:
        """Show that a line can be added, before the write that it will be about."""
        if self._lost:
            raise OSError(errno.EIO, f"an earlier line could not be added ({self._lost})", str(self.path))
        with self._open():
            pass

    def add(self, facts: Mapping[str, object]) -> None:
        """Add a line with these facts and those of `acting`. If that fails, no later `check` succeeds."""
        known = {"version": AUDIT_FORMAT, "time": moment(), **who(os.environ), **_acting.get(), **facts}
        line = {name: known.get(name) for name in FIELDS}
        line["after"] = _after(line)
        try:
            with self._open() as descriptor, self._locked(descriptor):
                _append(descriptor, mask(json.dumps(line, ensure_ascii=True)).encode("ascii"))
        except OSError as error:
            self._lost = error.strerror or str(error)
            raise

    @contextmanager
    def _open(self) -> Iterator[int]:
        descriptor = os.open(self.path, _FLAGS, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file", str(self.path))
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self, descriptor: int) -> Iterator[None]:
        end = self._clock() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if self._clock() >= end:
                    raise OSError(
                        errno.EAGAIN,
                        f"another process has held its lock for {_LOCK_SECONDS:g} s",
                        str(self.path),
                    ) from None
                self._sleep(_LOOK_SECONDS)
        yield  # closing the file gives the lock back


def _append(descriptor: int, line: bytes) -> None:
    """Add a whole line or nothing; a line that a killed process left half written is ended first."""
    size = os.fstat(descriptor).st_size
    start = b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
    content = start + line + b"\n"
    try:
        written = os.write(descriptor, content)
        os.fsync(descriptor)
    except OSError:
        _undo(descriptor, size)
        raise
    if written < len(content):
        _undo(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _undo(descriptor: int, size: int) -> None:
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, size)


def read_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """Yield each line with its number; None instead of a line that an audit log cannot have."""
    for number, line in enumerate(lines, 1):
        try:
            held = json.loads(line)
        except (ValueError, RecursionError):
            held = None
        yield number, held if _is_line(held) else None


def _is_line(held: object) -> TypeGuard[Mapping[str, Any]]:
    if not isinstance(held, dict) or held.get("version") != AUDIT_FORMAT or not {*FIELDS} <= held.keys():
        return False
    texts = (held["time"], held["appid"], held["action"], held["result"])
    domains = held["domains"]
    return all(
        isinstance(text, str) for text in (*texts, *(domains if isinstance(domains, list) else [None]))
    )
