"""An app's list is edited as somebody else would do it."""

from __future__ import annotations

import re

import pytest

from tests.emulator.conftest import APPID, OTHER

A, B, C = (f"https://{name}.example.com" for name in "abc")


@pytest.fixture
def control(wechat_emulator):
    """An emulator with one app that has a domain on each list, all in force."""
    wechat_emulator.platform(jump_hosts=["example.com"])
    wechat_emulator.seed(APPID, live=[A], mp=[B], third=[C])
    return wechat_emulator


def lists(state):
    """The lists of an app by who edits them."""
    return {"other": state.direct, "console": state.mp, "registered": state.third}


@pytest.mark.parametrize(("by", "own"), [("other", A), ("console", B), ("registered", C)])
def test_each_editor_writes_its_own_list(control, by, own):
    """A removed domain is out of force immediately; an added one waits for a release."""
    added = "https://new.example.com"
    before = lists(control.state(APPID))

    control.edit(APPID, add=[added], remove=[own], by=by)

    state = control.state(APPID)
    assert lists(state) == {**before, by: (added,)}
    assert state.effective == tuple(value for value in (A, B, C) if value != own)
    control.release(APPID)
    assert added in control.effective(APPID)


@pytest.mark.parametrize("by", ["other", "console"])
def test_the_switches_hold_for_an_edit(control, by):
    """The rules of the model decide when an edit is in force."""
    control.switch(new_effect="at-once", delete_effect="on-release")

    control.edit(APPID, add=["https://new.example.com"], remove=[A] if by == "other" else [B], by=by)

    assert set(control.effective(APPID)) == {A, B, C, "https://new.example.com"}


def test_no_host_is_asked_for_its_file(control):
    """Somebody else has served the confirm file; nobody has to do it to try drift."""
    control.trust()

    control.edit(APPID, add=["https://new.example.com"])

    assert control.live(APPID) == [A, "https://new.example.com"]
    assert control.calls() == []


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        ({}, "nothing to do: name a domain to add or to remove"),
        (
            {"add": ["https://x.example.com/a"]},
            "'https://x.example.com/a' is not a domain: expected https://HOST, ",
        ),
        (
            {"remove": ["b.example.com"]},
            f"{APPID}: '{B}' is not configured by this API, but by the app's console (console)",
        ),
        ({"remove": ["odd"]}, f"{APPID}: 'https://odd' is not on any list"),
        (
            {"remove": [A], "add": [f"https://{at}.example.com" for at in range(301)]},
            f"{APPID}: WeChat would refuse to add 301 domains: webview domain exceed limit (89029)",
        ),
        (
            {"remove": [C], "add": ["https://example.org"], "by": "registered"},
            f"{APPID}: WeChat would refuse to add https://example.org: request domain is not open's webview domain! "
            "(89021). First put the host on the platform's own list, such as by `jump_hosts` in a seed",
        ),
        ({"add": [A], "by": "boss"}, "by: must be 'other', 'console' or 'registered'"),
    ],
)
def test_a_wrong_edit_changes_nothing(control, edit, text):
    """One error, and neither half of the edit is done."""
    before = control.state(APPID)

    with pytest.raises(ValueError, match=re.escape(text)):
        control.edit(APPID, **edit)

    assert control.state(APPID) == before


def test_an_edit_that_uses_up_the_month_is_undone(control):
    """A limit that only the second write meets undoes the first one too."""
    control.switch(month_limit="50")
    for _ in range(49):
        control.edit(APPID, add=[A])

    with pytest.raises(ValueError, match=r"operation reach month limit \(89030\)"):
        control.edit(APPID, remove=[A], add=[B])

    assert control.live(APPID) == [A]


def test_an_odd_value_is_removed_as_it_is_spelled(control):
    """What a careless client has put there has no other spelling."""
    control.seed(APPID, live=["HTTP://Odd/path"])

    control.edit(APPID, remove=["HTTP://Odd/path"])

    assert control.live(APPID) == []


def test_an_app_that_is_not_there_is_not_edited(control):
    """The error names it."""
    with pytest.raises(ValueError, match=f"appid: {OTHER} is not known here; seed it first"):
        control.edit(OTHER, add=[A])


def test_an_app_exists_for_an_edit_where_every_appid_exists(start):
    """As for a call."""
    control = start(auto_apps=True)

    control.edit(OTHER, add=[A])

    assert control.live(OTHER) == [A]
