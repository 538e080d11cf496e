"""When the same call goes out again: by `errors.may_repeat`, with backoff and jitter, before one deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import tenacity

from pulumi_wechat_miniprogram.safety.interruption import Interruption
from pulumi_wechat_miniprogram.wechat.errcodes import MINUTE_PAUSE
from pulumi_wechat_miniprogram.wechat.errors import may_repeat

__all__ = ["MAX_BACKOFF", "RETRY_SECONDS", "Retries"]

MAX_BACKOFF: Final = 8.0
"""Longest pause in seconds between two tries, but for the minute after 45011."""
RETRY_SECONDS: Final = 240.0
"""No pause begins that would end later than this after the operation began: three pauses after 45011 fit."""


class Retries:
    """The tries of one process: how many, and by which clock and sleep."""

    def __init__(
        self,
        max_attempts: int,
        *,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        interruption: Interruption | None = None,
    ) -> None:
        """Keep the limits. Unless `sleep` is given, an interruption ends every pause."""
        self._max_attempts = max_attempts
        self.interruption = interruption or Interruption()
        self.sleep = sleep or self.interruption.sleep
        self.clock = clock

    def deadline(self) -> float:
        """Return the time of the clock after which an operation that begins now tries nothing again."""
        return self.clock() + RETRY_SECONDS

    def attempts(
        self, until: float, *, may_repeat: Callable[[BaseException], bool | float] = may_repeat
    ) -> Iterator[tenacity.AttemptManager]:
        """Yield the tries of one call: none after `until`, and after an error as `may_repeat` says.

        Raises:
            Interrupted: the run is not to go on.
        """

        def enough(state: tenacity.RetryCallState) -> bool:
            late = self.clock() + state.upcoming_sleep > until
            return late or state.attempt_number >= self._max_attempts

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            verdict = may_repeat(error) if error else True
            return MINUTE_PAUSE if verdict == MINUTE_PAUSE else _backoff(state)

        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: bool(may_repeat(error))),
            wait=pause,
            stop=enough,
            sleep=self.sleep,
            reraise=True,
        ):
            self.interruption.check()
            yield attempt


_backoff = tenacity.wait_exponential(multiplier=0.5, max=MAX_BACKOFF) + tenacity.wait_random(0, 0.5)
