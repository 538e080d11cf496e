"""`MiniProgramServerDomains` as the engine asks each face for it."""

from __future__ import annotations

import json

import grpc
import pytest
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from tests.bench import APPID
from tests.contract.host import HostProcess
from tests.native_face import UNKNOWN, InProcess, RefusedError, plain

A, B = "https://a.example.com", "https://b.example.com:8443"
WSS = "wss://push.example.com"
READ = "get_effective_domain"
FLAGS = {
    "channel": "direct",
    "mode": "authoritative",
    "overwrite_existing": False,
    "allow_mass_removal": False,
}


def declared(**more):
    """Inputs as a program gives them."""
    return {"appid": APPID, **more}


def seed(control, **direct):
    """Let WeChat hold these, in force."""
    control.seed(APPID, server={"direct": direct})


def names(control):
    """The calls that arrived, in one word each."""
    found = [call.action or call.name for call in control.calls()]
    control.clear_calls()
    return found


@pytest.fixture(params=[HostProcess, InProcess], ids=["dynamic", "native"])
def either(request, wechat_emulator):
    """Each face in turn."""
    wechat_emulator.seed(APPID)
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    with request.param({"endpoint": wechat_emulator.url, "accessTokens": tokens}) as face:
        yield face


def test_one_life(either, wechat_emulator):
    """Check, create, diff, update and read speak of kinds."""
    inputs, reasons = either.server.check(declared(request=["A.example.com"], udp=[], socket=None))
    id_, outputs = either.server.create(inputs)
    same = either.server.diff(outputs, inputs)
    more, _ = either.server.check(declared(request=[A], socket=[WSS]), inputs)
    other = either.server.diff(outputs, more)
    updated = either.server.update(outputs, more)
    read, read_inputs = either.server.read(APPID, updated)

    assert (reasons, inputs) == ([], {**declared(request=[A], udp=[]), **FLAGS})
    assert id_ == APPID
    assert outputs == {
        **inputs,
        "effective": {"request": [], "udp": []},
        "pending": {"request": [A], "udp": []},
        "release_required": True,
        "added": {"request": [A], "udp": []},
        "writes": 1.0,
        "shared_domains": {},
        "declared_as": outputs["declared_as"],
    }
    assert (same, other) == (("none", []), ("inputs", []))
    assert updated["added"] == {"request": [A], "socket": [WSS]}
    assert "udp" not in read_inputs
    assert read == updated
    assert names(wechat_emulator) == [READ, "add", READ, READ, "add", READ, READ]


def test_another_appid_replaces(either):
    """But not while it is unknown."""
    inputs, _ = either.server.check(declared(request=[A]))
    outputs = {**inputs, "effective": {}, "pending": {}, "added": {}}

    assert either.server.diff(outputs, {**inputs, "appid": "wxfedcba9876543210"}) == ("inputs", ["appid"])
    assert either.server.diff(outputs, {**inputs, "request": UNKNOWN}) == ("inputs", [])


def test_a_damaged_state_is_refused(either):
    """Nobody knows what the resource may remove."""
    with pytest.raises(RefusedError) as refused:
        either.server.delete({**declared(request=7), **FLAGS})

    assert "the state of wx0123456789abcdef is damaged: `request` is not a list" in str(refused.value)


def test_the_diff_of_the_plugin_names_each_path(plugin):
    """By index; a list that comes or goes is one entry."""
    outputs = {**declared(request=[A, B], tcp=["tcp://t.net"]), **FLAGS}
    inputs, _ = plugin.server.check(declared(request=[A, WSS[6:]], udp=[]))

    reply = plugin.server.diff_in_full(outputs, inputs)

    kind = provider_pb2.PropertyDiff.Kind
    assert {path: each.kind for path, each in reply.detailedDiff.items()} == {
        "request[1]": kind.Value("UPDATE"),
        "tcp": kind.Value("DELETE"),
        "udp": kind.Value("ADD"),
    }
    late = plugin.server.diff_in_full(outputs, {**inputs, "request": UNKNOWN})
    assert late.detailedDiff["request"].kind == kind.Value("UPDATE")


def test_a_preview_shows_the_writes_that_it_would_cost(plugin, wechat_emulator):
    """And reads once; what only the update can tell is unknown."""
    seed(wechat_emulator, requestdomain=[A], wsrequestdomain=[WSS])
    inputs, _ = plugin.server.check(declared(request=[A, B], socket=[], overwrite_existing=True))
    with pytest.raises(RefusedError) as refused:
        plugin.server.create(inputs, preview=True)
    lifted = {**inputs, "allow_mass_removal": True}

    _, shown = plugin.server.create(lifted, preview=True)

    assert names(wechat_emulator) == [READ]
    assert "`socket` of wx0123456789abcdef is empty and would remove 1 of 1" in str(refused.value)
    assert shown["writes"] == 2.0
    assert shown["pending"] == {"request": [B], "socket": []}
    assert (shown["effective"], shown["added"], shown["shared_domains"]) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_a_preview_with_unknowns_asks_nothing(plugin, wechat_emulator):
    """It says which input is late."""
    inputs, reasons = plugin.server.check(declared(request=[A, UNKNOWN], socket=UNKNOWN))

    _, shown = plugin.server.create(inputs, preview=True)

    assert reasons == []
    assert names(wechat_emulator) == []
    assert shown["writes"] == UNKNOWN
    assert "`request`, `socket` will be known only during the update" in plugin.errors


def test_an_import_takes_the_lists_that_have_domains(plugin, wechat_emulator):
    """The others are not managed."""
    _, empty = plugin.server.read(APPID)
    seed(wechat_emulator, requestdomain=[A], udpdomain=["udp://u.net:9"])

    outputs, inputs = plugin.server.read(APPID)

    assert empty == {**declared(), **FLAGS}
    assert inputs == {**declared(request=[A], udp=["udp://u.net:9"]), **FLAGS}
    assert outputs["added"] == {"request": [], "udp": []}


def test_a_get_of_the_dynamic_face_reads_every_list(wechat_emulator):
    """Its program declares none."""
    seed(wechat_emulator, requestdomain=[A])
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    with HostProcess({"endpoint": wechat_emulator.url, "accessTokens": tokens}) as host:
        outputs, _ = host.server.read(APPID, declared(mode="authoritative"))

    assert outputs["request"] == [A]
    assert outputs["tcp"] == []


def test_half_done_is_stored(plugin, wechat_emulator):
    """The engine gets what WeChat accepted, beside the error."""
    wechat_emulator.switch(server_partial="listed")
    wechat_emulator.unfiled("b.example.com")
    inputs, _ = plugin.server.check(declared(request=[A, B]))

    with pytest.raises(RefusedError) as refused:
        plugin.server.create(inputs)

    assert refused.value.code == grpc.StatusCode.UNKNOWN
    state = plain(refused.value.left.properties)
    assert state["request"] == [A]
    assert state["added"] == {"request": [A]}
    assert state["writes"] == 1.0


def test_a_secret_list_makes_what_names_its_domains_secret(plugin):
    """Whichever of the lists it is."""
    hidden = ["https://hidden.example.com"]
    inputs, _ = plugin.server.check(declared(request=rpc.wrap_rpc_secret(hidden), socket=[WSS]))
    _, outputs = plugin.server.create(inputs)

    secrets = {name for name, value in outputs.items() if isinstance(value, dict) and "value" in value}
    assert secrets == {"request", "effective", "pending", "added", "shared_domains"}
    assert "hidden" not in plugin.errors


def test_live_diff_looks_once(wechat_emulator):
    """It asks for everything in one call, and shows what somebody else changed."""
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    wechat_emulator.seed(APPID)
    with InProcess({"endpoint": wechat_emulator.url, "accessTokens": tokens, "liveDiff": True}) as plugin:
        inputs, _ = plugin.server.check(declared(request=[A]))
        _, outputs = plugin.server.create(inputs)
        seed(wechat_emulator, requestdomain=[B], tcpdomain=["tcp://t.net"])
        names(wechat_emulator)

        found = plugin.server.diff(outputs, inputs)

        assert found == ("outputs", [])
        assert names(wechat_emulator) == [READ]
        assert f"missing request {A}; extra request {B}" in plugin.errors


def test_processes_of_one_run_hear_of_each_other(wechat_emulator):
    """What one declares, the other does not remove; webview domains are another matter."""
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    config = {"endpoint": wechat_emulator.url, "accessTokens": tokens}
    wechat_emulator.seed(APPID)
    with InProcess(config) as before:
        inputs, _ = before.server.check(declared(request=[A], socket=[WSS]), name="old")
        _, outputs = before.server.create(inputs)
    with InProcess(config, engine="127.0.0.1:4711") as old, InProcess(config, engine="127.0.0.1:4711") as new:
        new.server.check(declared(request=[A]), name="new")
        new.domains.check(declared(domains=["push.example.com"]), name="pages")

        old.server.delete(outputs)

    (write,) = [call for call in wechat_emulator.writes(APPID) if call.action == "delete"]
    assert write.domains == (WSS,)


def test_every_reason_at_once(plugin):
    """Of each list and of each other input."""
    _, (reason,) = plugin.server.check({"appid": "wx1", "request": ["*"], "tcp": "t.net", "mode": "x"})
    _, (nothing,) = plugin.server.check(declared())

    assert [line for line in reason.splitlines() if line.startswith("`")] == [
        "`appid` 'wx1' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits (0-9, a-f), as in "
        "wx0123456789abcdef",
        '`mode` \'x\' is neither "authoritative" nor "additive"',
        "`request` has 1 problem:",
        "`tcp` is not a list of domains",
    ]
    assert nothing.startswith("no list is declared: declare at least one of `request`, `socket`, ")


def test_a_port_of_a_socket_is_a_warning(plugin):
    """Once for each app; of an app that is not known yet nothing is said."""
    for _ in range(2):
        plugin.server.check(declared(socket=[f"{WSS}:8443", WSS[6:]]))
    plugin.server.check({"appid": UNKNOWN, "socket": [f"{WSS}:8443"]})

    assert plugin.listener.lines == [
        f"warning: {APPID}: `socket` has a port in {WSS}:8443, which WeChat does not need: wss://host allows every "
        "port of the host"
    ]


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({}, True),
        ({"socket": UNKNOWN}, True),
        ({"request": [UNKNOWN]}, False),
        ({"allow_mass_removal": True}, False),
        ({"mode": UNKNOWN}, False),
        ({"appid": "wxfedcba9876543210"}, False),
    ],
)
def test_the_guard_in_the_check(start, more, refused):
    """It compares each list that is known with the old one of the same app."""
    olds = {**declared(request=[A, B]), **FLAGS}
    with start() as plugin:
        _, reasons = plugin.server.check({**declared(request=[]), **more}, olds)

    assert any("would remove 2 of 2" in reason for reason in reasons) is refused


def test_what_a_program_says_of_its_resources(plugin, wechat_emulator):
    """A domain that a later resource of it declares is spared, in its own list only."""
    inputs, _ = plugin.server.check(declared(request=[A, B], socket=[WSS], mode="additive"))
    _, outputs = plugin.server.create(inputs)
    note = {
        "appid": APPID,
        "name": "shop",
        "others": {"later": ["request A.example.com"]},
        "computed": [],
        "anywhere": [],
        "failed": False,
    }
    fewer, _ = plugin.server.check({**declared(request=[B], mode="additive"), "__siblings": note}, inputs)

    plugin.server.update(outputs, fewer)

    assert [call.action for call in wechat_emulator.writes(APPID)] == ["add"]
