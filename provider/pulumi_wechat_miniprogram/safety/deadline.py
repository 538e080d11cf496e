"""A time limit over everything that a thread does in a block."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Deadline"]


class Deadline(threading.local):
    """When what this thread does has to be over. A limit inside another one never reaches beyond it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = math.inf

    @property
    def left(self) -> float:
        """The seconds that are left, infinite outside every limit."""
        return self._until - self._clock()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit all that the block does to this many seconds in total."""
        before = self._until
        self._until = min(before, self._clock() + seconds)
        try:
            yield
        finally:
            self._until = before
