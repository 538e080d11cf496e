"""The emulator's clock, set, moved and stopped."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import APPID
from wechat_miniprogram_emulator.clock import Clock, ClockRequest


@pytest.mark.parametrize(
    ("requests", "times"),
    [
        ([], (100, 150)),
        ([{"advance": 5}], (105, 155)),
        ([{"advance": 5}, {"advance": -7}], (98, 148)),
        ([{"at": 1000}], (1000, 1050)),
        ([{"at": 1000, "advance": 1}], (1001, 1051)),
        ([{"frozen": True}], (100, 100)),
        ([{"at": 1000, "frozen": True}], (1000, 1000)),
        ([{"frozen": True}, {"advance": 5}], (105, 105)),
        ([{"frozen": True}, {"at": 1000}], (1000, 1000)),
        ([{"at": 1000, "frozen": True}, {"frozen": False}], (1000, 1050)),
    ],
)
def test_the_clock_after_some_requests(requests, times):
    """Its time when the machine's clock shows 100, where the requests come, and 150."""
    clock = Clock()

    for request in requests:
        clock = clock.changed(ClockRequest(**request), 100)

    assert (clock.now(100), clock.now(150)) == times


def test_a_frozen_clock_runs_on_from_where_it_stood():
    """The machine's time that went by meanwhile is not made up for."""
    frozen = Clock().changed(ClockRequest(frozen=True), 100)

    assert frozen.changed(ClockRequest(frozen=False), 150).now(160) == 110


def test_a_frozen_clock_stamps_every_call_alike(wechat_emulator, wechat):
    """Request log and rids tell the time that was set."""
    wechat_emulator.set_clock(1_700_000_000)
    wechat_emulator.freeze()

    texts = [wechat.raw(wechat_emulator.url, token="nobody").json()["errmsg"] for _ in range(2)]

    assert {text.rpartition("rid: ")[2][:8] for text in texts} == {f"{1_700_000_000:08x}"}
    assert [call.time for call in wechat_emulator.calls()] == [wechat_emulator.now()] * 2


def test_a_token_expires_when_a_frozen_clock_is_moved(wechat_emulator, wechat):
    """Not a second before its time, and then immediately."""
    wechat_emulator.freeze()
    wechat_emulator.seed(APPID, token_expires_in=3600)
    answers = []
    for seconds in (3599, 1):
        wechat_emulator.advance(seconds)
        answers.append(wechat.domains(wechat_emulator.url, "get")["errcode"])

    assert answers == [0, 42001]


def test_an_unfrozen_clock_runs(wechat_emulator):
    """Two looks see two times."""
    wechat_emulator.freeze()
    wechat_emulator.unfreeze()

    assert wechat_emulator.now() != wechat_emulator.now()


@pytest.mark.parametrize(("at", "advance"), [(2**32 - 1, 1), (0, -1)])
def test_the_clock_is_moved_no_further_than_it_is_set(wechat_emulator, at, advance):
    """A later time would have no rid, and in the end no date; the clock stays where it is."""
    wechat_emulator.freeze()
    wechat_emulator.set_clock(at)

    with pytest.raises(
        ValueError, match=f"^the clock would show {at + advance}; it goes from 0 to 4294967295"
    ):
        wechat_emulator.advance(advance)

    assert wechat_emulator.now() == at


@pytest.mark.parametrize("at", [-1, 2**32])
def test_the_clock_is_set_to_a_time_that_a_rid_can_tell(wechat_emulator, at):
    """Eight hex digits, from 1970 on."""
    with pytest.raises(ValueError, match="^at: must be"):
        wechat_emulator.set_clock(at)
