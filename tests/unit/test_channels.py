"""Domains of both channels in one program: its notes, what they hear, and each refusal's text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pulumi.runtime import settings

import pulumi_wechat_miniprogram as wechat
from pulumi_wechat_miniprogram.dynamic.program import Program
from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES, BareHost, staged
from pulumi_wechat_miniprogram.lifecycle.plan import PlanRequest
from pulumi_wechat_miniprogram.lifecycle.refusals import (
    PlanRefused,
    refuse_change_of_channel,
    refuse_late_move,
)
from pulumi_wechat_miniprogram.lifecycle.state import LiveList, ModeLists, blank, with_unproven
from tests.bench import APPID, OTHER, A, B
from tests.native_face import InProcess

COMPONENT = "wxc0c0c0c0c0c0c0c0"
LISTS = ModeLists(LiveList(), effective=frozenset({A, B}), other_channel=frozenset({A}))


def test_a_note_tells_of_the_other_channel():
    """Its computed lists, and every resource whose appid is computed, may declare anything."""
    direct, registered = Program(), Program()
    direct.beside = registered
    own = direct.add("shop", APPID, [A], "authoritative")
    registered.add("store", APPID, [B], "authoritative")
    registered.add("late", APPID, object(), "authoritative")
    registered.add("somewhere", object(), [B], "authoritative")
    registered.add("anywhere", object(), [B], "additive")

    assert direct.note(APPID, own)["beside"] == {
        "others": {"store": [B], "late": []},
        "computed": ["late"],
        "anywhere": ["somewhere", "anywhere"],
    }
    assert [entry.name for entry in registered.anywhere] == ["anywhere"]
    assert direct.note([], own)["others"] == {}  # type: ignore[arg-type] # what a mistaken program gives


def test_what_moves_is_refused_by_what_is_known():
    """Declared there; perhaps declared there; or removed earlier in the same preview."""
    declared = PlanRequest(APPID, "update", "authoritative", moving=frozenset({A, B}), released=True)
    perhaps = PlanRequest(APPID, "update", "authoritative", may_move=True)

    (one,) = refuse_change_of_channel(declared, [A, B], LISTS)
    (other,) = refuse_change_of_channel(perhaps, [A], LISTS)
    (late,) = refuse_late_move(APPID, [A, B], to_other_channel=True)

    assert one.domains == (B,)  # the other list has A
    assert f"{A} of {APPID} is in force and will be removed, while a resource of the registered" in other.text
    assert "removed from the other channel and added to this one in the same update" in late.text
    assert refuse_change_of_channel(perhaps, [], LISTS) == []


def test_what_waited_still_waits_only_where_nobody_can_tell():
    """The other channel has it, and it is in force."""
    recorded = blank(APPID, "authoritative", (), (A, B))

    assert with_unproven(recorded, LISTS, {A, B}).pending_domains == (A,)
    assert with_unproven(recorded, LISTS, {B}) is recorded


@pytest.mark.parametrize(("now", "id_"), [("direct", APPID), ("registered", f"{APPID}/registered")])
def test_an_import_of_the_wrong_channel_names_the_id(now, id_):
    """The state has it by then."""
    assert f"Import it by the id {id_}, or declare" in messages.import_of_channel(APPID, "x", now)


def test_hosts_stay_published():
    """No input is called `published`."""
    state = blank(COMPONENT, "additive", ("testing", "published"), ())
    state = wechat_state(state, "a.example.com")

    (line,) = messages.unmanaged(COMPONENT, state, ("testing",))

    assert line.startswith(
        f"{COMPONENT}: a.example.com stays on the published list, because `publish` is now False"
    )


def wechat_state(state, host):
    """The same with a host on both lists."""
    return replace(state, domains=tuple(staged([BareHost(host)], STAGES)))


def test_a_list_that_covers_now_what_it_lacked():
    """Another resource put it there in the meantime."""
    (line,) = messages.unregistered(COMPONENT, [], is_preview=False)

    assert "now covers each of these domains" in line
    assert messages.unregistered(COMPONENT, [], is_preview=True) == []


def test_each_class_of_the_family_registers_its_type(mocked):
    """A subclass keeps it, whatever name it asks for."""
    monitor = mocked()
    classes = [
        wechat.MiniProgramPrefetchDomains,
        wechat.ThirdPartyPlatformWebviewDomains,
        wechat.ThirdPartyPlatformServerDomains,
        wechat.ThirdPartyPlatformConfirmFile,
        wechat.MiniProgramServerDomains,
    ]
    inputs: list[dict[str, Any]] = [
        {"appid": APPID, "hosts": ["a.example.com"]},
        {"component_appid": COMPONENT, "domains": ["a.example.com"]},
        {"component_appid": COMPONENT, "domains": ["a.example.com"]},
        {"component_appid": COMPONENT},
        {"appid": APPID, "request": ["a.example.com"]},
    ]

    @pulumi.runtime.test
    def program():
        settings.ROOT.set(pulumi.ComponentResource("pulumi:pulumi:Stack", "stack"))
        wechat.MiniProgramWebviewDomains("direct", appid=APPID, domains=[A])
        wechat.MiniProgramWebviewDomains("store", appid=APPID, domains=[A], channel="registered")
        for each, given in zip(classes, inputs, strict=True):
            type("Mine", (each,), {})(each.__name__, **given)
        file = wechat.ThirdPartyPlatformConfirmFile("file", component_appid=COMPONENT)
        assert isinstance(file.url_for("a.example.com"), pulumi.Output)
        with pytest.raises(
            TypeError, match='channel must be "direct" or "registered" in plain text, not Output'
        ):
            wechat.MiniProgramWebviewDomains(
                "bad",
                appid=APPID,
                domains=[A],
                channel=pulumi.Output.from_input("direct"),  # type: ignore[arg-type] # what a program may give
            )

    program()

    prefix = "pulumi-python:dynamic/wechat-miniprogram:"
    assert {name: monitor.types[name] for name in (each.__name__ for each in classes)} == {
        each.__name__: f"{prefix}{each.__name__}" for each in classes
    }


def test_what_a_check_learns_of_the_other_channel(wechat_emulator):
    """The plugin's diff names the channel; the note of a program is kept for the other list; drops are refused."""
    wechat_emulator.seed(APPID, live=[A, B])
    tokens = f'{{"{APPID}": "emulator-{APPID}", "{COMPONENT}": "emulator-component-{COMPONENT}"}}'
    wechat_emulator.platform(jump_hosts=["a.example.com"])
    with InProcess({"endpoint": wechat_emulator.url, "accessTokens": tokens}) as face:
        beside = {"others": {"store": [A]}, "computed": [], "anywhere": []}
        note = {
            "appid": APPID,
            "name": "shop",
            "others": {},
            "computed": [],
            "anywhere": [],
            "failed": False,
            "beside": beside,
        }
        state = {
            "appid": APPID,
            "domains": [A, B],
            "effective_domains": [A, B],
            "mode": "authoritative",
            "declared_as": "shop",
            "added_domains": [],
            "channel": "direct",
        }
        inputs, _ = face.domains.check({"appid": APPID, "domains": [B], "__siblings": note})
        with pytest.raises(Exception, match="this program declares it in the registered channel too"):
            face.domains.diff(state, inputs)
        moved = face.domains.diff_in_full({**state, "appid": OTHER}, {**inputs, "channel": "registered"})
        read, _ = face.of["platform-webview-domains"].read(COMPONENT, {})
        prefetch = face.of["prefetch-domains"]
        other = {**note, "others": {"two": ["b.example.com"]}, "beside": None}
        _, (twice,) = prefetch.check({"appid": APPID, "hosts": ["a.example.com"], "__siblings": other})

    assert {"appid", "channel"} <= set(moved.detailedDiff)
    assert read["published_domains"] == ["a.example.com"]
    assert "also declared by 'two'" in twice
    assert PlanRefused([]).refusals == ()
