"""The command `report`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pulumi_wechat_miniprogram.cli.console import plural, print_text
from pulumi_wechat_miniprogram.cli.exports import Exports, Stacks, know_secrets, read
from pulumi_wechat_miniprogram.cli.files import write_files
from pulumi_wechat_miniprogram.cli.report.page import render
from pulumi_wechat_miniprogram.exports.drift import read_drift
from pulumi_wechat_miniprogram.exports.report import make_report
from pulumi_wechat_miniprogram.exports.sources import MAX_BYTES, read_exports
from pulumi_wechat_miniprogram.safety.files import read_file
from pulumi_wechat_miniprogram.safety.masking import mask


def report(
    exports: Exports = None,
    stacks: Stacks = None,
    since: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EXPORT", help="Older exports of these stacks: show what changed. May be repeated."
        ),
    ] = None,
    drift: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What drift --json printed: show it.", exists=True, dir_okay=False),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The page; it is overwritten.", dir_okay=False),
    ] = Path("domains.html"),
    title: Annotated[str, typer.Option(help="Its heading.")] = "Domains of the fleet",
) -> None:
    """Write what stacks declare as one HTML page, to be read, mailed or printed.

    The page holds all it needs: it loads nothing, and works from a mail or an archive. It shows the fleet in
    figures, what waits for a release, domains that are shared and how near they are to WeChat's limit of
    subjects, every Mini Program with its domains, and, if given, drift and the changes since older exports.
    A server domain has its kind before it, such as `request https://api.example.com`.

    For example:

        wechat-miniprogram report --stack prod
        wechat-miniprogram drift exports/ --json > drift.json
        wechat-miniprogram report exports/ --since last-month/ --drift drift.json -o fleet.html
    """
    now = read(exports, stacks)
    before = read_exports(since, [], sys.stdin.buffer) if since else None
    know_secrets(before or ())
    found = read_drift(read_file(drift, MAX_BYTES, streams=True), str(drift)) if drift else None
    made = make_report(now, since=before, drift=found)
    write_files({output: mask(render(made, title))})
    print_text(f"{output}: {plural(len(made.apps), 'Mini Program')} of {plural(len(made.stacks), 'stack')}")
