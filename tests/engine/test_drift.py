"""Drift: what refresh records, how the next preview reads, and what the repair sends."""

from __future__ import annotations

from tests.engine.conftest import APPID, A, B, C, D


def test_drift_of_the_whole_list_shows_and_is_repaired_with_two_writes(released, golden):
    """Declared order is kept, what is new comes last; only the difference is sent."""
    released.control.seed(APPID, live=[D, C, B])

    golden("drift-refresh", released.refresh("--diff"))
    assert released.calls() == ["get", "effective"]
    assert released.outputs()["domains"] == [B, C, D]
    golden("drift-preview", released.preview("--diff"))
    assert released.calls() == []

    released.up()
    assert released.calls() == ["get", "add", "delete", "effective"]
    assert released.control.live(APPID) == [B, A]


def test_in_additive_mode_only_a_missing_domain_is_drift(released, golden):
    """Other live domains never show; what is gone comes back with one `add`."""
    released.domains(A, B, mode="additive")
    released.up()
    released.control.seed(APPID, live=[D, B])

    golden("drift-refresh-additive", released.refresh("--diff"))
    assert released.outputs()["domains"] == [B]
    golden("drift-preview-additive", released.preview("--diff"))

    released.calls()
    released.up()
    assert released.calls() == ["get", "add", "effective"]
    assert released.control.live(APPID) == [D, B, A]


def test_an_emptied_list_is_not_gone(released):
    """The resource stays in the state with no domains, and the next up adds them, without `set`."""
    released.control.seed(APPID, live=[])

    released.refresh()
    assert released.outputs()["domains"] == []

    released.calls()
    released.up()
    assert released.calls() == ["get", "add", "effective"]
    assert released.control.live(APPID) == [A, B]


def test_odd_spellings_of_wechat_are_no_drift_and_are_deleted_as_they_stand(released):
    """Upper case, a final slash and a final dot are the same domain; a delete names WeChat's own values."""
    odd = ["https://A.EXAMPLE.com", "https://b.example.com/", "https://b.example.com."]
    released.control.seed(APPID, live=odd)

    assert "2 unchanged" in released.refresh()
    released.domains(A)
    released.up()

    (write,) = released.control.writes()
    assert (write.action, write.domains) == ("delete", tuple(odd[1:]))
    assert released.control.live(APPID) == odd[:1]
