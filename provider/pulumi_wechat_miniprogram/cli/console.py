"""What a command prints: results to standard output, all else to standard error, no secret to either."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pulumi_wechat_miniprogram.settings import redact

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "Cell",
    "plural",
    "print_csv",
    "print_json",
    "print_table",
    "print_text",
    "printable",
    "tell",
    "told_once",
]

Cell = str | Text
_WIDEST = 10_000
"""Columns where the output is no terminal: a line of a table is never broken there."""


def printable(text: str) -> str:
    """Return a text whose control characters are visible: a live domain is anybody's text."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def tell(text: str) -> None:
    """Print a line for a person, such as a warning or an error, to standard error."""
    sys.stderr.write(printable(redact(text)) + "\n")


def told_once(problems: Mapping[str, str]) -> list[str]:
    """Return what to say of the problems of many apps: one that they share is told for the first of them."""
    shared: dict[str, list[str]] = {}
    for appid, problem in problems.items():
        shared.setdefault(problem.replace(appid, "").removeprefix(": "), []).append(appid)
    lines = []
    for appids in shared.values():
        first = problems[appids[0]]
        text = first if appids[0] in first else f"{appids[0]}: {first}"
        lines.append(f"{text}\n  the same: {', '.join(appids[1:])}" if appids[1:] else text)
    return lines


def print_text(text: str) -> None:
    """Print a result as it is."""
    sys.stdout.write(redact(text) + "\n")


def print_json(document: object) -> None:
    """Print a result as JSON; its texts alone are searched for secrets, so that it stays JSON."""
    sys.stdout.write(json.dumps(_redacted(document), indent=2, ensure_ascii=False) + "\n")


def _redacted(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {name: _redacted(held) for name, held in value.items()}
    return [_redacted(held) for held in value] if isinstance(value, (list, tuple)) else value


def print_csv(fields: Sequence[str], rows: Iterable[DataclassInstance]) -> None:
    """Print rows as CSV with a heading: blanks part the items of a list, a flag is true or false."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([_in_csv(getattr(row, name)) for name in fields] for row in rows)
    print_text(text.getvalue().rstrip("\n"))


def _in_csv(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, tuple) else str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], summary: str) -> None:
    """Print rows for a person, and a line below; colours come only to a terminal and without NO_COLOR."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDEST
    table = Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row))
    with console.capture() as captured:
        console.print(table)
        console.print()
        console.print(Text(summary))
    lines = captured.get().splitlines()
    print_text("\n".join(line.rstrip() for line in lines))
