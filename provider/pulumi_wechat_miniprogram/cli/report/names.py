"""Names that people know Mini Programs by, from a file that the user keeps: JSON or CSV, appid to name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_wechat_miniprogram.settings import APPID
from pulumi_wechat_miniprogram.settings.secrets import NOT_AN_APPID

_SHOWN: Final = 10
"""Problems of one file that are reported; a file of another kind has one in each line."""
_EXPECTED: Final = (
    'expected a JSON object such as {"wx0123456789abcdef": "Bakery"}, '
    "or CSV lines such as wx0123456789abcdef,Bakery"
)


def read_names(content: bytes, source: str) -> Mapping[str, str]:
    """Return the name of each appid in a file.

    Raises:
        ValueError: with every problem of the file, each with its place.
    """
    try:
        text = content.decode("utf-8-sig")
        rows = list(_json(text) if text.lstrip().startswith("{") else _csv(text))
    except UnicodeDecodeError:
        raise ValueError(f"{source} is not UTF-8 text; {_EXPECTED}") from None
    except (ValueError, RecursionError, csv.Error) as error:
        raise ValueError(f"{source} cannot be read: {error}; {_EXPECTED}") from None
    names: dict[str, str] = {}
    problems = []
    for place, appid, name in rows:
        if problem := _problem(appid, name, names):
            problems.append(f"{source}, {place}: {problem}")
        else:
            names[str(appid)] = str(name).strip()
    if problems:
        left = len(problems) - _SHOWN
        more = [f"{source} has {left} more such problems"] if left > 0 else []
        raise ValueError("\n".join(problems[:_SHOWN] + more))
    return names


def _json(text: str) -> Iterator[tuple[str, object, object]]:
    for number, (appid, name) in enumerate(json.loads(text, object_pairs_hook=tuple), 1):
        yield f"entry {number}", appid, name


def _csv(text: str) -> Iterator[tuple[str, object, object]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    for row in reader:
        appid, name, *more = (*(cell.strip() for cell in row), "", "")
        if appid.lower() != "appid" and any((appid, name, *more)):
            yield f"line {reader.line_num}", appid, None if any(more) else name


def _problem(appid: object, name: object, names: Mapping[str, str]) -> str:
    if not (isinstance(appid, str) and APPID.fullmatch(appid)):
        return f"{appid!r} is not a valid appid: {NOT_AN_APPID}"
    if not (isinstance(name, str) and name.strip()):
        return f"expected one name for {appid}"
    return f"{appid} has the name {names[appid]!r} already" if appid in names else ""
