"""What one operation will do to the live list: a value, computed without touching anything.

A domain that is live and set again is out of force until the next release, so only the difference is ever
sent. Source: WeChat's page of `setwebviewdomain_directly`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import hosts_of
from pulumi_wechat_miniprogram.lifecycle.refusals import (
    Refusal,
    refuse_mass_removal,
    refuse_overflow,
    refuse_removal,
    refuse_unseen,
)
from pulumi_wechat_miniprogram.lifecycle.server_domain import MAX_OF_A_KIND, kind_of_entry
from pulumi_wechat_miniprogram.lifecycle.state import OTHER_CHANNEL, PLATFORM, ListName, LiveList, Mode

MOST: Final[Mapping[ListName, int]] = {
    "webview": MAX_DOMAINS,
    "registered-webview": MAX_DOMAINS,
    "server": MAX_OF_A_KIND,
    "registered-server": MAX_OF_A_KIND,
    "platform-webview": 300,
    "platform-server": 1000,
    "prefetch": 5,
}
"""How many entries WeChat takes, of a kind where a list has kinds. For prefetch its answers tell."""

Operation = Literal["create", "import", "update", "delete"]
Action = Literal["set", "add", "delete"]


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked of one Mini Program.

    `desired` is the declaration (empty for a delete), `known` the domains in the state, `added` those that
    this resource put there, `declared_elsewhere` what any resource of the running operation declares for
    the same appid. `recorded_mode` is the mode in the state: a refresh of an additive resource records no
    domain of others. Of server domains, `managed` are the kinds that the declaration manages, or the state on
    a delete, and `recorded_kinds` those in the state. Of the other channel's list, `moved` is what this run
    put there, `moving` what it declares there, and `may_move` means that it may declare more; `released`
    tells that the user released the app since. On a platform's list `allow_mass_removal` is what allows any
    removal at all.
    """

    appid: str
    operation: Operation
    mode: Mode
    desired: tuple[Listed, ...] = ()
    known: tuple[Listed, ...] = ()
    added: tuple[Listed, ...] = ()
    recorded_mode: Mode = "authoritative"
    declared_elsewhere: frozenset[Listed] = frozenset()
    overwrite_existing: bool = False
    allow_mass_removal: bool = False
    may_set: bool = True
    managed: tuple[str, ...] = ()
    recorded_kinds: tuple[str, ...] = ()
    moved: frozenset[Listed] = frozenset()
    moving: frozenset[Listed] = frozenset()
    may_move: bool = False
    released: bool = False
    of: ListName = "webview"

    def within(self, kinds: Sequence[str]) -> PlanRequest:
        """Return what is asked of these kinds only; none: of all."""
        if not kinds:
            return self
        managed = tuple(kind for kind in self.managed if kind in kinds)
        desired = tuple(each for each in self.desired if kind_of_entry(each) in kinds)
        return replace(self, managed=managed, desired=desired)


@dataclass(frozen=True, slots=True)
class Step:
    """One write: the action and the values as they are sent (a delete in the server's own spelling)."""

    action: Action
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that lead from `existing` to `desired`, in order, and why there may be none.

    `spared` would have been removed but another resource of the running operation declares it, or its host
    on another list of the platform; `left` stays on the list although this resource declared it, since it
    did not put it there.
    """

    appid: str
    operation: Operation
    mode: Mode
    existing: LiveList
    desired: tuple[Listed, ...]
    steps: tuple[Step, ...]
    added: tuple[Listed, ...]
    removed: tuple[Listed, ...]
    kept: tuple[Listed, ...]
    spared: tuple[Listed, ...]
    left: tuple[Listed, ...]
    refusals: tuple[Refusal, ...]
    managed: tuple[str, ...] = ()
    of: ListName = "webview"

    @property
    def replaces(self) -> bool:
        """Return whether its one step sends the whole list anew, which both adds and removes."""
        return self.of == "prefetch"


def outsiders(request: PlanRequest, existing: LiveList) -> tuple[Listed, ...]:
    """Return the live domains that neither declaration nor state names, sorted."""
    return tuple(sorted(frozenset(existing.domains).difference(request.desired, request.known)))


def make_plan(
    request: PlanRequest, existing: LiveList, *, other_modes: frozenset[Listed] = frozenset()
) -> Plan:
    """Decide what to send.

    `other_modes` are domains that only the console or mode one lists: they are never ours to remove.
    """
    live = existing.spellings
    desired = dict.fromkeys(request.desired)
    removable = [each for each in _claimed(request, existing) if each not in other_modes]
    removed = tuple(each for each in removable if each not in request.declared_elsewhere)
    if request.of in PLATFORM:
        removed = _whole(removed, existing)
    added = tuple(each for each in desired if each not in live)
    refusals = _refusals(request, existing, removed, added, other_modes)
    return Plan(
        appid=request.appid,
        operation=request.operation,
        mode=request.mode,
        existing=existing,
        desired=request.desired,
        steps=() if refusals else _steps(request, existing, added, removed),
        added=added,
        removed=removed,
        kept=tuple(each for each in desired if each in live),
        spared=tuple(each for each in removable if each not in removed),
        left=_left(request, existing, removable),
        refusals=refusals,
        managed=request.managed,
        of=request.of,
    )


def empties_list(mode: Mode, desired: Sequence[object]) -> bool:
    """Return whether a declaration asks for an empty list, which is guarded at any size."""
    return mode == "authoritative" and not desired


def _claimed(request: PlanRequest, existing: LiveList) -> list[Listed]:
    """Live domains that this operation would take off the list, in the list's order."""
    live = existing.domains
    if request.mode == "additive":
        claim = frozenset(request.added)
    else:
        claim = frozenset(request.known if request.operation == "delete" else live)
    return [each for each in live if each in claim and each not in request.desired]


def _whole(removed: Sequence[Listed], existing: LiveList) -> tuple[Listed, ...]:
    """Leave a platform's host where another of its lists keeps it: a call cannot take it off one alone."""
    stays = frozenset(hosts_of(each for each in existing.domains if each not in removed))
    return tuple(each for each in removed if stays.isdisjoint(hosts_of([each])))


def _left(request: PlanRequest, existing: LiveList, removable: Sequence[Listed]) -> tuple[Listed, ...]:
    if request.mode == "authoritative":
        return ()
    stays = frozenset(existing.domains).difference(request.desired, removable)
    return tuple(each for each in request.known if each in stays)


def _steps(
    request: PlanRequest,
    existing: LiveList,
    added: tuple[Listed, ...],
    removed: tuple[Listed, ...],
) -> tuple[Step, ...]:
    steps: list[Step] = []
    live = existing.spellings
    if request.of == "prefetch":
        kept = [spelled for spelled, each in existing.entries if each not in removed]
        return (Step("set", (*kept, *added)),) if added or removed else ()
    if added:
        fresh = not live and request.of == "webview" and request.operation == "create"
        fresh = fresh and request.mode == "authoritative"
        steps.append(Step("set" if fresh and request.may_set else "add", added))
    if removed:
        steps.append(Step("delete", tuple(value for each in removed for value in live[each])))
    return tuple(steps)


def _refusals(
    request: PlanRequest,
    existing: LiveList,
    removed: tuple[Listed, ...],
    added: tuple[Listed, ...],
    other_modes: frozenset[Listed],
) -> tuple[Refusal, ...]:
    if request.of in PLATFORM and not request.allow_mass_removal:
        refusal = refuse_removal(request.appid, removed, deletes=request.operation == "delete")
        if refusal:
            return (refusal,)
    if request.operation == "delete":
        return ()
    refusals = [refuse_unseen(request, removed)]
    ours = [each for each in existing.domains if each not in other_modes]
    lists = request.managed or ("",)  # what WeChat limits and we guard is one list
    # The safety valve is for domains: on a platform's list any removal is refused, and five hosts need none.
    for kind in lists if request.of in OTHER_CHANNEL else ():
        gone = _of(kind, removed)
        if gone and not request.allow_mass_removal:
            empties = empties_list(request.mode, _of(kind, request.desired))
            refusals.append(
                refuse_mass_removal(request.appid, _of(kind, ours), gone, empties=empties, kind=kind)
            )
    for kind in lists:
        live = len(_of(kind, [domain for _, domain in existing.entries]))
        most = existing.limit or MOST[request.of]
        new, gone = _of(kind, added), _of(kind, removed)
        live -= len(gone) if request.of == "prefetch" else 0  # one call replaces the list
        refusals.append(refuse_overflow(request, live, new, gone, kind=kind, most=most))
    return tuple(refusal for refusal in refusals if refusal)


def _of(kind: str, domains: Sequence[Listed]) -> list[Listed]:
    """Return the domains of one list: those of a kind of server domains, or all webview domains."""
    return [each for each in domains if not kind or kind_of_entry(each) == kind]
