"""What exports declare and what was seen of it, by Mini Program, by domain and by host.

The fields of `App`, `Listing` and `Host` are those of the JSON and CSV that the command line prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final, Literal

from pulumi_wechat_miniprogram.exports.reader import Export, StoredDomains, Urn
from pulumi_wechat_miniprogram.lifecycle.domain import (
    MAX_SUBJECTS,
    Listed,
    host_of_listed,
)
from pulumi_wechat_miniprogram.lifecycle.hosts import prefixed
from pulumi_wechat_miniprogram.lifecycle.state import PLATFORM, Channel, ListName, Mode, Recorded, managed_by

CROWDED: Final = 0.8
"""Share of WeChat's limit of subjects from which a domain is highlighted."""

Release = Literal["in-force", "pending", "undeclared"]
"""Declared and in force; declared, waiting for a release; in force, and no given stack declares it."""
_ORDER: dict[Release, int] = {"pending": 0, "undeclared": 1, "in-force": 2}
"""What needs attention comes first."""


@dataclass(frozen=True, slots=True)
class App:
    """One Mini Program over all given stacks; its domains in declared order, undeclared ones sorted.

    Or it is a third-party `platform` with its own lists. `sealed` means that the export holds some of its
    domains encrypted only.
    """

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
    channels: tuple[Channel, ...] = ()
    platform: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One domain of one Mini Program, and the resources that declare it; none if it is undeclared.

    `channels` are those in which they declare it.
    """

    release: Release
    appid: str
    domain: str
    stacks: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """One domain: which apps list it, how many of WeChat's 100 subjects that are at most, who declares it.

    `counted` are the apps that count: the limit is one of the direct channel.
    """

    domain: str
    apps: tuple[str, ...]
    count: int
    limit: int
    pending: tuple[str, ...]
    stacks: tuple[str, ...]
    resources: tuple[str, ...]
    counted: int = 0

    @property
    def crowded(self) -> bool:
        """Return whether the limit is near."""
        return self.counted >= CROWDED * self.limit


@dataclass(frozen=True, slots=True)
class Scope:
    """What resources manage of one list of an app: what they declare, and which kinds of server domains.

    A resource that is authoritative owns the list, or its kinds of it, as a whole.
    """

    declared: tuple[Listed, ...]
    kinds: tuple[str, ...]
    owned: bool
    owned_kinds: tuple[str, ...]


Scopes = Mapping[str, Mapping[ListName, Scope]]
"""The lists that resources manage, by appid."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Apps sorted by appid; their listings in declared order, undeclared ones last; the scope of each list.

    A server domain has the kind of its list before it: `request https://api.example.com`; see `labelled`.
    """

    apps: tuple[App, ...]
    listings: tuple[Listing, ...]
    scopes: Scopes = field(default_factory=dict)


def labelled(of: ListName, entry: Listed) -> Listed:
    """Return an entry with its list before it, where the entry does not tell: `prefetch img.example.com`.

    A host of a platform has both of its lists: `webview-published shop.example.com`.
    """
    label = {"prefetch": "prefetch ", "platform-webview": "webview-", "platform-server": "server-"}.get(
        of, ""
    )
    return prefixed(label, entry) if label else entry


def take_inventory(exports: Iterable[Export]) -> Inventory:
    """Put together what all stacks say of each Mini Program."""
    resources: dict[str, list[StoredDomains]] = {}
    files: dict[str, str] = {}
    for export in exports:
        for stored in export.all_lists:
            resources.setdefault(stored.recorded.appid, []).append(stored)
        files.update((file.appid, file.file_name) for file in export.confirm_files)
    appids = sorted(resources)
    return _inventory(
        (_app(appid, resources[appid], files.get(appid, "")) for appid in appids),
        (listing for appid in appids for listing in _listings(appid, resources[appid])),
        {appid: _scopes(resources[appid]) for appid in appids},
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
    listings = [
        listing
        for listing in inventory.listings
        if fnmatchcase(listing.appid, appid)
        and fnmatchcase(host_of_listed(listing.domain), pattern)
        and release in {None, listing.release}
    ]
    by_appid_alone = pattern == "*" and release is None
    found = {listing.appid for listing in listings}
    apps = (
        app
        for app in inventory.apps
        if app.appid in found or (by_appid_alone and fnmatchcase(app.appid, appid))
    )
    return _inventory(apps, listings, inventory.scopes)


def _scopes(resources: Sequence[StoredDomains]) -> Mapping[ListName, Scope]:
    lists: dict[ListName, list[Recorded]] = {}
    for stored in resources:
        lists.setdefault(stored.of, []).append(stored.recorded)
    return {of: _scope(managers) for of, managers in lists.items()}


def _scope(managers: Sequence[Recorded]) -> Scope:
    owners = [each for each in managers if each.mode == "authoritative"]
    return Scope(
        declared=tuple(dict.fromkeys(domain for each in managers for domain in each.domains)),
        kinds=_kinds(managers),
        owned=bool(owners),
        owned_kinds=_kinds(owners),
    )


def _kinds(managers: Iterable[Recorded]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for each in managers for kind in managed_by(each)))


def by_host(inventory: Inventory) -> list[Host]:
    """Return each domain, the most shared first."""
    listings: dict[str, list[Listing]] = {}
    for listing in inventory.listings:
        listings.setdefault(listing.domain, []).append(listing)
    hosts = [_host(domain, found) for domain, found in listings.items()]
    return sorted(hosts, key=lambda host: (-host.count, host.domain))


def by_release(inventory: Inventory) -> list[Listing]:
    """Return each domain of each Mini Program: pending, then undeclared, then in force."""
    return sorted(inventory.listings, key=lambda each: (_ORDER[each.release], each.appid, each.domain))


def _inventory(apps: Iterable[App], listings: Iterable[Listing], scopes: Scopes) -> Inventory:
    """Give each app the domains that are listed here."""
    listed = tuple(listings)
    domains: dict[tuple[str, Release], list[str]] = {}
    for each in listed:
        domains.setdefault((each.appid, each.release), []).append(each.domain)

    def of(app: App, release: Release) -> tuple[str, ...]:
        return tuple(domains.get((app.appid, release), ()))

    return Inventory(
        tuple(
            replace(
                app,
                in_force=of(app, "in-force"),
                pending=of(app, "pending"),
                undeclared=of(app, "undeclared"),
            )
            for app in apps
        ),
        listed,
        scopes,
    )


def _app(appid: str, resources: Sequence[StoredDomains], confirm_file: str) -> App:
    urns = [stored.urn for stored in resources]
    return App(
        appid=appid,
        stacks=_stacks(urns),
        resources=_texts(urns),
        modes=tuple(sorted({stored.recorded.mode for stored in resources}, reverse=True)),
        in_force=(),
        pending=(),
        undeclared=(),
        release_required=any(stored.recorded.release_required for stored in resources),
        sealed=any(stored.sealed for stored in resources),
        confirm_file=confirm_file,
        channels=_channels(resources),
        platform=any(stored.of in PLATFORM for stored in resources),
    )


def _listings(appid: str, resources: Sequence[StoredDomains]) -> list[Listing]:
    declared: dict[str, list[StoredDomains]] = {}
    in_force: dict[str, None] = {}
    for stored in resources:
        for domain in stored.recorded.domains:
            declared.setdefault(labelled(stored.of, domain), []).append(stored)
        in_force.update({labelled(stored.of, each): None for each in stored.recorded.effective_domains})
    if any(stored.sealed for stored in resources):
        in_force = {domain: None for domain in in_force if domain in declared}
    return [
        *(
            _listing("in-force" if domain in in_force else "pending", appid, domain, managers)
            for domain, managers in declared.items()
        ),
        *(Listing("undeclared", appid, domain) for domain in sorted(in_force.keys() - declared.keys())),
    ]


def _listing(release: Release, appid: str, domain: str, managers: Sequence[StoredDomains]) -> Listing:
    urns = [stored.urn for stored in managers]
    return Listing(release, appid, domain, _stacks(urns), _texts(urns), _channels(managers))


def _channels(managers: Iterable[StoredDomains]) -> tuple[Channel, ...]:
    return tuple(sorted({stored.recorded.channel for stored in managers}))


def _host(domain: str, listings: Sequence[Listing]) -> Host:
    apps = tuple(sorted({listing.appid for listing in listings}))
    return Host(
        domain=domain,
        apps=apps,
        count=len(apps),
        limit=MAX_SUBJECTS,
        pending=tuple(sorted({each.appid for each in listings if each.release == "pending"})),
        stacks=tuple(sorted({stack for each in listings for stack in each.stacks})),
        resources=tuple(urn for each in listings for urn in each.resources),
        counted=len({each.appid for each in listings if each.channels != ("registered",)}),
    )


def _stacks(urns: Iterable[Urn]) -> tuple[str, ...]:
    return tuple(sorted({urn.stack_name for urn in urns}))


def _texts(urns: Iterable[Urn]) -> tuple[str, ...]:
    return tuple(urn.text for urn in urns)
