"""Policies on the hosts themselves: approved, denied, owned."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Annotated

from publicsuffixlist import PublicSuffixList
from pydantic import AfterValidator, Field

from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, parse_domain
from pulumi_wechat_miniprogram.policy.declared import DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Names, Remedy, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

__all__ = [
    "APPROVED_SUFFIXES",
    "DENIED_SUFFIXES",
    "OWNED_DOMAINS",
    "ApprovedName",
    "ApprovedSuffixes",
    "DeniedSuffixes",
    "OwnedDomains",
]


_ONLY_DENIED = {"public-suffix", "single-label", "localhost"}


def _approved(value: str) -> str:
    return parse_domain(value, allow_reserved=True).host


def _denied(value: str) -> str:
    """Admit also what can be denied and not declared: a public suffix, a single label."""
    try:
        return _approved(value)
    except InvalidDomain as error:
        if not {reason.id for reason in error.reasons} <= _ONLY_DENIED:
            raise
    return _approved(f"x.{value.removeprefix('https://')}").removeprefix("x.")


def _registrable(value: str) -> str:
    host = _approved(value)
    if (owned := registrable_domain(host)) != host:
        message = f"{value!r} is not what one registers; that would be {owned}"
        raise ValueError(message)
    return host


@functools.cache
def _all_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@functools.lru_cache(maxsize=10_000)
def registrable_domain(host: str) -> str | None:
    """Return the part of a host that somebody registers, with the suffixes of hosting companies counted in.

    The provider itself asks only the ICANN section: who owns `shop.github.io` is no question there.
    """
    owned: str | None = _all_suffixes().privatesuffix(host)
    return owned


def _is_under(host: str, suffix: str) -> bool:
    return host == suffix or host.endswith(f".{suffix}")


ApprovedName = Annotated[str, AfterValidator(_approved)]


class ApprovedSuffixes(Config):
    """The suffixes that are approved."""

    needs = "suffixes"

    suffixes: Names[ApprovedName] | None = Field(
        default=None,
        description="a domain must be one of these or a subdomain of one; `example.com` or "
        "`https://example.com`",
    )


class DeniedSuffixes(Config):
    """The suffixes that are denied."""

    needs = "suffixes"

    suffixes: Names[Annotated[str, AfterValidator(_denied)]] | None = Field(
        default=None,
        description="no domain may be one of these or a subdomain of one; a public suffix such as `xyz` is "
        "one too",
    )


class OwnedDomains(Config):
    """The registrable domains that are owned."""

    needs = "domains"

    domains: Names[Annotated[str, AfterValidator(_registrable)]] | None = Field(
        default=None,
        description="registrable domains that you own: `example.com`, `example.com.cn`, `shop.github.io`",
    )


def _judge_approved(declared: DeclaredResource, config: ApprovedSuffixes, _run: Run) -> Iterator[Finding]:
    suffixes = config.suffixes or ()
    for domain in declared.domains:
        if not domain.plain:
            yield Finding(f"{domain.shown} is no plain host, so no suffix can approve it.", declared.urn)
        elif not any(_is_under(domain.host, suffix) for suffix in suffixes):
            text = f"{domain.shown} is under none of the approved suffixes ({', '.join(suffixes)})."
            yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("domains"))


def _judge_denied(declared: DeclaredResource, config: DeniedSuffixes, _run: Run) -> Iterator[Finding]:
    for domain in declared.domains:
        for suffix in config.suffixes or ():
            if _is_under(domain.host, suffix):
                yield Finding(f"{domain.shown} is under {suffix}, which is denied.", declared.urn)
    yield from unjudged(declared, declared.gaps_in("domains"))


def _drop_denied(declared: DeclaredResource, config: DeniedSuffixes) -> Remedy | None:
    """Drop what is denied, unless that leaves an empty list: its owner is told in the preview instead."""
    denied = config.suffixes or ()
    drop = frozenset(
        domain.index
        for domain in declared.domains
        if any(_is_under(domain.host, suffix) for suffix in denied)
    )
    nothing_left = len(drop) == len(declared.domains) and not declared.gaps_in("domains")
    return Remedy(drop=drop) if drop and not nothing_left else None


def _judge_owned(declared: DeclaredResource, config: OwnedDomains, _run: Run) -> Iterator[Finding]:
    owned = config.domains or ()
    for domain in declared.domains:
        registered = registrable_domain(domain.host)
        if registered not in owned:
            owner = "a registrable domain" if domain.secret else (registered or "no registrable domain")
            listed = f"not among the owned domains ({', '.join(owned)})"
            text = f"{domain.shown} belongs to {owner}, which is {listed}."
            yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("domains"))


APPROVED_SUFFIXES = Rule(
    id="approved-suffixes",
    description="Webview domains lie under approved suffixes.",
    severity="high",
    level="mandatory",
    tags=("security", "domains"),
    steps="Declare a domain under an approved suffix, or have its suffix added to `suffixes` by those who "
    "own the configuration of this policy.",
    details="Compares whole labels: `example.com` approves `shop.example.com` and not `shopexample.com`. A "
    "public suffix or a single label cannot be approved. Unicode names are compared as A-labels.",
    config=ApprovedSuffixes,
    judge=_judge_approved,
)

DENIED_SUFFIXES = Rule(
    id="denied-suffixes",
    description="No webview domain lies under a denied suffix.",
    severity="high",
    level="mandatory",
    tags=("security", "domains", "remediation"),
    steps="Remove the domain from `domains`. With the level `remediate` the policy does this for you, unless "
    "no domain would be left.",
    details="With the level `remediate` denied domains are dropped from `domains` before anything is "
    "compared or written: one that is live leaves WeChat's list, as if the program did not declare it. A "
    "list that would end up empty is refused instead. The provider's check has already passed by then, so "
    "the preview does not yet refuse a removal that the safety valve stops (more than 30 % of 10 or more "
    "domains): the update refuses it, before the first write.",
    config=DeniedSuffixes,
    judge=_judge_denied,
    remedy=_drop_denied,
)

OWNED_DOMAINS = Rule(
    id="owned-domains",
    description="The registrable domain of every webview domain is owned.",
    severity="high",
    level="mandatory",
    tags=("security", "domains"),
    steps="Declare a domain that you own, or have its registrable domain added to `domains` of this policy.",
    details="Takes the registrable domain from the whole Public Suffix List, hosting companies' suffixes "
    "included: that of `a.shop.github.io` is `shop.github.io`.",
    config=OwnedDomains,
    judge=_judge_owned,
)
