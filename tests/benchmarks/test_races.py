"""Contestants take turns, and the first turn of each warms up."""

from __future__ import annotations

from benchmarks.races import race


def contestants(order):
    """Two that write down their turns; each turn measures how many came before it."""

    def lap(name):
        def turn():
            order.append(name)
            return {"turns": float(len(order))}

        return turn

    return {name: lap(name) for name in "ab"}


def test_another_one_begins_each_round():
    """Nobody always runs on the caches of the same other one."""
    order: list[str] = []

    race(contestants(order), 3, warm_up=False, tell=lambda _: None)

    assert "".join(order) == "abbaab"


def test_the_warm_up_does_not_count():
    """What a first turn loads is not measured."""
    laps = race(contestants([]), 1, warm_up=True, tell=lambda _: None)

    assert laps == {"a": {"turns": (3.0,)}, "b": {"turns": (4.0,)}}


def test_the_rounds_are_told():
    """A run of minutes shows where it is."""
    told: list[str] = []

    race(contestants([]), 2, warm_up=True, tell=told.append)

    assert told == ["warm-up", "round 1 of 2", "round 2 of 2"]
