"""A flag that ends waits: by a word, or because the asker is gone."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from pulumi_wechat_miniprogram.lifecycle.reconcile import HalfDone
from pulumi_wechat_miniprogram.safety.interruption import Interrupted, Interruption
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.tokens import Token
from tests.bench import APPID, A, B, Bench, declare


def test_a_wait_goes_on_to_its_end():
    """Nobody interrupts it: the clock tells when it is over."""
    times = iter([0.0, 0.0, 0.0])
    waited = Interruption(clock=lambda: next(times, 5.0))

    waited.sleep(0.001)
    waited.check()


def test_a_word_ends_a_wait_at_once():
    """Also one that has begun."""
    interruption = Interruption()
    ended = threading.Event()

    def wait():
        with pytest.raises(Interrupted):
            interruption.sleep(600)
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    interruption.interrupt()
    thread.join(10)

    assert ended.is_set()
    with pytest.raises(Interrupted, match="the run was interrupted"):
        interruption.check()


def test_an_asker_that_is_gone_ends_a_wait():
    """It is looked for again and again."""
    looks = iter([False, True])
    interruption = Interruption(lambda: next(looks))

    with pytest.raises(Interrupted):
        interruption.sleep(600)


def test_retries_pause_by_the_interruption():
    """Unless a test gives them another sleep."""
    interruption = Interruption()
    interruption.interrupt()

    with pytest.raises(Interrupted):
        Attempts(4, interruption=interruption).sleep(60)


@pytest.fixture
def stopped(wechat_emulator):
    """A bench whose pauses are interrupted."""
    bench = Bench(wechat_emulator)

    def sleep(_seconds):
        raise Interrupted

    bench.attempts.sleep = sleep
    yield bench
    bench.client.close()


def test_nothing_is_written_after_an_interrupt(bench):
    """An operation that had not begun to write says so."""
    bench.attempts.interruption.interrupt()

    with pytest.raises(Interrupted, match=f"create of {APPID} stopped, .* Nothing was written"):
        bench.use.create(declare(A))

    assert bench.calls == []


def test_an_interrupt_between_two_writes_is_reported(wechat_emulator):
    """The first one remains, the second one is not sent."""
    bench = Bench(wechat_emulator)
    created = bench.use.create(declare(A))
    write = bench.client.write

    def write_once(*arguments, **named):
        write(*arguments, **named)
        bench.attempts.interruption.interrupt()

    bench.client.write = write_once  # type: ignore[method-assign] # the interrupt comes in between
    with pytest.raises(HalfDone, match="Part of this change has been written") as stopped:
        bench.use.update(created, declare(B))
    bench.client.close()

    assert isinstance(stopped.value.error, Interrupted)
    assert stopped.value.recorded.domains == stopped.value.recorded.added_domains == (A, B)
    assert bench.control.live(APPID) == [A, B]


def test_a_pause_after_a_doubtful_write_that_is_interrupted_says_so(stopped):
    """What became of the write is not known."""
    stopped.control.fault(action="set", cut="after")

    with pytest.raises(Interrupted, match="it is not known whether it took effect"):
        stopped.use.create(declare(A))


def test_an_interrupt_after_the_last_write_costs_the_effective_lists_alone(stopped):
    """The operation succeeds: what is in force is read by the next refresh."""
    stopped.control.fault(action="effective", errcode=-1)

    recorded = stopped.use.create(declare(A))

    assert recorded.added_domains == (A,)
    assert "could not be read" in stopped.warnings[-1]


def test_closing_ends_every_pause(bench):
    """A command that is left takes its threads along."""
    bench.use.close()

    with pytest.raises(Interrupted):
        bench.attempts.interruption.check()


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.live(APPID),
        lambda client: client.write(APPID, "add", [A]),
        lambda client: client.reach(),
    ],
    ids=["read", "write", "test call"],
)
def test_no_call_begins_after_an_interrupt(bench, call):
    """Nothing is sent."""
    bench.attempts.interruption.interrupt()

    with pytest.raises(Interrupted):
        call(bench.client)

    assert bench.calls == []


def test_no_call_is_repeated_after_an_interrupt(bench):
    """A pause that is over begins nothing."""
    bench.control.fault(errcode=-1, times=None)
    bench.attempts.sleep = lambda _seconds: bench.attempts.interruption.interrupt()

    with pytest.raises(Interrupted):
        bench.client.live(APPID)

    assert bench.calls == ["get"]


def test_a_write_is_not_sent_again_with_another_token_after_an_interrupt(wechat_emulator):
    """The rejected one has changed nothing."""
    tokens = iter(["stale", "fresh"])

    def fetch(_appid):
        token = next(tokens)
        if token == "fresh":
            bench.attempts.interruption.interrupt()
        return Token(token, seconds=0)

    bench = Bench(wechat_emulator, SimpleNamespace(fetch=fetch))

    with pytest.raises(Interrupted):
        bench.client.write(APPID, "add", [A])

    assert bench.calls == ["add"]
    bench.client.close()
