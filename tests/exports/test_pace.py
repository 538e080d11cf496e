"""Work on many apps in parallel."""

from __future__ import annotations

import threading

import pytest

from pulumi_wechat_miniprogram.exports.pace import Pace


def test_every_item_is_worked_on_once():
    """Results come as they are done, errors of none are lost."""
    assert sorted(Pace(3).each(range(20), lambda item: item * 2)) == list(range(0, 40, 2))


def test_nothing_to_do_is_nothing_done():
    """No thread is started."""
    assert list(Pace(3).each([], str)) == []


def test_so_many_work_at_a_time_and_no_more():
    """Three meet at a barrier that only three together pass; a fourth never joins them."""
    barrier, guard = threading.Barrier(3), threading.Lock()
    active: list[int] = []
    most: list[int] = []

    def work(item):
        with guard:
            active.append(item)
            most.append(len(active))
        barrier.wait(timeout=10)
        with guard:
            active.remove(item)

    assert len(list(Pace(3).each(range(9), work))) == 9
    assert max(most) == 3


def test_items_are_begun_at_the_rate():
    """Two in a second: each waits for its turn."""
    pauses: list[float] = []

    list(Pace(1, rate=2, clock=lambda: 100.0, sleep=pauses.append).each(range(4), str))

    assert pauses == [0.5, 1.0, 1.5]


def test_an_idle_pace_saves_up_no_turns():
    """After a pause the next items do not come in one burst."""
    times = iter([100.0, 200.0, 200.0])
    pauses: list[float] = []
    pace = Pace(1, rate=2, clock=lambda: next(times), sleep=pauses.append)

    list(pace.each(range(3), str))

    assert pauses == [0.5]


def test_a_result_comes_while_the_next_items_wait_for_their_turns():
    """A user sees progress, also at one item in ten seconds."""
    turns = threading.Semaphore(1)

    def wait_for_turn(_seconds):
        assert turns.acquire(timeout=10)

    pace = Pace(8, rate=0.1, clock=lambda: 0.0, sleep=wait_for_turn)

    results = pace.each(range(8), lambda item: item)
    first = next(results)
    turns.release(7)

    assert sorted([first, *results]) == list(range(8))


def test_an_unexpected_error_is_raised_where_the_results_are_read():
    """It is a fault of the program, and must not vanish in a thread."""

    def work(item):
        raise ZeroDivisionError(item)

    with pytest.raises(ZeroDivisionError):
        list(Pace(2).each([1], work))


def test_who_leaves_early_waits_for_nobody():
    """What is under way may end by itself; nothing else is begun."""
    second, go_on = threading.Event(), threading.Event()
    begun: list[int] = []
    threads: list[threading.Thread] = []

    def work(item):
        begun.append(item)
        threads.append(threading.current_thread())
        if item == 2:
            second.set()
            go_on.wait(timeout=10)
        second.wait(timeout=10)
        return item

    results = Pace(2).each([1, 2, 3], work)
    assert next(results) == 1
    del results
    go_on.set()
    for thread in threads:
        thread.join(timeout=10)

    assert begun == [1, 2]


def test_no_more_items_are_taken_than_are_worked_on():
    """So the number of Mini Programs costs no memory."""
    taken = iter(range(100_000))
    results = Pace(4).each(taken, str)

    for _ in range(3):
        next(results)

    assert next(taken) <= 3 + 4
