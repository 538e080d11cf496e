"""`channel="registered"` as the engine asks each face for it: its own list, and no other."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from tests.bench import APPID
from tests.contract.host import HostProcess
from tests.native_face import InProcess, RefusedError

A, B, X = "https://a.example.com", "https://b.example.com", "https://x.org"
COMPONENT = "wxc0c0c0c0c0c0c0c0"
OWN = {
    "componentAppid": COMPONENT,
    "componentAccessToken": f"emulator-component-{COMPONENT}",
    "authorizerRefreshTokens": json.dumps({APPID: f"emulator-refresh-{APPID}"}),
}
CASES = {
    "webview-domains": ("domains", "setwebviewdomain", "get_effective_webviewdomain"),
    "server-domains": ("request", "modify_domain", "get_effective_domain"),
}


@pytest.fixture(params=[HostProcess, InProcess], ids=["dynamic", "native"])
def start(request, wechat_emulator):
    """Starts a process of each face in turn, with the token of a platform whose lists have example.com."""
    wechat_emulator.platform(jump_hosts=["example.com"], server_hosts=["example.com"])
    wechat_emulator.seed(APPID)
    wechat_emulator.clear_calls()
    monkeypatch = request.getfixturevalue("monkeypatch")

    def begin(released=""):
        monkeypatch.setenv("WECHAT_MINIPROGRAM_RELEASED", released)
        return running.enter_context(request.param({"endpoint": wechat_emulator.url, **OWN}))

    with ExitStack() as running:
        yield begin


@pytest.fixture(params=CASES)
def case(request, start):
    """Each resource that has channels: what starts it in a run of its own, and what it calls."""
    return lambda **more: start(**more).of[request.param], *CASES[request.param]


@pytest.fixture
def lists(case):
    """The same in one run."""
    return case[0](), *case[1:]


def declared(name, *domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, name: list(domains), "channel": "registered", **more}


def calls(control):
    """The calls on domains since the last look: endpoint and action."""
    found = [(call.path.rpartition("/")[2], call.action) for call in control.calls()]
    control.clear_calls()
    return [each for each in found if each[0] != "api_authorizer_token"]


def test_one_life(case, wechat_emulator):
    """It writes by `add` and `delete`, has an id of its own, and a refresh changes nothing."""
    run, name, write, effective = case
    resource = run()
    inputs, reasons = resource.check(declared(name, A))
    id_, outputs = resource.create(inputs)
    same = resource.diff(outputs, inputs)
    other, _ = resource.check(declared(name, A, B), inputs)
    different = resource.diff(outputs, other)
    updated = resource.update(outputs, other)
    read, _ = resource.read(id_, updated)
    run().delete(read)

    assert (reasons, id_) == ([], f"{APPID}/registered")
    assert (outputs[name], outputs["channel"]) == ([A], "registered")
    assert (different, same) == (("inputs", []), ("none", []))
    assert updated[name] == [A, B]
    made = calls(wechat_emulator)
    assert [action for path, action in made if path == write and action != "get"] == [
        *("add", "add", "delete")
    ]
    assert {path for path, _ in made} == {write, effective}


def test_what_the_other_channel_has_stays(case, wechat_emulator):
    """It is neither drift nor removed, be it the console's or the direct channel's."""
    run, name, _, _ = case
    resource = run()
    wechat_emulator.seed(
        APPID,
        live=[X],
        mp=["https://mp.example.com"],
        server={"direct": {"requestdomain": [X]}, "mp": {"requestdomain": ["https://mp.example.com"]}},
    )
    inputs, _ = resource.check(declared(name, A, overwrite_existing=True))

    id_, outputs = resource.create(inputs)
    read, _ = resource.read(id_, outputs)
    run().delete(read)

    assert read[name] == [A]
    assert wechat_emulator.state(APPID).direct == (X,)
    assert wechat_emulator.state(APPID).mp == ("https://mp.example.com",)
    assert wechat_emulator.state(APPID).third == ()


@pytest.mark.parametrize("before", ["direct", None])
def test_the_channel_of_a_resource_does_not_change(lists, before):
    """A state without one means the direct channel. The text has the safe order."""
    resource, name, _, _ = lists
    olds = {"appid": APPID, name: [A], **({"channel": before} if before else {})}

    _, (refused,) = resource.check(declared(name, A), olds)
    _, elsewhere = resource.check(declared(name, A), {**olds, "appid": "wxfedcba9876543210"})

    assert refused == (
        f"`channel` of {APPID} cannot change from direct to registered: the domains would not be in force "
        'until the next release. Keep this resource, declare a second one with channel="registered", release '
        "the Mini Program, then remove this one"
    )
    assert elsewhere == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("both", '`channel` \'both\' is neither "direct" nor "registered"'),
        (
            "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
            "`channel` must be known before the update, because it selects a list: give a plain value",
        ),
    ],
)
def test_a_channel_that_there_is_not(lists, given, problem):
    """With everything else that is wrong."""
    resource, name, _, _ = lists

    _, (text,) = resource.check({**declared(name, "http://a"), "channel": given})

    assert problem in text
    assert "uses the scheme http" in text


def test_no_wait_for_a_file_that_wechat_does_not_ask_for(start):
    """The platform's list asked for it."""
    _, (text,) = start().domains.check(declared("domains", A, confirm_file_timeout=60))

    assert text.startswith("`confirm_file_timeout` has no effect in the registered channel")


def test_a_domain_that_the_platforms_list_lacks_is_named(lists, wechat_emulator):
    """WeChat does not say which one it is."""
    resource, name, _, _ = lists
    inputs, _ = resource.check(declared(name, X, "https://y.org"))

    with pytest.raises(RefusedError) as refused:
        resource.create(inputs)

    prefix = "request " if name == "request" else ""
    assert (
        f"{prefix}{X}, {prefix}https://y.org are not covered by the list of the platform {COMPONENT}. Declare "
        "the host in ThirdPartyPlatformWebviewDomains or ThirdPartyPlatformServerDomains"
    ) in str(refused.value)
    assert wechat_emulator.state(APPID).third == ()


def test_a_domain_in_force_leaves_a_channel_only_after_a_release(case, wechat_emulator):
    """WeChat does not report one, so the user does; until then the second resource says that it waits."""
    run, name, _, _ = case
    first = run()
    old, _ = first.check({"appid": APPID, name: [A]}, name="old")
    id_, held = first.create(old)
    wechat_emulator.release(APPID)
    held, _ = first.read(id_, held)
    second = run()
    new, _ = second.check(declared(name, A), name="new")
    new_id, kept = second.create(new)
    refused = []
    for resource in (second, run()):  # also in a later run
        resource.check(declared(name, A), name="new")
        with pytest.raises(RefusedError) as error:
            resource.delete(held)
        refused.append(str(error.value))
    wechat_emulator.release(APPID)
    waits = run().read(new_id, kept)[0]
    third = case[0](released=APPID)
    third.check(declared(name, A), name="new")
    third.delete(held)
    left = third.read(new_id, kept)[0]

    for text in refused:
        assert "in force, and this program declares it in the registered channel too, where it would" in text
        assert f"then remove it here with WECHAT_MINIPROGRAM_RELEASED={APPID} set for that command." in text
    assert [pending(each, name) for each in (kept, waits, left)] == [[A], [A], []]
    assert [each["release_required"] for each in (kept, waits, left)] == [True, True, False]


def pending(outputs, name):
    """What a resource says to wait for a release."""
    return outputs["pending"]["request"] if name == "request" else outputs["pending_domains"]


def test_nothing_leaves_a_channel_that_is_not_on_the_other_list(case, wechat_emulator):
    """A release may have dropped it there, whatever the user says."""
    run, name, _, _ = case
    first = run()
    old, _ = first.check({"appid": APPID, name: [A]}, name="old")
    _, held = first.create(old)
    wechat_emulator.release(APPID)
    later = case[0](released=APPID)
    later.check(declared(name, A), name="new")

    with pytest.raises(RefusedError, match="and this program declares it in the registered channel too"):
        later.delete(held)


def test_a_delete_without_effect_is_no_success(case, wechat_emulator):
    """WeChat said that it was done; the resource stays in the state."""
    run, name, write, _ = case
    resource = run()
    inputs, _ = resource.check(declared(name, A))
    id_, outputs = resource.create(inputs)
    last = run()
    wechat_emulator.fault(
        path=f"/wxa/{write}", action="delete", body='{"errcode": 0, "errmsg": "ok"}', times=1
    )

    with pytest.raises(RefusedError, match="reported success but had no effect"):
        last.delete(outputs)

    assert run().read(id_, outputs)[0][name] == [A]


def test_released_is_said_of_one_run():
    """In stack config it would hold for every later run."""
    given = {"endpoint": "http://127.0.0.1:9", **OWN, "released": APPID}
    with InProcess(given) as face:
        _, (text,) = face.domains.check(declared("domains", A))

    assert text == (
        "wechat-miniprogram:released applies to one run only: set WECHAT_MINIPROGRAM_RELEASED for that "
        "command instead"
    )


def test_a_preview_names_what_the_platforms_list_lacks(wechat_emulator):
    """Unless a resource of the same program is going to put it there. The list is read once for all apps."""
    wechat_emulator.platform(jump_hosts=["example.com"])
    wechat_emulator.seed(APPID)
    with InProcess({"endpoint": wechat_emulator.url, **OWN}) as face:
        inputs, _ = face.domains.check(declared("domains", A, X, "https://y.org"))
        face.of["platform-webview-domains"].check({"component_appid": COMPONENT, "domains": ["y.org"]})
        wechat_emulator.clear_calls()
        for _ in range(2):
            face.domains.create(inputs, preview=True)

    assert (
        face.errors
        == (
            f"warning: {X} is not covered by the list of the platform {COMPONENT}, so WeChat will refuse it. "
            "Declare the host in ThirdPartyPlatformWebviewDomains or ThirdPartyPlatformServerDomains, and "
            "make this resource depend on it\n"
        )
        * 2
    )
    assert calls(wechat_emulator) == [
        ("get_effective_webviewdomain", None),
        ("modify_wxa_jump_domain", "get"),
    ]


@pytest.mark.parametrize(
    ("declares", "heard"),
    [
        (
            False,
            "if this program declares the platform's own list, the provider names the domains that this "
            "list lacks",
        ),
        (True, f"Which of them the list of the platform {COMPONENT} lacks is not known: {COMPONENT}: "),
    ],
)
def test_the_platforms_list_may_not_be_readable(wechat_emulator, declares, heard):
    """Then the error says so, and a preview shows the rest."""
    wechat_emulator.platform(jump_hosts=["example.com"])
    wechat_emulator.seed(APPID)
    source = {"accessTokens": json.dumps({APPID: f"emulator-{APPID}"})}
    with InProcess({"endpoint": wechat_emulator.url, **source}) as face:
        if declares:
            face.of["platform-webview-domains"].check({"component_appid": COMPONENT, "domains": ["y.org"]})
        inputs, _ = face.domains.check(declared("domains", X))
        _, shown = face.domains.create(inputs, preview=True)
        with pytest.raises(RefusedError) as refused:
            face.domains.create(inputs)

    assert shown["pending_domains"] == [X]
    assert heard in str(refused.value)
