"""Whether this process is to stop: asked before each write, and in every wait and pause."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from pulumi_wechat_miniprogram.safety.errors import UserError

__all__ = ["Interrupted", "Interruption"]

_LOOK_AGAIN: Final = 0.5
"""Seconds between two looks at whether the asker is still there."""


class Interrupted(UserError):
    """The run was interrupted, or the process that started this one is gone."""

    def __init__(self, text: str = "the run was interrupted") -> None:
        super().__init__(text)


class Interruption:
    """A flag that ends waits at once and lets nothing be written after it. Safe for concurrent use."""

    def __init__(
        self, asker_gone: Callable[[], bool] = lambda: False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`asker_gone` is asked twice a second during a wait, and before each write."""
        self._asker_gone = asker_gone
        self._clock = clock
        self._set = threading.Event()

    def interrupt(self) -> None:
        """End every wait from now on."""
        self._set.set()

    def check(self) -> None:
        """Do nothing while the run goes on.

        Raises:
            Interrupted: it does not.
        """
        if self._set.is_set() or self._asker_gone():
            raise Interrupted

    def sleep(self, seconds: float) -> None:
        """Wait. Raises as `check` does, as soon as it would."""
        end = self._clock() + seconds
        self.check()
        while (left := end - self._clock()) > 0:
            self._set.wait(min(left, _LOOK_AGAIN))
            self.check()
