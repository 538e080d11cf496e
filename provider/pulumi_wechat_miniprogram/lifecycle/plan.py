"""What one operation will do to the live list: a value, computed without touching anything.

The rules come from design section 5 and from WeChat's page of `setwebviewdomain_directly`: a domain that
is live and set again is out of force until the next release, so only the difference is ever sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, canonical_or_verbatim, is_domain

__all__ = [
    "MASS_REMOVAL_FLOOR",
    "MASS_REMOVAL_SHARE",
    "Action",
    "Mode",
    "Operation",
    "Plan",
    "PlanRefused",
    "PlanRequest",
    "Refusal",
    "Step",
    "empties_list",
    "make_plan",
    "outsiders",
    "refuse_mass_removal",
]

Mode = Literal["authoritative", "additive"]
Operation = Literal["create", "update", "delete"]
Action = Literal["set", "add", "delete"]

MASS_REMOVAL_SHARE = 0.3
"""Share of the list that one operation may remove: beyond it a mistake is likelier than an intention."""
MASS_REMOVAL_FLOOR = 10
"""Lists shorter than this are not guarded by share: a third of three domains is an everyday change."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked of one Mini Program.

    `desired` is the declaration (empty for a delete), `known` the domains in the state, `added` those that
    this resource put there, `declared_elsewhere` what any resource of the running operation declares for
    the same appid. All are canonical, or verbatim where the rules refuse a live value. `recorded_mode` is
    the mode in the state: a refresh of an additive resource records no domain of others.
    """

    appid: str
    operation: Operation
    mode: Mode
    desired: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    recorded_mode: Mode = "authoritative"
    declared_elsewhere: frozenset[str] = frozenset()
    overwrite_existing: bool = False
    allow_mass_removal: bool = False
    may_set: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One write: the action and the values as they are sent (a delete in the server's own spelling)."""

    action: Action
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is written: a stable code, the domains concerned and a text with the way out."""

    code: str
    domains: tuple[str, ...]
    text: str


class PlanRefused(Exception):
    """A plan that would harm the live list; nothing was written for it."""

    def __init__(self, refusals: Sequence[Refusal], note: str = "") -> None:
        """Keep the refusals; the message is all their texts, then a note on what went before."""
        self.refusals = tuple(refusals)
        super().__init__("\n".join([*(refusal.text for refusal in refusals), *([note] if note else [])]))


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that lead from `existing` to `desired`, in order, and why there may be none.

    `spared` would have been removed but another resource of the running operation declares it;
    `left` stays on the list although this resource declared it, since it did not put it there.
    """

    appid: str
    operation: Operation
    mode: Mode
    existing: tuple[str, ...]
    desired: tuple[str, ...]
    steps: tuple[Step, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    spared: tuple[str, ...]
    left: tuple[str, ...]
    refusals: tuple[Refusal, ...]


def outsiders(request: PlanRequest, existing: Sequence[str]) -> tuple[str, ...]:
    """Return the live domains that neither declaration nor state names, sorted."""
    expected = {*request.desired, *request.known}
    return tuple(sorted({canonical_or_verbatim(value) for value in existing} - expected))


def make_plan(
    request: PlanRequest, existing: Sequence[str], *, other_modes: frozenset[str] = frozenset()
) -> Plan:
    """Decide what to send, from the live list as WeChat spells it.

    `other_modes` are domains that only the console or mode one lists: they are never ours to remove.
    """
    spellings: dict[str, list[str]] = {}
    for value in existing:
        spellings.setdefault(canonical_or_verbatim(value), []).append(value)
    desired = dict.fromkeys(request.desired)
    removable = [key for key in _claimed(request, spellings) if key not in other_modes]
    removed = tuple(key for key in removable if key not in request.declared_elsewhere)
    added = tuple(key for key in desired if key not in spellings)
    refusals = _refusals(request, spellings, removed, added, other_modes)
    return Plan(
        appid=request.appid,
        operation=request.operation,
        mode=request.mode,
        existing=tuple(existing),
        desired=request.desired,
        steps=() if refusals else _steps(request, spellings, added, removed),
        added=added,
        removed=removed,
        kept=tuple(key for key in desired if key in spellings),
        spared=tuple(key for key in removable if key in request.declared_elsewhere),
        left=_left(request, spellings, removable),
        refusals=refusals,
    )


def empties_list(mode: Mode, desired: Sequence[str]) -> bool:
    """Tell whether a declaration asks for an empty list, which is guarded at any size."""
    return mode == "authoritative" and not desired


def refuse_mass_removal(
    appid: str, before: Sequence[str], removed: Sequence[str], *, empties: bool
) -> Refusal | None:
    """Guard a list against a removal that looks like a mistake.

    `empties` tells that an authoritative declaration is empty, which is refused at any size.
    """
    names = ", ".join(removed)
    if empties:
        what = f" and would remove {len(removed)} of {len(before)}: {names}" if removed else ""
        text = (
            f"`domains` of {appid} is empty{what}. If this is meant, set allow_mass_removal=True on the "
            "resource for as long as its list is empty."
        )
        return Refusal("mass-removal", tuple(removed), text)
    if len(before) < MASS_REMOVAL_FLOOR or len(removed) <= MASS_REMOVAL_SHARE * len(before):
        return None
    share = f"{len(removed)} of {len(before)} domains ({len(removed) / len(before):.0%})"
    text = (
        f"{share} of {appid} would be removed, more than {MASS_REMOVAL_SHARE:.0%}: {names}. "
        "If this is meant, set allow_mass_removal=True on the resource for this one update."
    )
    return Refusal("mass-removal", tuple(removed), text)


def _claimed(request: PlanRequest, live: dict[str, list[str]]) -> list[str]:
    """Live domains that this operation would take off the list, in the list's order."""
    if request.mode == "additive":
        claim = set(request.added)
    elif request.operation == "delete":
        claim = set(request.known)
    else:
        claim = set(live)
    return [key for key in live if key in claim and key not in request.desired]


def _left(request: PlanRequest, live: dict[str, list[str]], removable: Sequence[str]) -> tuple[str, ...]:
    if request.mode == "authoritative":
        return ()
    return tuple(k for k in request.known if k in live and k not in request.desired and k not in removable)


def _steps(
    request: PlanRequest, live: dict[str, list[str]], added: tuple[str, ...], removed: tuple[str, ...]
) -> tuple[Step, ...]:
    steps: list[Step] = []
    if added:
        fresh = not live and request.operation == "create" and request.mode == "authoritative"
        steps.append(Step("set" if fresh and request.may_set else "add", added))
    if removed:
        steps.append(Step("delete", tuple(value for key in removed for value in live[key])))
    return tuple(steps)


def _refusals(
    request: PlanRequest,
    live: dict[str, list[str]],
    removed: tuple[str, ...],
    added: tuple[str, ...],
    other_modes: frozenset[str],
) -> tuple[Refusal, ...]:
    if request.operation == "delete":
        return ()
    refusals = [
        _refuse_unseen(request, removed),
        _refuse_removal(request, live, removed, other_modes),
        _refuse_overflow(request, sum(map(len, live.values())), added, removed),
    ]
    return tuple(refusal for refusal in refusals if refusal)


def _refuse_unseen(request: PlanRequest, removed: tuple[str, ...]) -> Refusal | None:
    unseen = tuple(key for key in removed if key not in request.known and key not in request.added)
    if not unseen or request.overwrite_existing:
        return None
    names = ", ".join(unseen)
    may_be_declared = all(map(is_domain, unseen))
    it, was = ("it", "was") if len(unseen) == 1 else ("them", "were")
    if request.operation == "create":
        use = f"Add {it} to `domains`, use" if may_be_declared else "Use"
        text = (
            f"create would remove {names} from {request.appid}, which this program does not declare. "
            f'{use} mode="additive", or set overwrite_existing=True. If a replacement asks for this, remove '
            "the domains by an update of their own first."
        )
        return Refusal("undeclared-live-domain", unseen, text)
    ways = ["set overwrite_existing=True"]
    if may_be_declared:
        ways.insert(0, f"add {it} to `domains`")
    if request.recorded_mode == "authoritative":
        ways.insert(0, "run `pulumi refresh`, after which the preview shows the removal")
    text = (
        f"{names} on the live list of {request.appid} {was} added outside this stack: the state has never "
        f"seen {it}, and this operation would remove {it}. To proceed, {', or '.join(ways)}."
    )
    return Refusal("unseen-live-domain", unseen, text)


def _refuse_removal(
    request: PlanRequest, live: dict[str, list[str]], removed: tuple[str, ...], other_modes: frozenset[str]
) -> Refusal | None:
    if request.allow_mass_removal or not removed:
        return None
    empties = empties_list(request.mode, request.desired)
    ours = [key for key in live if key not in other_modes]
    return refuse_mass_removal(request.appid, ours, removed, empties=empties)


def _refuse_overflow(
    request: PlanRequest, live_count: int, added: tuple[str, ...], removed: tuple[str, ...]
) -> Refusal | None:
    total = live_count + len(added)
    if not added or total <= MAX_DOMAINS:
        return None
    text = (
        f"{request.operation} would bring {request.appid} to {total} domains before anything is removed, "
        f"WeChat takes {MAX_DOMAINS}: {live_count} are live, {len(added)} are new."
    )
    if removed:
        text += (
            " Go in two steps: first an update that only removes "
            f"({', '.join(removed)}), then one that adds ({', '.join(added)})."
        )
    return Refusal("limit", added, text)
