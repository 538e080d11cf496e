"""What was seen of one Mini Program, and what a state records of it: values, and the rules between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed

Mode = Literal["authoritative", "additive"]


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
class LiveList:
    """A list in WeChat's order: how WeChat spells each entry, and as what the entry is compared."""

    entries: tuple[tuple[str, Listed], ...] = ()

    @classmethod
    def of(cls, values: Iterable[str]) -> LiveList:
        """Take the values as WeChat spells them."""
        return cls(tuple((value, read_listed(value)) for value in values))

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

    def record(self, domains: Sequence[Listed], mode: Mode) -> Recorded:
        """Return the state of a resource that declares these domains and has written none of them."""
        return record(Recorded(self.appid, tuple(domains), mode), self.lists)


def record(recorded: Recorded, lists: ModeLists) -> Recorded:
    """Return a state with what is in force now, what waits, and whether a release would change anything."""
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
