"""Taking over what is live: the declaration, the program and the import file."""

from __future__ import annotations

import ast
import json
from dataclasses import replace

import pytest

from pulumi_wechat_miniprogram.exports.adoption import (
    NotAdopted,
    adopt,
    adopt_all,
    import_file,
    program,
)
from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.exports.state import SERVER_DOMAINS_OUTPUTS, from_wire, to_wire
from pulumi_wechat_miniprogram.lifecycle.reconcile import Declaration, Observation, Recorded
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, read_entry
from pulumi_wechat_miniprogram.lifecycle.state import LiveList, ModeLists
from tests.bench import Bench
from tests.exports.stacks import APPID, OTHER, A, B, C, D
from tests.strategies import observation_of

PORT = "https://a.example.com:8443"
WSS = "wss://push.example.com"
TCP = "tcp://t.example.com:9"
HOSTILE = "https://x\nimport os; os.abort() #\u2028.example.com"
HEAD = '''"""The domains of Mini Programs, taken over as they are by `wechat-miniprogram adopt`.

protect=True: a `pulumi destroy` would take live domains away.
"""

import pulumi

'''
IMPORTS = {
    "dynamic": "import pulumi_wechat_miniprogram as wechat\n",
    "native": "from pulumi_wechat_miniprogram import native as wechat\n",
}


def seen(*live, appid=APPID, effective=None, mp=()):
    """An observation; all that is live is in force unless said otherwise."""
    effective = live if effective is None else effective
    return observation_of([*live, *mp], direct=live, others=mp, effective=effective, appid=appid)


def test_what_is_live_is_declared_in_its_order():
    """Canonical; whatever waits is known as pending; nothing counts as added."""
    adopted = adopt("shop", seen("https://B.example.com/", A, effective=[A]))

    assert (adopted.declaration.appid, adopted.declaration.mode) == (APPID, "authoritative")
    assert adopted.declaration.domains == (B, A)
    assert adopted.recorded == Recorded(
        APPID, (B, A), effective_domains=(A,), pending_domains=(B,), release_required=True
    )
    assert (adopted.elsewhere, adopted.refused) == ((), ())


def test_what_only_other_modes_list_is_left_alone():
    """It is never ours."""
    adopted = adopt("shop", seen(A, mp=[D, A]))

    assert adopted.declaration.domains == (A,)
    assert adopted.elsewhere == (D,)


def test_a_live_value_that_cannot_be_declared_makes_it_additive():
    """An authoritative create would have to remove it."""
    adopted = adopt("shop", seen(A, PORT))

    assert (adopted.declaration.mode, adopted.declaration.domains) == ("additive", (A,))
    assert [(error.shown, error.reasons[0].id) for error in adopted.refused] == [(repr(PORT), "port")]
    assert adopted.recorded.mode == "additive"


@pytest.mark.parametrize(("allowed", "mode"), [(True, "authoritative"), (False, "additive")])
def test_reserved_names_follow_the_settings(allowed, mode):
    """As the check of the program will."""
    assert adopt("shop", seen("https://a.test"), allow_reserved=allowed).declaration.mode == mode


@pytest.mark.parametrize("face", TOKENS)
def test_the_program_says_what_waits_and_what_is_left_alone(face):
    """One resource an app, one domain a line."""
    shop = adopt("shop", seen(A, B, effective=[A], mp=[D]))
    pay = adopt('the "pay"', seen(C, PORT, appid=OTHER))

    assert (
        program([shop, pay], face)
        == HEAD
        + IMPORTS[face]
        + f"""
# Left unchanged, because it is only on the list of the WeChat console or of mode one: '{D}'
wechat.MiniProgramWebviewDomains(
    "shop",
    appid="{APPID}",
    domains=[
        "{A}",
        "{B}",  # pending: in force after the next release
    ],
    opts=pulumi.ResourceOptions(protect=True),
)

# Additive, because these domains are live but cannot be declared; they stay unchanged:
#   '{PORT}': port
wechat.MiniProgramWebviewDomains(
    "the \\"pay\\"",
    appid="{OTHER}",
    mode="additive",
    domains=[
        "{C}",
    ],
    opts=pulumi.ResourceOptions(protect=True),
)
"""
    )


def test_no_live_value_gets_out_of_a_comment():
    """A live list is anybody's text."""
    adopted = [adopt("shop", seen(A, HOSTILE)), adopt("pay", seen(B, appid=OTHER, mp=[HOSTILE]))]

    text = program(adopted, "dynamic")

    statements = ast.parse(text).body
    assert [type(statement).__name__ for statement in statements] == [
        "Expr",
        "Import",
        "Import",
        "Expr",
        "Expr",
    ]
    assert text.count("import os") == 2
    assert text.isascii()


@pytest.mark.parametrize("face", TOKENS)
def test_the_import_file_holds_the_state_of_such_a_create(face):
    """Inputs and outputs, so that the engine reads and calls nothing; the dynamic provider in both."""
    inputs = {
        "appid": APPID,
        "domains": [A, B],
        "mode": "authoritative",
        "overwrite_existing": False,
        "allow_mass_removal": False,
        "channel": "direct",
        "confirm_file_timeout": 0.0,
    }
    outputs = {
        **inputs,
        "effective_domains": [A],
        "pending_domains": [B],
        "release_required": True,
        "added_domains": [],
        "shared_domains": {},
        "declared_as": "shop",
    }

    stored = to_wire if face == "native" else {"__provider": PROVIDERS["webview-domains"]}.__or__

    assert json.loads(import_file([adopt("shop", seen(A, B, effective=[A]))], face)) == {
        "resources": [
            {
                "type": TOKENS[face]["webview-domains"],
                "name": "shop",
                "id": APPID,
                "inputs": stored({**inputs, "__name": "shop"}),
                "outputs": stored(outputs),
            }
        ]
    }


def test_an_app_without_domains_is_in_neither():
    """An empty authoritative list would be refused, and declares nothing."""
    empty = adopt("shop", seen(mp=[D]))

    assert empty.declaration.domains == ()
    assert program([empty], "dynamic") == HEAD + IMPORTS["dynamic"]
    assert json.loads(import_file([empty], "dynamic")) == {"resources": []}


def test_many_apps_are_read_and_a_failing_one_is_reported(wechat_emulator):
    """The others are taken over all the same."""
    bench = Bench(wechat_emulator)
    bench.control.seed(APPID, live=[A])
    gone = "wx0000000000000000"

    def observers(of):
        return lambda appid: None if appid == gone else bench.use.of(of).observe(appid)

    shop, left = adopt_all({APPID: "shop", gone: "gone"}, observers, Pace(1))
    bench.use.close()

    assert isinstance(shop, tuple)
    assert [(each.name, each.declaration.domains) for each in shop] == [("shop", (A,)), ("shop", ())]
    assert left == NotAdopted(gone, *2 * ["it left the third-party platform"])


def test_what_the_user_can_fix_is_the_problem(wechat_emulator):
    """In the words of the error."""
    bench = Bench(wechat_emulator)
    bench.control.fault(errcode=45009, times=None)

    (failed,) = adopt_all({APPID: "shop"}, lambda of: bench.use.of(of).observe, Pace(1))
    bench.use.close()

    assert isinstance(failed, NotAdopted)
    assert failed.appid == APPID
    assert failed.problem.startswith(f"get for {APPID} refused: ")


def seen_server(*, waiting=(), mp=(), **lists):
    """An observation of server domains by kind; `waiting` are not in force yet."""
    live = LiveList.of_kinds(lists.items())
    others = frozenset(read_entry(entry) for entry in mp)
    effective = frozenset(live.domains).union(others).difference(waiting)
    return Observation(APPID, live.domains, ModeLists(live, others, effective))


def adopt_server(**seen):
    """The server domains of the app."""
    return adopt("shop", seen_server(**seen), kind="server-domains")


def test_server_domains_are_declared_by_kind():
    """A kind without a live domain is not managed; a port is a part of the domain."""
    adopted = adopt_server(request=["https://B.example.com", f"{A}:8443"], upload=[], socket=[WSS])

    declared = tuple(map(read_entry, (f"request {B}", f"request {A}:8443", f"socket {WSS}")))
    assert adopted.declaration == Declaration(APPID, declared, managed=("request", "socket"))
    assert adopted.refused == ()


def test_a_server_domain_that_cannot_be_declared_makes_the_resource_additive():
    """It is named with its kind, and its kind is managed if another domain of it can be declared."""
    adopted = adopt_server(request=[A, "https://*.example.com"], udp=["udp://u.example.com:0"])

    assert (adopted.declaration.mode, adopted.declaration.managed) == ("additive", ("request",))
    assert [(error.shown, error.reasons[0].id) for error in adopted.refused] == [
        ("'request https://*.example.com'", "wildcard"),
        ("'udp udp://u.example.com:0'", "port"),
    ]


def test_an_app_may_have_both_resources():
    """Of one name, since they differ in type; what no list has is in no program."""
    both = [
        adopt("shop", seen(A)),
        adopt_server(request=[B, C], socket=[WSS], waiting=[f"request {C}"], mp=[f"tcp {TCP}"]),
        adopt("pay", seen(appid=OTHER)),
    ]

    assert (
        program(both, "native")
        == HEAD
        + IMPORTS["native"]
        + f"""
wechat.MiniProgramWebviewDomains(
    "shop",
    appid="{APPID}",
    domains=[
        "{A}",
    ],
    opts=pulumi.ResourceOptions(protect=True),
)

# Left unchanged, because it is only on the list of the WeChat console or of mode one: 'tcp {TCP}'
wechat.MiniProgramServerDomains(
    "shop",
    appid="{APPID}",
    request=[
        "{B}",
        "{C}",  # pending: in force after the next release
    ],
    socket=[
        "{WSS}",
    ],
    opts=pulumi.ResourceOptions(protect=True),
)
"""
    )


@pytest.mark.parametrize("face", TOKENS)
def test_the_import_file_holds_the_state_of_server_domains_too(face):
    """As the provider stores it, so that a refresh and an up find nothing to do."""
    adopted = adopt_server(request=[A, B], waiting=[f"request {B}"])

    (entry,) = json.loads(import_file([adopted], face))["resources"]

    outputs = Properties(entry["outputs"], face=face)
    assert (entry["type"], entry["id"]) == (TOKENS[face]["server-domains"], APPID)
    assert outputs.recorded_server("") == replace(adopted.recorded, declared_as="shop")
    assert outputs.gaps == []
    assert from_wire(entry["outputs"]).keys() - {"__provider"} == {"request"} | {
        field.name for field in SERVER_DOMAINS_OUTPUTS if field.name not in KINDS
    }
    assert {key: from_wire(entry["inputs"]).get(key) for key in ("request", "socket", "mode", "__name")} == {
        "request": [A, B],
        "socket": None,
        "mode": "authoritative",
        "__name": "shop",
    }
    assert ("__provider" in entry["inputs"]) == (face == "dynamic")


@pytest.fixture
def taken_over(wechat_emulator):
    """Takes over what WeChat holds of an app; the calls are counted."""
    bench = Bench(wechat_emulator)

    def taken_over(**held):
        bench.control.seed(APPID, **held)
        bench.control.clear_calls()
        (lists,) = adopt_all({APPID: "shop"}, lambda of: bench.use.of(of).observe, Pace(1))
        return lists, bench.calls

    yield taken_over
    bench.use.close()


def test_the_registered_channel_has_resources_of_its_own(taken_over):
    """What it lists is left alone by no other resource; what the console lists is, in both."""
    server = {
        "direct": {"requestdomain": [A]},
        "third": {"requestdomain": [B, "https://*"], "tcpdomain": [TCP]},
    }

    lists, calls = taken_over(live=[A], third=[C], mp=[D], server=server)

    assert [(each.name, each.declaration.channel, each.declaration.domains) for each in lists] == [
        ("shop", "direct", (A,)),
        ("shop-registered", "registered", (C,)),
        ("shop", "direct", (f"request {A}",)),
        ("shop-registered", "registered", (f"request {B}", f"tcp {TCP}")),
    ]
    assert [each.elsewhere for each in lists] == [(D,), (D,), (), ()]
    assert [each.declaration.mode for each in lists] == [*["authoritative"] * 3, "additive"]
    assert [each.recorded.channel for each in lists] == ["direct", "registered", "direct", "registered"]
    assert len(calls) == 6


def test_the_registered_channel_is_not_asked_where_it_has_nothing(taken_over):
    """A fleet takes a while to read."""
    lists, calls = taken_over(live=[A], server={"direct": {"requestdomain": [A]}})

    assert [each.name for each in lists] == ["shop", "shop"]
    assert len(calls) == 3


@pytest.mark.parametrize("face", TOKENS)
def test_a_resource_of_the_registered_channel_says_so(taken_over, face):
    """In the program, in its state, and in its id."""
    lists, _ = taken_over(
        third=[A, "https://x.example.com:1"], mp=[D], server={"third": {"requestdomain": [B]}}
    )

    text = program(lists, face).partition(IMPORTS[face])[2]
    imported = json.loads(import_file(lists, face))["resources"]

    assert (
        text
        == f"""
# Additive, because these domains are live but cannot be declared; they stay unchanged:
#   'https://x.example.com:1': port
# Left unchanged, because it is only on the list of the WeChat console or of mode two: '{D}'
wechat.MiniProgramWebviewDomains(
    "shop-registered",
    appid="{APPID}",
    channel="registered",
    mode="additive",
    domains=[
        "{A}",
    ],
    opts=pulumi.ResourceOptions(protect=True),
)

wechat.MiniProgramServerDomains(
    "shop-registered",
    appid="{APPID}",
    channel="registered",
    request=[
        "{B}",
    ],
    opts=pulumi.ResourceOptions(protect=True),
)
"""
    )
    assert [each["id"] for each in imported] == [f"{APPID}/registered"] * 2
    assert [each[held]["channel"] for each in imported for held in ("inputs", "outputs")] == [
        "registered"
    ] * 4
