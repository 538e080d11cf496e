"""What an update does to each Mini Program: from steps of the engine, or from states and a list of apps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.forecast import NoForecast, forecast
from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.exports.marks import UNKNOWN
from pulumi_wechat_miniprogram.exports.reader import Export, ExportUnreadable
from pulumi_wechat_miniprogram.exports.state import from_wire
from pulumi_wechat_miniprogram.lifecycle.domain import Domain
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.lifecycle.state import Mode

SAME: Final = frozenset({"same", "read", "refresh"})
"""What the engine calls steps that change nothing."""
_PARTS: Final = frozenset({"create-replacement", "delete-replaced"})
"""The two halves of a replacement, which the engine also reports as a whole."""
_MASKED: Final = "[secret]"


@dataclass(frozen=True, slots=True)
class Planned:
    """What an operation does or did to one Mini Program, in the engine's word for it.

    `in_force` are those of the removed domains that are in force now.
    """

    appid: str
    operation: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    in_force: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """One Mini Program of a manifest, its domains canonical."""

    appid: str
    domains: Sequence[Domain]
    mode: Mode
    allow_mass_removal: bool


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A Mini Program of which an update is refused, or cannot be foreseen, and why."""

    appid: str
    reason: str


def of_step(
    appid: str,
    operation: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    *,
    shared: Collection[str] = (),
) -> Planned:
    """Return what a step of the engine does; a side is a resource as the engine describes it.

    An additive resource removes only what it added. What other resources declare (`shared`) stays, and so do
    kinds of server domains that the resource no longer manages.
    """
    held, wanted = _held(old), _held(new)
    before, after = _domains(held), _domains(wanted)
    mode = wanted.get("mode") or held.get("mode")
    owned = [*_texts(held.get("added_domains")), *_domains(held.get("added") or {})]
    kinds = {name for name in KINDS if isinstance(wanted.get(name), list)} if wanted else {*KINDS}
    removed = tuple(
        domain
        for domain in before
        if domain not in after
        and domain not in shared
        and (mode != "additive" or domain in owned)
        and (" " not in domain or domain.partition(" ")[0] in kinds)
    )
    effective = {*_texts(held.get("effective_domains")), *_domains(held.get("effective") or {})}
    return Planned(
        appid,
        operation,
        tuple(domain for domain in after if domain not in before),
        removed,
        tuple(domain for domain in removed if domain in effective),
    )


def _held(side: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what the state holds, or what the program declares where that is all."""
    return from_wire({**(side.get("inputs") or {}), **(side.get("outputs") or {})}) if side else {}


def _domains(held: Mapping[str, Any]) -> Sequence[str]:
    lists = ((name, _texts(held.get(name))) for name in ("domains", "hosts", *KINDS))
    return [f"{name} {domain}" if name in KINDS else domain for name, found in lists for domain in found]


def _texts(found: object) -> Sequence[str]:
    known = [item for item in found if isinstance(item, str)] if isinstance(found, list) else []
    return ["one that is not known yet" if item == UNKNOWN else item for item in known]


def of_preview(document: object, source: str) -> Iterator[Planned | Unplanned]:
    """Yield what each step of a `pulumi preview --json` does to a Mini Program, and why it failed, if it did.

    Raises:
        ExportUnreadable: it is something else.
    """
    steps = document.get("steps") if isinstance(document, dict) else None
    if not isinstance(steps, list) or not all(isinstance(step, dict) and "op" in step for step in steps):
        raise ExportUnreadable(f"{source} is not the output of `pulumi preview --json`")
    diagnostics = document.get("diagnostics") if isinstance(document, dict) else None
    for said in diagnostics or ():
        if said.get("severity") == "error":
            name = str(said.get("urn") or "the preview").rpartition("::")[2]
            yield Unplanned(name, said["message"].strip())
    ours = [step for step in steps if kind_of(_type(step))]
    replaced = {step.get("urn") for step in ours if step["op"] == "replace"}
    declaring = _declaring(ours)
    for step in ours:
        is_part = step["op"] in _PARTS and step.get("urn") in replaced
        if step["op"] not in SAME and not is_part:
            yield from _of_ours(step, declaring)


def _type(step: Mapping[str, Any]) -> str:
    side = step.get("newState") or step.get("oldState") or {}
    return str(side.get("type", ""))


_Declaring = Mapping[str, Mapping[str, AbstractSet[str]]]
"""By account and domain, the URNs of the resources that the program declares it in."""


def _declaring(steps: Iterable[Mapping[str, Any]]) -> _Declaring:
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for step in steps:
        side = step.get("newState")
        for domain in _domains(_held(side)):
            found[_account(side, "")][domain].add(str(step.get("urn")))
    return found


def _of_ours(step: Mapping[str, Any], declaring: _Declaring) -> Iterator[Planned | Unplanned]:
    old, new, urn = step.get("oldState"), step.get("newState"), str(step.get("urn"))
    before, now = (_account(side, urn) for side in (old, new))
    if any(_is_masked(_held(side)) for side in (old, new)):
        yield Unplanned(now or before, "its domains are secret, and a preview masks them")
        return
    if old and old.get("retainOnDelete") and step["op"] not in {"update", "create"}:
        old = None  # its domains stay
    loser = before if old and new else now or before
    shared = {domain for domain, urns in declaring.get(loser, {}).items() if urns - {urn}}
    if old and new and before != now:
        yield of_step(before, "delete", old, None, shared=shared)
        yield of_step(now, "create", None, new)
    else:
        yield of_step(loser, step["op"], old, new, shared=shared)


def _account(side: Mapping[str, Any] | None, otherwise: str) -> str:
    held = _held(side)
    return str(held.get("appid") or held.get("component_appid") or otherwise) if side else ""


def _is_masked(held: Mapping[str, Any]) -> bool:
    return any(
        found == _MASKED or (isinstance(found, list) and _MASKED in found)
        for found in (held.get(name) for name in ("domains", "hosts", *KINDS))
    )


def of_manifest(
    exports: Sequence[Export], apps: Iterable[Declared], project: str
) -> Iterator[Planned | Unplanned]:
    """Yield what an update of these apps does, if what the states of their project hold is live.

    An app of the project that is not among them goes, with what its resource owns.
    """
    own = [export for export in exports if export.stack_name.startswith(f"{project}/")]
    holding: defaultdict[str, list[Export]] = defaultdict(list)
    for export in own:
        for appid in {each.recorded.appid for each in export.domains}:
            holding[appid].append(export)
    declared = set()
    for app in apps:
        declared.add(app.appid)
        try:
            plan = forecast(
                holding[app.appid],
                app.appid,
                app.domains,
                mode=app.mode,
                allow_mass_removal=app.allow_mass_removal,
            ).plan
        except NoForecast as error:
            yield Unplanned(app.appid, str(error))
            continue
        if plan.refusals:
            yield Unplanned(app.appid, "\n".join(refusal.text for refusal in plan.refusals))
        elif plan.added or plan.removed or plan.operation == "create":
            in_force = _in_force(holding[app.appid], app.appid, plan.removed)
            yield Planned(app.appid, plan.operation, plan.added, plan.removed, in_force)
    for recorded in (each.recorded for export in own for each in export.domains):
        if recorded.appid not in declared:
            gone = recorded.domains if recorded.mode == "authoritative" else recorded.added_domains
            in_force = tuple(domain for domain in gone if domain in recorded.effective_domains)
            yield Planned(recorded.appid, "delete", (), tuple(gone), in_force)


def _in_force(exports: Iterable[Export], appid: str, domains: Iterable[str]) -> tuple[str, ...]:
    stored = (each.recorded for export in exports for each in export.domains)
    effective = {domain for each in stored if each.appid == appid for domain in each.effective_domains}
    return tuple(domain for domain in domains if domain in effective)
