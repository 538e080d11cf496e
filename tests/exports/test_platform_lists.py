"""A platform's own lists and prefetch domains in exports."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.drift import find_drift
from pulumi_wechat_miniprogram.exports.inventory import take_inventory
from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable, read_export
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES, hosts_of
from pulumi_wechat_miniprogram.lifecycle.reconcile import connect
from pulumi_wechat_miniprogram.lifecycle.state import managed_by
from pulumi_wechat_miniprogram.settings import Settings
from tests.exports.stacks import APPID, export, native, platform, secret, urn

PREFETCH = TOKENS["dynamic"]["prefetch-domains"]


def prefetch(name, *hosts, **more):
    """Hosts whose DNS is looked up beforehand."""
    inputs = {"appid": APPID, "hosts": list(hosts), "overwrite_existing": False, **more}
    return {
        "urn": urn(name, PREFETCH),
        "custom": True,
        "id": APPID,
        "type": PREFETCH,
        "inputs": inputs,
        "outputs": {**inputs, "declared_as": name},
    }


@pytest.mark.parametrize("spell", [bytes, native], ids=["dynamic", "native"])
def test_both_are_read(spell):
    """In either spelling. The inventory names the list of each host, and tells a platform from an app."""
    content = export(
        platform("web", "example.com"),
        platform("api", "example.org", of="platform-server-domains", publish=False, published_domains=[]),
        prefetch("dns", "cdn.example.com"),
    )

    found = read_export(spell(content), "x.json")

    assert [(each.of, hosts_of(each.recorded.domains)) for each in found.platform_domains] == [
        ("platform-webview", ("example.com",)),
        ("platform-server", ("example.org",)),
    ]
    assert [managed_by(each.recorded) for each in found.platform_domains] == [STAGES, STAGES[:1]]
    (dns,) = found.prefetch_domains
    assert (dns.of, dns.recorded.appid, dns.recorded.domains) == ("prefetch", APPID, ("cdn.example.com",))
    inventory = take_inventory([found])
    assert [(app.appid == APPID, app.platform, app.in_force, app.pending) for app in inventory.apps] == [
        (True, False, ("prefetch cdn.example.com",), ()),
        (
            False,
            True,
            ("webview-testing example.com", "webview-published example.com", "server-testing example.org"),
            (),
        ),
    ]


def test_drift_of_each_list(wechat_emulator):
    """Published hosts of a platform that is not published wait; what others put there is theirs."""
    component = "wxc0c0c0c0c0c0c0c0"
    content = export(
        platform("web", "example.com", "gone.example.com"),
        platform("api", "example.org", of="platform-server-domains"),
        prefetch("dns", "cdn.example.com"),
    )
    inventory = take_inventory([read_export(content, "x.json")])
    wechat_emulator.seed(APPID)
    wechat_emulator.platform(jump_hosts=["example.com", "others.com"], server_hosts=["example.org"])
    source = {
        "component_appid": component,
        "component_access_token": f"emulator-component-{component}",
        "authorizer_refresh_tokens": {APPID: f"emulator-refresh-{APPID}"},
    }
    settings = Settings.model_validate({"endpoint": wechat_emulator.url, **source})
    use = connect(settings, warn=print)

    app, own = sorted(
        find_drift(inventory, lambda of: use.of(of).observe, Pace(2, 100)), key=lambda each: each.appid
    )
    wechat_emulator.platform(published=False, jump_hosts=["example.com"], server_hosts=["example.org"])
    unpublished = list(find_drift(inventory, lambda of: use.of(of).observe, Pace(2, 100)))
    use.close()

    assert (app.missing, app.extra) == (("prefetch cdn.example.com",), ())
    assert own.missing == ("webview-testing gone.example.com", "webview-published gone.example.com")
    assert (own.extra, own.problem) == ((), "")
    missing = {domain for each in unpublished for domain in each.missing}
    assert missing == {"prefetch cdn.example.com", "webview-testing gone.example.com"}


def test_secrets_are_sealed_or_never_shown():
    """As for an app's domains, the platform's appid too."""
    hidden = platform("web", "hush.example.com", domains=secret(["hush.example.com"]))
    for held in (hidden["inputs"], hidden["outputs"]):
        held["component_appid"] = secret("wxc0c0c0c0c0c0c0c0")
    sealed = platform("web", domains=secret())

    assert read_export(export(hidden, prefetch("dns", secret("p.example.com"))), "x.json").secrets == {
        "wxc0c0c0c0c0c0c0c0",
        "hush.example.com",
        "p.example.com",
    }
    assert read_export(export(sealed), "x.json").platform_domains[0].sealed


def test_a_damaged_one_is_no_export():
    """It names the property."""
    with pytest.raises(ExportUnreadable, match="`hosts` is not what this provider stores"):
        read_export(export(prefetch("dns", hosts="a")), "x.json")


def test_killed_runs_are_reported():
    """By the appid, or that of the platform."""
    pending = [{"resource": each, "type": "updating"} for each in (platform("web", "a.com"), prefetch("dns"))]

    assert list(read_export(export(pending_operations=pending), "x.json").interrupted.values()) == [
        "wxc0c0c0c0c0c0c0c0",
        APPID,
    ]
