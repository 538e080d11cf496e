"""How fast things are begun, across threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Turns:
    """Spaces what several threads begin, evenly: at most `rate` in a second. Safe for concurrent use."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._space = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._guard = threading.Lock()
        self._next = 0.0

    def take(self) -> None:
        """Wait for the next turn. Raises what `sleep` raises."""
        with self._guard:
            now = self._clock()
            begin = max(now, self._next)
            self._next = begin + self._space
        if begin > now:
            self._sleep(begin - now)
