"""Contestants take turns, so that the load of the machine meets all alike. Knows nothing of what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["Lap", "Laps", "race"]

Lap = Callable[[], Mapping[str, float]]
"""One contestant's turn: what it measured, by name."""
Laps = dict[str, dict[str, tuple[float, ...]]]
"""The samples of each contestant by name, in the order of the rounds."""


def race(contestants: Mapping[str, Lap], repeats: int, *, warm_up: bool, tell: Callable[[str], None]) -> Laps:
    """Let each take one turn to warm up and `repeats` that count; another one begins each round."""
    names = list(contestants)
    collected: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for number in range(-1 if warm_up else 0, repeats):
        tell("warm-up" if number < 0 else f"round {number + 1} of {repeats}")
        first = max(number, 0) % len(names)
        for name in names[first:] + names[:first]:
            for measured, value in contestants[name]().items():
                if number >= 0:
                    collected[name].setdefault(measured, []).append(value)
    return {
        name: {measured: tuple(values) for measured, values in samples.items()}
        for name, samples in collected.items()
    }
