"""Policies on the hosts themselves: approved, denied, owned."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Annotated

from publicsuffixlist import PublicSuffixList
from pydantic import AfterValidator, Field

from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, parse_domain
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Names, Remedy, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

_ONLY_DENIED = {"public-suffix", "single-label", "localhost"}


def _approved(value: str) -> str:
    return parse_domain(value, allow_reserved=True).host


def _denied(value: str) -> str:
    """Also accept what can be denied but not declared: a public suffix, a single label."""
    try:
        return _approved(value)
    except InvalidDomain as error:
        if not {reason.id for reason in error.reasons} <= _ONLY_DENIED:
            raise
    return _approved(f"x.{value.removeprefix('https://')}").removeprefix("x.")


def _registrable(value: str) -> str:
    host = _approved(value)
    if (owned := registrable_domain(host)) != host:
        message = f"{value!r} is not a registrable domain; its registrable domain is {owned}"
        raise ValueError(message)
    return host


@functools.cache
def _all_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@functools.lru_cache(maxsize=10_000)
def registrable_domain(host: str) -> str | None:
    """Return the registrable part of a host by the whole list, including the suffixes of hosting companies.

    The provider itself uses only the ICANN section; the owner of `shop.github.io` does not matter there.
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
            yield Finding(f"{domain.shown} is not a plain host, so no suffix can approve it.", declared.urn)
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
    """Drop what is denied, unless that leaves an empty list, which the preview refuses."""
    denied = config.suffixes or ()
    drop = frozenset(
        domain.index
        for domain in declared.domains
        if any(_is_under(domain.host, suffix) for suffix in denied)
    )
    nothing_left = len(drop) == len(declared.domains) and not declared.gaps_in("domains")
    return Remedy(drop=drop, listed=declared.listed) if drop and not nothing_left else None


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
    description="Every webview domain and server domain is under an approved suffix.",
    severity="high",
    level="mandatory",
    tags=("security", "domains"),
    steps="Declare a domain under an approved suffix, or ask the owners of the configuration to add its "
    "suffix to `suffixes`.",
    config=ApprovedSuffixes,
    server_too=True,
    judge=_judge_approved,
)

DENIED_SUFFIXES = Rule(
    id="denied-suffixes",
    description="No webview domain or server domain is under a denied suffix.",
    severity="high",
    level="mandatory",
    tags=("security", "domains", "remediation"),
    steps="Remove the domain from its list. With the level `remediate` the policy does this for you, unless "
    "no domain would be left.",
    config=DeniedSuffixes,
    server_too=True,
    judge=_judge_denied,
    remedy=_drop_denied,
)

OWNED_DOMAINS = Rule(
    id="owned-domains",
    description="The registrable domain of every webview domain and server domain is owned.",
    severity="high",
    level="mandatory",
    tags=("security", "domains"),
    steps="Declare a domain that you own, or add its registrable domain to `domains` of this policy.",
    config=OwnedDomains,
    server_too=True,
    judge=_judge_owned,
)
