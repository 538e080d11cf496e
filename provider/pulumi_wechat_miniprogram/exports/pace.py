"""How fast Mini Programs are worked on: how many in parallel, and how many are begun in a second."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pulumi_wechat_miniprogram.safety.background import each

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `at_once` items in parallel, and at most `rate` begun in a second."""

    at_once: int
    rate: float = math.inf
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def each(self, items: Iterable[_Item], work: Callable[[_Item], _Result]) -> Iterator[_Result]:
        """Yield the results of `work` as they arrive. Raises whatever `work` raises."""
        guard, turn = threading.Lock(), 0.0

        def in_turn(item: _Item) -> _Result:
            nonlocal turn
            with guard:
                now = self.clock()
                begin = max(now, turn)
                turn = begin + 1 / self.rate
            self.sleep(begin - now)
            return work(item)

        return each(items, in_turn, self.at_once)
