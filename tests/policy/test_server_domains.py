"""Server domains as policies see them: one list after the other, in either spelling."""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.exports.state import from_wire
from pulumi_wechat_miniprogram.policy import (
    DOMAIN_HEADROOM,
    FREEZE,
    NO_MIXED_MODES,
    ONE_AUTHORITATIVE,
    RULES,
    SERVED_BY_STACK,
    SUBJECTS_PER_DOMAIN,
)
from pulumi_wechat_miniprogram.policy.conduct import GUARDS_ON, PROTECTED
from pulumi_wechat_miniprogram.policy.hosts import APPROVED_SUFFIXES, DENIED_SUFFIXES, OWNED_DOMAINS
from pulumi_wechat_miniprogram.policy.look_alikes import NO_LOOK_ALIKES
from pulumi_wechat_miniprogram.policy.resources import Resource, make_stack_view
from pulumi_wechat_miniprogram.policy.rule import Remedy, tell
from tests.policy.conftest import APPID, OTHER, UNKNOWN, config_of, judge_stack, run_of, secret, spelled
from tests.policy.conftest import resource as webview


@pytest.fixture
def server(face):
    """Makes a resource as policies see it."""

    def make(name="shop", **lists):
        held = {"appid": APPID, "mode": "authoritative", "overwrite_existing": False}
        held |= {"allow_mass_removal": False, **lists}
        return Resource(TOKENS[face]["server-domains"], f"urn:{name}", name, spelled(face, held))

    return make


def judged(rule, resource, *before, **config):
    """Violations of all lists, and what was not judged; other resources were judged before."""
    given = config_of(rule, **config)
    run = run_of(*(declared for each in (*before, resource) for declared in each.lists))
    found = [each for declared in resource.lists for each in rule.judge(declared, given, run)]
    reported = tell(rule, found)
    return [each.text.partition(f"\n{rule.steps}")[0] for each in reported if each.judged], [
        each.text for each in reported if not each.judged
    ]


def test_each_list_is_judged(server):
    """Hosts of every kind, without scheme and port; one with a port is plain."""
    shop = server(request=["https://a.example.com:8443"], socket=["wss://x.evil.net"], udp=[])

    assert judged(APPROVED_SUFFIXES, shop, suffixes=["example.com"]) == (
        ["wss://x.evil.net is under none of the approved suffixes (example.com)."],
        [],
    )
    assert judged(OWNED_DOMAINS, shop, domains=["example.com"])[0] == [
        "wss://x.evil.net belongs to evil.net, which is not among the owned domains (example.com)."
    ]


def test_what_is_unknown_is_named_by_its_list(server):
    """And a secret by its place."""
    shop = server(request=UNKNOWN, tcp=[secret("tcp://t.evil.net:9"), UNKNOWN])

    violations, open_ends = judged(DENIED_SUFFIXES, shop, suffixes=["evil.net"])

    assert violations == ["`tcp[0]`, a secret, is under evil.net, which is denied."]
    assert "`request` of shop is known only during the update" in open_ends[0]
    assert "`tcp[1]` of shop is known only during the update" in open_ends[0]


def test_a_remedy_names_its_list(server):
    """The others stay as they are."""
    shop = server(request=["https://a.com", "https://b.xyz"], upload=["https://c.com"])
    config = config_of(DENIED_SUFFIXES, suffixes=["xyz"])

    drop = DENIED_SUFFIXES.remedy
    assert drop

    remedies = [drop(declared, config) for declared in shop.lists]

    assert remedies == [Remedy(drop=frozenset({1}), listed="request"), None]
    assert [remedy.changes(shop.props) for remedy in remedies if remedy] == [{"request": ["https://a.com"]}]


def test_what_is_about_the_resource_is_said_once(server):
    """However many lists it has."""
    shop = server(request=["https://a.com"], socket=["wss://a.com"], overwrite_existing=True)

    assert len(judged(PROTECTED, shop)[0][0].splitlines()) == 1
    assert len(judged(GUARDS_ON, shop)[0][0].splitlines()) == 1


def test_a_live_value_that_nobody_could_declare(server):
    """Its host is read as far as it can be."""
    shop = server(request=["https://evil.net/path"])

    assert judged(DENIED_SUFFIXES, shop, suffixes=["evil.net"])[0] == [
        "https://evil.net/path is under evil.net, which is denied."
    ]


def test_the_rules_that_judge_server_domains():
    """The others are about webview domains alone."""
    assert {rule.id for rule in RULES if rule.server_too} == {
        "approved-suffixes",
        "denied-suffixes",
        "domain-headroom",
        "freeze",
        "guards-on",
        "no-look-alikes",
        "no-mixed-modes",
        "one-authoritative",
        "owned-domains",
        "owner-in-name",
        "protected",
    }
    assert NO_LOOK_ALIKES.server_too


@pytest.fixture
def frozen(tmp_path, server):
    """The configuration of a freeze that began when these lists were declared."""
    props = dict(server(request=["https://a.com", "https://b.com:8443"], socket=["wss://a.com"]).props)
    type_ = TOKENS["dynamic"]["server-domains"]
    inputs = {**from_wire(props), "__provider": PROVIDERS["server-domains"]}
    stored = {"urn": f"urn:pulumi:dev::p::{type_}::shop", "type": type_, "id": APPID, "inputs": inputs}
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": [stored]}}), encoding="utf-8")
    return {"frozen": True, "baseline": str(path)}


def test_a_freeze_guards_each_list(server, frozen):
    """Before the write, by host."""
    gone = "would be removed, and removals are frozen: shop does not declare what the baseline contains."

    assert judged(FREEZE, server(request=["https://a.com"], socket=[]), **frozen)[0] == [
        f"b.com (`request`) of {APPID} {gone}\na.com (`socket`) of {APPID} {gone}"
    ]
    assert judged(FREEZE, server(request=["https://a.com", "https://b.com"]), **frozen) == ([], [])


def at_the_end(config, *resources):
    """What is said at the end of a run."""
    view = make_stack_view(resources)
    assert FREEZE.judge_stack
    return [each.text for each in FREEZE.judge_stack(view, config_of(FREEZE, **config), run_of())]


def test_a_freeze_sees_at_the_end_what_is_gone(server, frozen):
    """A list that its resource no longer manages stays as it is, so it is not."""
    gone = "would be removed, and removals are frozen: no resource"

    assert at_the_end(frozen) == [
        f"a.com (`request`), b.com (`request`) of {APPID} {gone} declares this appid any more.",
        f"a.com (`socket`) of {APPID} {gone} declares this appid any more.",
    ]
    assert at_the_end(frozen, server(upload=["https://a.com"])) == []
    assert at_the_end(frozen, server(request=["https://a.com"], mode="additive")) == [
        f"b.com (`request`) of {APPID} {gone} of this appid declares them any more."
    ]
    assert at_the_end(frozen, server(request=["https://a.com"])) == []  # reported before the write


def test_a_stack_view_takes_them_for_no_server(server):
    """They name hosts and serve none."""
    view = make_stack_view([server(request=["https://a.com"])])

    assert view.others == ()
    assert [each.listed for each in view.lists] == ["request"]


def test_a_list_has_one_owner(server):
    """Each kind is a list of its own, and webview domains are another one."""
    shop = server(request=["https://a.com"], socket=["wss://a.com"], udp=[])
    more = server("more", request=["https://b.com"], udp=["udp://b.com"], tcp=[])
    owns = [
        f"more owns the whole `{kind}` list of {APPID}, and shop too: each removes what the other adds."
        for kind in ("request", "udp")
    ]

    assert judged(ONE_AUTHORITATIVE, more, shop) == (["\n".join(owns)], [])
    assert judged(ONE_AUTHORITATIVE, server("more", tcp=["tcp://a.com"]), shop) == ([], [])
    assert judged(ONE_AUTHORITATIVE, shop, webview("https://a.com", name="page")) == ([], [])
    assert judged(ONE_AUTHORITATIVE, shop, server("more", request=[], appid=OTHER)) == ([], [])


def test_the_modes_of_a_list_are_not_mixed(server):
    """An additive resource for another kind does not matter."""
    shop = server(request=["https://a.com"], socket=["wss://a.com"])
    more = server("more", mode="additive", request=["https://b.com"], tcp=["tcp://b.com"])

    assert judged(NO_MIXED_MODES, more, shop) == (
        [
            f"more is additive for the `request` list of {APPID}, alongside shop (authoritative): an authoritative "
            "resource removes what an additive one added in another run."
        ],
        [],
    )
    assert judged(NO_MIXED_MODES, server("more", mode="additive", tcp=["tcp://b.com"]), shop) == ([], [])


def test_headroom_is_that_of_a_kind(server):
    """200 each; the same host with two ports is two domains."""
    hosts = [f"https://h{n}.com" for n in range(80)]
    ports = [f"https://h{n}.com:8443" for n in range(80)]
    shop = server(request=hosts, socket=["wss://a.com"], mode="additive")
    more = server("more", request=[*ports, hosts[0]], mode="additive")

    assert judged(DOMAIN_HEADROOM, more, shop) == (
        [f"{APPID} has 160 of at most 200 `request` domains (80%); this warns from 80 %."],
        [],
    )
    assert judged(DOMAIN_HEADROOM, more) == ([], [])
    assert judged(DOMAIN_HEADROOM, server(request=UNKNOWN))[1][0].startswith(
        "`request` of shop is known only"
    )


def test_a_host_is_served_by_the_stack(server):
    """Whatever its scheme and port; a webview domain serves nothing."""
    shop = server(request=["https://a.com:8443", "https://b.com"], socket=["wss://b.com"], tcp=[UNKNOWN])
    record = Resource("alicloud:dns/record:Record", "urn:dns", "dns", {"hostname": "a.com"})

    violations, open_ends = judge_stack(SERVED_BY_STACK, shop, record, webview("https://b.com", name="page"))

    unserved = "is not named by any other resource of this stack."
    assert sorted(violations) == [
        f"https://b.com {unserved}",
        f"https://b.com {unserved}\nwss://b.com {unserved}",
    ]
    assert open_ends[0].startswith("`tcp[0]` of shop is known only")


def test_each_channel_has_lists_of_its_own(server):
    """Two owners, two modes and two lengths are no matter there; within a channel they are."""
    shop = server(request=["https://a.com"])
    other = server("other", request=["https://a.com"], channel="registered")
    more = server("more", request=["https://b.com"], channel="registered", mode="additive")
    twin = server("twin", request=["https://b.com"], channel="registered")

    assert judged(ONE_AUTHORITATIVE, other, shop) == ([], [])
    assert judged(NO_MIXED_MODES, more, shop) == ([], [])
    assert judged(ONE_AUTHORITATIVE, twin, shop, other)[0] == [
        f"twin owns the whole registered `request` list of {APPID}, and other too: each removes what the other "
        "adds."
    ]
    assert judged(NO_MIXED_MODES, more, shop, other)[0][0].startswith(
        f"more is additive for the registered `request` list of {APPID}, alongside other (authoritative): "
    )
    assert judged(DOMAIN_HEADROOM, more, shop, other, percent=1)[0] == [
        f"{APPID} has 2 of at most 200 registered `request` domains (1%); this warns from 1 %."
    ]


def test_webview_domains_have_channels_too():
    """Their limit of subjects is that of the direct channel."""
    shop = webview("https://a.com", channel="registered")
    twin = webview("https://b.com", name="twin", channel="registered")
    other = webview("https://a.com", name="other", appid=OTHER)

    assert judged(ONE_AUTHORITATIVE, twin, shop)[0] == [
        f"twin owns the whole registered list of {APPID}, and shop too: each removes what the other adds."
    ]
    assert judged(DOMAIN_HEADROOM, shop, percent=1) == ([], [])
    assert judged(
        DOMAIN_HEADROOM, webview(*(f"https://h{n}.com" for n in range(3)), channel="registered"), percent=1
    )[0] == [f"{APPID} has 3 of at most 300 registered webview domains (1%); this warns from 1 %."]
    assert judged(SUBJECTS_PER_DOMAIN, other, shop, limit=1) == ([], [])
    assert judged(SUBJECTS_PER_DOMAIN, shop, other, limit=1) == ([], [])
    assert judged(SUBJECTS_PER_DOMAIN, webview(UNKNOWN, channel="registered")) == ([], [])


def test_a_freeze_guards_each_channel(server, frozen, tmp_path):
    """What moved to the other channel is gone from its own, where it is in force."""
    moved = server(request=["https://a.com", "https://b.com"], socket=["wss://a.com"], channel="registered")
    gone = "would be removed, and removals are frozen: no resource declares this list any more."

    assert judged(FREEZE, moved, **frozen) == ([], [])
    assert at_the_end(frozen, moved) == [
        f"a.com (`request`), b.com (`request`) of {APPID} {gone}",
        f"a.com (`socket`) of {APPID} {gone}",
    ]

    path = tmp_path / "baseline.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["deployment"]["resources"][0]["inputs"]["channel"] = "registered"
    path = tmp_path / "registered.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    registered = {"frozen": True, "baseline": str(path)}
    less = server(request=["https://a.com"], channel="registered")

    assert at_the_end(registered, moved) == []
    assert judged(FREEZE, less, **registered)[0][0].startswith("b.com (`request`, registered) of ")
