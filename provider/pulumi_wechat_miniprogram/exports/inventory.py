"""What exports declare and what was seen of it: one fact for each Mini Program and each of its domains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from pulumi_wechat_miniprogram.exports.reader import Export, StoredDomains, Urn
from pulumi_wechat_miniprogram.lifecycle.state import Mode

__all__ = ["App", "Inventory", "Listing", "Release", "select", "take_inventory"]

Release = Literal["in-force", "pending", "undeclared"]
"""Declared and in force; declared, waiting for a release; in force, and no given stack declares it."""


@dataclass(frozen=True, slots=True)
class App:
    """One Mini Program over all given stacks. `sealed` tells that some of its domains cannot be read."""

    appid: str
    resources: tuple[Urn, ...]
    modes: tuple[Mode, ...]
    release_required: bool
    sealed: bool
    confirm_file: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One domain of one Mini Program, and the resources that declare it; none if it is undeclared."""

    appid: str
    domain: str
    release: Release
    resources: tuple[Urn, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """Apps sorted by appid; their listings in declared order, undeclared ones last."""

    apps: tuple[App, ...]
    listings: tuple[Listing, ...]


def take_inventory(exports: Iterable[Export]) -> Inventory:
    """Put together what all stacks say of each Mini Program."""
    resources: dict[str, list[StoredDomains]] = {}
    files: dict[str, str] = {}
    for export in exports:
        for stored in export.domains:
            resources.setdefault(stored.recorded.appid, []).append(stored)
        files.update((file.appid, file.file_name) for file in export.confirm_files)
    appids = sorted(resources)
    return Inventory(
        apps=tuple(_app(appid, resources[appid], files.get(appid, "")) for appid in appids),
        listings=tuple(listing for appid in appids for listing in _listings(appid, resources[appid])),
    )


def select(
    inventory: Inventory,
    *,
    appid: str = "*",
    host: str = "*",
    release: Release | None = None,
) -> Inventory:
    """Keep what matches: patterns with `*` and `?`, a host with or without `https://`.

    An app without a matching domain is dropped, unless only its appid was asked for.
    """
    pattern = host.removeprefix("https://").lower()
    listings = tuple(
        listing
        for listing in inventory.listings
        if fnmatchcase(listing.appid, appid)
        and fnmatchcase(listing.domain.removeprefix("https://"), pattern)
        and release in {None, listing.release}
    )
    by_appid_alone = pattern == "*" and release is None
    found = {listing.appid for listing in listings}
    apps = (
        app
        for app in inventory.apps
        if app.appid in found or (by_appid_alone and fnmatchcase(app.appid, appid))
    )
    return Inventory(tuple(apps), listings)


def _app(appid: str, resources: Sequence[StoredDomains], confirm_file: str) -> App:
    return App(
        appid=appid,
        resources=tuple(stored.urn for stored in resources),
        modes=tuple(sorted({stored.recorded.mode for stored in resources}, reverse=True)),
        release_required=any(stored.recorded.release_required for stored in resources),
        sealed=any(stored.sealed for stored in resources),
        confirm_file=confirm_file,
    )


def _listings(appid: str, resources: Sequence[StoredDomains]) -> list[Listing]:
    declared: dict[str, list[Urn]] = {}
    in_force: dict[str, None] = {}
    for stored in resources:
        for domain in stored.recorded.domains:
            declared.setdefault(domain, []).append(stored.urn)
        in_force.update(dict.fromkeys(stored.recorded.effective_domains))
    if any(stored.sealed for stored in resources):
        in_force = {domain: None for domain in in_force if domain in declared}
    return [
        *(
            Listing(appid, domain, "in-force" if domain in in_force else "pending", tuple(urns))
            for domain, urns in declared.items()
        ),
        *(Listing(appid, domain, "undeclared") for domain in sorted(in_force.keys() - declared.keys())),
    ]
