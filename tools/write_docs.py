"""Write the tables of docs/ that come from the code, between their markers; `make docs` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

from pulumi_wechat_miniprogram.emulator.model.switches import Switches, open_point
from pulumi_wechat_miniprogram.emulator.routes import ROUTES
from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES, MINUTE_PAUSE
from pulumi_wechat_miniprogram.wechat.probe import CAUSES

DOCS = Path(__file__).resolve().parent.parent / "docs"


def errcodes() -> list[str]:
    """One row for each code."""
    again = {False: "no", True: "yes", MINUTE_PAUSE: "after 60 s"}
    rows = ["| errcode | meaning | what to do | again |", "|---|---|---|---|"]
    for row in ERRCODES.values():
        repeat = "once, with a new token" if row.kind == "token" else again[row.repeat]
        rows.append(f"| {row.code} | {row.meaning} | {row.remedy} | {repeat} |")
    return rows


def causes() -> list[str]:
    """One row for each cause of a missing confirm file."""
    return ["| cause | what to do |", "|---|---|", *(f"| `{id_}` | {text} |" for id_, text in CAUSES.items())]


def endpoints() -> list[str]:
    """One row for each endpoint of the emulator."""
    rows = ["| endpoint | token | |", "|---|---|---|"]
    for route in ROUTES.values():
        about = (route.handler.__doc__ or "").partition(": ")[2].removesuffix(".")
        rows.append(f"| `{route.method} {route.path}` | {route.token} | {about.splitlines()[0]} |")
    return rows


def switches() -> list[str]:
    """One row for each switch of the emulator."""
    rows = [
        "| switch | positions | strict, lenient | what WeChat leaves open | the default |",
        "|---|---|---|---|---|",
    ]
    for name, field in Switches.model_json_schema()["properties"].items():
        point = open_point(name)
        positions = ", ".join(f"`{position}`" for position in field["enum"])
        profiles = f"`{point.strict}`, `{point.lenient}`"
        rows.append(f"| `{name}` | {positions} | {profiles} | {point.question} | {point.reason} |")
    return rows


TABLES = {
    "lifecycle.md": {"errcodes": errcodes, "causes": causes},
    "emulator.md": {"endpoints": endpoints, "switches": switches},
}


def written(name: str) -> str:
    """Return a page with its tables as the code has them now."""
    text = (DOCS / name).read_text(encoding="utf-8")
    for marker, table in TABLES[name].items():
        begin, end = f"<!-- {marker} -->\n", f"<!-- end of {marker} -->\n"
        if text.count(begin) != 1 or text.count(end) != 1:
            sys.exit(f"docs/{name} lacks one pair of markers: {begin}{end}")
        before, _, rest = text.partition(begin)
        text = "\n".join([before + begin.rstrip(), *table(), end]) + rest.partition(end)[2]
    return text


def main() -> None:
    """Write every page."""
    for name in TABLES:
        (DOCS / name).write_text(written(name), encoding="utf-8")


if __name__ == "__main__":
    main()
