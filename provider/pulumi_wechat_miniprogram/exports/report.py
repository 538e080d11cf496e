"""All that a report on a fleet says, as values: from exports, and what else was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from itertools import groupby
from typing import Final, Literal

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from pulumi_wechat_miniprogram.exports.changes import AppChange, find_changes
from pulumi_wechat_miniprogram.exports.drift import AppDrift
from pulumi_wechat_miniprogram.exports.inventory import (
    App,
    Host,
    Inventory,
    Release,
    by_host,
    labelled,
    take_inventory,
)
from pulumi_wechat_miniprogram.exports.reader import Export, Urn

State = Literal["drifted", "failed", "pending", "settled"]
"""Whether a Mini Program needs attention, and why: it counts once, by the first of these that applies."""
_URGENT: Final[Sequence[State]] = ("drifted", "failed", "pending")
Key = tuple[str, str]
"""A domain of an app: appid and domain."""

_TIME: Final = TypeAdapter(AwareDatetime)
_NEVER: Final = datetime.min.replace(tzinfo=timezone.utc)
_AGES: Final = ((28, "4 weeks or more"), (7, "1 to 4 weeks"), (1, "1 to 6 days"), (0, "less than 1 day"))
"""From how many days on, the oldest first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pending domain, and since when at least it is pending, if an export shows that."""

    domain: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One Mini Program or platform: its `name` for people, what exports say of it, and how it differs.

    `app` is None where only the drift document knows it, `drift` is None where that has nothing to say of it.
    `pending` is what waits for a release: what WeChat answered, else what the exports hold.
    """

    appid: str
    name: str
    stacks: tuple[str, ...]
    resources: tuple[str, ...]
    app: App | None
    drift: AppDrift | None
    pending: tuple[Waiting, ...]

    @property
    def state(self) -> State:
        """Return whether it needs attention, and why."""
        drift, app = self.drift, self.app
        if drift and (drift.missing or drift.extra):
            return "drifted"
        if drift and (drift.problem or drift.left_platform):
            return "failed"
        waits = self.pending or (app and (app.undeclared or app.release_required))
        return "pending" if waits else "settled"

    @property
    def since(self) -> datetime | None:
        """Return since when at least its oldest pending domain waits."""
        return min((each.since for each in self.pending if each.since), default=None)


@dataclass(frozen=True, slots=True)
class StackLine:
    """One stack: when its state was written last, what it declares, and how many apps are in each state."""

    name: str
    time: str
    apps: int
    domains: int
    states: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Point:
    """A day on which a state was written, and how many domains of apps were in each release state then."""

    day: date
    counts: Mapping[Release, int]


@dataclass(frozen=True, slots=True)
class Report:
    """`changes` is None where no older exports were given; `since` is the time of the oldest of them.

    `domains` are different ones, and `counts` are those of each app. `compared` says whether a drift
    document was given. `as_of` is the time of the newest measurement, from which ages are counted: equal
    inputs give equal reports.
    """

    stacks: tuple[StackLine, ...]
    entries: tuple[Entry, ...]
    shared_hosts: tuple[Host, ...]
    domains: int
    counts: Mapping[Release, int]
    interrupted: tuple[str, ...]
    compared: bool
    compared_at: tuple[str, ...]
    changes: tuple[AppChange, ...] | None
    names: Mapping[str, str]
    since: str
    timeline: tuple[Point, ...]
    as_of: datetime | None

    def of(self, state: State) -> tuple[Entry, ...]:
        """Return the apps in a state: what waits by age, the others by stack and name."""
        found = [entry for entry in self.entries if entry.state == state]
        if state == "pending":
            found.sort(key=lambda entry: (entry.since is None, entry.since or _NEVER, not entry.pending))
        return tuple(found)

    @property
    def mini_programs(self) -> int:
        """How many apps of the exports are Mini Programs; the others are platforms."""
        return sum(bool(entry.app and not entry.app.platform) for entry in self.entries)

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """Every pending domain of every app."""
        return tuple(each for entry in self.entries for each in entry.pending)

    @property
    def ages(self) -> Mapping[str, int]:
        """How many domains have been pending for how long at least, the oldest first."""
        ages = Counter(map(self._age, self.waiting))
        known = {label: ages[label] for _, label in _AGES}
        return known | ages

    def _age(self, waiting: Waiting) -> str:
        if not (waiting.since and self.as_of):
            return "not known"
        days = (self.as_of - waiting.since).days
        return next(label for least, label in _AGES if days >= least or not least)

    @property
    def crowded(self) -> tuple[Host, ...]:
        """Domains near WeChat's limit of subjects."""
        return tuple(host for host in self.shared_hosts if host.crowded)


def make_report(
    exports: Sequence[Export],
    *,
    since: Sequence[Export] | None = None,
    drift: Sequence[AppDrift] | None = None,
    names: Mapping[str, str] | None = None,
) -> Report:
    """Put a report together. `since` are older exports, any number of a stack; `names` are by appid."""
    older, names = since or (), names or {}
    inventory, before = take_inventory(exports), take_inventory(_oldest(older))
    hosts = by_host(inventory)
    entries = _entries(inventory, drift or (), names, _pending_since((*older, *exports)))
    times = [*(export.time for export in exports), *(app.time for app in drift or ())]
    return Report(
        stacks=tuple(sorted((_stack_line(export, entries) for export in exports), key=_urgency)),
        entries=entries,
        shared_hosts=tuple(host for host in hosts if host.count > 1),
        domains=len(hosts),
        counts=_counts(inventory),
        interrupted=tuple(urn for export in exports for urn in export.interrupted),
        compared=drift is not None,
        compared_at=tuple(sorted({app.time for app in drift or () if app.time})),
        changes=None if since is None else find_changes(before, inventory),
        names={
            **{app.appid: _name(app.appid, app.resources, names) for app in before.apps},
            **{entry.appid: entry.name for entry in entries},
        },
        since=min((export.time for export in older if export.time), default=""),
        timeline=_timeline(exports, older),
        as_of=max(filter(None, map(parse_time, times)), default=None),
    )


def parse_time(text: str) -> datetime | None:
    """Return a time of the engine in UTC, or None for what is none."""
    try:
        return _TIME.validate_python(text).astimezone(timezone.utc)
    except ValidationError:
        return None


def _entries(
    inventory: Inventory, drift: Sequence[AppDrift], names: Mapping[str, str], since: Mapping[Key, datetime]
) -> tuple[Entry, ...]:
    apps, drifts = {app.appid: app for app in inventory.apps}, {app.appid: app for app in drift if app.tells}
    compared = {app.appid for app in drift if not (app.problem or app.left_platform)}
    entries = []
    for appid in apps.keys() | drifts.keys():
        app, found = apps.get(appid), drifts.get(appid)
        declared = app or found
        resources = declared.resources if declared else ()
        of_state = app.pending if app else ()
        pending = (found.pending if found else ()) if appid in compared else of_state
        entries.append(
            Entry(
                appid,
                _name(appid, resources, names),
                declared.stacks if declared else (),
                resources,
                app,
                found,
                tuple(Waiting(each, since.get((appid, each.partition(" (")[0]))) for each in pending),
            )
        )
    return tuple(sorted(entries, key=lambda entry: (entry.stacks, entry.name, entry.appid)))


def _name(appid: str, resources: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the name that the user gave to an app, else that of its first resource."""
    return names.get(appid) or next((Urn.parse(urn).name for urn in resources), appid)


def _stack_line(export: Export, entries: Sequence[Entry]) -> StackLine:
    domains = {domain for each in export.all_lists for domain in each.recorded.domains}
    apps = {each.recorded.appid for each in export.all_lists}
    states = Counter(entry.state for entry in entries if entry.appid in apps)
    return StackLine(export.stack_name or "an empty stack", export.time, len(apps), len(domains), states)


def _urgency(stack: StackLine) -> tuple[int, ...]:
    return tuple(-stack.states.get(state, 0) for state in _URGENT)


def _counts(inventory: Inventory) -> Mapping[Release, int]:
    return Counter(listing.release for listing in inventory.listings)


def _time(export: Export) -> datetime:
    return parse_time(export.time) or _NEVER


def _oldest(older: Iterable[Export]) -> Iterable[Export]:
    """Return the oldest export of each stack."""
    return {each.stack_name: each for each in sorted(older, key=_time, reverse=True)}.values()


def _pending_since(exports: Sequence[Export]) -> Mapping[Key, datetime]:
    """Return since when at least each domain is pending: from the first export in a row that shows it so."""
    stacks: dict[str, dict[Key, datetime]] = {}
    for export in sorted(exports, key=_time):
        before = stacks.get(export.stack_name, {})
        newest_first = sorted(_pending(export), key=lambda item: item[1], reverse=True)
        stacks[export.stack_name] = {key: before.get(key, time) for key, time in newest_first}
    found: dict[Key, datetime] = {}
    for key, time in (item for stack in stacks.values() for item in stack.items()):
        found[key] = min(time, found.get(key, time))
    return found


def _pending(export: Export) -> Iterator[tuple[Key, datetime]]:
    """Yield each pending domain with the time at which its resource's state was written."""
    for stored in export.all_lists:
        time = parse_time(stored.modified) or parse_time(export.time)
        effective = set(stored.recorded.effective_domains)
        for domain in stored.recorded.domains:
            if time and domain not in effective:
                yield (stored.recorded.appid, labelled(stored.of, domain)), time


def _timeline(exports: Sequence[Export], older: Sequence[Export]) -> tuple[Point, ...]:
    """Return each day on which a state was written, from when on each stack with older exports is known."""
    if not older or not all(parse_time(export.time) for export in (*older, *exports)):
        return ()
    begin = max(map(_time, _oldest(older))).date()
    known: dict[str, Export] = {}
    points = []
    for day, written in groupby(sorted((*older, *exports), key=_time), lambda export: _time(export).date()):
        known.update((export.stack_name, export) for export in written)
        if day >= begin:
            points.append(Point(day, _counts(take_inventory(known.values()))))
    points[-1:] = [Point(points[-1].day, _counts(take_inventory(exports)))]  # without stacks that are gone
    return tuple(points) if len(points) > 1 else ()
