"""Reading one app for use cases that write nothing."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.safety.errors import UserError
from tests.bench import APPID, A, B, Bench, C, declare

UPPER = "https://C.example.com/"


def test_an_observation_is_two_reads(bench):
    """The live list in WeChat's order and canonical, what is in force, and what only other modes list."""
    bench.control.seed(APPID, live=[B, UPPER], effective=[A, B], mp=[A, B], third=["https://d.example.com"])
    bench.control.clear_calls()

    seen = bench.use.observe(APPID)

    assert bench.calls == ["get", "effective"]
    assert (seen.appid, seen.live[:2]) == (APPID, (B, C))
    assert seen.effective == {A, B}
    assert seen.only_other_modes == {A, "https://d.example.com"}


@pytest.mark.parametrize("mode", ["authoritative", "additive"])
def test_what_an_adoption_records_is_what_a_create_would(bench, mode):
    """State that is written without a create equals the one of a create that had nothing to write."""
    bench.control.seed(APPID, live=[B, A], effective=[B, C])

    recorded = bench.use.observe(APPID).record([B, A], mode)

    assert recorded == bench.use.create(declare(B, A, mode=mode))
    assert bench.control.writes() == []


def test_an_app_that_left_is_an_error(bench):
    """As for every read."""
    bench.control.fault(errcode=61007, times=None)

    with pytest.raises(UserError) as left:
        bench.use.observe(APPID)

    assert str(left.value).startswith(f"get for {APPID} refused: ")


def test_an_app_that_left_may_be_passed_over(wechat_emulator):
    """With onUnauthorized: keep, and a warning."""
    bench = Bench(wechat_emulator, on_unauthorized="keep")
    wechat_emulator.fault(errcode=61007, times=None)

    seen = bench.use.observe(APPID)
    bench.use.close()

    assert seen is None
    assert bench.warnings[0].endswith("The live list is not known (onUnauthorized: keep)")
