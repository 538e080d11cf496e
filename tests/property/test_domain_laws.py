"""Laws of the canonical form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.lifecycle.domain import (
    InvalidDomain,
    parse_domain,
    read_listed,
)
from pulumi_wechat_miniprogram.lifecycle.server_domain import (
    KINDS,
    kind_of_entry,
    parse_server_domain,
    read_entry,
    read_server,
)

labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(lambda s: s[2:4] != "--")
hosts = st.lists(labels, min_size=1, max_size=3).map(lambda parts: ".".join([*parts, "example", "com"]))


@given(hosts, st.sampled_from(["", "https://", "HTTPS://"]), st.sampled_from(["", "/", ".", "./"]))
def test_every_spelling_of_a_host_is_one_domain(host, scheme, end):
    """Scheme, case, a final dot and a final slash make no difference."""
    assert parse_domain(f"{scheme}{host.upper()}{end}") == f"https://{host}"


def parses(text):
    try:
        parse_domain(text)
    except InvalidDomain:
        return False
    return True


@given(st.one_of(st.text(max_size=80), hosts).filter(parses))
def test_parsing_twice_changes_nothing(text):
    """A canonical domain parses to itself, whatever text it came from."""
    once = parse_domain(text)

    assert parse_domain(once) == once


@given(st.text(st.characters(), max_size=80))
def test_a_live_value_is_compared_under_a_stable_key(text):
    """Taking the key of a key changes nothing, so that state and live list meet; any terminal can show it."""
    key = read_listed(text)

    assert read_listed(key) == key
    assert key.isprintable()


@given(
    st.sampled_from(["https://", "http://", " https://", '["https://', "https:"]),
    st.text(st.characters(), max_size=20),
    st.text(st.characters(), max_size=20),
    st.text(st.characters(), max_size=20),
)
def test_no_message_repeats_user_info(scheme, before, after, rest):
    """Whatever the password holds, and whatever else is wrong with the value."""
    with pytest.raises(InvalidDomain) as refused:
        parse_domain(f"{scheme}{before}pa55word{after}@{rest}")

    assert "pa55word" not in f"{refused.value} {refused.value.shown}"


@given(hosts, st.text(" \t\n\ufeff\u200b\u3000\"'`“”<>[](),;，、", min_size=1, max_size=5), st.booleans())
def test_marks_around_a_domain_are_the_only_reason(host, marks, after):
    """And the text says what to write."""
    with pytest.raises(InvalidDomain) as refused:
        parse_domain(f"{host}{marks}" if after else f"{marks}{host}")

    assert [reason.id for reason in refused.value.reasons] == ["marks-around"]
    assert str(refused.value).endswith(f"; write {host!r}")


@given(st.one_of(st.none(), st.integers(), st.floats(), st.binary(), st.lists(st.text())))
def test_what_is_no_text_is_refused(value):
    """Any other type is one reason, never an exception of Python's own."""
    with pytest.raises(InvalidDomain) as refused:
        parse_domain(value)

    assert [reason.id for reason in refused.value.reasons] == ["not-text"]


@given(st.sampled_from(KINDS), st.text(max_size=60))
def test_a_server_domain_is_compared_under_a_stable_key(kind, text):
    """With its kind before it, whatever the value is."""
    key = read_server(kind, text)

    assert read_entry(key) == key
    assert key.isprintable()
    assert kind_of_entry(key) == kind


@given(
    st.sampled_from(KINDS),
    st.sampled_from(["https://", "wss://", " https://", '["https://', "https:"]),
    st.text(st.characters(), max_size=20),
    st.text(st.characters(), max_size=20),
    st.text(st.characters(), max_size=20),
)
def test_no_message_about_a_server_domain_repeats_user_info(kind, scheme, before, after, rest):
    """As for webview domains."""
    with pytest.raises(InvalidDomain) as refused:
        parse_server_domain(kind, f"{scheme}{before}pa55word{after}@{rest}")

    assert "pa55word" not in str(refused.value)
