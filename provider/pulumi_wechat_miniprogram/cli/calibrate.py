"""`calibrate`: what the live service does where WeChat's documentation is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from pulumi_wechat_miniprogram import __version__
from pulumi_wechat_miniprogram.calibration import probes
from pulumi_wechat_miniprogram.calibration.app import Outcome
from pulumi_wechat_miniprogram.calibration.journal import Journal
from pulumi_wechat_miniprogram.calibration.points import judge, settled
from pulumi_wechat_miniprogram.calibration.table import COLUMNS, rows, seed_of
from pulumi_wechat_miniprogram.calibration.transcript import read_transcript, write_transcript
from pulumi_wechat_miniprogram.cli.console import plural, print_table, print_text, tell
from pulumi_wechat_miniprogram.cli.files import refuse_existing, write_files
from pulumi_wechat_miniprogram.cli.leaving import ERROR, Leave
from pulumi_wechat_miniprogram.lifecycle.domain import parse_domains
from pulumi_wechat_miniprogram.safety.files import expand_home
from pulumi_wechat_miniprogram.settings import APPID, NOT_AN_APPID, load_settings

FOLDER: Final = "~/.wechat-miniprogram"


def calibrate(
    app: Annotated[
        str | None, typer.Option("--app", metavar="APPID", help="Read from this Mini Program.")
    ] = None,
    write: Annotated[
        str | None,
        typer.Option(
            "--write",
            metavar="APPID",
            help="Also write to this Mini Program, a test app of yours: each --host is added and removed.",
        ),
    ] = None,
    hosts: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="DOMAIN",
            help=(
                "Host to write with --write. The first one must serve the confirm file; a second one that "
                "does not reveals more. May be repeated."
            ),
        ),
    ] = None,
    max_writes: Annotated[
        int,
        typer.Option(
            min=probes.FEWEST_WRITES,
            max=100,
            help=("Maximum number of writes, including those that restore the lists."),
        ),
    ] = probes.MAX_WRITES,
    transcript: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the calls to FILE as JSON lines, without names or tokens."),
    ] = None,
    seed: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the findings to FILE, as a seed for the emulator."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write the transcript without asking.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files.")] = False,
) -> None:
    """Find out what WeChat does where its documentation is silent. Without --write, nothing is written.

    Prints a table of the open points with the findings and the calls that show them, then the same as YAML
    for `emulator --seed`. docs/reference/command-line/calibrate.md lists what each
    point needs.

    With --write, the app's own domains are not changed: a --host that is already on a list is skipped, and
    `set` is sent only to an app that has no other domain. What was added is always removed again; after a
    kill, the next `calibrate` of the app removes it first.

    Settings come from the environment, `WECHAT_MINIPROGRAM_…`; stack config is not read.

    For example:

        wechat-miniprogram calibrate --app wx0123456789abcdef
        wechat-miniprogram calibrate --write wx0123456789abcdef --host test.example.com --transcript run.jsonl
    """
    appid = _appid(app, write, hosts or [])
    files = [path for path in (transcript, seed) if path]
    if transcript and transcript == seed:
        raise typer.BadParameter("--transcript and --seed are the same file")
    refuse_existing(files, force=force)
    settings = load_settings({})
    parsed = parse_domains(list(hosts or []), allow_reserved=settings.allow_reserved_hosts) if hosts else ()
    journal = Journal(expand_home(FOLDER), appid)
    opened = probes.open_app(settings, appid, warn=lambda line: tell(f"warning: {line}"), journal=journal)
    with journal.held(), closing(opened) as calibrated, _looked_after(journal):
        if removed := calibrated.restore(settings.endpoint):
            tell(f"removed what an interrupted run had left on {appid}: {', '.join(removed)}")
        if write:
            names = [domain.removeprefix("https://") for domain in parsed]
            probes.write(calibrated, names, settings.endpoint, max_writes)
        else:
            probes.read(calibrated)
    _show(calibrated.outcome, transcript, seed, yes=yes)
    if write and not calibrated.outcome.writes:
        raise Leave(ERROR)


@contextmanager
def _looked_after(journal: Journal) -> Iterator[None]:
    """Say, however the run ends, if a write may take effect after it."""
    try:
        yield
    finally:
        entry = journal.read()
        if entry and entry.checked_at:
            tell(
                "note: a write without an answer may still take effect. Run `wechat-miniprogram calibrate "
                f"--app {journal.appid}` once more in a minute: it removes whatever took effect"
            )


def _appid(app: str | None, write: str | None, hosts: Sequence[str]) -> str:
    appid = write or app
    if appid is None:
        raise typer.BadParameter("name a Mini Program: --app APPID to read, --write APPID to write as well")
    if not APPID.fullmatch(appid):
        raise typer.BadParameter(f"{appid!r} is not a valid appid: {NOT_AN_APPID}")
    if app and write and app != write:
        raise typer.BadParameter("--app and --write name different Mini Programs; give one of them")
    if bool(write) != bool(hosts):
        raise typer.BadParameter("--write and --host go together: only the given hosts are written")
    return appid


def _show(outcome: Outcome, transcript: Path | None, seed: Path | None, *, yes: bool) -> None:
    # Judged as a reader of the transcript does, so that nothing is shown that it does not have.
    text = write_transcript(outcome.exchanges, f"wechat-miniprogram {__version__}")
    findings = judge(read_transcript(text, "transcript"))
    summary = (
        f"{len(settled(findings))} of {plural(len(findings), 'open point')} settled by "
        f"{plural(len(outcome.exchanges), 'call')}, {plural(outcome.writes, 'write')} among them; "
        "hosts are pseudonyms"
    )
    print_table(COLUMNS, rows(findings), summary)
    print_text(f"\n{seed_of(findings)}")
    for note in outcome.notes:
        tell(f"note: {note}")
    if seed:
        write_files({seed: seed_of(findings)})
    if transcript:
        _offer(transcript, text, yes=yes)
    if outcome.failed:
        raise Leave(ERROR)


def _offer(path: Path, text: str, *, yes: bool) -> None:
    """Show a transcript, and write it if that is wanted."""
    print_text(text)
    if not yes and not typer.confirm(f"Write this to {path}?", default=False, err=True):
        tell(f"{path} was not written")
        return
    write_files({path: text})
    tell(f"{path} written. Review it before you send it to anyone")
