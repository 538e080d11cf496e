"""What a run of a fleet did or would do, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pulumi_wechat_miniprogram.cli.console import plural
from pulumi_wechat_miniprogram.cli.planned import as_markdown, as_text, counted, plain, totals_of
from pulumi_wechat_miniprogram.exports.planned import SAME, Planned
from pulumi_wechat_miniprogram.fleet.work import Outcome
from pulumi_wechat_miniprogram.safety.text import printable


def render(command: str, outcomes: Sequence[Outcome], form: str) -> str:
    """Return the whole: totals first, then apps with their domains, then what failed, each cause once."""
    if form == "json":
        return json.dumps(_document(command, outcomes), indent=2)
    lines = _text(command, outcomes) if form == "text" else _markdown(command, outcomes)
    return printable("\n".join(lines))


def _document(command: str, outcomes: Sequence[Outcome]) -> Mapping[str, Any]:
    return {
        "version": 1,
        "command": command,
        "totals": _totals(outcomes),
        "stacks": [outcome.to_json() for outcome in outcomes],
    }


def _totals(outcomes: Sequence[Outcome]) -> Mapping[str, int]:
    """Return the figures that come first."""
    changes = _changes(outcomes)
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    return {
        "stacks": len(outcomes),
        "stacks done": sum(outcome.status == "done" for outcome in outcomes),
        "apps": sum(outcome.apps for outcome in outcomes)
        + sum(each.operation == "delete" for each in changes),
        "apps changed": len(changes),
        "domains added": sum(len(change.added) for change in changes),
        "domains removed": sum(len(change.removed) for change in changes),
        "domains removed in force": sum(len(change.in_force) for change in changes),
        "apps failed": len(failures),
    }


def _headline(command: str, outcomes: Sequence[Outcome]) -> str:
    found = _totals(outcomes)
    doing = "would change" if command == "preview" else "changed"
    failed = f", {plural(found['apps failed'], 'app')} failed" if found["apps failed"] else ""
    return (
        f"{command}: {found['stacks done']} of {plural(found['stacks'], 'stack')} done, "
        f"{found['apps changed']} of {plural(found['apps'], 'app')} {doing}: "
        f"{totals_of(_changes(outcomes))}{failed}"
    )


def _text(command: str, outcomes: Sequence[Outcome]) -> list[str]:
    lines = [_headline(command, outcomes)]
    if table := as_text(_changes(outcomes)):
        lines += ["", table, ""]
    for names, message in _problems(outcomes):
        first, *more = message.splitlines() or [""]
        lines += [f"{names}{first and f': {first}'}", *(f"  {line.strip()}" for line in more)]
    return lines


def _markdown(command: str, outcomes: Sequence[Outcome]) -> list[str]:
    lines = [f"**{_headline(command, outcomes)}**", *as_markdown(_changes(outcomes))]
    for names, message in _problems(outcomes):
        lines += ["", f"- {names}: {plain(message)}"]
    return lines


def _changes(outcomes: Iterable[Outcome]) -> list[Planned]:
    return [change for outcome in outcomes for change in outcome.changes if change.operation not in SAME]


def _problems(outcomes: Iterable[Outcome]) -> Iterable[tuple[str, str]]:
    """Yield each cause once, with the apps or stacks that it is the same for."""
    apps: dict[str, list[tuple[str, str]]] = {}
    stacks: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        for failure in outcome.failures:
            apps.setdefault(failure.alike, []).append((failure.appid, failure.message))
        if outcome.status != "done" and (outcome.message or not outcome.failures):
            stacks.setdefault((outcome.status, outcome.message), []).append(outcome.stack)
    for same in apps.values():
        yield counted("app", [appid for appid, _ in same]), same[0][1]
    for (status, message), names in stacks.items():
        yield f"{counted('stack', names)} {status}", message
