"""Domains that no resource of the stack names."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.kinds import CONFIG_HOLDERS, TOKENS
from pulumi_wechat_miniprogram.policy import SERVED_BY_STACK
from pulumi_wechat_miniprogram.policy.resources import Resource
from tests.policy.conftest import UNKNOWN, judge_stack, resource, secret

SHOP = "https://shop.example.com"


def other(type_="alicloud:dns/record:Record", **props):
    return Resource(type_, "urn:other", "other", props)


@pytest.mark.parametrize(
    "server",
    [
        other(hostname="shop.example.com"),
        other(fqdn="Shop.Example.com."),
        other(aliases=[{"names": ["www.example.org", "https://shop.example.com/index.html"]}]),
        other(host_record="shop", domain_name="example.com"),
    ],
)
def test_a_host_that_a_resource_names_passes(server):
    """Whole, in a URL, with a final dot, or as record and zone."""
    assert judge_stack(SERVED_BY_STACK, resource(SHOP), server) == ([], [])


@pytest.mark.parametrize(
    "server",
    [
        other(hostname="www.example.com"),
        other(hostname="notshop.example.com"),
        other(secret=secret("shop.example.com")),
        other("pulumi:pulumi:Stack", url=SHOP),
        *(other(provider, url=SHOP) for provider in sorted(CONFIG_HOLDERS)),
        *(resource(SHOP, name="twin", face=face) for face in TOKENS),
    ],
)
def test_a_host_that_no_resource_names_is_a_violation(server):
    """A secret, a stack output, config, and a second declaration serve nothing."""
    violations, open_ends = judge_stack(SERVED_BY_STACK, resource(SHOP), server)

    assert set(violations) == {f"{SHOP} is not named by any other resource of this stack."}
    assert open_ends == []


@pytest.mark.parametrize(
    "file",
    [
        other("pulumi-python:dynamic:Resource", appid="wx0", file_name=UNKNOWN, file_content=UNKNOWN),
        other(TOKENS["native"]["confirm-file"], appid="wx0", fileName=UNKNOWN, fileContent=UNKNOWN),
    ],
    ids=["subclass", "native"],
)
def test_a_confirm_file_serves_nothing(file):
    """Its name is unknown in a preview, and no host in any case."""
    assert judge_stack(SERVED_BY_STACK, resource(SHOP), file) == (
        [f"{SHOP} is not named by any other resource of this stack."],
        [],
    )


def test_a_record_and_a_zone_of_two_resources_serve_nothing():
    """`shop` may be a record of another zone."""
    record = Resource("dns:Record", "urn:record", "record", {"name": "shop"})
    zone = Resource("dns:Zone", "urn:zone", "zone", {"name": "example.com"})

    violations, _ = judge_stack(SERVED_BY_STACK, resource(SHOP), record, zone)

    assert violations == [f"{SHOP} is not named by any other resource of this stack."]


def test_resources_are_reported_in_the_order_of_their_urns():
    """The engine's own order is chance, and a message must be the same in every run."""
    violations, _ = judge_stack(
        SERVED_BY_STACK, resource("https://b.cn", name="b"), resource("https://a.cn", name="a")
    )

    assert [text.partition(" ")[0] for text in violations] == ["https://a.cn", "https://b.cn"]


def test_a_host_may_be_served_by_what_is_not_known_yet():
    """So it is not judged in this preview."""
    assert judge_stack(SERVED_BY_STACK, resource(SHOP), other(hostname=UNKNOWN)) == (
        [],
        [
            f"{SHOP}: not checked in this preview, because properties of other are known only during the "
            "update, which checks at its end."
        ],
    )


def test_an_unknown_domain_is_not_judged():
    """It is named, and judged at the end of the update."""
    violations, open_ends = judge_stack(SERVED_BY_STACK, resource(UNKNOWN))

    assert (violations, len(open_ends)) == ([], 1)
