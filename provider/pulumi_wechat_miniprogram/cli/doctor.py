"""`doctor`: why something does not work, and what to do."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from pulumi_wechat_miniprogram.cli.console import print_json, print_rich
from pulumi_wechat_miniprogram.cli.installation import check_installation
from pulumi_wechat_miniprogram.cli.leaving import ERROR, Leave
from pulumi_wechat_miniprogram.cli.progress import watched
from pulumi_wechat_miniprogram.cli.wechat import CONCURRENCY, RATE, Concurrency, Rate, connected, every_app
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.lifecycle.diagnosis import (
    Check,
    Status,
    check_app,
    check_endpoint,
    check_server_domains,
    check_token_source,
)
from pulumi_wechat_miniprogram.lifecycle.domain import parse_domains
from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler
from pulumi_wechat_miniprogram.safety.masking import shown
from pulumi_wechat_miniprogram.settings import APPID, NOT_AN_APPID, SettingsError, shown_settings

FORMAT_VERSION: Final = 1
"""Of the JSON document; raised when a reader has to change, not for a new field."""

_COLOURS: Final[dict[Status, str]] = {
    "ok": "green",
    "warning": "yellow",
    "failed": "bold red",
    "skipped": "dim",
}


def doctor(
    apps: Annotated[
        list[str] | None,
        typer.Option("--app", metavar="APPID", help="Check this Mini Program. May be repeated."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Check every Mini Program that the token source knows.")
    ] = False,
    hosts: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="DOMAIN",
            help=(
                "Also ask this host for the confirm file of the one --app, before you declare it. May be "
                "repeated."
            ),
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Treat a warning as a failure.")] = False,
    concurrency: Concurrency = CONCURRENCY,
    rate: Rate = RATE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check everything that a stack needs, from the plugin to each host. Nothing is written.

    Checks whether Pulumi finds the native plugin from the working directory, and what slows it down; the
    settings (secrets are never shown), the endpoint and the token source; and for each Mini Program its
    token, permission set 18, the live list, the domains in force, the server domains, the confirm file, and
    whether each host serves it, as seen from this machine. Each finding that is not ok says what to do.

    Settings come from the environment, `WECHAT_MINIPROGRAM_…`; stack config is not read.

    Exit codes: 0, or 1 if something failed.

    For example:

        wechat-miniprogram doctor
        wechat-miniprogram doctor --app wx0123456789abcdef
        wechat-miniprogram doctor --app wx0123456789abcdef --host new.example.com
        wechat-miniprogram doctor --all --strict --json
    """
    appids = _appids(apps or [], hosts or [])
    checks = list(_examine(appids, hosts or [], everything=everything, pace=Pace(concurrency, rate)))
    failed = any(check.status == "failed" or (strict and check.status == "warning") for check in checks)
    if as_json:
        print_json(
            {"version": FORMAT_VERSION, "healthy": not failed, "checks": [asdict(check) for check in checks]}
        )
    else:
        _print(checks)
    if failed:
        raise Leave(ERROR)


def _appids(apps: Sequence[str], hosts: Sequence[str]) -> tuple[str, ...]:
    for appid in apps:
        if not APPID.fullmatch(appid):
            raise typer.BadParameter(f"--app {appid!r} is not a valid appid: {NOT_AN_APPID}")
    appids = tuple(dict.fromkeys(apps))
    if hosts and len(appids) != 1:
        raise typer.BadParameter(
            "--host requires exactly one --app, because each Mini Program has its own confirm file"
        )
    return appids


def _examine(appids: Sequence[str], hosts: Sequence[str], *, everything: bool, pace: Pace) -> Iterator[Check]:
    yield from check_installation(Path.cwd(), os.environ, _processors())
    try:
        with connected() as (settings, reconciler):
            keys = shown_settings(settings)
            domains = (
                parse_domains(list(hosts), allow_reserved=settings.allow_reserved_hosts) if hosts else ()
            )
            yield Check("settings", "ok", "\n".join(["from the environment, otherwise defaults", *keys]))
            endpoint = check_endpoint(reconciler, settings)
            yield endpoint
            if endpoint.status == "ok":
                source = check_token_source(reconciler, settings)
                yield source
                chosen = every_app(reconciler) if everything and source.status == "ok" else appids
                yield from _look_at_apps(reconciler, chosen, domains, pace)
    except SettingsError as error:
        yield Check("settings", "failed", str(error))


def _processors() -> int:
    """Return how many processors this process may use, as Go counts them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _look_at_apps(
    reconciler: Reconciler, appids: Sequence[str], new_domains: Sequence[str], pace: Pace
) -> Iterator[Check]:
    def look(appid: str) -> list[Check]:
        checks = list(check_app(reconciler, appid, new_domains))
        place = [check.name for check in checks].index("confirm-file")
        checks.insert(place, check_server_domains(reconciler, appid, checks))
        return checks

    found = watched(pace.each(appids, look), len(appids), "Looking")
    for checks in sorted(found, key=lambda checks: checks[0].appid):
        yield from checks


def _print(checks: Sequence[Check]) -> None:
    parts: list[RenderableType] = []
    for appid, found in groupby(checks, key=lambda check: check.appid):
        table = Table.grid(Column(min_width=7), Column(min_width=13), padding=(0, 1, 0, 0))
        for check in found:
            text = "\n".join(line.strip() for line in shown(check.text).splitlines())
            table.add_row(Text(check.status, _COLOURS[check.status]), check.name, Text(text))
        parts += [Text(f"\n{appid}", "bold"), table] if appid else [table]
    counts = Counter(check.status for check in checks)
    summary = ", ".join(f"{counts[status]} {status}" for status in _COLOURS if counts[status])
    print_rich(*parts, f"\n{summary}")
