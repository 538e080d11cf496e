"""Domains of the registered channel, and the platform's own lists that have to cover them."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.policy import DOMAIN_IN_PLATFORM_LIST
from pulumi_wechat_miniprogram.policy.platform import read_lists
from pulumi_wechat_miniprogram.policy.resources import Resource
from tests.exports import stacks
from tests.policy.conftest import APPID, UNKNOWN, config_of, judge_stack, resource, secret, spelled

A, B = "https://shop.example.com", "https://b.example.org"


def server(face="dynamic", **lists):
    """Server domains of the registered channel."""
    held = {"appid": APPID, "mode": "additive", "overwrite_existing": False, "allow_mass_removal": False}
    held |= {"channel": "registered", **lists}
    return Resource(TOKENS[face]["server-domains"], "urn:api", "api", spelled(face, held))


def platform(*hosts, of="platform-webview-domains", face="dynamic"):
    """A platform's own list in the program."""
    held = {"component_appid": "wxc0c0c0c0c0c0c0c0", "domains": list(hosts), "mode": "additive"}
    return Resource(TOKENS[face][of], "urn:list", "list", spelled(face, held))


def judged(*resources, **config):
    """Violations, and what was not judged."""
    return judge_stack(DOMAIN_IN_PLATFORM_LIST, *resources, **config)


def test_a_host_or_one_above_it_covers_a_domain(face):
    """Whatever the scheme and port of a server domain."""
    shop = resource(A, B, face=face, channel="registered")
    api = server(face, request=["https://api.example.com:8443"], udp=["udp://u.example.net"])

    violations, open_ends = judged(shop, api, webview=["example.com"], server=["example.com"])

    assert sorted(violations) == [
        f"{B} is not on the platform's list, and neither is a host above it.",
        "udp://u.example.net is not on the platform's list, and neither is a host above it.",
    ]
    assert open_ends == []


def test_a_list_of_which_nothing_is_known_is_not_judged():
    """Nor is the direct channel, which asks no platform."""
    shop, direct = resource(A, channel="registered"), resource(B, name="direct")

    assert config_of(DOMAIN_IN_PLATFORM_LIST).idle
    assert judged(shop, direct, server=["example.org"]) == ([], [])
    assert judged(direct, webview=["example.com"]) == ([], [])


def test_what_the_program_declares_for_the_platform_counts(face):
    """Of the same list; a subdomain of what is configured need not be there."""
    shop = resource(A, B, face=face, channel="registered")

    assert judged(shop, platform("b.example.org", face=face), webview=["example.com"]) == ([], [])
    assert (
        len(judged(shop, platform("b.example.org", of="platform-server-domains"), webview=["example.com"])[0])
        == 1
    )


def test_what_is_unknown_is_not_judged():
    """In the list of the app, or in that of the platform."""
    shop = resource(A, B, UNKNOWN, channel="registered")

    violations, open_ends = judged(shop, platform(UNKNOWN), webview=["example.com"])

    assert violations == []
    assert f"{B}: not checked in this preview, because hosts of list are known only" in open_ends[0]
    assert "`domains[2]` of shop is known only during the update" in open_ends[0]


def test_a_secret_domain_is_named_by_its_place():
    """Its value is in no message."""
    shop = resource(secret(B), channel="registered")

    assert judged(shop, webview=["example.com"])[0] == [
        "`domains[0]`, a secret, is not on the platform's list, and neither is a host above it."
    ]


@pytest.fixture
def exported(tmp_path):
    """Writes an export and returns its path."""

    def exported(*entries):
        path = tmp_path / "platform.json"
        path.write_bytes(stacks.export(*entries))
        return str(path)

    return exported


def test_the_lists_come_from_an_export(exported):
    """What is declared and what was seen there; beside what is configured."""
    path = exported(
        stacks.platform("web", "example.com", published_domains=["example.net"]),
        stacks.platform("api", "example.org", of="platform-server-domains"),
    )

    assert read_lists(path) == {"webview": {"example.com", "example.net"}, "server": {"example.org"}}
    shop = resource(A, "https://x.example.net", B, channel="registered")
    assert len(judged(shop, export=path)[0]) == 1
    assert judged(shop, server(request=[B]), export=path, webview=["b.example.org"]) == ([], [])


def test_an_export_that_says_nothing_of_a_platform_is_refused(exported):
    """Everything would be a violation, or nothing."""
    with pytest.raises(ValueError, match="has no list of a platform. Export the stack that declares"):
        read_lists(exported(stacks.resource("shop", stacks.A)))
    with pytest.raises(ValueError, match="has no readable hosts; name them in `webview` or `server`"):
        read_lists(exported(stacks.platform("web", domains=stacks.secret())))
    with pytest.raises(ValueError, match="No such file"):
        read_lists("gone.json")
