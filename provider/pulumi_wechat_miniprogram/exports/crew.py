"""Work on many Mini Programs at once: so many at a time, so many begun in a second, results as they come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TypeVar

__all__ = ["Crew"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(slots=True)
class Crew:
    """`workers` threads, which together begin at most `rate` items in a second; None is without limit."""

    workers: int
    rate: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _guard: threading.Lock = field(default_factory=threading.Lock, init=False)
    _next: float = field(default=0.0, init=False)

    def each(
        self, items: Iterable[_Item], work: Callable[[_Item], _Result]
    ) -> Generator[_Result, None, None]:
        """Yield what `work` returns for each item, in the order in which it is done.

        The threads are daemons: who leaves early, as by Ctrl-C, waits for nobody. An exception of `work` is
        raised here.
        """
        waiting = list(items)
        count = len(waiting)
        waiting.reverse()
        done: SimpleQueue[Future[_Result]] = SimpleQueue()
        left = threading.Event()

        def help_out() -> None:
            while not left.is_set():
                try:
                    item = waiting.pop()
                except IndexError:
                    return
                self._wait_for_turn()
                done.put(_attempt(work, item))

        for _ in range(min(self.workers, count)):
            threading.Thread(target=help_out, name="crew", daemon=True).start()
        try:
            for _ in range(count):
                yield done.get().result()
        finally:
            left.set()

    def _wait_for_turn(self) -> None:
        if self.rate is None:
            return
        with self._guard:
            now = self.clock()
            turn = max(now, self._next)
            self._next = turn + 1 / self.rate
        self.sleep(turn - now)


def _attempt(work: Callable[[_Item], _Result], item: _Item) -> Future[_Result]:
    outcome: Future[_Result] = Future()
    try:
        outcome.set_result(work(item))
    except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
        outcome.set_exception(error)
    return outcome
