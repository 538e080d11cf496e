"""The command `report`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from pulumi_wechat_miniprogram.cli.console import plural, print_text
from pulumi_wechat_miniprogram.cli.exports import Exports, Stacks, know_secrets, read
from pulumi_wechat_miniprogram.cli.files import write_files
from pulumi_wechat_miniprogram.cli.report.names import read_names
from pulumi_wechat_miniprogram.cli.report.page import render
from pulumi_wechat_miniprogram.exports.drift import read_drift
from pulumi_wechat_miniprogram.exports.report import make_report
from pulumi_wechat_miniprogram.exports.sources import MAX_BYTES, read_exports
from pulumi_wechat_miniprogram.safety.files import read_file
from pulumi_wechat_miniprogram.safety.masking import mask

_NAMES_BYTES: Final = 16 << 20


def report(
    exports: Exports = None,
    stacks: Stacks = None,
    since: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EXPORT",
            help=(
                "Older exports of these stacks, or folders of them, to show what changed and when. May be "
                "repeated."
            ),
        ),
    ] = None,
    drift: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=("The output of drift --json, to include in the report."),
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=(
                "Names of Mini Programs, such as those of merchants: a JSON object keyed by appid, or CSV "
                "lines of appid,name."
            ),
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=("The HTML file to write; an existing file is overwritten."),
            dir_okay=False,
        ),
    ] = Path("domains.html"),
    title: Annotated[str, typer.Option(help="Its heading.")] = "Domains of the fleet",
) -> None:
    """Write what stacks declare as one HTML page, to be read, mailed or printed.

    The page starts with a summary. Mini Programs follow in order of urgency: those that differ from their
    declaration, those that could not be compared, those that wait for a release, oldest first, and the rest.
    Charts show the whole fleet: a square for each Mini Program, a bar for each stack, how close shared
    domains are to WeChat's limit of subjects, and, with older exports, how the fleet changed over time.

    The page is self-contained: it loads nothing, and works from a mail or an archive. Append `#APPID` to its
    address to go to a Mini Program. A server domain is shown after its kind, such as
    `request https://api.example.com`.

    For example:

        wechat-miniprogram report --stack prod
        wechat-miniprogram drift exports/ --json > drift.json
        wechat-miniprogram report exports/ --since archive/ --drift drift.json --names shops.csv -o fleet.html
    """
    now = read(exports, stacks)
    before = read_exports(since, [], sys.stdin.buffer, older=True) if since else None
    know_secrets(before or ())
    found = read_drift(read_file(drift, MAX_BYTES, streams=True), str(drift)) if drift else None
    known = read_names(read_file(names, _NAMES_BYTES, streams=True), str(names)) if names else None
    made = make_report(now, since=before, drift=found, names=known)
    write_files({output: mask(render(made, title))})
    print_text(
        f"{output}: {plural(made.mini_programs, 'Mini Program')} of {plural(len(made.stacks), 'stack')}"
    )
