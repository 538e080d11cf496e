"""Server domains in exports: read, taken into an inventory, compared with what is live."""

from __future__ import annotations

import functools

import pytest

from pulumi_wechat_miniprogram.exports.drift import AppDrift, find_drift
from pulumi_wechat_miniprogram.exports.forecast import forecast
from pulumi_wechat_miniprogram.exports.inventory import by_host, select, take_inventory
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable, read_export
from pulumi_wechat_miniprogram.exports.report import StackLine, State, make_report
from pulumi_wechat_miniprogram.lifecycle.plan import Step
from pulumi_wechat_miniprogram.lifecycle.server_domain import parse_server_domain, read_entry
from pulumi_wechat_miniprogram.lifecycle.state import ServerRecorded
from pulumi_wechat_miniprogram.wechat.tokens import Token
from tests.bench import Bench
from tests.exports.stacks import (
    APPID,
    OTHER,
    SERVER_DOMAINS,
    SERVER_GOLDEN,
    A,
    B,
    C,
    export,
    native,
    resource,
    secret,
    server,
    urn,
)

HUSH = "https://hush.example.com"
X = "https://x.example.com"
WSS = "wss://push.example.com"


@pytest.fixture
def compare(wechat_emulator):
    """Compares resources with what is live: the drift of each app, and the calls it took."""
    bench = Bench(wechat_emulator, AppTokens())

    def compare(*resources):
        wechat_emulator.clear_calls()
        inventory = take_inventory([read_export(export(*resources), "dev.json")])
        found = find_drift(inventory, lambda of: bench.use.of(of).observe, Pace(2))
        return {app.appid: app for app in found}, bench.calls

    yield compare
    bench.use.close()


class AppTokens:
    """Each app's own token."""

    def fetch(self, appid):
        """Ask each time."""
        return Token(f"emulator-{appid}", seconds=0)


@pytest.mark.parametrize("spell", [bytes, native], ids=["dynamic", "native"])
def test_a_state_is_read_in_either_spelling(spell):
    """A list that is not there is not managed."""
    (stored,) = read_export(spell(export(server(request=[A], udp=[]))), "x.json").server_domains

    assert stored.recorded.domains == (f"request {A}",)
    assert stored.recorded.effective_domains == (f"request {A}",)
    assert not stored.sealed


@pytest.mark.parametrize("path", SERVER_GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize(
    "stored",
    [bytes, native, functools.partial(native, spell=dict)],
    ids=["as it is", "native", "moved to native"],
)
def test_every_golden_export_is_read(path, stored):
    """State that a released version wrote is read by all later ones."""
    found = read_export(stored(path.read_bytes()), path.name)

    recorded = {each.urn.name: each.recorded for each in found.server_domains}
    domains = tuple(map(read_entry, (f"request {A}", f"request {B}:8443", f"socket {WSS}")))
    assert recorded["api"] == ServerRecorded(
        APPID,
        domains,
        pending_domains=domains,
        release_required=True,
        added_domains=domains,
        declared_as="api",
        managed=("request", "socket", "udp"),
        writes=1,
    )
    assert (recorded["sealed"].appid, recorded["sealed"].mode) == (OTHER, "additive")
    assert [each.sealed for each in found.server_domains] == [False, path.stem != "export-show-secrets"]
    shown = {HUSH.removeprefix("https://"), "x.example.com"}
    assert found.secrets in (set(), shown) if path.stem != "export-show-secrets" else found.secrets == shown


def test_a_secret_list_is_sealed_or_never_shown():
    """As for webview domains."""
    sealed = read_export(export(server(request=secret(), socket=[WSS])), "x.json")
    hidden = server(request=secret([f"{A}:8443"]))
    hidden["inputs"]["appid"] = hidden["outputs"]["appid"] = secret(APPID)
    shown = read_export(export(hidden), "x.json")

    assert sealed.server_domains[0].sealed
    assert shown.secrets == {APPID, "a.example.com"}


def test_a_damaged_state_is_no_export():
    """It names the property."""
    with pytest.raises(ExportUnreadable, match="`udp` is not what this provider stores"):
        read_export(export(server(udp="u")), "x.json")


def test_a_killed_run_is_reported():
    """Its appid, too."""
    pending = [{"resource": server(request=[A]), "type": "updating"}]

    assert read_export(export(pending_operations=pending), "x.json").interrupted == {
        urn("hosts", SERVER_DOMAINS): APPID
    }


def test_an_inventory_has_both_kinds_of_lists():
    """A server domain has its kind before it; a pattern is about its host."""
    content = export(resource("shop", A), server(request=[A, f"{B}:8443"], socket=[WSS]))
    inventory = take_inventory([read_export(content, "x.json")])

    (app,) = inventory.apps
    assert app.in_force == (A, f"request {A}", f"request {B}:8443", f"socket {WSS}")
    assert [host.domain for host in by_host(inventory)][-1] == f"socket {WSS}"
    assert [each.domain for each in select(inventory, host="b.example.*").listings] == [f"request {B}:8443"]


def test_no_drift_is_one_read_more(compare, wechat_emulator):
    """And that one alone where no resource manages webview domains."""
    wechat_emulator.seed(APPID, live=[A], server={"direct": {"requestdomain": [B]}})

    both = compare(resource("shop", A), server(request=[B]))
    alone = compare(server(request=[B]))

    assert both[0] == {APPID: AppDrift(APPID, ("shop/dev",), (urn("shop"), urn("hosts", SERVER_DOMAINS)))}
    assert sorted(both[1]) == ["effective", "get", "get_effective_domain"]
    assert alone == (
        {APPID: AppDrift(APPID, ("shop/dev",), (urn("hosts", SERVER_DOMAINS),))},
        ["get_effective_domain"],
    )


def test_drift_of_managed_kinds_alone(compare, wechat_emulator):
    """What is live of other kinds is nobody's; an additive list owns no more than it declares."""
    direct = {
        "requestdomain": [B],
        "wsrequestdomain": [WSS],
        "udpdomain": ["udp://u.net"],
        "tcpdomain": ["tcp://t.net"],
    }
    wechat_emulator.seed(APPID, server={"direct": direct, "mp": {"requestdomain": [C], "uploaddomain": [C]}})

    found, _ = compare(server(request=[A]), server("more", socket=[], mode="additive"), server("udp", udp=[]))

    drift = found[APPID]
    assert drift.missing == (f"request {A}",)
    assert drift.extra == (f"request {B}", "udp udp://u.net")
    assert drift.other_modes == (f"request {C}",)


def test_additive_lists_have_nothing_extra(compare, wechat_emulator):
    """Nobody owns the whole."""
    wechat_emulator.seed(APPID, server={"direct": {"requestdomain": [A, B]}})

    found, _ = compare(server(request=[A], mode="additive"))

    assert not found[APPID].tells


def test_an_app_that_fails_is_reported(compare, wechat_emulator):
    """The others are compared."""
    wechat_emulator.seed(OTHER, server={"direct": {"requestdomain": [A]}})
    wechat_emulator.revoke(APPID)

    found, _ = compare(server(request=[A]), server("other", request=[A], appid=OTHER))

    assert "61003" in found[APPID].problem
    assert not found[OTHER].tells


def seed_both_channels(wechat_emulator):
    """Let WeChat hold domains of an app in each channel, and in its console."""
    server = {
        "direct": {"requestdomain": [A], "udpdomain": ["udp://d.net"]},
        "third": {"requestdomain": [B, C], "tcpdomain": ["tcp://t.net"]},
        "mp": {"requestdomain": ["https://mp.example.com"]},
    }
    wechat_emulator.seed(APPID, live=[A], third=[B, C], mp=["https://mp.example.com"], server=server)


def test_drift_of_each_channel_is_distinguished(compare, wechat_emulator):
    """What the other channel's resource manages is not another mode; what nobody manages is."""
    seed_both_channels(wechat_emulator)

    found, calls = compare(
        resource("shop", A),
        resource("mode-one", B, X, outputs={"channel": "registered"}),
        server(request=[A]),
        server("more", request=[B, X], channel="registered"),
    )

    assert found[APPID] == AppDrift(
        APPID,
        ("shop/dev",),
        tuple(found[APPID].resources),
        missing=(f"{X} (registered)", f"request {X} (registered)"),
        extra=(f"{C} (registered)", f"request {C} (registered)"),
        other_modes=("https://mp.example.com", "request https://mp.example.com"),
    )
    assert sorted(calls) == [
        *["effective", "effective", "get"],
        *["get_effective_domain", "get_effective_domain", "setwebviewdomain"],
    ]


def test_what_no_resource_manages_in_the_other_channel_is_another_mode(compare, wechat_emulator):
    """Also a kind that the resource there does not manage."""
    seed_both_channels(wechat_emulator)

    found, _ = compare(server(request=[A], udp=[]), server("more", tcp=["tcp://t.net"], channel="registered"))

    assert found[APPID].other_modes == (f"request {B}", f"request {C}", "request https://mp.example.com")
    assert found[APPID].extra == ("udp udp://d.net",)


def test_an_inventory_knows_the_channels():
    """A domain is in force whatever its channel; WeChat's limit of subjects is that of the direct one."""
    lists = [server(request=[A]), server("mode-one", request=[A, B], channel="registered")]
    lists.append(server("other", appid=OTHER, request=[A], channel="registered"))

    inventory = take_inventory([read_export(export(*lists), "x.json")])

    assert [(app.appid, app.channels) for app in inventory.apps] == [
        (APPID, ("direct", "registered")),
        (OTHER, ("registered",)),
    ]
    assert [
        (each.domain, each.release, each.channels) for each in inventory.listings if each.appid == APPID
    ] == [
        (f"request {A}", "in-force", ("direct", "registered")),
        (f"request {B}", "in-force", ("registered",)),
    ]
    assert [(host.domain, host.count, host.counted) for host in by_host(inventory)] == [
        (f"request {A}", 2, 1),
        (f"request {B}", 1, 0),
    ]


def test_a_report_counts_both_kinds_of_lists():
    """What waits for a release or vanishes at it, the line of the stack, and what two apps share."""
    waits = server(request=[A, B])
    waits["outputs"] |= {"effective": {"request": [A, C]}, "release_required": True}
    content = export(resource("shop", A), waits, server("other", appid=OTHER, request=[A]))

    report = make_report([read_export(content, "x.json")])

    states: dict[State, int] = {"pending": 1, "settled": 1}
    assert report.stacks == (StackLine("shop/dev", "2026-01-02T03:04:05Z", 2, 3, states),)
    (entry,) = report.of("pending")
    assert [each.domain for each in entry.pending] == [f"request {B}"]
    assert [entry.app and entry.app.undeclared] == [(f"request {C}",)]
    assert [(host.domain, host.count) for host in report.shared_hosts] == [(f"request {A}", 2)]


def server_plan(*resources, **lists):
    """The forecast of an up that declares these lists."""
    domains = [parse_server_domain(kind, value) for kind, values in lists.items() for value in values]
    exports = [read_export(export(*resources), "dev.json")]
    return forecast(exports, APPID, domains, of="server", managed=tuple(lists))


def test_a_forecast_of_server_domains_is_one_add_and_one_delete():
    """Of all kinds that are declared, with what it costs; webview domains have no part in it."""
    found = server_plan(
        resource("shop", C), server(request=[A], socket=[WSS]), request=[B], socket=[], upload=[A]
    )

    assert found.plan.steps == ()
    assert [refusal.code for refusal in found.plan.refusals] == ["mass-removal"]
    assert found.remarks == ()

    found = server_plan(server(request=[A, C], socket=[WSS]), request=[B, C], socket=[WSS], upload=[A])

    assert found.plan.steps == (
        Step("add", (f"request {B}", f"upload {A}")),
        Step("delete", (f"request {A}",)),
    )
    assert found.remarks == (
        "uses 2 of the 50 changes of server domains that WeChat allows an app in a month",
    )


def test_a_forecast_without_a_resource_never_sets():
    """A `set` of server domains is never sent."""
    found = server_plan(resource("shop", A), request=[A], udp=[])

    assert (found.plan.operation, found.plan.steps) == ("create", (Step("add", (f"request {A}",)),))


def test_a_forecast_is_about_one_channel():
    """Each has lists of its own."""
    exports = [
        read_export(export(server(request=[A]), server("mode-one", request=[B], channel="registered")), "x")
    ]
    domains = [parse_server_domain("request", value) for value in (A, B)]

    steps = {
        of: forecast(exports, APPID, domains, of=of, managed=("request",)).plan.steps
        for of in ("server", "registered-server", "registered-webview")
    }

    assert steps == {
        "server": (Step("add", (f"request {B}",)),),
        "registered-server": (Step("add", (f"request {A}",)),),
        "registered-webview": (Step("add", (f"request {A}", f"request {B}")),),
    }


def test_a_forecast_says_what_is_no_longer_managed():
    """Its domains stay."""
    found = server_plan(server(request=[A], socket=[WSS]), request=[A])

    assert found.plan.steps == ()
    assert found.remarks == (
        f"{APPID}: socket {WSS} stays on the live list, because `socket` is no longer managed. To remove domains, "
        "declare `socket` without them, or as []",
    )
