"""What a command prints: results to standard output, all else to standard error, no secret to either.

Only secrets that this process has used are masked here: a result is shown as it is. Foreign texts were
searched for what looks like a credential where they entered.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pulumi_wechat_miniprogram.safety.masking import mask, shown
from pulumi_wechat_miniprogram.safety.text import one_line, printable, some

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from pulumi_wechat_miniprogram.exports.adoption import NotAdopted
    from pulumi_wechat_miniprogram.exports.drift import AppDrift

Cell = str | Text
_WIDE: Final = 1_000_000
"""Columns, far more than a table has: rich fits what it prints to a width."""
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
"""How a cell begins that a spreadsheet runs."""


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def tell(text: str) -> None:
    """Print a line for a person, such as a warning or an error, to standard error."""
    sys.stderr.write(shown(text) + "\n")


def said_once(failed: Iterable[AppDrift | NotAdopted]) -> list[str]:
    """Return what to say about many apps that failed: a problem that they share is reported once, in full."""
    shared: dict[str, list[AppDrift | NotAdopted]] = {}
    for each in failed:
        shared.setdefault(each.alike, []).append(each)
    lines = []
    for alike in shared.values():
        first = max(alike, key=lambda each: len(each.problem))
        text = first.problem if first.appid in first.problem else f"{first.appid}: {first.problem}"
        others = some([each.appid for each in alike if each is not first])
        lines.append("\n  the same: ".join(filter(None, [text, others])))
    return lines


def print_text(text: str) -> None:
    """Print a result as it is, without secrets."""
    sys.stdout.write(mask(text) + "\n")


def print_json(document: object, *, indent: int | None = 2) -> None:
    """Print a result as JSON; its texts alone are searched for secrets, so that it stays JSON.

    Where a text holds what is not printable, or not in the output's encoding, all is escaped to ASCII.
    """
    found = cleaned(document)
    text = json.dumps(found, indent=indent, ensure_ascii=False)
    if printable(text) != text or not _encodable(text):
        text = json.dumps(found, indent=indent)
    sys.stdout.write(text + "\n")


def _encodable(text: str) -> bool:
    encoding = sys.stdout.encoding
    return text.encode(encoding, "replace").decode(encoding) == text


def cleaned(document: object) -> object:
    """Return a document without secrets in its texts."""
    return _clean(document, functools.cache(mask))


def _clean(value: object, clean: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: _clean(held, clean) for name, held in value.items()}
    return [_clean(held, clean) for held in value] if isinstance(value, (list, tuple)) else value


def print_csv(fields: Sequence[str], rows: Iterable[DataclassInstance]) -> None:
    """Print rows as CSV with a heading: blanks part the items of a list, a flag is true or false.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([_in_csv(getattr(row, name)) for name in fields] for row in rows)
    print_text(text.getvalue().rstrip("\n"))


def _in_csv(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = " ".join(value) if isinstance(value, tuple) else str(value)
    return one_line(f"'{text}" if _FORMULA.match(text) else text)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], summary: str) -> None:
    """Print rows for a person, and a line below."""
    print_rich(table_of(columns, rows), f"\n{summary}")


def table_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """Return rows for a person as a table."""
    clean = functools.cache(lambda text: one_line(mask(text)))
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(clean(cell)) for cell in row))
    return table


def print_rich(*parts: RenderableType) -> None:
    """Print for a person; see `text_of`."""
    print_text(text_of(*parts))


def text_of(*parts: RenderableType) -> str:
    """Return what a person reads; colours come only to a terminal and without NO_COLOR.

    Nothing is cut or wrapped: where a line is wider than the terminal, the terminal breaks it.
    """
    console = Console(width=_WIDE, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(*parts, sep="\n", soft_wrap=True)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
