"""Bare hosts: those of a third-party platform's own lists, and those whose DNS an app looks up in advance.

A platform has two lists of each kind, one for testing and one that is published. They are handled together,
so each host of them carries its list: `published shop.example.com`. Sources: WeChat's pages of
`modify_wxa_jump_domain`, `modify_wxa_server_domain` and `set_prefetchdnsdomain`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from pulumi_wechat_miniprogram.lifecycle.domain import (
    Domain,
    InvalidDomain,
    Listed,
    Reason,
    Undeclarable,
    parse_domain,
    parse_list,
    read_listed,
)
from pulumi_wechat_miniprogram.safety.text import escape

PUBLISHED: Final = "published"
STAGES: Final = ("testing", PUBLISHED)
"""The lists of a platform, as the entries name them."""
UNPUBLISHED: Final = STAGES[:1]
"""What a platform has that is not published."""
_NO_WILDCARD: Final = "has a wildcard: declare each host"


class BareHost(Domain):
    """A checked host, perhaps with the list of a platform before it."""

    __slots__ = ()

    @property
    def host(self) -> str:
        """The host alone."""
        return self.rpartition(" ")[2]


def parse_host(value: object, *, allow_reserved: bool = False) -> BareHost:
    """Bring a declared host to canonical form. `https://host` is taken as `host`.

    Raises:
        InvalidDomain: with every reason that applies.
    """
    try:
        return BareHost(parse_domain(value, allow_reserved=allow_reserved).host)
    except InvalidDomain as error:
        reasons = [Reason(each.id, _NO_WILDCARD) if each.id == "wildcard" else each for each in error.reasons]
        raise InvalidDomain(value, reasons) from None


def parse_hosts(
    values: Sequence[object], *, name: str, most: int, allow_reserved: bool = False
) -> tuple[BareHost, ...]:
    """Bring a declared list to canonical form. Raises as `domain.parse_domains` does."""
    return parse_list(
        values, functools.partial(parse_host, allow_reserved=allow_reserved), name=name, most=most
    )


def read_host(value: str) -> Listed:
    """Return a live or stored host as it is compared; see `domain.read_listed`."""
    bare = value.partition("://")[2] or value
    listed = read_listed(bare)
    return BareHost(listed.host) if isinstance(listed, Domain) else Undeclarable(escape(value))


def read_staged(stage: str, value: str) -> Listed:
    """Return a host of a platform's list as it is compared."""
    return prefixed(f"{stage} ", read_host(value))


def staged(hosts: Iterable[Listed], stages: Iterable[str]) -> list[Listed]:
    """Return each host as an entry of each list, host after host."""
    stages = tuple(stages)
    return [prefixed(f"{stage} ", host) for host in hosts for stage in stages]


def prefixed(prefix: str, host: Listed) -> Listed:
    """Return a host with the name of its list before it."""
    return BareHost(f"{prefix}{host}") if isinstance(host, Domain) else Undeclarable(f"{prefix}{host}")


def hosts_of(entries: Iterable[str]) -> tuple[str, ...]:
    """Return each host of these entries once, in their order."""
    return tuple(dict.fromkeys(entry.partition(" ")[2] for entry in entries))


def in_all(entries: Collection[str], stages: Sequence[str]) -> list[str]:
    """Return the hosts that are on each of these lists, in the order of the entries."""
    held = frozenset(entries)
    return [host for host in hosts_of(entries) if all(f"{stage} {host}" in held for stage in stages)]


def is_used(domain: Listed, listed: Collection[str]) -> bool:
    """Return whether an app's webview or server domain needs one of these hosts of its platform's list."""
    return isinstance(domain, Domain) and is_covered(domain.host, listed)


def is_covered(host: str, listed: Collection[str]) -> bool:
    """Return whether a platform's list has a host, or one above it."""
    labels = host.split(".")
    return any(".".join(labels[at:]) in listed for at in range(len(labels)))
