"""What an update does to each Mini Program: from steps of the engine, or from states and a list of apps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.forecast import NoForecast, forecast
from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.exports.reader import Export, ExportUnreadable
from pulumi_wechat_miniprogram.exports.state import from_wire
from pulumi_wechat_miniprogram.lifecycle.domain import Domain
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.lifecycle.state import Mode

SAME: Final = frozenset({"same", "read", "refresh"})
"""What the engine calls steps that change nothing."""


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
    appid: str, operation: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Planned:
    """Return what a step of the engine does; a side is a resource as the engine tells of it."""
    held, wanted = _held(old), _held(new)
    before, after = _domains(held), _domains(wanted)
    removed = tuple(domain for domain in before if domain not in after)
    effective = {*(held.get("effective_domains") or ()), *_domains(held.get("effective") or {})}
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
    lists = [(name, held.get(name)) for name in ("domains", "hosts", *KINDS)]
    return [
        f"{name} {domain}" if name in KINDS else domain
        for name, found in lists
        if isinstance(found, list)
        for domain in found
        if isinstance(domain, str)
    ]


def of_preview(document: object, source: str) -> Iterator[Planned]:
    """Yield what each step of a `pulumi preview --json` does to a Mini Program.

    Raises:
        ExportUnreadable: it is something else.
    """
    steps = document.get("steps") if isinstance(document, dict) else None
    if not isinstance(steps, list) or not all(isinstance(step, dict) and "op" in step for step in steps):
        raise ExportUnreadable(f"{source} is not what `pulumi preview --json` printed")
    for step in steps:
        old, new = step.get("oldState"), step.get("newState")
        side = new or old or {}
        if kind_of(side.get("type", "")) and step["op"] not in SAME:
            held = {**_held(old), **_held(new)}
            appid = held.get("appid") or held.get("component_appid")
            yield of_step(str(appid or step.get("urn", "")), step["op"], old, new)


def of_manifest(
    exports: Sequence[Export], apps: Iterable[Declared], project: str
) -> Iterator[Planned | Unplanned]:
    """Yield what an update of these apps does, if what the states of their project hold is live.

    An app of the project that is not among them goes, with what its resource owns.
    """
    own = [export for export in exports if export.stack_name.startswith(f"{project}/")]
    declared = {app.appid for app in apps}
    for app in apps:
        try:
            plan = forecast(
                own, app.appid, app.domains, mode=app.mode, allow_mass_removal=app.allow_mass_removal
            ).plan
        except NoForecast as error:
            yield Unplanned(app.appid, str(error))
            continue
        if plan.refusals:
            yield Unplanned(app.appid, "\n".join(refusal.text for refusal in plan.refusals))
        elif plan.added or plan.removed or plan.operation == "create":
            effective = _effective(own, app.appid)
            yield Planned(
                app.appid,
                plan.operation,
                plan.added,
                plan.removed,
                tuple(domain for domain in plan.removed if domain in effective),
            )
    for each in (stored for export in own for stored in export.domains):
        recorded = each.recorded
        if recorded.appid not in declared:
            gone = recorded.domains if recorded.mode == "authoritative" else recorded.added_domains
            effective = set(recorded.effective_domains)
            in_force = tuple(domain for domain in gone if domain in effective)
            yield Planned(recorded.appid, "delete", (), tuple(gone), in_force)


def _effective(exports: Iterable[Export], appid: str) -> set[str]:
    stored = (each.recorded for export in exports for each in export.domains)
    return {domain for each in stored if each.appid == appid for domain in each.effective_domains}
