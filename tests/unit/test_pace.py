"""How fast things are begun."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.safety.pace import Turns
from tests.bench import APPID, A, Bench, RotatingTokens, declare


def test_turns_are_spaced_evenly_and_none_is_saved_up():
    """Whoever comes late enough does not wait."""
    now = [0.0]
    pauses: list[float] = []
    turns = Turns(2, clock=lambda: now[0], sleep=pauses.append)

    turns.take()
    turns.take()
    now[0] = 9.0
    turns.take()
    now[0] = 9.2
    turns.take()

    assert pauses == [0.5, pytest.approx(0.3)]


def test_a_wait_for_a_turn_can_be_interrupted():
    """What sleeps raises."""

    def sleep(_seconds):
        raise Interrupted

    turns = Turns(1, clock=lambda: 0.0, sleep=sleep)
    turns.take()

    with pytest.raises(Interrupted):
        turns.take()


def test_calls_are_begun_at_the_rate_of_the_settings(wechat_emulator):
    """`maxCallsPerMinute`: three calls of a create, each half a second after the one before."""
    bench = Bench(wechat_emulator, RotatingTokens(f"emulator-{APPID}"), max_calls_per_minute=120)

    bench.use.create(declare(A))
    bench.client.close()

    assert bench.calls == ["get", "set", "effective"]
    assert bench.pauses == [pytest.approx(0.5)] * 2
