"""`wait`: until what is declared is in force, for pipelines that remove the old domains afterwards."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from pulumi_wechat_miniprogram.cli.console import plural, print_text, tell
from pulumi_wechat_miniprogram.cli.durations import seconds_in
from pulumi_wechat_miniprogram.cli.exports import read
from pulumi_wechat_miniprogram.cli.leaving import DRIFT, ERROR, TIMED_OUT, Leave
from pulumi_wechat_miniprogram.cli.wechat import CONCURRENCY, RATE, Concurrency, Rate, connected
from pulumi_wechat_miniprogram.exports.inventory import App, Inventory, take_inventory
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.reader import declared_by
from pulumi_wechat_miniprogram.exports.waiting import Outlook, declaring, watch_until_effective
from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomains, parse_domains
from pulumi_wechat_miniprogram.safety.moment import moment
from pulumi_wechat_miniprogram.safety.text import one_line, some
from pulumi_wechat_miniprogram.settings import APPID, NOT_AN_APPID


def wait(
    appids: Annotated[list[str], typer.Argument(metavar="APPID", help="The Mini Programs.")],
    effective: Annotated[
        bool, typer.Option("--effective", help="Wait until every declared domain is in force.")
    ] = False,
    timeout: Annotated[
        str,
        typer.Option(
            metavar="DURATION", help=("How long to wait, such as 90s, 30m, 1h or 1h30m; 0 checks once.")
        ),
    ] = "1h",
    exports: Annotated[
        list[str] | None,
        typer.Option(
            "--export",
            metavar="EXPORT",
            help=(
                "A stack export with the declared domains: a file, a folder, or - for standard input. May "
                "be repeated."
            ),
        ),
    ] = None,
    stacks: Annotated[
        list[str] | None,
        typer.Option(
            "--stack",
            "-s",
            metavar="NAME",
            help="Ask the Pulumi CLI to export this stack. May be repeated.  [default: the selected stack]",
        ),
    ] = None,
    domains: Annotated[
        list[str] | None,
        typer.Option(
            "--domain",
            metavar="DOMAIN",
            help="Wait for this webview domain of each Mini Program instead; no export is read. May be "
            "repeated.",
        ),
    ] = None,
    concurrency: Concurrency = CONCURRENCY,
    rate: Rate = RATE,
) -> None:
    """Wait until every declared domain is in force, and write nothing.

    Use it in a pipeline that exchanges a domain: add the new one, release the Mini Program, wait, then remove
    the old one. Every list that the stacks manage for these Mini Programs counts: webview domains, server
    domains and prefetch hosts. Each change prints a line. WeChat is asked after 5 s, then less often, but at
    least once a minute. Temporary errors do not end the wait.

    Exit codes: 0 everything is in force, 124 the time has run out, 2 a declared domain is on none of WeChat's
    lists, so no release can bring it into force, 1 an error, 130 Ctrl-C, 143 SIGTERM.

    For example:

        pulumi up --yes && wechat-miniprogram wait wx0123456789abcdef --effective
        wechat-miniprogram wait wx0123456789abcdef --effective --export exports/ --timeout 30m
        wechat-miniprogram wait wx0123456789abcdef --effective --domain https://new.example.com
    """
    if not effective:
        raise typer.BadParameter("say what to wait for: --effective")
    seconds = seconds_in(timeout)
    if seconds is None:
        raise typer.BadParameter(f"--timeout {timeout!r} is not a duration such as 90s, 30m, 1h or 1h30m")
    inventory = _inventory(tuple(dict.fromkeys(appids)), exports, stacks, domains)
    apps = {app.appid: app for app in inventory.apps}
    last: dict[str, Outlook] = {}
    with connected() as (_, reconciler):
        for outlook in watch_until_effective(
            inventory,
            lambda of: reconciler.of(of).observe,
            Pace(concurrency, rate),
            seconds,
            within=reconciler.within,
        ):
            last[outlook.appid] = outlook
            _print(outlook, apps[outlook.appid])
    _leave([each for each in last.values() if not each.in_force], timeout)
    print_text(f"{plural(len(apps), 'Mini Program')}: every declared domain is in force")


def _inventory(
    appids: tuple[str, ...],
    exports: Sequence[str] | None,
    stacks: Sequence[str] | None,
    domains: Sequence[str] | None,
) -> Inventory:
    """Return what is declared for these apps alone."""
    if wrong := [appid for appid in appids if not APPID.fullmatch(appid)]:
        raise typer.BadParameter(f"{wrong[0]!r} is not a valid appid: {NOT_AN_APPID}")
    if domains:
        if exports or stacks:
            raise typer.BadParameter(
                "--domain already gives the declared domains; leave out --export and --stack"
            )
        try:
            return declaring(appids, parse_domains(domains, allow_reserved=True))
        except InvalidDomains as error:
            raise typer.BadParameter(str(error)) from None
    inventory = take_inventory(read(exports, stacks if exports or stacks else [""]))
    apps = [app for app in inventory.apps if app.appid in appids]
    if unknown := sorted({*appids} - {app.appid for app in apps}):
        raise typer.BadParameter(
            f"no resource of the given stacks declares domains of {some(unknown)}; give the right --export "
            "or --stack, or name each --domain"
        )
    return Inventory(tuple(apps), (), inventory.scopes)


def _print(outlook: Outlook, app: App) -> None:
    name = f"{outlook.appid} ({declared_by(app.resources)})" if app.resources else outlook.appid
    if outlook.problem:
        if outlook.passing:
            tell(f"warning: {name}: {outlook.problem.partition(chr(10))[0]}; trying again")
        return
    lacking = len(outlook.waiting) + len(outlook.absent)
    line = f"{outlook.declared - lacking} of {plural(outlook.declared, 'domain')} in force"
    if outlook.waiting:
        line += f", waiting for a release: {some(outlook.waiting)}"
    if outlook.absent:
        line += f", on no list: {some(outlook.absent)}"
    print_text(one_line(f"{moment()}  {name}: {line}"))
    sys.stdout.flush()


def _leave(left: Sequence[Outlook], timeout: str) -> None:
    """Say why not everything is in force, if so."""
    if not left:
        return
    for each in left:
        if each.problem and not each.passing:
            tell(f"error: {each.problem}")
    if any(each.problem and not each.passing for each in left):
        raise Leave(ERROR)
    for each in left:
        if each.absent:
            tell(
                f"error: {each.appid}: {some(each.absent)} is declared but on none of WeChat's lists, so no "
                "release can bring it into force. Run `pulumi refresh`, then `pulumi up`."
            )
    if any(each.absent for each in left):
        raise Leave(DRIFT)
    appids = some([each.appid for each in left])
    tell(
        f"error: not everything is in force (--timeout {timeout}): {appids}. Release what is not released "
        "yet, then run the same command again."
    )
    raise Leave(TIMED_OUT)
