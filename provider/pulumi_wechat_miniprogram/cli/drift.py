"""`drift`: live lists against what stacks declare."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args

import typer

from pulumi_wechat_miniprogram.cli.console import plural, print_json, print_text, tell, told_once
from pulumi_wechat_miniprogram.cli.exports import Exports, Stacks, declared_by, read
from pulumi_wechat_miniprogram.cli.leaving import DRIFT, ERROR, Leave
from pulumi_wechat_miniprogram.cli.progress import watched
from pulumi_wechat_miniprogram.cli.wechat import CONCURRENCY, RATE, Concurrency, Rate, connected
from pulumi_wechat_miniprogram.exports.drift import AppDrift, Kind, drift_document, find_drift
from pulumi_wechat_miniprogram.exports.inventory import select, take_inventory
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.safety.text import one_line


class FailOn(str, enum.Enum):
    """What counts as drift."""

    missing = "missing"
    extra = "extra"
    pending = "pending"
    other_modes = "other-modes"


def drift(
    exports: Exports = None,
    stacks: Stacks = None,
    appid: Annotated[
        str, typer.Option(metavar="PATTERN", help="Only these Mini Programs; * and ? match.")
    ] = "*",
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            help="What counts as drift. May be repeated.  [default: missing, extra]", show_default=False
        ),
    ] = None,
    concurrency: Concurrency = CONCURRENCY,
    rate: Rate = RATE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare what stacks declare with what is live, and write nothing.

    Each list that a resource manages is read: webview domains and what is in force of them (two calls),
    server domains (one call), for each channel; prefetch hosts and the own lists of a platform (one call). A
    declared domain may be *missing* from the live list; a live one may be *extra*, where a resource owns the
    whole list; *pending* ones are live and wait for a release; *other-modes* are those that only the console
    or a channel without a resource lists, which are never drift by themselves.

    Credentials and endpoint come from the environment, as for Pulumi: `WECHAT_MINIPROGRAM_ACCESS_TOKENS` and
    so on.

    Exit code: 0 no drift, 2 drift, 1 an error, also when only some apps could not be compared: the others
    are shown all the same.

    For example:

        pulumi stack export | wechat-miniprogram drift -
        wechat-miniprogram drift --stack prod --json > drift.json
        wechat-miniprogram drift exports/ --fail-on missing --fail-on pending
    """
    kinds = tuple(fail_on or (FailOn.missing, FailOn.extra))
    inventory = select(take_inventory(read(exports, stacks)), appid=appid)
    if appid != "*" and not inventory.apps:
        raise typer.BadParameter(f"no Mini Program of the exports matches --appid {appid!r}")
    with connected() as (_, reconciler):
        results = find_drift(inventory, lambda of: reconciler.of(of).observe, Pace(concurrency, rate))
        found = sorted(watched(results, len(inventory.apps), "Comparing"), key=lambda app: app.appid)
    document = drift_document(found, [kind.value for kind in kinds])
    if as_json:
        print_json(document)
    else:
        _print(found, document)
    for line in told_once(app for app in found if app.problem):
        tell(f"error: {line}")
    if document["failed"]:
        raise Leave(ERROR)
    if document["drifted"]:
        raise Leave(DRIFT)


def _print(found: Sequence[AppDrift], counts: Mapping[str, Any]) -> None:
    for app in found:
        lines = [
            f"  {kind:<11}  {one_line(domain)}" for kind in get_args(Kind) for domain in app.domains(kind)
        ]
        if app.left_platform:
            lines = ["  left the third-party platform"]
        if lines:
            print_text("\n".join([one_line(f"{app.appid}  {declared_by(app.resources)}"), *lines]))
    compared = plural(counts["compared"], "Mini Program")
    print_text(f"{compared} compared, {counts['drifted']} with drift, {counts['failed']} failed")
