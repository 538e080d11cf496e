"""Hosts that look like an approved name."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.policy import NO_LOOK_ALIKES
from pulumi_wechat_miniprogram.policy.look_alikes import read_data, skeleton
from tests.policy.conftest import UNKNOWN, declare, judge, secret


@pytest.mark.parametrize(
    "host",
    [
        "ехаmple.com",  # Cyrillic
        "exαmple.com",  # Greek
        "exarnple.com",
        "examp1e.com",
        "exámple.com",
        "shop.ехаmple.com",
    ],
)
def test_a_host_that_looks_like_an_approved_name_is_a_violation(host):
    """Other scripts, letters that run together, digits, accents; below a subdomain too."""
    violations, _ = judge(NO_LOOK_ALIKES, declare(host), names=["example.com"])

    assert len(violations) == 1
    assert violations[0].endswith("looks like example.com but is a different name.")


def test_a_digit_for_a_letter_is_a_violation():
    """Whatever its case would be."""
    violations, _ = judge(NO_LOOK_ALIKES, declare("https://g00gle.com"), names=["google.com"])

    assert violations == ["https://g00gle.com looks like google.com but is a different name."]


def test_the_message_shows_both_spellings():
    """The A-label is in the list, the Unicode form is what people see."""
    violations, _ = judge(NO_LOOK_ALIKES, declare("https://xn--pple-43d.com"), names=["apple.com"])

    assert violations == [
        "https://xn--pple-43d.com, which reads аpple.com, looks like apple.com but is a different name."
    ]


def test_nothing_of_a_secret_look_alike_is_said():
    """Only what the configuration says by itself."""
    violations, _ = judge(NO_LOOK_ALIKES, declare(secret("xn--pple-43d.com")), names=["apple.com"])

    assert violations == ["`domains[0]`, a secret, looks like apple.com but is a different name."]


def test_an_ascii_look_alike_is_shown_once():
    """It reads as it is written."""
    violations, _ = judge(NO_LOOK_ALIKES, declare("https://examp1e.com"), names=["example.com"])

    assert violations == ["https://examp1e.com looks like example.com but is a different name."]


@pytest.mark.parametrize(
    "host", ["example.com", "shop.example.com", "exampel.com", "example-shop.com", "a.cn"]
)
def test_the_name_itself_and_names_that_look_different_pass(host):
    """Misspellings and added words are for approved suffixes."""
    assert judge(NO_LOOK_ALIKES, declare(host), names=["example.com", "shop.example.com"]) == ([], [])


def test_both_of_two_approved_names_that_look_alike_pass():
    """Who owns both lists both."""
    names = ["example.com", "examp1e.com"]

    assert judge(NO_LOOK_ALIKES, declare(*names), names=names) == ([], [])


def test_an_unknown_domain_is_not_judged():
    """The update judges it."""
    violations, open_ends = judge(NO_LOOK_ALIKES, declare(UNKNOWN), names=["example.com"])

    assert (violations, len(open_ends)) == ([], 1)


def test_without_the_extra_the_configuration_says_what_to_install():
    """The executable itself needs no more than the requirements."""
    with pytest.raises(
        ValueError, match=r"needs the package no_such_data: pip install 'pulumi-wechat-miniprogram\["
    ):
        read_data("no_such_data")


def test_a_label_that_is_no_name_keeps_its_spelling():
    """A live value that others wrote may hold anything."""
    assert skeleton("xn--zz.b_c") == "xn--zz.b_c"
