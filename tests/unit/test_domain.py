"""What a declared webview domain may look like, and why it is refused."""

from __future__ import annotations

import pytest
from publicsuffixlist import PublicSuffixList

from pulumi_wechat_miniprogram.lifecycle.domain import (
    Domain,
    InvalidDomain,
    InvalidDomains,
    parse_domain,
    parse_domains,
    read_listed,
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
        ("a b.example.com", ["marks-inside"]),
        ("https://me:se/cr#et@a.example.com", ["user-info"]),
        ("ab--cd.example.com", ["hyphens"]),
        ("https:a.example.com", ["scheme"]),
        ("http:/a.example.com", ["scheme", "path"]),
        ("a.\ud800.com", ["characters"]),
        ("é" * 60 + ".example.com", ["characters"]),
        ("a..example.com", ["empty-label"]),
        (f"{'a' * 64}.example.com", ["label-length"]),
        (".".join(["a" * 60] * 5) + ".com", ["host-length"]),
        ("é" * 100_000 + ".example.com", ["host-length"]),
        ("com", ["single-label"]),
        ("co.uk", ["public-suffix"]),
        ("shop.internal", ["reserved-name"]),
        ("shop.test", ["reserved-name"]),
        ("api.weixin.qq.com", ["wechat-host"]),
        ("weixin.qq.com", ["wechat-host"]),
        ("", ["empty"]),
        (" \u200b", ["empty"]),
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


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (" b.example.com", "' b.example.com': has white space before it; write 'b.example.com'"),
        ("b.example.com\u00a0", "'b.example.com\\xa0': has white space after it; write 'b.example.com'"),
        (
            "\ufeffb.example.com",
            "'\\ufeffb.example.com': has invisible characters before it; write 'b.example.com'",
        ),
        ('"b.example.com"', "'\"b.example.com\"': has quotation marks around it; write 'b.example.com'"),
        ("“b.example.com”", "'“b.example.com”': has quotation marks around it; write 'b.example.com'"),
        (
            "`b.example.com`,",
            "'`b.example.com`,': has quotation marks before it and quotation marks and a comma after it; write 'b.example.com'",
        ),
        (
            "<https://b.example.com>",
            "'<https://b.example.com>': has brackets around it; write 'https://b.example.com'",
        ),
        (
            "【b.example.com】；",
            "'【b.example.com】；': has brackets before it and brackets and a semicolon after it; write 'b.example.com'",
        ),
        (" http://b.example.com:80", "' http://b.example.com:80': has white space before it; remove it"),
        (" [::1]", "' [::1]': has white space before it; remove it"),
        (
            "a.example.com, b.example.com",
            "'a.example.com, b.example.com': contains a comma and white space; declare each domain as a separate value",
        ),
        (
            '["a.example.com","b.example.com"]',
            '\'["a.example.com","b.example.com"]\': contains brackets, quotation marks and a comma; declare each domain as a separate value',
        ),
        (
            "https://a.example.com/,https://b.example.com/",
            "'https://a.example.com/,https://b.example.com/': contains a comma; declare each domain as a separate value",
        ),
        ("a.example.com x", "'a.example.com x': contains white space; declare only the host"),
        (
            "sh\u200bop.example.com",
            "'sh\\u200bop.example.com': contains invisible characters; write 'shop.example.com'",
        ),
        (
            "https://a.example.com/f(x),y",
            "'https://a.example.com/f(x),y': has a path (/f(x),y): declare only the host",
        ),
        (
            "https://a.example.com:80\ue000",
            "'https://a.example.com:80\\ue000': has a port (:80\\ue000), but WeChat accepts none",
        ),
        (
            "a\u200db.example.com",
            "'a\\u200db.example.com': has characters that are not allowed in a host name ('a\\u200db')",
        ),
    ],
)
def test_marks_of_a_copied_list_are_the_only_reason(value, message):
    """White space, quotation marks and separators are named alone, with what to write instead."""
    with pytest.raises(InvalidDomain) as refused:
        parse_domain(value)

    assert str(refused.value) == message


def test_a_joiner_that_a_script_needs_is_no_mark():
    """Persian writes a zero-width non-joiner inside a word."""
    assert parse_domain("نامه\u200cای.com").host == "xn--mgba3gch31f060k.com"


@pytest.mark.parametrize(
    "value",
    [
        "https://user:pa55word@h.example.com",
        " https://user:pa55word@h.example.com",
        "https:user:pa55word@h.example.com",
        "http://user:pa55word@h.example.com:80/x",
        "user:pa55word@h.example.com",
        "https://user:/pa55word@h.example.com",
        "https://user:pa55word＠h.example.com",
        "https://user:#'pa55word@h.example.com",
        "https://user:@pa55word @h.example.com",
        {"host": "https://user:pa55word@h.example.com"},
    ],
)
def test_user_info_is_not_repeated(value):
    """A password in a domain is shown neither in the message nor in the exception's repr."""
    with pytest.raises(InvalidDomain) as refused:
        parse_domain(value)

    shown = f"{refused.value} {refused.value!r} {refused.value.shown} {refused.value.__dict__}"
    assert "pa55word" not in shown
    assert "***@h.example.com" in shown


def test_a_long_value_is_cut():
    """A message repeats the beginning of a value, not a megabyte of it."""
    with pytest.raises(InvalidDomain) as refused:
        parse_domain("a" * 100_000)

    assert str(refused.value) == f"'{'a' * 500}…': has 100000 characters: at most 253 are allowed"


def test_reserved_names_can_be_admitted_for_tests():
    """The setting admits .test and its like, and nothing else."""
    assert parse_domain("shop.test", allow_reserved=True).host == "shop.test"
    with pytest.raises(InvalidDomain):
        parse_domain("localhost", allow_reserved=True)


def test_all_reasons_of_all_domains_are_in_one_message():
    """A list names every refused value, duplicates and its own length together."""
    too_many = [f"h{number}.example.com" for number in range(298)]

    with pytest.raises(InvalidDomains) as refused:
        parse_domains(["http://a.example.com", "H1.example.com", *too_many, "b_.example.com"])

    assert str(refused.value) == (
        "`domains` has 4 problems:\n  'http://a.example.com': uses the scheme http, but WeChat accepts only "
        "https\n  'h1.example.com': is the same domain as 'H1.example.com': keep one of them\n  "
        "'b_.example.com': has characters that are not allowed in a host name ('b_')\n  301 domains are "
        "declared, but a Mini Program can have at most 300"
    )


def test_order_is_kept():
    """The user's order is kept, for previews to read well."""
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
        ("https://x\n::error::\x1b[31m.example.com", r"https://x\n::error::\x1b[31m.example.com"),
        ("https://\udc80.example.com", r"https://\udc80.example.com"),
        (r"https://\udc80.example.com", r"https://\udc80.example.com"),
        ("https://a\u202eb.example.com", r"https://a\u202eb.example.com"),
    ],
)
def test_a_live_value_that_the_rules_refuse_is_compared_verbatim(live, key):
    """Odd spellings meet their canonical form; of what cannot be parsed, only the unprintable is escaped."""
    assert read_listed(live) == key


def test_an_absurd_list_is_refused_for_its_length_alone():
    """Ten thousand reasons help nobody."""
    with pytest.raises(InvalidDomains) as refused:
        parse_domains(["http://a"] * 3001)

    assert str(refused.value) == (
        "`domains` has 1 problem:\n  3001 domains are declared, but a Mini Program can have at most 300"
    )


def test_every_public_suffix_is_one_here_too():
    """A name is refused exactly where a rule of the ICANN section ends, wildcards and exceptions included."""
    whole = PublicSuffixList(only_icann=True)
    rules = {rule.removeprefix("!").replace("*", "any") for rule in whole._publicsuffix if rule.isascii()}
    hosts = [f"{labels}{rule}" for rule in rules for labels in ("", "x.") if not rule.endswith("arpa")]

    wrong = [
        host
        for host in hosts
        if "." in host and isinstance(read_listed(host), Domain) == (whole.publicsuffix(host) == host)
    ]

    assert wrong == []
    assert len(hosts) > 10_000
