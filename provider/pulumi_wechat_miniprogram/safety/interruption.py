"""What ends a thread's work early: an interruption of the run, or a deadline."""

from __future__ import annotations

import math
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pulumi_wechat_miniprogram.safety.errors import UserError

_CHECK_SECONDS: Final = 0.5
_GONE: Final = select.POLLERR | select.POLLHUP | select.POLLNVAL
_STDOUT: Final = 1


def output_unread() -> bool:
    """Return whether nobody reads the output of this process any more: what started it was killed."""
    output = select.poll()
    output.register(_STDOUT, 0)
    return any(events & _GONE for _, events in output.poll(0))


class Interrupted(UserError):
    """The run was interrupted, or the process that started this one is gone."""

    def __init__(self, text: str = "the run was interrupted") -> None:
        super().__init__(text)


class Interruption:
    """A flag that ends every wait and forbids every later write. Safe for concurrent use."""

    def __init__(
        self, asker_gone: Callable[[], bool] = lambda: False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._asker_gone = asker_gone
        self._clock = clock
        self._set = threading.Event()

    def interrupt(self) -> None:
        self._set.set()

    def check(self) -> None:
        """Raise Interrupted unless the run goes on."""
        if self._set.is_set() or self._asker_gone():
            raise Interrupted

    def sleep(self, seconds: float) -> None:
        """Wait, and raise Interrupted as soon as the run ends."""
        end = self._clock() + seconds
        self.check()
        while (left := end - self._clock()) > 0:
            self._set.wait(min(left, _CHECK_SECONDS))
            self.check()


class Deadline(threading.local):
    """A time limit for each thread. An inner limit never extends an outer one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = math.inf

    @property
    def left(self) -> float:
        """The remaining seconds, infinite outside every limit."""
        return self._until - self._clock()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit everything in the block to this many seconds in total."""
        before = self._until
        self._until = min(before, self._clock() + seconds)
        try:
            yield
        finally:
            self._until = before
