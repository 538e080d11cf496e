"""The canonical form of a server domain, and every reason to refuse one."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, InvalidDomains, Undeclarable
from pulumi_wechat_miniprogram.lifecycle.server_domain import (
    KINDS,
    SCHEMES,
    by_kind,
    parse_server_domain,
    parse_server_domains,
    read_entry,
    read_server,
)


@pytest.mark.parametrize(
    ("kind", "value", "canonical"),
    [
        ("request", "API.example.com", "https://api.example.com"),
        ("request", "HTTPS://api.example.com./", "https://api.example.com"),
        ("request", "https://api.example.com:443", "https://api.example.com"),
        ("request", "api.example.com:08443", "https://api.example.com:8443"),
        ("upload", "bücher.example.com:1", "https://xn--bcher-kva.example.com:1"),
        ("socket", "push.example.com", "wss://push.example.com"),
        ("socket", "wss://push.example.com:443", "wss://push.example.com"),
        ("socket", "wss://push.example.com:80", "wss://push.example.com:80"),
        ("udp", "udp://u.example.com:443", "udp://u.example.com:443"),
        ("tcp", "t.example.com:65535", "tcp://t.example.com:65535"),
        ("request", "https://mp.weixin.qq.com", "https://mp.weixin.qq.com"),
    ],
)
def test_canonical_form(kind, value, canonical):
    """The scheme of the kind, a lower-case A-label host, and the port unless it is the default one."""
    domain = parse_server_domain(kind, value)

    assert domain == f"{kind} {canonical}"
    assert (domain.value, read_server(kind, canonical), read_entry(domain)) == (canonical, domain, domain)


def test_the_parts_of_a_domain():
    """Host and port."""
    domain = parse_server_domain("request", "api.example.com:8443")

    assert (domain.host, domain.port) == ("api.example.com", "8443")
    assert parse_server_domain("socket", "api.example.com").port == ""


@pytest.mark.parametrize(
    ("kind", "value", "ids"),
    [
        ("request", 7, ["not-text"]),
        ("request", "", ["empty"]),
        ("request", "http://a.example.com", ["scheme"]),
        ("socket", "https://a.example.com", ["scheme"]),
        ("socket", "wss://https://a.example.com", ["port", "path", "single-label"]),
        ("udp", "tcp://a.example.com/x?y#z", ["scheme", "fragment", "query", "path"]),
        ("request", "a.example.com:0", ["port"]),
        ("request", "a.example.com:65536", ["port"]),
        ("request", "a.example.com:00000655300", ["port"]),
        ("request", "a.example.com:\u0663", ["port"]),
        ("request", f"a.example.com:{'9' * 5000}", ["port"]),
        ("request", "https://a.example.com:x", ["port"]),
        ("tcp", "192.0.2.1:80", ["ip-literal"]),
        ("tcp", "[2001:db8::1]:80", ["ip-literal"]),
        ("tcp", "2001:db8::1", ["ip-literal"]),
        ("request", "localhost:3000", ["localhost"]),
        ("request", "*.example.com", ["wildcard"]),
        ("request", "api.weixin.qq.com", ["wechat-host"]),
        ("request", "user:pass@a.example.com:99999", ["port", "user-info"]),
        ("request", " a.example.com", ["marks-around"]),
        ("socket", "“wss://a.example.com”", ["marks-around"]),
        ("request", "a.example.com,b.example.com", ["marks-inside"]),
        ("request", "a.test", ["reserved-name"]),
    ],
)
def test_reasons(kind, value, ids):
    """All of them together."""
    with pytest.raises(InvalidDomain) as refused:
        parse_server_domain(kind, value)

    assert [reason.id for reason in refused.value.reasons] == ids


def test_a_wildcard_is_explained_for_server_domains():
    """A parent covers no subdomain here, unlike a webview domain."""
    with pytest.raises(
        InvalidDomain, match="declare each host, because a server domain does not cover its subdomains"
    ):
        parse_server_domain("request", "*.example.com")


def test_marks_are_removed_in_the_advice():
    """The advice is what the kind takes."""
    with pytest.raises(InvalidDomain, match="write 'wss://a.example.com:8443'"):
        parse_server_domain("socket", "wss://a.example.com:8443\u200b")


@pytest.mark.parametrize("at", ["@", "\uff20", "\ufe6b"])
def test_user_info_is_never_repeated(at):
    """Whatever @ a password ends with, and whatever else is wrong."""
    with pytest.raises(InvalidDomain) as refused:
        parse_server_domain("request", f"wss://user:pa55 word{at}a.example.com:x")

    assert "pa55" not in str(refused.value)


def test_a_list_names_its_input():
    """Duplicates in any spelling, and the limit of a kind."""
    many = [f"h{number}.example.com" for number in range(200)]

    with pytest.raises(InvalidDomains) as refused:
        parse_server_domains("upload", [*many, "https://H0.example.com:443"])

    assert str(refused.value) == (
        "`upload` has 2 problems:\n  'https://H0.example.com:443': is the same domain as 'h0.example.com': "
        "keep one of them\n  201 domains are declared, but a Mini Program can have at most 200"
    )
    with pytest.raises(InvalidDomains, match="`tcp` has 1 problem:"):
        parse_server_domains("tcp", [""] * 3001)


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_nobody_can_declare_is_kept(kind):
    """With its kind, escaped."""
    kept = read_server(kind, f"{SCHEMES[kind]}://1.2.3.4/\n")

    assert isinstance(kept, Undeclarable)
    assert read_entry(kept) == kept
    assert isinstance(read_entry("somekind https://a.example.com"), Undeclarable)


def test_by_kind():
    """In the order of the entries; a kind that is not asked for is left out."""
    entries = [
        read_entry("request https://b.com"),
        read_entry("udp udp://u.com"),
        read_entry("request a.com"),
    ]

    assert by_kind(entries, ["request", "tcp"]) == {"request": ["https://b.com", "https://a.com"], "tcp": []}
