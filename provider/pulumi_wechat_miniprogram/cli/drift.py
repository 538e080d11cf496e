"""`drift`: live lists against what stacks declare."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from rich.text import Text

from pulumi_wechat_miniprogram.alerting.message import alert
from pulumi_wechat_miniprogram.alerting.webhook import Webhook
from pulumi_wechat_miniprogram.cli.console import (
    cleaned,
    print_csv,
    print_json,
    print_rich,
    print_table,
    print_text,
    said_once,
    tell,
)
from pulumi_wechat_miniprogram.cli.exports import Exports, Stacks, read
from pulumi_wechat_miniprogram.cli.files import write_files
from pulumi_wechat_miniprogram.cli.leaving import DRIFT, ERROR, Leave
from pulumi_wechat_miniprogram.cli.progress import watched
from pulumi_wechat_miniprogram.cli.wechat import CONCURRENCY, RATE, Concurrency, Rate, connected
from pulumi_wechat_miniprogram.exports.drift import (
    FIELDS,
    AppDrift,
    Comparison,
    Kind,
    Result,
    Row,
    document_of,
    find_drift,
)
from pulumi_wechat_miniprogram.exports.drift_formats import as_markdown, as_metrics, counts_of
from pulumi_wechat_miniprogram.exports.inventory import select, take_inventory
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.reader import declared_by
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.masking import mask
from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.settings import Settings

_COLUMNS: Final = ("result", "appid", "declared by", "reason", "time", "seconds")
_STYLES: Final[dict[Result, str]] = {"drift": "red", "failed": "bold red", "in-sync": "green"}


class FailOn(str, enum.Enum):
    """What counts as drift."""

    missing = "missing"
    extra = "extra"
    pending = "pending"
    other_modes = "other-modes"


class WebhookType(str, enum.Enum):
    """What takes an alert."""

    slack = "slack"
    feishu = "feishu"
    dingtalk = "dingtalk"
    wecom = "wecom"
    webhook = "webhook"


class Format(str, enum.Enum):
    """How the result is printed."""

    text = "text"
    table = "table"
    json = "json"
    markdown = "markdown"
    prometheus = "prometheus"
    csv = "csv"


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
    only_drift: Annotated[
        bool,
        typer.Option(
            "--only-drift",
            help=(
                "Leave out the Mini Programs that are in sync. Those that could not be compared are still "
                "shown."
            ),
        ),
    ] = False,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="text: the domains that differ; table: a row for each Mini Program; json, csv: all fields; "
            "markdown: for a pull request; prometheus: OpenMetrics.",
        ),
    ] = Format.text,
    metrics_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also write the metrics to this file, such as wechat.prom in the folder of node_exporter's "
            "textfile collector.",
            show_default=False,
        ),
    ] = None,
    notify: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help=(
                "Post an alert to this webhook if anything drifted or could not be compared. The URL is a "
                "secret: prefer file:PATH, or set WECHAT_MINIPROGRAM_ALERT_URL."
            ),
            show_default=False,
        ),
    ] = "",
    notify_kind: Annotated[
        WebhookType | None,
        typer.Option(help="The kind of webhook.  [default: by the host of the URL]", show_default=False),
    ] = None,
    concurrency: Concurrency = CONCURRENCY,
    rate: Rate = RATE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Compare what stacks declare with what is live, and write nothing.

    Reads each list that a resource manages: webview domains and which of them are in force (two calls) and
    server domains (one call), for each channel; prefetch hosts and the platform's own lists (one call each).

    A declared domain can be *missing* from the live list. A live domain is *extra* if a resource owns the
    whole list and does not declare it. *Pending* domains are live and wait for a release. *Other-modes* are
    domains that only the WeChat console or a channel without a resource lists; they are never drift.

    Credentials and endpoint come from the environment, as for Pulumi: `WECHAT_MINIPROGRAM_ACCESS_TOKENS` and
    so on.

    Exit codes: 0 no drift, 2 drift, 1 an error, even if only some apps could not be compared: the others are
    still shown.

    For example:

        pulumi stack export | wechat-miniprogram drift -
        wechat-miniprogram drift --stack prod --json > drift.json
        wechat-miniprogram drift exports/ --fail-on missing --fail-on pending
    """
    kinds: list[Kind] = [kind.value for kind in fail_on or (FailOn.missing, FailOn.extra)]
    inventory = select(take_inventory(read(exports, stacks)), appid=appid)
    if appid != "*" and not inventory.apps:
        raise typer.BadParameter(f"no Mini Program of the exports matches --appid {appid!r}")
    with connected() as (settings, reconciler):
        webhook = _webhook(settings, notify, notify_kind)
        results = find_drift(inventory, lambda of: reconciler.of(of).observe, Pace(concurrency, rate))
        found = sorted(watched(results, len(inventory.apps), "Comparing"), key=lambda app: app.appid)
    comparison = Comparison.of(found, kinds)
    problems = said_once(row for row in comparison.rows if row.problem)
    try:  # first: who reads the output may be gone
        if webhook and (comparison.drifted or comparison.failed):
            _post(webhook, comparison, kinds, problems)
        if metrics_file:
            _write_metrics(metrics_file, comparison)
    finally:
        for line in problems:
            tell(f"error: {line}")
        _print(comparison.only_drift() if only_drift else comparison, Format.json if as_json else form)
    if comparison.failed:
        raise Leave(ERROR)
    if comparison.drifted:
        raise Leave(DRIFT)


def _webhook(settings: Settings, url: str, kind: WebhookType | None) -> Webhook | None:
    if not url and not settings.alert_url:
        return None
    try:
        return Webhook(settings, url, kind.value if kind else None)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _post(webhook: Webhook, comparison: Comparison, kinds: Sequence[Kind], problems: Sequence[str]) -> None:
    """Post an alert. What becomes of it changes nothing else."""
    document = cleaned(document_of(comparison.only_drift()))
    try:
        webhook.post(mask(alert(comparison, kinds, problems, webhook.shape.limit)), document)
    except UserError as error:
        tell(f"warning: {error}")
    else:
        tell(f"alert posted to {webhook.kind} at {webhook.host}")


def _write_metrics(path: Path, comparison: Comparison) -> None:
    """Write the metrics. A file that cannot be written changes nothing else."""
    try:
        write_files({path: mask(as_metrics(comparison)) + "\n"})
    except OSError as error:
        tell(f"warning: the metrics were not written to {path}: {error.strerror}")


def _print(comparison: Comparison, form: Format) -> None:
    match form:
        case Format.text:
            _print_text(comparison)
        case Format.table:
            print_table(_COLUMNS, map(_cells, comparison.drift_first), counts_of(comparison))
        case Format.json:
            print_json(document_of(comparison))
        case Format.csv:
            print_csv(FIELDS, comparison.drift_first)
        case Format.markdown:
            print_text(as_markdown(comparison))
        case Format.prometheus:
            print_text(as_metrics(comparison))


def lines_of(app: AppDrift) -> list[str]:
    """Return what to print of an app; nothing where it does not differ."""
    lines = [f"  {kind:<11}  {one_line(domain)}" for kind in get_args(Kind) for domain in app.domains(kind)]
    if app.left_platform:
        lines = ["  left the third-party platform"]
    return [one_line(f"{app.appid}  {declared_by(app.resources)}"), *lines] if lines else []


def _print_text(comparison: Comparison) -> None:
    for row in comparison.drift_first:
        if lines := lines_of(row):
            style = _STYLES[row.result] if row.result != "in-sync" else ""
            print_rich(Text(lines[0], style), *map(Text, lines[1:]))
    print_text(counts_of(comparison))


def _cells(row: Row) -> list[str | Text]:
    result = Text(row.result, _STYLES[row.result])
    reason = Text("\n".join(one_line(mask(part)) for part in row.reason.split("; ")))
    return [
        result,
        row.appid,
        declared_by(row.resources),
        reason,
        row.time,
        f"{row.seconds:g}",
    ]
