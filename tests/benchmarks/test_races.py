"""Contestants take turns, and the first turn of each warms up."""

from __future__ import annotations

from benchmarks.races import race


def contestants(order):
    """Two with two legs each, who write them down; each leg measures how many came before it."""

    def lap(name):
        def legs():
            for leg in ("first", "second"):
                order.append(name)
                yield {leg: float(len(order))}

        return legs

    return {name: lap(name) for name in "ab"}


def test_another_one_begins_each_round():
    """Nobody always runs on the caches of the same other one."""
    order: list[str] = []

    race(contestants(order), 3, warm_up=False, tell=lambda _: None)

    assert order[::4] == ["a", "b", "a"]


def test_the_warm_up_does_not_count():
    """What a first turn loads is not measured."""
    laps = race(contestants([]), 1, warm_up=True, tell=lambda _: None)

    assert laps == {"a": {"first": [5.0], "second": [7.0]}, "b": {"first": [6.0], "second": [8.0]}}


def test_nobody_runs_the_next_leg_before_all_have_run_this_one():
    """What is compared lies close together in time."""
    order: list[str] = []

    race(contestants(order), 2, warm_up=False, tell=lambda _: None)

    assert "".join(order) == "abab" + "baba"


def test_each_round_is_made_ready_first():
    """A round begins from the same ground as the one before."""
    order: list[str] = []

    race(contestants(order), 2, warm_up=False, tell=lambda _: None, get_ready=lambda: order.append("!"))

    assert "".join(order) == "!abab" + "!baba"


def test_the_rounds_are_reported():
    """A run of minutes shows where it is."""
    reported: list[str] = []

    race(contestants([]), 2, warm_up=True, tell=reported.append)

    assert reported == ["warm-up", "round 1 of 2", "round 2 of 2"]
