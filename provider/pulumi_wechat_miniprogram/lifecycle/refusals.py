"""Why an operation is not done: what it would do to a live list, and each way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.lifecycle.domain import Domain, Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import hosts_of
from pulumi_wechat_miniprogram.lifecycle.server_domain import kind_of_entry
from pulumi_wechat_miniprogram.safety.errors import UserError

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.lifecycle.plan import PlanRequest
    from pulumi_wechat_miniprogram.lifecycle.state import ModeLists

MASS_REMOVAL_SHARE = 0.3
"""Share of the list that one operation may remove: beyond it a mistake is likelier than an intention."""
MASS_REMOVAL_FLOOR = 10
"""Lists shorter than this are not guarded by share: a third of three domains is an everyday change."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is written: a stable code, the domains concerned and a text with the way out."""

    code: str
    domains: tuple[Listed, ...]
    text: str


class PlanRefused(UserError):
    """A plan that would harm the live list; nothing was written for it. The message is all its texts."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(refusal.text for refusal in refusals))


def refuse_mass_removal(
    appid: str, before: Sequence[Listed], removed: Sequence[Listed], *, empties: bool, kind: str = ""
) -> Refusal | None:
    """Guard a list against a removal that looks like a mistake.

    `empties` means that an authoritative declaration is empty, which is refused at any size. The list is the
    one of a `kind` of server domains, or that of webview domains.
    """
    names = ", ".join(removed)
    if empties:
        what = f" and would remove {len(removed)} of {len(before)}: {names}" if removed else ""
        until = "this one update" if kind else "as long as its list is empty"
        text = (
            f"`{kind or 'domains'}` of {appid} is empty{what}. If this is intended, set "
            f"allow_mass_removal=True on the resource for {until}."
        )
        return Refusal("mass-removal", tuple(removed), text)
    if len(before) < MASS_REMOVAL_FLOOR or len(removed) <= MASS_REMOVAL_SHARE * len(before):
        return None
    of = f"`{kind}` domains" if kind else "domains"
    share = f"{len(removed)} of {len(before)} {of} ({len(removed) / len(before):.0%})"
    text = (
        f"{share} of {appid} would be removed, which is more than {MASS_REMOVAL_SHARE:.0%}: {names}. "
        "If this is intended, set allow_mass_removal=True on the resource for this one update."
    )
    return Refusal("mass-removal", tuple(removed), text)


def refuse_unseen(request: PlanRequest, removed: Sequence[Listed]) -> Refusal | None:
    """Refuse to remove a live domain that neither the program nor the state has ever named."""
    unseen = tuple(each for each in removed if each not in request.known and each not in request.added)
    if not unseen or request.overwrite_existing:
        return None
    names = ", ".join(unseen)
    may_be_declared = all(isinstance(each, Domain) for each in unseen)
    it, was = ("it", "was") if len(unseen) == 1 else ("them", "were")
    ways = ["set overwrite_existing=True"]
    if request.of != "prefetch":
        ways.insert(0, 'use mode="additive"')
    if may_be_declared:
        ways.insert(0, f"add {it} to {_inputs(request, unseen)}")
    ways_in = ", ".join(ways[:-1]) + f", or {ways[-1]}." if ways[1:] else f"{ways[0]}."
    ways_in = ways_in[0].upper() + ways_in[1:]
    if request.operation == "create":
        text = (
            f"create would remove {names} from {request.appid}, which this program does not declare. "
            f"{ways_in} If this is part of a replacement, remove the domains in a separate update first."
        )
        return Refusal("undeclared-live-domain", unseen, text)
    if request.operation == "import":
        text = (
            f"{names} of {request.appid} {was} imported, but this program does not declare {it}: it would be "
            f"removed. {ways_in}"
        )
        return Refusal("undeclared-live-domain", unseen, text)
    ways = ["set overwrite_existing=True"]
    if may_be_declared:
        ways.insert(0, f"add {it} to {_inputs(request, unseen)}")
    refreshed = not request.managed or all(kind_of_entry(each) in request.recorded_kinds for each in unseen)
    if request.recorded_mode == "authoritative" and refreshed:
        ways.insert(0, "run `pulumi refresh`, after which the preview shows the removal")
    text = (
        f"{names} on the live list of {request.appid} {was} added outside Pulumi: the state does not contain "
        f"{it}, and this operation would remove {it}. To proceed, {', or '.join(ways)}."
    )
    return Refusal("unseen-live-domain", unseen, text)


def _inputs(request: PlanRequest, domains: Sequence[Listed]) -> str:
    """Name the inputs that would declare these domains."""
    by_kind = request.of in {"server", "registered-server"}
    names = dict.fromkeys(map(kind_of_entry, domains)) if by_kind else ("domains",)
    names = ("hosts",) if request.of == "prefetch" else names
    return " and ".join(f"`{name}`" for name in names)


def refuse_late_move(
    appid: str, domains: Sequence[Listed], *, to_other_channel: bool = False
) -> list[Refusal]:
    """Refuse a preview in which one operation removes a domain in force, and a later one adds it again."""
    if not domains:
        return []
    if to_other_channel:
        text = (
            f"{', '.join(domains)} of {appid} would be removed from the other channel and added to this one "
            "in the same update, and would not be in force until the next release of the Mini Program. Keep "
            "both, release the Mini Program, then remove the first."
        )
        return [Refusal("change-of-channel", tuple(domains), text)]
    names = ", ".join(domains)
    text = (
        f"{names} of {appid} would be removed by a resource that the engine updates earlier and added again "
        "by this one, and would not be in force until the next release of the Mini Program. Make the "
        "resource that drops it depend on this one (depends_on, dependsOn), or drop it in a later update."
    )
    return [Refusal("late-move", tuple(domains), text)]


def refuse_removal(component: str, removed: Sequence[Listed], *, deletes: bool = False) -> Refusal | None:
    """Refuse to take hosts off a platform's list, where every app that has one of them would lose it."""
    if not removed:
        return None
    hosts = hosts_of(removed)
    it = "it" if len(hosts) == 1 else "them"
    how = (
        "set allow_removal=True on the resource and run `pulumi up`, then delete it; to leave the hosts on "
        "the list, remove the resource from the state with `pulumi state delete`"
        if deletes
        else "set allow_removal=True on the resource for this one update"
    )
    text = (
        f"{', '.join(hosts)} would leave the list of the platform {component}. Each Mini Program that has "
        f"{it} in the registered channel then loses {it} at its next release. If this is intended, {how}."
    )
    return Refusal("platform-removal", tuple(removed), text)


def refuse_change_of_channel(
    request: PlanRequest, removed: Sequence[Listed], lists: ModeLists
) -> list[Refusal]:
    """Refuse to remove a domain in force that this run declares in the other channel.

    It is in force there only after a release, and WeChat does not tell through which channel one is.
    """
    in_force = [each for each in removed if each in lists.effective]
    declared = [
        each
        for each in in_force
        if each in request.moved
        or (each in request.moving and not (request.released and each in lists.other_channel))
    ]
    if declared:
        return [_change_of_channel(request, tuple(declared), lists)]
    if request.may_move and not request.released and in_force:
        return [_perhaps_a_change_of_channel(request, tuple(in_force), lists)]
    return []


def _change_of_channel(request: PlanRequest, domains: tuple[Listed, ...], lists: ModeLists) -> Refusal:
    other = _other(lists)
    it, they, are = ("it", "it", "is") if len(domains) == 1 else ("them", "they", "are")
    text = (
        f"{', '.join(domains)} of {request.appid} {are} in force, and this program declares {it} in the "
        f"{other} channel too, where {they} would wait for the next release. If {they} were removed from the "
        f"{lists.channel} channel before that, {they} would not be in force. Keep {it} in both channels and "
        f"release the Mini Program; then remove {it} here with {_released(request)}."
    )
    return Refusal("change-of-channel", domains, text)


def _perhaps_a_change_of_channel(
    request: PlanRequest, domains: tuple[Listed, ...], lists: ModeLists
) -> Refusal:
    other = _other(lists)
    it, they, are = ("it", "it", "is") if len(domains) == 1 else ("them", "they", "are")
    text = (
        f"{', '.join(domains)} of {request.appid} {are} in force and will be removed, while a resource of "
        f"the {other} channel, whose domains are not known yet, may declare {it}: {they} would then not be "
        "in force until the next release. Remove domains that do not move in a separate update, or with "
        f"{_released(request)}."
    )
    return Refusal("change-of-channel", domains, text)


def _other(lists: ModeLists) -> str:
    return "registered" if lists.channel == "direct" else "direct"


def _released(request: PlanRequest) -> str:
    return f"WECHAT_MINIPROGRAM_RELEASED={request.appid} set for that command"


def refuse_overflow(
    request: PlanRequest,
    live_count: int,
    added: Sequence[Listed],
    removed: Sequence[Listed],
    *,
    kind: str,
    most: int,
) -> Refusal | None:
    """Refuse what would pass WeChat's limit of a list before anything is removed."""
    total = live_count + len(added)
    if not added or total <= most:
        return None
    of = f"`{kind}` domains" if kind else "domains"
    before = "" if request.of == "prefetch" else " before anything is removed"
    text = (
        f"{request.operation} would bring {request.appid} to {total} {of}{before}, but "
        f"WeChat accepts at most {most}: {live_count} are live and {len(added)} new."
    )
    if removed and request.of != "prefetch":
        text += (
            " Use two updates: one that only removes "
            f"({', '.join(removed)}), then one that adds ({', '.join(added)})."
        )
    return Refusal("limit", tuple(added), text)
