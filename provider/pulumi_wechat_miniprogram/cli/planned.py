"""What updates do to Mini Programs, for people: each change once, with the apps that it is the same for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

from pulumi_wechat_miniprogram.cli.console import plural, table_of, text_of
from pulumi_wechat_miniprogram.exports.planned import SAME, Planned
from pulumi_wechat_miniprogram.safety.text import one_line, some

_NAMED: Final = 3
"""How many apps are named where many share one error."""
_COMMENT: Final = 60_000
"""Characters for the changes: a comment on GitHub may have 65,536."""
_WORDS: Final = {"create": "new", "update": "changed", "delete": "removed", "replace": "replaced"}


def totals_of(changes: Iterable[Planned]) -> str:
    """Return how many domains come and go, and how many of these are in force."""
    found = [*changes]
    removed = sum(len(change.removed) for change in found)
    in_force = sum(len(change.in_force) for change in found)
    more = f" ({in_force} in force)" if in_force else ""
    return f"+{sum(len(change.added) for change in found)} −{removed} domains{more}"


def as_text(changes: Iterable[Planned]) -> str:
    """Return a table, nothing without changes."""
    rows = [row for change, appids in _shared(changes) for row in _rows(change, appids)]
    return text_of(table_of(("Mini Program", "change", "domains"), rows)) if rows else ""


def _rows(change: Planned, appids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Yield the lines of one change: the apps on the left, the domains on the right."""
    removed = (f"− {each}{' (in force)' if each in change.in_force else ''}" for each in change.removed)
    domains = [*(f"+ {each}" for each in change.added), *removed]
    for at, (appid, domain) in enumerate(zip_longest(appids, domains, fillvalue="")):
        yield appid, "" if at else _word(change), domain


def as_markdown(changes: Iterable[Planned]) -> list[str]:
    """Return the lines of a table that fits into a comment on GitHub."""
    shared = [*_shared(changes)]
    lines = ["", "| Mini Program | | domains |", "|---|---|---|"] if shared else []
    room = _COMMENT
    for at, (change, appids) in enumerate(shared):
        domains = [f"+ `{_cell(each)}`" for each in change.added]
        domains += [
            f"− `{_cell(each)}`{' in force' if each in change.in_force else ''}" for each in change.removed
        ]
        line = f"| {'<br>'.join(map(_cell, appids))} | {_word(change)} | {'<br>'.join(domains)} |"
        room -= len(line)
        if room < 0:
            left = sum(len(more) for _, more in shared[at:])
            return [*lines, "", f"{plural(left, 'more app')} would not fit here; `--format json` has all."]
        lines.append(line)
    return lines


def _word(change: Planned) -> str:
    return _WORDS.get(change.operation, change.operation)


def _shared(changes: Iterable[Planned]) -> Iterable[tuple[Planned, Sequence[str]]]:
    """Yield each change once, with the apps that it is the same for."""
    shared: dict[tuple[object, ...], list[Planned]] = {}
    for change in changes:
        if change.operation not in SAME:
            what = (change.operation, change.added, change.removed, change.in_force)
            shared.setdefault(what, []).append(change)
    for same in sorted(shared.values(), key=lambda each: min(change.appid for change in each)):
        yield same[0], sorted(change.appid for change in same)


def counted(noun: str, names: Sequence[str]) -> str:
    """Return how many there are, with the first names; of one only its name."""
    return names[0] if len(names) == 1 else f"{plural(len(names), noun)} ({some(names, _NAMED)})"


def _cell(text: str) -> str:
    return one_line(text).replace("`", "").replace("|", "\\|")


def plain(text: str) -> str:
    """Return a text in which Markdown finds no markup."""
    escaped = re.sub(r"([\\<>\[\]*_|`])", r"\\\1", " ".join(text.split()))
    return escaped.replace("@", "@&#8203;")  # an escaped @ would still mention people
