"""An inventory as rows: by Mini Program, by host, by release state. The fields are those of JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pulumi_wechat_miniprogram.exports.inventory import App, Inventory, Listing, Release
from pulumi_wechat_miniprogram.exports.reader import Urn
from pulumi_wechat_miniprogram.lifecycle.domain import MAX_SUBJECTS
from pulumi_wechat_miniprogram.lifecycle.state import Mode

__all__ = ["AppRow", "HostRow", "ReleaseRow", "by_app", "by_host", "by_release"]

CROWDED: Final = 0.8
"""Share of WeChat's limit of subjects from which on a domain stands out."""
_ORDER: dict[Release, int] = {"pending": 0, "undeclared": 1, "in-force": 2}
"""What asks for something stands first."""


@dataclass(frozen=True, slots=True)
class AppRow:
    """One Mini Program; `sealed` tells that the export holds some of its domains encrypted only."""

    appid: str
    stacks: tuple[str, ...]
    resources: tuple[str, ...]
    modes: tuple[Mode, ...]
    in_force: tuple[str, ...]
    pending: tuple[str, ...]
    undeclared: tuple[str, ...]
    release_required: bool
    sealed: bool
    confirm_file: str


@dataclass(frozen=True, slots=True)
class HostRow:
    """One domain: which apps list it, how many of WeChat's 100 subjects that are at most, who declares it."""

    domain: str
    apps: tuple[str, ...]
    count: int
    limit: int
    pending: tuple[str, ...]
    stacks: tuple[str, ...]
    resources: tuple[str, ...]

    @property
    def crowded(self) -> bool:
        """Tell whether the limit is near."""
        return self.count >= CROWDED * self.limit


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One domain of one Mini Program."""

    release: Release
    appid: str
    domain: str
    stacks: tuple[str, ...]
    resources: tuple[str, ...]


def by_app(inventory: Inventory) -> list[AppRow]:
    """Return one row for each Mini Program, sorted by appid."""
    listings: dict[str, list[Listing]] = {}
    for listing in inventory.listings:
        listings.setdefault(listing.appid, []).append(listing)
    return [_app_row(app, listings.get(app.appid, [])) for app in inventory.apps]


def by_host(inventory: Inventory) -> list[HostRow]:
    """Return one row for each domain, the most shared first."""
    listings: dict[str, list[Listing]] = {}
    for listing in inventory.listings:
        listings.setdefault(listing.domain, []).append(listing)
    rows = [_host_row(domain, found) for domain, found in listings.items()]
    return sorted(rows, key=lambda row: (-row.count, row.domain))


def by_release(inventory: Inventory) -> list[ReleaseRow]:
    """Return one row for each domain of each Mini Program: pending, then undeclared, then in force."""
    rows = [
        ReleaseRow(
            listing.release,
            listing.appid,
            listing.domain,
            _stacks(listing.resources),
            _texts(listing.resources),
        )
        for listing in inventory.listings
    ]
    return sorted(rows, key=lambda row: (_ORDER[row.release], row.appid, row.domain))


def _app_row(app: App, listings: Iterable[Listing]) -> AppRow:
    domains: dict[Release, list[str]] = {release: [] for release in _ORDER}
    for listing in listings:
        domains[listing.release].append(listing.domain)
    return AppRow(
        appid=app.appid,
        stacks=_stacks(app.resources),
        resources=_texts(app.resources),
        modes=app.modes,
        in_force=tuple(domains["in-force"]),
        pending=tuple(domains["pending"]),
        undeclared=tuple(domains["undeclared"]),
        release_required=app.release_required,
        sealed=app.sealed,
        confirm_file=app.confirm_file,
    )


def _host_row(domain: str, listings: Iterable[Listing]) -> HostRow:
    apps = tuple(sorted({listing.appid for listing in listings}))
    urns = [urn for listing in listings for urn in listing.resources]
    return HostRow(
        domain=domain,
        apps=apps,
        count=len(apps),
        limit=MAX_SUBJECTS,
        pending=tuple(sorted({each.appid for each in listings if each.release == "pending"})),
        stacks=_stacks(urns),
        resources=_texts(urns),
    )


def _stacks(urns: Iterable[Urn]) -> tuple[str, ...]:
    return tuple(sorted({urn.stack_name for urn in urns}))


def _texts(urns: Iterable[Urn]) -> tuple[str, ...]:
    return tuple(urn.text for urn in urns)
