"""Asking many Mini Programs when nobody answers."""

from __future__ import annotations

import httpx
import pytest

from pulumi_wechat_miniprogram.reconcile import NotSent
from pulumi_wechat_miniprogram.stack.asking import Asking, NotAsked
from pulumi_wechat_miniprogram.wechat.errors import Offboarded
from tests.bench import APPID, OTHER, Bench


@pytest.fixture
def bench(wechat_emulator):
    """A bench whose other app has no token."""
    bench = Bench(wechat_emulator, max_attempts=1)
    yield bench
    bench.use.close()


def test_nobody_is_asked_once_no_connection_was_made(bench):
    """A thousand apps would each wait for the time limit, and for every attempt."""
    ask = Asking(bench.use.observe)
    bench.line.fail(0, "before", httpx.ConnectError("refused"), times=9)
    with pytest.raises(NotSent):
        ask(APPID)

    with pytest.raises(NotAsked, match=f"^not asked, since no connection could be made for {APPID}$"):
        ask(OTHER)

    assert bench.line.passed == 1


def test_one_lost_connection_among_answers_stops_nothing(bench):
    """The next app is asked."""
    ask = Asking(bench.use.observe)
    assert ask(APPID)
    bench.line.fail(0, "before", httpx.ConnectError("refused"))
    with pytest.raises(NotSent):
        ask(APPID)

    assert ask(APPID)


def test_a_refusal_of_wechat_is_an_answer(bench):
    """It is there, so the next app is asked."""
    ask = Asking(bench.use.observe)
    bench.control.fault(errcode=61007)
    with pytest.raises(Offboarded):
        ask(APPID)
    bench.line.fail(0, "before", httpx.ConnectError("refused"))
    with pytest.raises(NotSent):
        ask(APPID)

    assert ask(APPID)
