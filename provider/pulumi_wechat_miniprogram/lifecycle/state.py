"""What was seen of one Mini Program, and what a state records of it: values, and the rules between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.lifecycle.domain import canonical_or_verbatim
from pulumi_wechat_miniprogram.lifecycle.plan import Mode

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.wechat.models import EffectiveLists

__all__ = ["Observation", "Recorded", "keys", "only_other_modes", "record", "with_pending"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the state holds after an operation; every list in declared order, then sorted.

    `added_domains` also holds what this resource put on the list and no longer declares, for as long as
    another resource of the program declares it. `shared_domains` are those of both lists that others
    declare, with the names of these resources; `declared_as` is this resource's own name there.
    """

    appid: str
    domains: tuple[str, ...]
    mode: Mode = "authoritative"
    effective_domains: tuple[str, ...] = ()
    pending_domains: tuple[str, ...] = ()
    release_required: bool = False
    added_domains: tuple[str, ...] = ()
    shared_domains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    declared_as: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What WeChat holds of one Mini Program; `live` is canonical and in WeChat's order."""

    appid: str
    live: tuple[str, ...]
    lists: EffectiveLists

    @classmethod
    def of(cls, appid: str, live: Iterable[str], lists: EffectiveLists) -> Observation:
        """Take the lists as WeChat spells them."""
        return cls(appid, tuple(dict.fromkeys(map(canonical_or_verbatim, live))), lists)

    @property
    def effective(self) -> frozenset[str]:
        """What is in force, canonical."""
        return frozenset(keys(self.lists.effective_webviewdomain))

    @property
    def only_other_modes(self) -> frozenset[str]:
        """What only the console or mode one lists, canonical: never ours."""
        return only_other_modes(self.lists)

    def record(self, domains: Sequence[str], mode: Mode) -> Recorded:
        """Return the state of a resource that declares these domains and has written none of them."""
        return record(Recorded(self.appid, tuple(domains), mode), self.lists)


def record(recorded: Recorded, lists: EffectiveLists) -> Recorded:
    """Return a state with what is in force now, what waits, and whether a release would change anything."""
    effective = keys(lists.effective_webviewdomain)
    additive = recorded.mode == "additive"
    if additive:
        effective &= set(recorded.domains)
    in_order = [key for key in recorded.domains if key in effective]
    in_order += sorted(effective - set(recorded.domains))
    result = with_pending(replace(recorded, effective_domains=tuple(in_order)))
    configured = {*recorded.domains, *keys(lists.mp_webviewdomain), *keys(lists.third_webviewdomain)}
    changes = bool(result.pending_domains) if additive else configured != effective
    return replace(result, release_required=changes)


def with_pending(recorded: Recorded, *, release_required: bool = False) -> Recorded:
    """Return a state whose pending domains are those declared and not in force."""
    pending = tuple(key for key in recorded.domains if key not in recorded.effective_domains)
    return replace(recorded, pending_domains=pending, release_required=release_required)


def keys(values: Iterable[str]) -> set[str]:
    """Return the keys under which live values are compared."""
    return set(map(canonical_or_verbatim, values))


def only_other_modes(lists: EffectiveLists) -> frozenset[str]:
    """Return what only the console or mode one lists."""
    others = keys(lists.mp_webviewdomain) | keys(lists.third_webviewdomain)
    return frozenset(others - keys(lists.direct_webviewdomain))
