"""The published bars."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.results import Bar, Samples, differences, ratios

__all__ = ["BARS"]


def _growth(samples: Samples) -> Sequence[float]:
    """Divide the own cost of an app in the second half of the slices by that in the first half."""
    own = differences("growth / CPU an app / provider", "growth / CPU an app / floor")(samples)
    half = len(own) // 2
    return [statistics.median(own[half:]) / statistics.median(own[:half])]


def _against(case: str, operation: str, base: str) -> Bar:
    over, under = (f"{case} / {operation} / {name}" for name in ("provider", base))
    return Bar(f"{case}: {operation} / {base}", 1.05 if operation == "no-op" else 1.10, ratios(over, under))


BARS = (
    Bar("import beyond `import pulumi`, seconds", 0.1, differences("import / program", "import / pulumi")),
    _against("fleet", "create", "floor"),
    _against("fleet", "no-op", "floor"),
    _against("fleet", "create", "floor with calls"),
    _against("fleet", "refresh", "floor with calls"),
    _against("latency", "create", "ideal"),
    _against("latency", "create", "floor with calls"),
    _against("latency", "refresh", "ideal"),
    _against("latency", "refresh", "floor with calls"),
    Bar("drift / ideal", 1.3, ratios("drift / time / command", "drift / time / ideal")),
    Bar("growth: own cost of an app, second half / first half", 1.10, _growth),
)
