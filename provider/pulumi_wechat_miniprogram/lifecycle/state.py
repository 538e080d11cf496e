"""What was seen of one Mini Program, and what a state records of it: values, and the rules between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed
from pulumi_wechat_miniprogram.lifecycle.server_domain import kind_of_entry, read_entry, read_server

Mode = Literal["authoritative", "additive"]
IMPORTED: Final = "#import"
"""The name in the state of an import until a first update: no program has declared what the state holds."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the state holds after an operation; every list in declared order, then sorted.

    `added_domains` also holds what this resource put on the list and no longer declares, for as long as
    another resource of the program declares it. `shared_domains` are those of both lists that others
    declare, with the names of these resources; `declared_as` is this resource's own name there.
    """

    appid: str
    domains: tuple[Listed, ...]
    mode: Mode = "authoritative"
    effective_domains: tuple[Listed, ...] = ()
    pending_domains: tuple[Listed, ...] = ()
    release_required: bool = False
    added_domains: tuple[Listed, ...] = ()
    shared_domains: Mapping[Listed, tuple[str, ...]] = field(default_factory=dict)
    declared_as: str = ""


@dataclass(frozen=True, slots=True)
class ServerRecorded(Recorded):
    """The same of server domains: each has its kind before it.

    `managed` are the kinds that the resource manages, and `writes` is how many writes its last create or
    update sent.
    """

    managed: tuple[str, ...] = ()
    writes: int = 0


def managed_by(recorded: Recorded) -> tuple[str, ...]:
    """Return the kinds of server domains that a resource manages; none of webview domains."""
    return recorded.managed if isinstance(recorded, ServerRecorded) else ()


def with_writes(recorded: Recorded, managed: tuple[str, ...], writes: int) -> Recorded:
    """Return a state of server domains after an operation; one of webview domains as it is."""
    if not isinstance(recorded, ServerRecorded):
        return recorded
    return replace(recorded, managed=managed, writes=writes)


def among(entries: Iterable[Listed], managed: Sequence[str]) -> frozenset[Listed]:
    """Return what is of the managed kinds. Webview domains have none: then it is all."""
    return (
        frozenset(entry for entry in entries if kind_of_entry(entry) in managed)
        if managed
        else frozenset(entries)
    )


@dataclass(frozen=True, slots=True)
class LiveList:
    """A list in WeChat's order: how WeChat spells each entry, and as what the entry is compared."""

    entries: tuple[tuple[str, Listed], ...] = ()

    @classmethod
    def of(cls, values: Iterable[str]) -> LiveList:
        """Take the values as WeChat spells them."""
        return cls(tuple((value, read_listed(value)) for value in values))

    @classmethod
    def of_kinds(cls, lists: Iterable[tuple[str, Iterable[str]]]) -> LiveList:
        """Take server domains of each kind; a spelling has its kind before it, as a domain does."""
        return cls(
            tuple((f"{kind} {value}", read_server(kind, value)) for kind, values in lists for value in values)
        )

    @property
    def spelled(self) -> tuple[str, ...]:
        """The values as WeChat spells them; a deletion sends these."""
        return tuple(value for value, _ in self.entries)

    @property
    def spellings(self) -> dict[Listed, list[str]]:
        """How WeChat spells each domain: a domain may be there several times."""
        spellings: dict[Listed, list[str]] = {}
        for value, domain in self.entries:
            spellings.setdefault(domain, []).append(value)
        return spellings

    @property
    def domains(self) -> tuple[Listed, ...]:
        """Each domain once."""
        return tuple(self.spellings)

    def covers(self, entries: Iterable[str]) -> bool:
        """Tell whether each of these server domains is on the list, in any spelling."""
        return frozenset(map(read_entry, entries)).issubset(self.domains)

    def within(self, managed: Sequence[str]) -> LiveList:
        """Return what is of the managed kinds; see `among`."""
        if not managed:
            return self
        return LiveList(tuple(each for each in self.entries if kind_of_entry(each[1]) in managed))

    def without_spellings_of_others(self, direct: LiveList) -> LiveList:
        """Return this list without the spellings that only another mode has of a domain in `direct`."""
        shared, ours = frozenset(direct.domains), frozenset(direct.spelled)
        return LiveList(tuple(each for each in self.entries if each[0] in ours or each[1] not in shared))


@dataclass(frozen=True, slots=True)
class ModeLists:
    """The list of each way of configuring, and what is in force since the last release.

    `direct` is the list of this API; `others` is what the WeChat console and mode one (registered domains)
    list.
    """

    direct: LiveList = LiveList()
    others: frozenset[Listed] = frozenset()
    effective: frozenset[Listed] = frozenset()

    @property
    def only_others(self) -> frozenset[Listed]:
        """What only the console or mode one lists: never ours to remove."""
        return self.others.difference(self.direct.domains)

    def within(self, managed: Sequence[str]) -> ModeLists:
        """Return what is of the managed kinds; see `among`."""
        return ModeLists(
            self.direct.within(managed), among(self.others, managed), among(self.effective, managed)
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """What WeChat holds of one Mini Program; `live` is in WeChat's order, each domain once."""

    appid: str
    live: tuple[Listed, ...]
    lists: ModeLists

    @property
    def effective(self) -> frozenset[Listed]:
        """What is in force."""
        return self.lists.effective

    @property
    def only_other_modes(self) -> frozenset[Listed]:
        """What only the console or mode one lists: never ours."""
        return self.lists.only_others

    def record(self, domains: Sequence[Listed], mode: Mode, managed: Sequence[str] = ()) -> Recorded:
        """Return the state of a resource that declares these domains and has written none of them."""
        return record(blank(self.appid, mode, tuple(managed), tuple(domains)), self.lists)


def blank(appid: str, mode: Mode, managed: tuple[str, ...], domains: tuple[Listed, ...] = ()) -> Recorded:
    """Return a state of which nothing was seen yet. The one that manages kinds is of server domains."""
    if not managed:
        return Recorded(appid, domains, mode)
    return ServerRecorded(appid, domains, mode, managed=managed)


def record(recorded: Recorded, lists: ModeLists) -> Recorded:
    """Return a state with what is in force now, what waits, and whether a release would change anything."""
    lists = lists.within(managed_by(recorded))
    declared, effective = frozenset(recorded.domains), lists.effective
    additive = recorded.mode == "additive"
    if additive:
        effective &= declared
    in_order = [domain for domain in recorded.domains if domain in effective]
    in_order += sorted(effective - declared)
    result = with_pending(replace(recorded, effective_domains=tuple(in_order)))
    changes = bool(result.pending_domains) if additive else declared | lists.others != effective
    return replace(result, release_required=changes)


def with_pending(recorded: Recorded, *, release_required: bool = False) -> Recorded:
    """Return a state whose pending domains are those declared and not in force."""
    pending = tuple(domain for domain in recorded.domains if domain not in recorded.effective_domains)
    return replace(recorded, pending_domains=pending, release_required=release_required)
