"""What one check and one diff cost in the plugin process, by the length of the list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from benchmarks.hosts import Host
from benchmarks.races import Lap

__all__ = ["LENGTHS", "check_and_diff_lap"]

LENGTHS = (1, 30, 300)


def check_and_diff_lap(host: Host, count: int) -> Lap:
    """Return a lap; each has hosts of its own, so that none is remembered from the one before."""
    number = 0

    def lap() -> Iterator[Mapping[str, float]]:
        nonlocal number
        number += 1
        domains = [f"https://Host{index}.turn{number}.of{count}.example.com" for index in range(count)]
        news = {"appid": "wx0123456789abcdef", "domains": domains}
        inputs = host.check(news)
        yield {
            "check": _milliseconds(lambda: host.check(news)),
            "diff": _milliseconds(lambda: host.diff(inputs, inputs)),
        }

    return lap


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
