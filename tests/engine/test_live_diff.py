"""`liveDiff`: drift in a plain preview."""

from __future__ import annotations

from tests.engine.conftest import APPID, A, B, C

LIVE = {"WECHAT_MINIPROGRAM_LIVE_DIFF": "true"}


def test_a_plain_preview_shows_drift(released, golden):
    """One `get`, one line that names what is missing, and an update; without drift nothing."""
    assert "2 unchanged" in released.preview(**LIVE)
    assert released.calls() == ["get"]

    released.control.seed(APPID, live=[A])
    preview = released.preview(**LIVE)
    assert "~ 1 to update" in preview
    golden("live-diff-missing", preview)
    assert released.calls() == ["get"]

    released.up(**LIVE)
    assert released.calls() == ["get", "get", "add", "effective"]
    assert released.control.live(APPID) == [A, B]


def test_somebody_elses_domain_shows_in_a_preview_and_is_not_removed_unseen(released, golden):
    """The line says how to proceed; after the refresh the update removes it."""
    released.control.seed(APPID, live=[A, B, C])
    golden("live-diff-extra", released.preview(**LIVE))
    assert released.calls() == ["get", "effective"]

    assert "run `pulumi refresh`" in released.up(fails=True, **LIVE)
    assert released.control.writes() == []

    released.refresh(**LIVE)
    released.up(**LIVE)
    assert released.control.live(APPID) == [A, B]


def test_a_drift_that_cannot_be_seen_fails_the_preview(released, golden):
    """Never a silent "no change"."""
    released.control.fault(action="get", errcode=45009)

    golden("live-diff-unseen", released.preview(fails=True, **LIVE))
