"""Contestants take turns, so that the load of the machine meets all alike. Knows nothing of what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

Lap = Callable[[], Iterator[Mapping[str, float]]]
"""One contestant's lap, leg by leg: each leg yields what it measured, by name."""
Laps = dict[str, dict[str, list[float]]]
"""The samples of each contestant by name, in the order of the rounds."""


def race(
    contestants: Mapping[str, Lap],
    repeats: int,
    *,
    warm_up: bool,
    tell: Callable[[str], None],
    get_ready: Callable[[], object] = lambda: None,
) -> Laps:
    """Let each run one lap to warm up and `repeats` that count; another one begins each round.

    All run the same leg before any runs the next: a machine may be fast now and slow in a minute.
    """
    names = list(contestants)
    collected: Laps = {name: {} for name in names}
    for number in range(-1 if warm_up else 0, repeats):
        tell("warm-up" if number < 0 else f"round {number + 1} of {repeats}")
        get_ready()
        first = max(number, 0) % len(names)
        running = {name: contestants[name]() for name in names[first:] + names[:first]}
        while running:
            for name, lap in list(running.items()):
                leg = next(lap, None)
                if leg is None:
                    del running[name]
                elif number >= 0:
                    for measured, value in leg.items():
                        collected[name].setdefault(measured, []).append(value)
    return collected
