"""Units as children of this process: started in a slot of the engine, and cut when the run is interrupted."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Final, cast

from pulumi_wechat_miniprogram.fleet.engine import Say
from pulumi_wechat_miniprogram.fleet.machine import unlike
from pulumi_wechat_miniprogram.fleet.work import Outcome, Request, read_outcome

_END_SECONDS: Final = 55.0
"""Less than the minute that the samples give a machine to end."""

_UNIT: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); "
    "from pulumi_wechat_miniprogram.fleet.unit import main; main()"
)
"""Without the folder of the caller, whose `random.py` would run with the credentials."""

_guard = threading.Lock()
_running: dict[str, set[subprocess.Popen[str]]] = {}
"""The units of each run that this process has started."""


def perform(run: str, request: Request, say: Say) -> Outcome:
    """Run a unit in its own session and return its outcome; `lost` if it ended without one."""
    if problem := unlike(request.machine):
        return Outcome(request.stack, "failed", len(request.apps), message=problem)
    with subprocess.Popen(
        [sys.executable, "-c", _UNIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as unit:
        stdin, stdout = cast("IO[str]", unit.stdin), cast("IO[str]", unit.stdout)  # pipes, as asked for above
        with _guard:
            _running.setdefault(run, set()).add(unit)
        try:
            with suppress(BrokenPipeError):
                stdin.write(request.to_json() + "\n")
                stdin.flush()
            for line in stdout:
                message = json.loads(line)
                if "outcome" in message:
                    return read_outcome(message["outcome"])
                say({"stack": request.stack, **message})
        finally:
            with _guard:
                _running[run].discard(unit)
    return Outcome(
        request.stack,
        "lost",
        len(request.apps),
        message=f"the unit ended with exit status {unit.returncode} and no outcome",
    )


def cut(run: str) -> int:
    """Let the units of a run end what they are at, and return how many there are."""
    with _guard:
        units = [*_running.get(run, ())]
    for unit in units:
        with suppress(OSError, ValueError):
            cast("IO[str]", unit.stdin).close()
    return len(units)


def _end() -> None:
    """Wait for all units to end as asked: in a container they would be killed with its first process."""
    for run in [*_running]:
        cut(run)
    with _guard:
        units = [unit for units in _running.values() for unit in units]
    for unit in units:
        with suppress(subprocess.TimeoutExpired):
            unit.wait(_END_SECONDS)


atexit.register(_end)
