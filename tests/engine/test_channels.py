"""A domain in force that moves to the other channel: it would wait there for a release."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import APPID, A, B, both_faces, resource

face = both_faces

COMPONENT = "wxc0c0c0c0c0c0c0c0"
RELEASED = {"WECHAT_MINIPROGRAM_RELEASED": APPID}
REFUSED = "in force, and this program declares {} in the registered channel too"
STORE = f"MiniProgramWebviewDomains('store', appid={APPID!r}, channel='registered', domains={{}}{{}})\n"


@pytest.fixture
def moving(released):
    """`shop` has both domains in force by the direct channel; the platform lists their hosts."""
    released.control.platform(jump_hosts=["example.com"])
    tokens = {APPID: f"emulator-{APPID}", COMPONENT: f"emulator-component-{COMPONENT}"}
    released.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = json.dumps(tokens)
    return released


@pytest.mark.parametrize(
    ("domains", "options"),
    [
        ([A], ", opts=pulumi.ResourceOptions(depends_on=[shop])"),
        ([A], ", opts=pulumi.ResourceOptions(parent=shop)"),
        ("shop.domains.apply(lambda known: ['a.example.com'])", ""),
    ],
    ids=["depends_on", "parent", "computed"],
)
def test_a_resource_that_is_checked_later(moving, domains, options):
    """The program announces it before the first resource drops the domain. The same command again changes nothing."""
    moving.program(f"shop = {resource(B)}" + STORE.format(domains, options))

    printed = [moving.up(fails=True), moving.up(fails=True)]

    for text in printed:
        assert "in force" in text
        assert f"WECHAT_MINIPROGRAM_RELEASED={APPID} set for that command" in text
    assert moving.control.live(APPID) == [A, B]
    assert moving.control.writes() == []


def test_a_move_by_a_rename(moving):
    """The new resource is there after the first run; the old one stays until the user says so."""
    moving.program(STORE.format([A, B], ""))
    refused = [moving.up(fails=True), moving.up("--refresh", fails=True)]
    waiting = moving.outputs("store")
    moving.control.release(APPID)

    moving.up(**RELEASED)
    moving.refresh(**RELEASED)

    assert all(REFUSED.format("them") in text for text in refused)
    assert (waiting["pending_domains"], waiting["release_required"]) == ([A, B], True)
    assert list(moving.resources()) == ["store"]
    assert moving.outputs("store")["pending_domains"] == []
    assert moving.control.live(APPID) == []
    assert moving.control.effective(APPID) == [A, B]


def test_a_move_to_the_other_face(moving):
    """Another process adds what this one would remove."""
    moving.face = "" if moving.face else ".native"
    moving.program(STORE.format([A, B], ""))

    printed = moving.up(fails=True)

    assert REFUSED.format("them") in printed
    assert moving.control.live(APPID) == [A, B]
