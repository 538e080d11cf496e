"""When something is tried again, and until when. docs/reference/retries.md lists every retry in order."""

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

MAX_BACKOFF: Final = 8.0
"""The longest pause between two tries, except after 45011."""
MINUTE_SPREAD: Final = 15.0
"""How much longer than a minute a pause after 45011 may take: threads that were refused together must not
come back together. Three such pauses fit into an operation."""
OPERATION_SECONDS: Final = 240.0
"""No pause may end later than this after the operation began. Three pauses after 45011 fit."""

_T = TypeVar("_T")


class Attempts:
    """The tries of one process. Unless `sleep` is given, an interruption ends every pause."""

    def __init__(
        self,
        most: int,
        *,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        interruption: Interruption | None = None,
    ) -> None:
        self._most = most
        self.interruption = interruption or Interruption()
        self.sleep = sleep or self.interruption.sleep
        self.clock = clock
        self.deadline = Deadline(clock)
        """No pause ends later."""
        self.limit = Deadline(clock)
        """No call goes on longer."""

    def run(
        self, work: Callable[[], _T], *, may_repeat: Callable[[BaseException], bool | float] = may_repeat
    ) -> _T:
        """Do the work, and after an error again, as `may_repeat` says and within the thread's deadline.

        Raises:
            Interrupted: the run was interrupted.
        """

        def attempt() -> _T:
            self.interruption.check()
            return work()

        def enough(state: tenacity.RetryCallState) -> bool:
            return state.attempt_number >= self._most or state.upcoming_sleep > self.deadline.left

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return _minute(state) if error and may_repeat(error) == MINUTE_PAUSE else _backoff(state)

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
    def within(self, seconds: float) -> Iterator[None]:
        """Limit the calls and pauses of the block, however long an operation may take otherwise."""
        with self.limit.within(seconds), self.deadline.within(seconds):
            yield

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Limit the tries of one operation on one appid, unless a deadline exists."""
        with self.deadline.within(OPERATION_SECONDS if self.deadline.left == math.inf else math.inf):
            yield


_minute = tenacity.wait_fixed(MINUTE_PAUSE) + tenacity.wait_random(0, MINUTE_SPREAD)
_backoff = tenacity.wait_exponential(multiplier=0.5, max=MAX_BACKOFF) + tenacity.wait_random(0, 0.5)
