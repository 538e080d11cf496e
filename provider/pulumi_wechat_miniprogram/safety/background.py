"""Calls in daemon threads, with futures of the standard library.

`ThreadPoolExecutor` does not fit: Python joins its threads when the process ends, so Ctrl-C would wait for a
host that does not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from itertools import islice
from threading import Thread
from typing import Final, TypeVar

_CHECK_SECONDS: Final = 0.5

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_background(work: Callable[[], _Result]) -> Future[_Result]:
    """Call `work` in a daemon thread of its own and return the future of its result."""
    outcome: Future[_Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asks for the result
            outcome.set_exception(error)

    Thread(target=run, name="background", daemon=True).start()
    return outcome


def each(
    items: Iterable[_Item],
    work: Callable[[_Item], _Result],
    at_once: int,
    check: Callable[[], None] = lambda: None,
) -> Iterator[_Result]:
    """Call `work` for each item, for `at_once` items in parallel, and yield the results as they arrive.

    No item is taken before its call starts, so memory use does not depend on their number. A caller that
    leaves early does not wait for running calls, and no other starts. `check` is called twice a second.
    """
    waiting = iter(items)
    running: set[Future[_Result]] = set()
    while True:
        check()
        for item in islice(waiting, at_once - len(running)):
            running.add(in_background(partial(work, item)))
        if not running:
            return
        done, running = wait(running, _CHECK_SECONDS, FIRST_COMPLETED)
        for outcome in done:
            yield outcome.result()
