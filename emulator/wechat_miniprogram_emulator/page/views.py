"""What the page shows, computed from the data; no HTML, no HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from wechat_miniprogram_emulator.edits import WAYS
from wechat_miniprogram_emulator.faults import Fault, FaultRule
from wechat_miniprogram_emulator.model import AppState, CallRecord, Switches, union

SOURCES = {way.stored_as: way.source for way in WAYS.values()}


@dataclass(frozen=True)
class DomainRow:
    """One domain of an app: who configured it, whether it is in force, and what a release would change."""

    value: str
    configured_by: str
    in_force: bool
    after_release: bool


@dataclass(frozen=True)
class AppRow:
    """One app in the list, by counts."""

    appid: str
    configured: int
    in_force: int
    release: str
    releasable: bool


@dataclass(frozen=True)
class CallRow:
    """One line of the request log."""

    seq: int
    time: str
    name: str
    path: str | None
    appid: str | None
    domains: tuple[str, ...]
    answer: str
    applied: bool
    fault: str | None


@dataclass(frozen=True)
class FaultRow:
    """One armed fault."""

    number: int
    meets: str
    effect: str
    left: str


def domain_rows(state: AppState, after: AppState) -> list[DomainRow]:
    """Show each domain that an app has configured or in force; `after` is the app after a release."""
    configured = union(state.direct, state.mp, state.third)
    return [
        DomainRow(
            value,
            ", ".join(text for name, text in SOURCES.items() if value in getattr(state, name))
            or "nobody now",
            value in state.effective,
            value in after.effective,
        )
        for value in union(configured, state.effective)
    ]


def app_row(state: AppState, after: AppState) -> AppRow:
    """Count an app's domains, and those that a release would change; `after` is the app after it."""
    configured, in_force = set(union(state.direct, state.mp, state.third)), set(state.effective)
    released = set(after.effective)
    changes = (("adds", len(released - in_force)), ("drops", len(in_force - released)))
    effect = ", ".join(f"{what} {count}" for what, count in changes if count)
    return AppRow(state.appid, len(configured), len(in_force), effect or "no change", bool(effect))


def call_row(call: CallRecord) -> CallRow:
    """Show a call; its path only where its name does not tell the endpoint."""
    if call.errcode is None:
        answer = "no errcode" if call.fault else "no such endpoint"
    else:
        answer = str(call.errcode or "ok")
    return CallRow(
        call.seq,
        show_time(call.time),
        call.name,
        call.path if call.path.endswith(f"/{call.name}") else None,
        call.appid,
        call.domains,
        answer,
        call.applied,
        call.fault,
    )


def fault_row(fault: Fault) -> FaultRow:
    """Show an armed fault."""
    rule = fault.rule
    often = "for ever" if fault.remaining is None else f"{fault.remaining} more"
    return FaultRow(
        fault.number, _meets(rule), _effect(rule), f"{often}, after {fault.skip}" if fault.skip else often
    )


def moved_switches(switches: Switches) -> Mapping[str, str]:
    """Give the switches that are not in their default position."""
    default = Switches().model_dump()
    return {name: str(at) for name, at in switches.model_dump().items() if at != default[name]}


def show_time(at: float) -> str:
    """Write a time of the emulator's clock, in UTC, to the second."""
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=int(at))
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _meets(rule: FaultRule) -> str:
    chance = "" if rule.probability is None else f"{rule.probability:.0%} of "
    what = f"{chance}{rule.action or 'all'} calls"
    where = "" if rule.path is None else f" to {rule.path}"
    return what + where + ("" if rule.appid is None else f" for {rule.appid}")


def _effect(rule: FaultRule) -> str:
    text = rule.label
    if rule.errmsg is not None:
        text += f": {rule.errmsg}"
    if rule.body is not None:
        text += f": {rule.body}"
    return text + (", after the call took effect" if rule.apply else "")
