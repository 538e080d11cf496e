"""How fast Mini Programs are worked on: how many in parallel, and how many are begun in a second."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pulumi_wechat_miniprogram.safety.background import each
from pulumi_wechat_miniprogram.safety.pace import Turns

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
        turns = Turns(self.rate, self.clock, self.sleep)

        def in_turn(item: _Item) -> _Result:
            turns.take()
            return work(item)

        return each(items, in_turn, self.at_once)
