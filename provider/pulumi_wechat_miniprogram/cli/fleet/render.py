"""What a run of a fleet did or would do, for people and for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from pulumi_wechat_miniprogram.cli.console import plural, table_of, text_of
from pulumi_wechat_miniprogram.fleet.work import SAME, AppChange, Outcome
from pulumi_wechat_miniprogram.safety.text import one_line, printable

_NAMED = 3
"""How many apps are named where many share one error."""
_COMMENT = 60_000
"""Characters for the changes: a comment on GitHub may have 65,536."""
_WORDS = {"create": "new", "update": "changed", "delete": "removed", "replace": "replaced"}


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
    changes = [change for outcome in outcomes for change in outcome.changes if change.operation not in SAME]
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    return {
        "stacks": len(outcomes),
        "stacks done": sum(outcome.status == "done" for outcome in outcomes),
        "apps": sum(outcome.apps for outcome in outcomes),
        "apps changed": len(changes),
        "domains added": sum(len(change.added) for change in changes),
        "domains removed": sum(len(change.removed) for change in changes),
        "apps failed": len(failures),
    }


def _headline(command: str, outcomes: Sequence[Outcome]) -> str:
    found = _totals(outcomes)
    doing = "would change" if command == "preview" else "changed"
    failed = f", {plural(found['apps failed'], 'app')} failed" if found["apps failed"] else ""
    return (
        f"{command}: {found['stacks done']} of {plural(found['stacks'], 'stack')} done, "
        f"{found['apps changed']} of {plural(found['apps'], 'app')} {doing}: "
        f"+{found['domains added']} −{found['domains removed']} domains{failed}"
    )


def _text(command: str, outcomes: Sequence[Outcome]) -> list[str]:
    lines = [_headline(command, outcomes)]
    if rows := [row for change, appids in _changes(outcomes) for row in _rows(change, appids)]:
        lines += ["", text_of(table_of(("Mini Program", "change", "domains"), rows)), ""]
    for names, message in _problems(outcomes):
        first, *more = message.splitlines() or [""]
        lines += [f"{names}{first and f': {first}'}", *(f"  {line.strip()}" for line in more)]
    return lines


def _rows(change: AppChange, appids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Yield the lines of one change: the apps on the left, the domains on the right."""
    domains = [*(f"+ {each}" for each in change.added), *(f"− {each}" for each in change.removed)]
    for at, (appid, domain) in enumerate(zip_longest(appids, domains, fillvalue="")):
        yield appid, "" if at else _word(change), domain


def _markdown(command: str, outcomes: Sequence[Outcome]) -> list[str]:
    lines = [f"**{_headline(command, outcomes)}**"]
    changes = [*_changes(outcomes)]
    if changes:
        lines += ["", "| Mini Program | | domains |", "|---|---|---|"]
    room = _COMMENT
    for at, (change, appids) in enumerate(changes):
        domains = [f"+ `{_cell(each)}`" for each in change.added]
        domains += [f"− `{_cell(each)}`" for each in change.removed]
        line = f"| {'<br>'.join(appids)} | {_word(change)} | {'<br>'.join(domains)} |"
        room -= len(line)
        if room < 0:
            left = sum(len(more) for _, more in changes[at:])
            lines += ["", f"{plural(left, 'more app')} would not fit here; `--format json` has all of them."]
            break
        lines.append(line)
    for names, message in _problems(outcomes):
        lines += ["", f"- {names}: {_plain(message)}"]
    return lines


def _word(change: AppChange) -> str:
    return _WORDS.get(change.operation, change.operation)


def _changes(outcomes: Iterable[Outcome]) -> Iterable[tuple[AppChange, Sequence[str]]]:
    """Yield each change once, with the apps that it is the same for."""
    shared: dict[tuple[object, ...], list[AppChange]] = {}
    for outcome in outcomes:
        for change in outcome.changes:
            if change.operation not in SAME:
                shared.setdefault((change.operation, change.added, change.removed), []).append(change)
    for same in sorted(shared.values(), key=lambda each: min(change.appid for change in each)):
        yield same[0], sorted(change.appid for change in same)


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
        yield some("app", [appid for appid, _ in same]), same[0][1]
    for (status, message), names in stacks.items():
        yield f"{some('stack', names)} {status}", message


def some(noun: str, names: Sequence[str]) -> str:
    """Name the first of many."""
    if len(names) == 1:
        return names[0]
    shown = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{plural(len(names), noun)} ({shown}{more})"


def _cell(domain: str) -> str:
    return one_line(domain).replace("`", "").replace("|", "\\|")


def _plain(text: str) -> str:
    return re.sub(r"([\\<>\[\]*_|`])", r"\\\1", " ".join(text.split()))
