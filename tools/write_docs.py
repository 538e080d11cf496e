"""Write what docs/ and docstrings have from the code: `make docs` runs it."""

from __future__ import annotations

import ast
import functools
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from pulumi_wechat_miniprogram.calibration.points import POINTS
from pulumi_wechat_miniprogram.cli.schema import schema_text
from pulumi_wechat_miniprogram.exports.schema import SCHEMA_VERSION
from pulumi_wechat_miniprogram.policy import RULES
from pulumi_wechat_miniprogram.policy.configuration import schema_of
from pulumi_wechat_miniprogram.policy.rule import Rule
from pulumi_wechat_miniprogram.settings import (
    DEFAULT_ENDPOINT,
    OF_ONE_RUN,
    Settings,
    config_name,
    env_name,
    holds_secret,
)
from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES, MINUTE_PAUSE
from pulumi_wechat_miniprogram.wechat.probe import CAUSES
from tools import chinese, resource_pages
from tools.tables import errcode_rows
from wechat_miniprogram_emulator import Emulator
from wechat_miniprogram_emulator.host import seed_schema
from wechat_miniprogram_emulator.model.switches import Switches, open_point
from wechat_miniprogram_emulator.routes import ROUTES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MARKER = re.compile(r"^<!-- (?!end of )(.+) -->$", re.MULTILINE)
PACKAGE = ROOT / "provider" / "pulumi_wechat_miniprogram"


def errcodes() -> list[str]:
    """One row for each code."""
    again = {False: "no", True: "yes", MINUTE_PAUSE: "after 60 s", "token": "once, with a new token"}
    return errcode_rows("| errcode | meaning | what to do | again |", again, ERRCODES)


def causes() -> list[str]:
    """One row for each cause of a missing confirm file."""
    return ["| cause | what to do |", "|---|---|", *(f"| `{id_}` | {text} |" for id_, text in CAUSES.items())]


def settings() -> list[str]:
    """One row for each key."""
    rows = ["| key | environment | default | meaning |", "|---|---|---|---|"]
    for field, info in Settings.model_fields.items():
        key, variable = config_name(field).partition(":")[2], env_name(field)
        key = "" if field in OF_ONE_RUN else f"`{key}`"
        default = "" if info.default in (None, ()) else f"`{json.dumps(info.default)}`"
        secret = "**secret**, also `file:/path`: " if holds_secret(field) else ""
        rows.append(f"| {key} | `{variable}` | {default} | {secret}{info.description} |")
    return rows


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


def open_points() -> list[str]:
    """One row for each open point that calibrate knows."""
    rows = ["| open point | seen by | |", "|---|---|---|"]
    names = {"read": "reads", "write": "`--write`", "nothing": "not observable"}
    rows += [f"| `{point.switch}` | {names[point.needs]} | {point.how} |" for point in POINTS]
    return rows


def policies() -> list[str]:
    """One row for each policy, with a link to its section."""
    reference = DOCS / "reference"
    sections = {
        marker: f"{page.relative_to(reference).as_posix()}#{marker}"
        for page in sorted((reference / "policies").glob("*.md"))
        for marker in MARKER.findall(page.read_text(encoding="utf-8"))
    }
    rows = [
        f"| [`{rule.id}`]({sections[rule.id]}) | {rule.level} | {rule.severity} | {rule.description} |"
        for rule in RULES
    ]
    return ["| policy | level | severity | requirement |", "|---|---|---|---|", *rows]


def policy(rule: Rule) -> list[str]:
    """Return the facts of one policy."""
    facts = (
        f"Level {rule.level}, severity {rule.severity}, tags {', '.join(rule.tags)}. "
        f"Judged {' and '.join(moments(rule))}."
    )
    lines = []
    for paragraph in (rule.description, facts, f"*What to do:* {rule.steps}"):
        lines += [*textwrap.wrap(paragraph, 118, break_long_words=False, break_on_hyphens=False), ""]
    if schema := schema_of(rule):
        lines += ["| property | type | default | meaning |", "|---|---|---|---|"]
    for name, each in schema.items():
        default = f"`{json.dumps(each['default'])}`" if "default" in each else ""
        lines.append(f"| `{name}` | {each['type']} | {default} | {each['description']} |")
    return lines if schema else lines[:-1]


def moments(rule: Rule) -> list[str]:
    """Return when a policy is asked."""
    asked = {
        "for each resource before it is written": rule.judge,
        "before anything is written": rule.judge_config,
        "at the end, when all resources are known": rule.judge_stack,
    }
    return [moment for moment, judge in asked.items() if judge]


def stops() -> list[str]:
    """Return what the engine's test saw of a violation."""
    return ["```text", "Policies:", *seen("stops"), "```"]


def wrong() -> list[str]:
    """Return what it saw of a wrong configuration."""
    return ["```text", *seen("wrong_configuration"), "```"]


def seen(name: str) -> list[str]:
    """Return a golden text of the engine's tests, without its exit code."""
    golden = DOCS.parent / f"tests/engine/golden/policy/{name}.txt"
    return golden.read_text(encoding="utf-8").splitlines()[1:]


FLEET: dict[str, dict[str, Any]] = {
    "wx00000000000b0045": {"live": ["https://books.example.com", "https://pay.example.com"]},
    "wx00000000000ba4e5": {
        "live": ["https://bakery.example.com", "https://news.example.com", "https://promo.example.net"],
        "effective": ["https://bakery.example.com"],
        "mp": ["https://bakery.example.org"],
        "confirm_file": {"file_name": "q1l804kl3Y.txt", "file_content": "7c5ffce3ba1f0e2c4b0fd684e371f25b"},
    },
    "wx0000000000ca1e5f": {
        "live": ["https://cafe.example.com", "https://pay.example.com", "https://menu.example.com"]
    },
}
"""What is live of the apps that examples/exports declare."""

NOWHERE = env_name("probe_host_map")
"""Leads `doctor` to a port that refuses, not into the internet; no user sets it, so it is not shown."""


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SECONDS = re.compile(r'(?<="seconds": )[\d.]+|(?<=Z   )[\d.]+$', re.MULTILINE)
"""What differs between two runs of `drift`."""


def shows(line: str, *more: str) -> Callable[[], list[str]]:
    """Return what gives commands with the output that they really print, on the emulator with the fleet."""

    def shown() -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "examples").symlink_to(DOCS.parent / "examples")
            lines = [text for each in (line, *more) for text in [f"$ {each}", *output_of(each, Path(folder))]]
        fence = max(re.findall(r"^`{3,}", "\n".join(lines), re.MULTILINE), default="``") + "`"
        return [f"{fence}console", *lines, fence]

    return shown


def output_of(line: str, folder: Path) -> list[str]:
    """Run one command line in a folder and return what it prints."""
    command = shlex.split(line)
    if command[0] == "wechat-miniprogram":
        command[:1] = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli"]
    with Emulator() as emulator:
        emulator.control.sow({"apps": [{"appid": appid, **lists} for appid, lists in FLEET.items()]})
        hosts = {host for lists in FLEET.values() for host in lists["live"]}
        done = subprocess.run(
            command,
            cwd=folder,
            env={
                **os.environ,
                "WECHAT_MINIPROGRAM_ENDPOINT": emulator.url,
                "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps(
                    {appid: f"emulator-{appid}" for appid in FLEET}
                ),
                NOWHERE: json.dumps({host.removeprefix("https://"): "127.0.0.1:1" for host in hosts}),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    text = TIME.sub("2026-01-31T06:00:00Z", done.stdout + done.stderr)
    text = SECONDS.sub("0.12", text).replace(emulator.url, DEFAULT_ENDPOINT)
    lines = text.rstrip().splitlines()
    return [line for line in lines if NOWHERE not in line]


PLAN = (
    "wechat-miniprogram plan examples/exports --appid wx00000000000ba4e5 --domains examples/exports/new.txt"
)


def contract(name: str) -> dict[str, Any]:
    """Return an import contract of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return next(each for each in contracts if each["id"] == name)


def layers() -> list[str]:
    """The layers of the import contracts, from the top: a layer's names stand beside each other."""
    boxes = []
    for layer in contract("layers")["layers"]:
        inner = contract("lifecycle")["layers"] if layer == "lifecycle" else []
        boxes.append([layer.replace(" | ", "   "), *(f"    {each.replace(' | ', '   ')}" for each in inner)])
    width = max(len(line) for box in boxes for line in box)
    rule = "─" * (width + 2)
    lines = [f"├{rule}┤\n".join("".join(f"│ {line:{width}} │\n" for line in box) for box in boxes)]
    return ["```text", f"┌{rule}┐", *"".join(lines).splitlines(), f"└{rule}┘", "```"]


def rooms() -> list[str]:
    """One row for each package of the provider, with the first sentence of its docstring."""
    rows = ["| package | what it holds |", "|---|---|"]
    for name in (name for layer in contract("layers")["layers"] for name in layer.split(" | ")):
        path = PACKAGE / name / "__init__.py"
        path = path if path.exists() else PACKAGE / f"{name}.py"
        about = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        rows.append(f"| `{name}` | {' '.join(about.partition(chr(10) * 2)[0].split())} |")
    return rows


TABLES: dict[str, Callable[[], list[str]]] = {
    "layers": layers,
    "rooms": rooms,
    "inventory": shows("wechat-miniprogram inventory examples/exports"),
    "by host": shows("wechat-miniprogram inventory examples/exports --by host --host 'p*'"),
    "by release": shows("wechat-miniprogram inventory examples/exports --by release --release pending --csv"),
    "drift": shows("wechat-miniprogram drift examples/exports"),
    "drift as table": shows("wechat-miniprogram drift examples/exports --format table"),
    "drift as json": shows("wechat-miniprogram drift examples/exports --json --appid 'wx*ba4e5'"),
    "wait": shows(
        "wechat-miniprogram wait wx00000000000b0045 --effective --export examples/exports",
        "wechat-miniprogram wait wx00000000000ba4e5 --effective --domain news.example.com --timeout 0",
    ),
    "adopt": shows("wechat-miniprogram adopt bakery=wx00000000000ba4e5", "cat __main__.py"),
    "plan": shows("cat examples/exports/new.txt", PLAN),
    "plan as markdown": shows(f"{PLAN} --format markdown"),
    "report": shows("wechat-miniprogram report examples/exports -o fleet.html"),
    "doctor": shows("wechat-miniprogram doctor --app wx00000000000ba4e5"),
    "inventory as json": shows("wechat-miniprogram inventory examples/exports --json --appid 'wx*ba4e5'"),
    "open points": open_points,
    "settings": settings,
    "errcodes": errcodes,
    "causes": causes,
    "endpoints": endpoints,
    "switches": switches,
    "stops": stops,
    "wrong": wrong,
    "policies": policies,
    **{rule.id: functools.partial(policy, rule) for rule in RULES},
}
"""What is between the markers of a name, in any page."""

CHINESE: dict[str, Callable[[], list[str]]] = {
    "errcodes": chinese.errcodes,
    "causes": chinese.causes,
    "settings": chinese.settings,
    "endpoints": chinese.endpoints,
}
"""The same in docs/zh."""


def written(page: Path) -> str:
    """Return a page with its tables as the code has them now."""
    text = page.read_text(encoding="utf-8")
    path = page.relative_to(DOCS)
    own = resource_pages.TABLES.get(path.as_posix(), {})
    tables = CHINESE if path.parts[0] == "zh" else {**TABLES, **own}
    for name in MARKER.findall(text):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        if name not in tables or text.count(begin) != 1 or text.count(end) != 1:
            sys.exit(f"{page.relative_to(ROOT)} lacks one pair of markers: {begin}{end}")
        before, _, rest = text.partition(begin)
        text = "\n".join([before + begin.rstrip(), *tables[name](), end]) + rest.partition(end)[2]
    return text


def emulator_seed_schema() -> str:
    """The JSON Schema of the emulator's seed file."""
    return json.dumps(seed_schema(), indent=2) + "\n"


def state_schema() -> str:
    """The JSON Schema of what the resources store."""
    return schema_text() + "\n"


FILES = {
    "emulator-seed.schema.json": emulator_seed_schema,
    f"state-{SCHEMA_VERSION}.schema.json": state_schema,
}


def main() -> None:
    """Write every page and file."""
    for name, text in FILES.items():
        (DOCS / name).write_text(text(), encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        page.write_text(written(page), encoding="utf-8")


if __name__ == "__main__":
    main()
