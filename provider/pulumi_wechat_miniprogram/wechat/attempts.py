"""When the same thing is tried again, and until when: one object for every operation of a process.

docs/errors.md lists every retry in order.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import tenacity

from pulumi_wechat_miniprogram.safety.interruption import Deadline, Interruption
from pulumi_wechat_miniprogram.wechat.errcodes import MINUTE_PAUSE
from pulumi_wechat_miniprogram.wechat.errors import may_repeat

__all__ = ["MAX_BACKOFF", "OPERATION_SECONDS", "Attempts"]

MAX_BACKOFF: Final = 8.0
"""Longest pause in seconds between two tries, but for the minute after 45011."""
OPERATION_SECONDS: Final = 240.0
"""No pause begins that would end later than this after the operation began: three pauses after 45011 fit."""

_T = TypeVar("_T")


class Attempts:
    """The tries of one process: how many, until when, and by which clock and sleep."""

    def __init__(
        self,
        most: int,
        *,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        interruption: Interruption | None = None,
    ) -> None:
        """Allow `most` tries of one thing. Unless `sleep` is given, an interruption ends every pause."""
        self._most = most
        self.interruption = interruption or Interruption()
        self.sleep = sleep or self.interruption.sleep
        self.clock = clock
        self.deadline = Deadline(clock)

    def run(
        self, work: Callable[[], _T], *, may_repeat: Callable[[BaseException], bool | float] = may_repeat
    ) -> _T:
        """Do the work, and after an error again as `may_repeat` says: no, with backoff, or after a pause.

        A limit of this thread's deadline counts, and one of an operation, unless there is one.

        Raises:
            Interrupted: the run is not to go on.
        """

        def attempt() -> _T:
            self.interruption.check()
            return work()

        def enough(state: tenacity.RetryCallState) -> bool:
            return state.attempt_number >= self._most or state.upcoming_sleep > self.deadline.left

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return MINUTE_PAUSE if error and may_repeat(error) == MINUTE_PAUSE else _backoff(state)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: bool(may_repeat(error))),
            wait=pause,
            stop=enough,
            sleep=self.sleep,
            reraise=True,
        )
        with self.operation():
            return retrying(attempt)

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Limit the tries of one operation on one appid."""
        if self.deadline.left < math.inf:
            yield
            return
        with self.deadline.within(OPERATION_SECONDS):
            yield


_backoff = tenacity.wait_exponential(multiplier=0.5, max=MAX_BACKOFF) + tenacity.wait_random(0, 0.5)
