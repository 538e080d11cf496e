"""What a declared webview domain may look like, and why it is refused."""

from __future__ import annotations

import pytest
from publicsuffixlist import PublicSuffixList

from pulumi_wechat_miniprogram.domain import (
    InvalidDomain,
    InvalidDomains,
    canonical_or_verbatim,
    is_domain,
    parse_domain,
    parse_domains,
)


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("Shop.Example.COM", "https://shop.example.com"),
        ("HTTPS://shop.example.com./", "https://shop.example.com"),
        ("中国.cn", "https://xn--fiqs8s.cn"),
        ("faß.de", "https://xn--fa-hia.de"),
        ("ａ。example。com", "https://a.example.com"),  # full-width, as Chinese keyboards write it
        ("xn--fiqs8s.cn", "https://xn--fiqs8s.cn"),
        (f"{'a' * 63}.example.com", f"https://{'a' * 63}.example.com"),
    ],
)
def test_canonical_form(value, origin):
    """Every accepted spelling becomes https and a lower-case A-label host."""
    assert str(parse_domain(value)) == origin


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("http://a.example.com", ["scheme"]),
        ("wss://a.example.com", ["scheme"]),
        ("https://me@a.example.com", ["user-info"]),
        ("https://a.example.com:443", ["port"]),
        ("a.example.com:", ["port"]),
        ("https://a.example.com/x", ["path"]),
        ("https://a.example.com?x", ["query"]),
        ("https://a.example.com#x", ["fragment"]),
        ("http://me@a.example.com:80/x?y#z", ["scheme", "fragment", "query", "path", "user-info", "port"]),
        ("*.example.com", ["wildcard"]),
        ("192.168.1.1", ["ip-literal"]),
        ("1.2.3.0x7f", ["ip-literal"]),
        ("https://[::1]", ["ip-literal"]),
        ("https://[::1]:443", ["port", "ip-literal"]),
        ("::1", ["ip-literal"]),
        ("localhost", ["localhost"]),
        ("shop", ["single-label"]),
        ("a_b.example.com", ["characters"]),
        ("-a.example.com", ["characters"]),
        ("xn--a.example.com", ["characters"]),
        ("a b.example.com", ["characters"]),
        ("ab--cd.example.com", ["hyphens"]),
        ("https:a.example.com", ["scheme"]),
        ("http:/a.example.com", ["scheme", "path"]),
        ("a.\ud800.com", ["characters"]),
        ("é" * 60 + ".example.com", ["characters"]),
        ("a..example.com", ["empty-label"]),
        (f"{'a' * 64}.example.com", ["label-length"]),
        (".".join(["a" * 60] * 5) + ".com", ["host-length"]),
        ("com", ["single-label"]),
        ("co.uk", ["public-suffix"]),
        ("shop.internal", ["reserved-name"]),
        ("shop.test", ["reserved-name"]),
        ("api.weixin.qq.com", ["wechat-host"]),
        ("weixin.qq.com", ["wechat-host"]),
        ("", ["empty"]),
        ("https://", ["empty"]),
        ("https:///x", ["path"]),
        (5, ["not-text"]),
    ],
)
def test_every_reason_has_its_id(value, ids):
    """A refused value names each reason that applies, in a stable order."""
    with pytest.raises(InvalidDomain) as refused:
        parse_domain(value)

    assert [reason.id for reason in refused.value.reasons] == ids


def test_reserved_names_can_be_admitted_for_tests():
    """The setting admits .test and its like, and nothing else."""
    assert parse_domain("shop.test", allow_reserved=True).host == "shop.test"
    with pytest.raises(InvalidDomain):
        parse_domain("localhost", allow_reserved=True)


def test_all_reasons_of_all_domains_are_in_one_message():
    """A list names every refused value, duplicates and its own length at once."""
    too_many = [f"h{number}.example.com" for number in range(298)]

    with pytest.raises(InvalidDomains) as refused:
        parse_domains(["http://a.example.com", "H1.example.com", *too_many, "b_.example.com"])

    assert str(refused.value) == (
        "`domains` has 4 problems:\n"
        "  'http://a.example.com': has scheme http, WeChat takes https only\n"
        "  'h1.example.com': is the same domain as 'H1.example.com', keep one of them\n"
        "  'b_.example.com': has characters that a host name may not have ('b_')\n"
        "  301 domains are declared, a Mini Program may have at most 300"
    )


def test_order_is_kept():
    """The user's order stands, for previews to read well."""
    assert [d.host for d in parse_domains(["b.example.com", "a.example.com"])] == [
        "b.example.com",
        "a.example.com",
    ]


@pytest.mark.parametrize(
    ("live", "key"),
    [
        ("https://SHOP.example.com/", "https://shop.example.com"),
        ("https://shop.test", "https://shop.test"),
        ("https://shop.example.com:8443", "https://shop.example.com:8443"),
        ("", ""),
    ],
)
def test_a_live_value_that_the_rules_refuse_is_compared_verbatim(live, key):
    """Odd spellings meet their canonical form; what cannot be parsed stays as it is."""
    assert canonical_or_verbatim(live) == key


def test_an_absurd_list_is_refused_for_its_length_alone():
    """Ten thousand reasons help nobody."""
    with pytest.raises(InvalidDomains) as refused:
        parse_domains(["http://a"] * 3001)

    assert str(refused.value) == (
        "`domains` has 1 problem:\n  3001 domains are declared, a Mini Program may have at most 300"
    )


def test_every_public_suffix_is_one_here_too():
    """The rules of one top-level domain alone give the answer of the whole list."""
    whole = PublicSuffixList(only_icann=True)
    rules = {rule.removeprefix("!").replace("*", "any") for rule in whole._publicsuffix if rule.isascii()}
    hosts = [f"{labels}{rule}" for rule in rules for labels in ("", "x.") if not rule.endswith("arpa")]

    wrong = [host for host in hosts if "." in host and is_domain(host) == (whole.publicsuffix(host) == host)]

    assert wrong == []
    assert len(hosts) > 10_000
