"""A platform's own lists and its confirm file, as the engine asks each face for them."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest
from pulumi.runtime import rpc

from tests.bench import APPID
from tests.contract.host import HostProcess
from tests.native_face import UNKNOWN, InProcess, RefusedError

COMPONENT = "wxc0c0c0c0c0c0c0c0"
TOKENS = {"componentAppid": COMPONENT, "componentAccessToken": f"emulator-component-{COMPONENT}"}
CASES = {
    "platform-webview-domains": ("modify_wxa_jump_domain", "jump_hosts", "domains"),
    "platform-server-domains": ("modify_wxa_server_domain", "server_hosts", "server_domains"),
}


@pytest.fixture(params=[HostProcess, InProcess], ids=["dynamic", "native"])
def start(request, wechat_emulator):
    """Starts a process of each face in turn, with the platform's own token only."""
    wechat_emulator.platform()
    wechat_emulator.clear_calls()
    with ExitStack() as running:
        yield lambda **more: running.enter_context(
            request.param({"endpoint": wechat_emulator.url, **TOKENS, **more})
        )


@pytest.fixture(params=CASES)
def kind(request):
    """Each of both lists."""
    return request.param


@pytest.fixture
def lists(start, kind):
    """One list in one run."""
    return start().of[kind]


def declared(*hosts, **more):
    """Inputs as a program gives them."""
    return {"component_appid": COMPONENT, "domains": list(hosts), **more}


def actions(control):
    """The actions since the last look."""
    found = [call.action for call in control.calls() if "modify_wxa" in call.path]
    control.clear_calls()
    return found


def test_one_life(lists, wechat_emulator):
    """Hosts are bare, go on both lists, and nothing is called where nothing changes."""
    inputs, reasons = lists.check(declared("https://A.example.com", "b.example.com"))
    id_, outputs = lists.create(inputs)
    same = lists.diff(outputs, inputs)
    read, read_inputs = lists.read(id_, outputs)

    assert reasons == []
    assert inputs == {
        **declared("a.example.com", "b.example.com"),
        "mode": "additive",
        "publish": True,
        "overwrite_existing": False,
        "allow_removal": False,
    }
    assert (id_, same) == (COMPONENT, ("none", []))
    assert outputs == {
        **inputs,
        "testing_domains": inputs["domains"],
        "published_domains": inputs["domains"],
        "pending_domains": [],
        "added_domains": inputs["domains"],
        "writes": 1.0,
        "shared_domains": {},
        "declared_as": outputs["declared_as"],
    }
    assert (read, {**read_inputs, "__provider": None}) == (outputs, {**inputs, "__provider": None})
    assert actions(wechat_emulator) == ["get", "add", "get", "get"]


def test_all_that_is_wrong_is_reported_at_once(lists):
    """With each host that is refused."""
    _, (text,) = lists.check({**declared("1.2.3.4", "a.example.com/x"), "component_appid": "x", "publish": 1})

    for part in ("`component_appid` 'x' is not a valid appid", "`publish` 1", "1.2.3.4", "has a path"):
        assert part in text


def test_what_others_put_there_stays(lists, kind, wechat_emulator):
    """A host that is on the list already is not added, so it is not this resource's to remove."""
    wechat_emulator.platform(**{CASES[kind][1]: ["a.example.com", "others.org"]})
    inputs, _ = lists.check(declared("a.example.com", "b.example.com"))

    _, outputs = lists.create(inputs)

    assert outputs["added_domains"] == ["b.example.com"]
    assert outputs["published_domains"] == ["a.example.com", "b.example.com"]


def test_no_host_leaves_the_list_unless_it_may(start, kind, wechat_emulator):
    """Every app that has it would lose it: an update is refused by its diff, a delete before its write."""
    first = start().of[kind]
    inputs, _ = first.check(declared("a.example.com", "b.example.com"))
    _, outputs = first.create(inputs)
    wechat_emulator.clear_calls()
    second, run = start().of[kind], start().of[kind]
    fewer, _ = second.check(declared("a.example.com"), inputs)
    allowed, _ = run.check(declared("a.example.com", allow_removal=True), inputs)

    with pytest.raises(RefusedError) as update:
        second.diff(outputs, fewer)
    with pytest.raises(RefusedError) as delete:
        start().of[kind].delete(outputs)
    refused = actions(wechat_emulator)
    updated = run.update(outputs, allowed)
    start().of[kind].delete(updated)

    assert f"b.example.com would leave the list of the platform {COMPONENT}. Each Mini Program" in str(
        update.value
    )
    assert "set allow_removal=True on the resource for this one update" in str(update.value)
    assert "a.example.com, b.example.com would leave the list" in str(delete.value)
    assert "remove the resource from the state with `pulumi state delete`" in str(delete.value)
    assert [action for action in refused if action != "get"] == []
    assert updated["published_domains"] == ["a.example.com"]
    assert actions(wechat_emulator) == ["get", "delete", "get", "get", "delete"]


def test_who_uses_a_host_is_reported(start, kind, tmp_path):
    """Of this program and of the exports that the config names; those of the direct channel need no list."""
    export = tmp_path / "other.json"
    token = {
        "platform-webview-domains": "MiniProgramWebviewDomains",
        "platform-server-domains": "MiniProgramServerDomains",
    }[kind]
    lists = {"domains": ["https://x.b.example.com"]} if kind.startswith("platform-webview") else {}
    lists = lists or {"request": ["https://x.b.example.com"]}
    resources = [
        {
            "urn": f"urn:pulumi:dev::other::wechat-miniprogram:index:{token}::{channel}",
            "type": f"wechat-miniprogram:index:{token}",
            "id": appid,
            "inputs": {},
            "outputs": {"appid": appid, "mode": "additive", "channel": channel, **lists},
        }
        for appid, channel in ((APPID, "registered"), ("wxfedcba9876543210", "direct"))
    ]
    export.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    first = start(stackExports=str(export)).of[kind]
    inputs, _ = first.check(declared("b.example.com"))
    _, outputs = first.create(inputs)
    export.write_text(export.read_text())

    with pytest.raises(RefusedError) as refused:
        start(stackExports=str(export)).of[kind].delete(outputs)
    export.write_text(json.dumps({"version": 3, "deployment": {"resources": []}}))
    with pytest.raises(RefusedError, match="no Mini Program uses one of them"):
        start(stackExports=str(export)).of[kind].delete(outputs)
    export.write_text("{")
    with pytest.raises(RefusedError) as unread:
        start(stackExports=str(export)).of[kind].delete(outputs)

    assert f"In the stack of wechat-miniprogram:stackExports 1 Mini Program ({APPID}) uses one" in str(
        refused.value
    )
    assert "wechat-miniprogram:stackExports cannot be read, so other stacks were not checked" in str(
        unread.value
    )


def test_apps_of_the_same_program_are_counted(start, kind):
    """By what they declare in the registered channel."""
    face = start()
    name = "domains" if kind == "platform-webview-domains" else "request"
    inputs, _ = face.of[kind].check(declared("example.com"))
    _, outputs = face.of[kind].create(inputs)
    face = start()
    used_by = face.domains if kind == "platform-webview-domains" else face.server
    used_by.check({"appid": APPID, name: ["a.example.com"], "channel": "registered"})
    fewer, _ = face.of[kind].check(declared("other.org"), inputs)

    with pytest.raises(RefusedError) as refused:
        face.of[kind].diff(outputs, fewer)

    assert f"In this program 1 Mini Program ({APPID}) uses one of them." in str(refused.value)


@pytest.mark.parametrize("position", ["61028", "testing"])
@pytest.mark.parametrize("shown", ["", "empty"])
def test_a_platform_that_is_not_published_has_one_list(start, kind, wechat_emulator, position, shown):
    """The answer to `get` tells, or the one to the write; once it is published, an update completes it."""
    wechat_emulator.platform(published=False)
    wechat_emulator.switch(platform_unpublished=position)
    field = "wxa_jump_h5_domain" if kind == "platform-webview-domains" else "wxa_server_domain"
    if shown:
        answer = {f"testing_{field}": "", f"published_{field}": ""}
        wechat_emulator.fault(path=f"/cgi-bin/component/{CASES[kind][0]}", body=json.dumps(answer), times=1)
    face = start()
    inputs, _ = face.of[kind].check(declared("a.example.com"))

    _, outputs = face.of[kind].create(inputs)
    again, _ = face.of[kind].read(COMPONENT, outputs)
    wechat_emulator.platform(published=True)
    published, _ = face.of[kind].read(COMPONENT, outputs)

    assert (outputs["domains"], outputs["testing_domains"]) == (["a.example.com"], ["a.example.com"])
    assert (outputs["published_domains"], outputs["pending_domains"]) == ([], ["a.example.com"])
    assert again == outputs
    assert published["domains"] == []
    face.__exit__()
    assert "the platform is not published (61028), so only its testing list is changed" in face.errors


def test_one_answer_without_the_published_list_makes_no_platform_unpublished(start, kind, wechat_emulator):
    """It may also be missing on a failure: the write decides."""
    face = start()
    inputs, _ = face.of[kind].check(declared("a.example.com"))
    _, outputs = face.of[kind].create(inputs)
    field = "wxa_jump_h5_domain" if kind == "platform-webview-domains" else "wxa_server_domain"
    answer = json.dumps({f"testing_{field}": "a.example.com"})
    wechat_emulator.fault(path=f"/cgi-bin/component/{CASES[kind][0]}", body=answer, times=1)
    later = start()
    more, _ = later.of[kind].check(declared("a.example.com", "b.example.com"), inputs)

    updated = later.of[kind].update(outputs, more)

    assert updated["published_domains"] == ["a.example.com", "b.example.com"]
    later.__exit__()
    assert "not published" not in later.errors


def test_only_for_testing(lists, wechat_emulator):
    """Then the published list is nobody's here."""
    inputs, _ = lists.check(declared("a.example.com", publish=False))

    _, outputs = lists.create(inputs)

    assert (outputs["testing_domains"], outputs["published_domains"]) == (["a.example.com"], [])
    assert outputs["pending_domains"] == []


def test_a_preview_shows_what_would_be_published(wechat_emulator):
    """With one read; while the platform's appid is unknown, without."""
    wechat_emulator.platform(jump_hosts=["a.example.com"])
    with InProcess({"endpoint": wechat_emulator.url, **TOKENS}) as face:
        lists = face.of["platform-webview-domains"]
        wechat_emulator.clear_calls()
        inputs, _ = lists.check(declared("a.example.com", "b.example.com"))
        _, shown = lists.create(inputs, preview=True)
        made = actions(wechat_emulator)
        blind, _ = lists.check({**declared("a.example.com"), "component_appid": UNKNOWN})
        _, unseen = lists.create(blind, preview=True)

    assert made == ["get"]
    assert (shown["published_domains"], shown["pending_domains"], shown["writes"]) == (
        ["a.example.com", "b.example.com"],
        [],
        1.0,
    )
    assert unseen["testing_domains"] == UNKNOWN
    assert actions(wechat_emulator) == []


def test_a_secret_list_makes_what_names_its_hosts_secret(wechat_emulator):
    """In the native face, which is asked for it."""
    with InProcess({"endpoint": wechat_emulator.url, **TOKENS}) as face:
        lists = face.of["platform-server-domains"]
        inputs, _ = lists.check({**declared(), "domains": rpc.wrap_rpc_secret(["hidden.example.com"])})
        _, outputs = lists.create(inputs)

    in_clear = {name: value for name, value in outputs.items() if "hidden" in str(plain_text(value))}
    assert in_clear == {}


def plain_text(value):
    """A value as a reader of the state sees it: nothing of a secret."""
    return "" if isinstance(value, dict) and "value" in value else value


def test_the_platforms_confirm_file(start):
    """It is not an app's."""
    file = start().of["platform-confirm-file"]
    inputs, reasons = file.check({"component_appid": COMPONENT})
    id_, outputs = file.create(inputs)
    _, (wrong,) = file.check({"component_appid": "x"})

    assert (reasons, id_, outputs["component_appid"]) == ([], COMPONENT, COMPONENT)
    assert outputs["file_name"].endswith(".txt")
    assert file.read(COMPONENT, outputs)[0] == outputs
    assert file.diff(outputs, {"component_appid": "wxfedcba9876543210"})[1] in (
        ["component_appid"],
        ["componentAppid"],
    )
    assert wrong.startswith("`component_appid` 'x' is not a valid appid")


def test_another_platform_than_the_configured_one_is_refused(lists, wechat_emulator):
    """Before anything is sent."""
    inputs, _ = lists.check({**declared("a.example.com"), "component_appid": "wx00000000000000ee"})

    with pytest.raises(RefusedError):
        lists.create(inputs)

    assert actions(wechat_emulator) == []
