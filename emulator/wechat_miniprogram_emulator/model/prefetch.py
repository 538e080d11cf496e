"""The hosts whose DNS a Mini Program looks up in advance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from wechat_miniprogram_emulator.model.values import is_host, is_under

SIZE_LIMIT = 5
MONTHLY_CHANGES = 50


@dataclass(frozen=True)
class PrefetchHosts:
    """The hosts of one app."""

    hosts: tuple[str, ...] = ()


def refusal(hosts: Sequence[str], unfiled: Collection[str]) -> int:
    """Give the code that refuses a list of hosts, or 0."""
    if len(hosts) > SIZE_LIMIT:
        return 9420002
    good = all(is_host(host) and not is_under(host.lower(), unfiled) for host in hosts)
    return 0 if good else 9420001
