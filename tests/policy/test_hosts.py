"""Approved, denied and owned hosts."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.policy import APPROVED_SUFFIXES, DENIED_SUFFIXES, OWNED_DOMAINS
from pulumi_wechat_miniprogram.policy.rule import Remedy
from tests.policy.conftest import UNKNOWN, config_of, declare, judge, secret

NOT_JUDGED = [
    "`domains[1]` of shop is known only during the update: not checked in this preview, but in the update, "
    "before it writes anything."
]


@pytest.mark.parametrize(
    "domain", ["https://example.com", "https://a.b.example.com", "https://例子.example.cn"]
)
def test_a_domain_under_an_approved_suffix_passes(domain):
    """The suffix itself, its subdomains, and names in Unicode."""
    assert judge(APPROVED_SUFFIXES, declare(domain), suffixes=["example.com", "例子.example.cn"]) == ([], [])


@pytest.mark.parametrize(
    "domain", ["https://badexample.com", "https://example.com.evil.org", "https://example.org"]
)
def test_a_domain_under_no_approved_suffix_is_a_violation(domain):
    """Whole labels are compared."""
    found = judge(APPROVED_SUFFIXES, declare(domain), suffixes=["https://example.com", "example.net"])

    assert found == ([f"{domain} is under none of the approved suffixes (example.com, example.net)."], [])


def test_a_live_value_that_is_no_host_is_not_approved():
    """A path that ends like an approved suffix fools nobody."""
    found = judge(APPROVED_SUFFIXES, declare("https://evil.org/.example.com"), suffixes=["example.com"])

    assert found == (["https://evil.org/.example.com is not a plain host, so no suffix can approve it."], [])


def test_a_secret_domain_is_named_by_its_place():
    """A message is read by more people than a secret."""
    violations, _ = judge(APPROVED_SUFFIXES, declare(secret("evil.org")), suffixes=["example.com"])

    assert violations == ["`domains[0]`, a secret, is under none of the approved suffixes (example.com)."]


@pytest.mark.parametrize(
    ("rule", "config"),
    [
        (APPROVED_SUFFIXES, {"suffixes": ["example.com"]}),
        (DENIED_SUFFIXES, {"suffixes": ["example.org"]}),
        (OWNED_DOMAINS, {"domains": ["example.com"]}),
    ],
)
def test_the_known_domains_are_judged_beside_an_unknown_one(rule, config):
    """What is known is refused immediately, what is not is named."""
    violations, open_ends = judge(rule, declare("https://shop.example.org", UNKNOWN), **config)

    assert (len(violations), open_ends) == (1, NOT_JUDGED)


@pytest.mark.parametrize("suffix", ["xyz", "https://evil.xyz", "com.cn"])
def test_a_denied_suffix_may_be_a_public_one(suffix):
    """A team may deny a whole top-level domain."""
    bare = suffix.removeprefix("https://")

    violations, _ = judge(
        DENIED_SUFFIXES, declare(f"https://a.{bare}", "https://ok.example.com"), suffixes=[suffix]
    )

    assert violations == [f"https://a.{bare} is under {bare}, which is denied."]


def test_the_remedy_drops_what_is_denied():
    """By place, so that unknown and secret elements stay as they are."""
    config = config_of(DENIED_SUFFIXES, suffixes=["xyz"])

    assert DENIED_SUFFIXES.remedy is not None
    assert DENIED_SUFFIXES.remedy(declare("a.xyz", UNKNOWN, "b.xyz"), config) == Remedy(
        drop=frozenset({0, 2})
    )
    assert DENIED_SUFFIXES.remedy(declare("a.example.com", UNKNOWN), config) is None


def test_a_remedy_never_empties_a_list():
    """The safety valve of the check has passed by then, so the preview refuses the domains themselves."""
    config = config_of(DENIED_SUFFIXES, suffixes=["xyz"])

    assert DENIED_SUFFIXES.remedy is not None
    assert DENIED_SUFFIXES.remedy(declare("a.xyz", "b.xyz"), config) is None
    assert DENIED_SUFFIXES.remedy(declare("a.xyz", UNKNOWN), config) == Remedy(drop=frozenset({0}))


@pytest.mark.parametrize(
    ("domain", "why"),
    [
        ("https://a.evil.com", "belongs to evil.com"),
        ("https://a.other.github.io", "belongs to other.github.io"),
        ("https://a.example.com.cn", "belongs to example.com.cn"),
        ("https://github.io", "belongs to no registrable domain"),
    ],
)
def test_a_domain_of_somebody_else_is_a_violation(domain, why):
    """The registrable part decides, at hosting companies too."""
    found = judge(OWNED_DOMAINS, declare(domain), domains=["example.com", "shop.github.io"])

    assert found == (
        [f"{domain} {why}, which is not among the owned domains (example.com, shop.github.io)."],
        [],
    )


def test_nothing_of_a_secret_domain_is_said():
    """Not its registrable part either."""
    violations, _ = judge(OWNED_DOMAINS, declare(secret("a.canary.com")), domains=["example.com"])

    assert violations == [
        "`domains[0]`, a secret, belongs to a registrable domain, which is not among the owned domains (example.com)."
    ]


def test_an_owned_domain_passes():
    """With all its subdomains."""
    domains = declare("https://example.com", "https://a.b.example.com", "https://x.shop.github.io")

    assert judge(OWNED_DOMAINS, domains, domains=["example.com", "shop.github.io"]) == ([], [])
