"""What a preview of the dynamic face says before it happens. Native plugin: test_plugin_previews.py.

A preview has no operation in this face, so checks and diffs say it; an update's operations speak for themselves.
"""

from __future__ import annotations

import json

import pytest

from tests.contract.host import HostProcess
from tests.native_face import InProcess

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
A, B, C = (f"https://{name}.example.com" for name in "abc")
TOKENS = json.dumps({APPID: f"emulator-{APPID}"})


@pytest.fixture
def start(wechat_emulator):
    """Starts a process of the dynamic face for a seeded app."""
    wechat_emulator.seed(APPID)
    wechat_emulator.seed(OTHER)

    def start(face=HostProcess, **config):
        return face(
            {
                key: value
                for key, value in {
                    "endpoint": wechat_emulator.url,
                    "accessTokens": TOKENS,
                    **config,
                }.items()
                if value
            }
        )

    return start


def declared(*domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "domains": list(domains), **more}


def state(*domains, effective=(), **more):
    """What a state holds."""
    return {
        **declared(*domains),
        "mode": "authoritative",
        "effective_domains": list(effective),
        "added_domains": list(domains),
        **more,
    }


def said(process, olds, news):
    """What is printed of an update's check and diff."""
    with process:
        inputs, failures = process.domains.check(news, declared(*olds["domains"]))
        assert failures == []
        process.domains.diff(olds, inputs)
    return process.errors


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        (state(A, B, effective=[A, B]), declared(B, C)),
        (state(A, B, effective=[A, B], mode="additive"), declared(B, C, mode="additive")),
    ],
    ids=["authoritative", "additive"],
)
def test_an_exchange_is_named_with_the_safe_order(start, olds, news):
    """As far as the state tells: nothing is called."""
    assert said(start(), olds, news) == (
        f"warning: {APPID}: {A} is in force and will be removed, while {C} waits for the next release of the "
        "Mini Program. Safer: add, release, then remove\n"
    )


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        (state(A, B, effective=[B]), declared(B, C)),
        (state(A, B, effective=[A, B]), declared(B)),
        (state(A, B, effective=[A, B], mode="additive", added_domains=[B]), declared(B, C, mode="additive")),
        (state(A, effective=[A]), declared(A)),
    ],
    ids=["never in force", "nothing waits", "not ours", "unchanged"],
)
def test_what_is_no_exchange_is_not_warned_of(start, olds, news):
    """The diff shows the rest."""
    assert said(start(), olds, news) == ""


@pytest.mark.parametrize("face", [HostProcess, InProcess], ids=["dynamic", "native"])
def test_a_replacement_names_what_goes(start, face):
    """Of the app that it leaves, and how much of it is in force."""
    news = {**declared(A), "appid": OTHER}

    reported = said(start(face), state(A, B, effective=[A]), news)

    assert reported == (
        f"warning: {APPID}: {A}, {B} will be removed (1 in force), because this resource is now declared for "
        f"{OTHER}\n"
    )


@pytest.mark.parametrize(
    ("config", "reported"),
    [
        ({"accessTokens": ""}, "no access token is configured. Set one of WECHAT_MINIPROGRAM_ACCESS_TOKEN,"),
        (
            {"accessTokens": json.dumps({OTHER: "another"})},
            f"the configured access tokens belong to {OTHER}; add one for this appid. `pulumi up` will fail",
        ),
        ({"accessTokens": "file:/nowhere/tokens.json"}, "/nowhere/tokens.json"),
        ({"accessTokens": "", "accessTokenUrl": "http://127.0.0.1:9/{appid}"}, ""),
        ({"accessTokens": "", "endpoint": "emulator:/tmp/never.db"}, ""),
        ({}, ""),
    ],
    ids=["no source", "another app", "no file", "asked later", "embedded", "there"],
)
def test_a_missing_token_is_said_once(start, config, reported):
    """For a creation and for an update; an unchanged resource needs none."""
    with start(**config) as process:
        process.domains.check(declared(A))
        process.domains.check(declared(B))
        inputs, _ = process.domains.check(declared(A, B), declared(A))
        process.domains.diff(state(A), inputs)

    assert process.errors.count("warning: ") == (1 if reported else 0)
    assert reported in process.errors


def test_an_unchanged_resource_needs_no_token(start):
    """A preview in a pipeline without credentials stays quiet."""
    assert said(start(accessTokens=json.dumps({OTHER: "another"})), state(A), declared(A)) == ""


def test_a_creation_that_overwrites_names_it_with_live_diff(start, wechat_emulator):
    """Without it nothing is called, and nobody knows."""
    wechat_emulator.seed(APPID, live=[A, B, C], effective=[A, B])
    news = declared(A, overwrite_existing=True)
    with start() as blind:
        blind.domains.check(news)
        assert wechat_emulator.calls() == []

    with start(liveDiff="true") as seeing:
        assert seeing.domains.check(news)[1] == []
        assert [call.name for call in wechat_emulator.calls()] == ["effective"]

    assert blind.errors == ""
    assert seeing.errors == (
        f"warning: {APPID}: {B}, {C} will be removed (1 in force), although neither this program nor its "
        "state contains them (overwrite_existing)\n"
    )


def test_a_creation_in_the_registered_channel_looks_at_that_list(start, wechat_emulator):
    """What the direct channel has is not its to remove."""
    wechat_emulator.seed(APPID, live=[B], third=[A, C])
    with start(liveDiff="true") as seeing:
        _, failures = seeing.domains.check(declared(A, channel="registered", overwrite_existing=True))

    assert failures == []
    assert f"{C} will be removed" in seeing.errors
    assert B not in seeing.errors


@pytest.mark.parametrize("fault", [None, 45009])
def test_a_creation_that_would_fail_is_refused_with_live_diff(start, wechat_emulator, fault):
    """By what is live, or because it cannot be read."""
    wechat_emulator.seed(APPID, live=[A, B])
    if fault:
        wechat_emulator.fault(errcode=fault, times=None)
    with start(liveDiff="true") as seeing:
        _, (reason,) = seeing.domains.check(declared(A))

    assert ("45009" if fault else f"{B}") in reason


def test_drift_that_an_update_overwrites_is_said_to_be_removed(start, wechat_emulator):
    """Nothing refuses it."""
    wechat_emulator.seed(APPID, live=[A, B])
    olds = state(A, overwrite_existing=True)

    reported = said(start(liveDiff="true"), olds, declared(A, overwrite_existing=True))

    assert (
        f"extra {B} (added outside Pulumi: `pulumi up` removes it, because of overwrite_existing)" in reported
    )


@pytest.mark.parametrize("face", [HostProcess, InProcess], ids=["dynamic", "native"])
def test_an_operation_names_what_it_overwrote(start, wechat_emulator, face):
    """Also where no preview looked."""
    wechat_emulator.seed(APPID, live=[A, B])
    with start(face) as up:
        news, _ = up.domains.check(declared(A, overwrite_existing=True))
        up.domains.create(news)

    assert (
        f"{APPID}: {B} was removed, although neither this program nor its state contains it "
        "(overwrite_existing)" in up.errors
    )


def test_an_update_leaves_it_to_its_operations(start, wechat_emulator):
    """The program tells that it is one."""
    note = {"appid": APPID, "name": "shop", "others": {}, "computed": [], "anywhere": [], "failed": False}
    with start(liveDiff="true", accessTokens=json.dumps({OTHER: "another"})) as up:
        up.domains.check({**declared(A), "__siblings": {**note, "is_update": True}})

    assert wechat_emulator.calls() == []
    assert up.errors == ""


def test_a_kind_that_is_given_up_is_not_said_to_be_removed(start):
    """Its domains stay."""
    lists = {"request": ["https://a.example.com"], "socket": ["wss://b.example.com"]}
    olds = {"appid": APPID, "mode": "authoritative", **lists, "effective": lists, "added": lists}
    with start() as preview:
        news, _ = preview.server.check({"appid": APPID, "request": ["https://c.example.com"]}, olds)
        preview.server.diff(olds, news)

    assert "request https://a.example.com is in force and will be removed" in preview.errors
    assert "socket" not in preview.errors


def test_a_replacement_spares_what_another_resource_declares(start):
    """Only the rest is named."""
    note = {"appid": APPID, "name": "pay", "others": {}, "computed": [], "anywhere": [], "failed": False}
    with start() as preview:
        preview.domains.check({**declared(A), "__siblings": note}, declared(A))
        inputs, _ = preview.domains.check({**declared(A), "appid": OTHER}, declared(A, B))
        preview.domains.diff(state(A, B, effective=[A, B]), inputs)

    assert f"{B} will be removed (1 in force)" in preview.errors
    assert f"{A}, {B}" not in preview.errors
