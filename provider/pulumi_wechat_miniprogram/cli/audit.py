"""`audit`: what was written to WeChat, by the audit log."""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from pulumi_wechat_miniprogram.cli.console import plural, print_json, print_table, tell
from pulumi_wechat_miniprogram.cli.durations import seconds_in
from pulumi_wechat_miniprogram.safety.audit import AUDIT_FORMAT, read_lines
from pulumi_wechat_miniprogram.safety.files import check_file
from pulumi_wechat_miniprogram.safety.moment import moment
from pulumi_wechat_miniprogram.safety.text import one_line, some
from pulumi_wechat_miniprogram.settings import env_name, load_settings

_Line = Mapping[str, Any]
_COLUMNS: Final = (
    "time",
    "appid",
    "operation",
    "action",
    "domains",
    "result",
    "errcode",
    "rid",
    "by",
    "resource",
)
_STYLES: Final = {"done": "green", "refused": "red", "not sent": "yellow", "in doubt": "bold red"}
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")


class Action(str, enum.Enum):
    """What a write did to a list."""

    set = "set"
    add = "add"
    delete = "delete"


class AuditForm(str, enum.Enum):
    """How lines are printed."""

    table = "table"
    json = "json"


def audit(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="Audit logs, such as rotated ones; - for standard input.  [default: "
            "WECHAT_MINIPROGRAM_AUDIT_LOG]",
            show_default=False,
        ),
    ] = None,
    appid: Annotated[
        str, typer.Option(metavar="PATTERN", help="Only these Mini Programs; * and ? match.")
    ] = "*",
    since: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help=(
                "Only writes since this time: 2026-01-31, 2026-01-31T06:00:00Z, or an age such as 24h or 7d."
            ),
            show_default=False,
        ),
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="TIME", help=("Only writes before this time."), show_default=False)
    ] = (""),
    action: Annotated[
        list[Action] | None,
        typer.Option(help=("Only writes with this action. May be repeated."), show_default=False),
    ] = None,
    errcode: Annotated[
        list[int] | None,
        typer.Option(
            help="Only writes with this errcode; 0 is success. May be repeated.", show_default=False
        ),
    ] = None,
    form: Annotated[AuditForm, typer.Option("--format", help="The output format.")] = AuditForm.table,
) -> None:
    """Show what was written to WeChat, from the file that the setting `auditLog` names.

    For example:

        wechat-miniprogram audit --since 24h
        wechat-miniprogram audit audit.jsonl audit.jsonl.1 --appid wx0123456789abcdef --action delete
        wechat-miniprogram audit --errcode 86103 --format json
    """
    places = files or _configured()
    from_, to = _time(since, "--since"), _time(until, "--until")
    actions = {each.value for each in action or ()}
    codes = {*(errcode or ())}

    def wanted(line: _Line) -> bool:
        return (
            fnmatchcase(str(line["appid"]), appid)
            and (not from_ or line["time"] >= from_)
            and (not to or line["time"] < to)
            and (not actions or line["action"] in actions)
            and (not codes or line["errcode"] in codes)
        )

    found = sorted(
        (line for place in places for line in _read(place) if wanted(line)), key=itemgetter("time")
    )
    if form is AuditForm.json:
        print_json({"version": AUDIT_FORMAT, "writes": found})
    else:
        print_table(_COLUMNS, map(_cells, found), plural(len(found), "write"))


def _configured() -> Sequence[str]:
    if path := load_settings({}).audit_log:
        return [str(path)]
    raise typer.BadParameter(f"name a file, or set {env_name('audit_log')}")


def _time(text: str, option: str) -> str:
    if not text or _TIME.fullmatch(text):
        return text
    seconds = seconds_in(text)
    if seconds is None:
        raise typer.BadParameter(
            f"{option} {text!r} is not a time such as 2026-01-31, 2026-01-31T06:00:00Z or 24h"
        )
    return moment(timedelta(seconds=-seconds))


def _read(place: str) -> Iterator[_Line]:
    if place == "-":
        yield from _parsed("standard input", sys.stdin.buffer)
        return
    check_file(Path(place))
    with Path(place).open("rb") as file:
        yield from _parsed(place, file)


def _parsed(source: str, lines: Iterable[bytes]) -> Iterator[_Line]:
    damaged = []
    for number, line in read_lines(lines):
        if line is None:
            damaged.append(number)
        else:
            yield line
    if damaged:
        tell(f"warning: {source}: not a line of an audit log, left out: {some([*map(str, damaged)])}")


def _cells(line: _Line) -> list[str | Text]:
    result = str(line["result"])
    return [
        str(line["time"]),
        str(line["appid"]),
        str(line["operation"] or ""),
        str(line["action"]),
        one_line(some(line["domains"])),
        Text(one_line(result), _STYLES.get(result, "")),
        "" if line["errcode"] is None else str(line["errcode"]),
        str(line["rid"] or ""),
        str(line["ci_user"] or line["user"]),
        " ".join(filter(None, (line["stack"] or line["project"], line["resource"]))),
    ]
