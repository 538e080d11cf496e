"""The commands. Each parses, calls one use case and prints."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_wechat_miniprogram import __version__
from pulumi_wechat_miniprogram.cli.adopt import adopt
from pulumi_wechat_miniprogram.cli.audit import audit
from pulumi_wechat_miniprogram.cli.calibrate import calibrate
from pulumi_wechat_miniprogram.cli.console import tell
from pulumi_wechat_miniprogram.cli.doctor import doctor
from pulumi_wechat_miniprogram.cli.drift import drift
from pulumi_wechat_miniprogram.cli.fleet import fleet
from pulumi_wechat_miniprogram.cli.inventory import inventory
from pulumi_wechat_miniprogram.cli.leaving import ERROR, INTERRUPTED, TERMINATED, Leave
from pulumi_wechat_miniprogram.cli.plan import plan
from pulumi_wechat_miniprogram.cli.policy_pack import policy_pack
from pulumi_wechat_miniprogram.cli.report import report
from pulumi_wechat_miniprogram.cli.schema import schema
from pulumi_wechat_miniprogram.cli.wait import wait
from pulumi_wechat_miniprogram.exports.drift import DriftUnreadable
from pulumi_wechat_miniprogram.exports.forecast import NoForecast
from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.text import one_line, printable
from wechat_miniprogram_emulator.host import (
    EmulatorMissing,
    edit_in,
    read_calls,
    read_releases,
    release_in,
    seed_schema,
    serve,
)

if TYPE_CHECKING:
    from wechat_miniprogram_emulator import AppState

app = typer.Typer(
    name="wechat-miniprogram",
    help=(
        "Tools around the Pulumi provider for the domains of WeChat Mini Programs.\n\nThe state is read "
        "from stack exports, the endpoint and credentials from the environment (`WECHAT_MINIPROGRAM_…`). "
        "None of these commands changes anything in WeChat, except `calibrate --write`.\n\nExit codes: 0 "
        "success, 1 an error or wrong usage, 2 drift, 130 Ctrl-C, 143 SIGTERM. `wait` exits with 124 when "
        "it times out."
    ),
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
emulator = typer.Typer(help="A stand-in for WeChat on this machine.", invoke_without_command=True)
app.add_typer(emulator, name="emulator")
app.add_typer(fleet, name="fleet")
app.command()(inventory)
app.command()(drift)
app.command()(wait)
app.command()(adopt)
app.command()(plan)
app.command()(report)
app.command()(audit)
app.command()(doctor)
app.command()(calibrate)
app.command()(policy_pack)
app.command()(schema)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wechat-miniprogram {__version__}")
        raise typer.Exit


@app.callback()
def before_any_command(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Handle the options before the command."""


_Data = Annotated[
    Path, typer.Option(help="The emulator's data file.", exists=True, dir_okay=False, show_default=False)
]


class EditorChoice(str, enum.Enum):
    """As whom a list is edited."""

    other = "other"
    console = "console"
    registered = "registered"


_NOTES = {
    (True, True): "in force",
    (True, False): "in force until the next release",
    (False, True): "pending: in force after the next release",
    (False, False): "off the list at the next release: the platform does not list it",
}


@emulator.callback()
def serve_emulator(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Loopback port; 0 picks a free one.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="SQLite file for the data; without it, the data is kept in memory.")
    ] = None,
    host_map: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST=ADDRESS:PORT",
            help="Really fetch the confirm file of HOST, from this loopback address. May be repeated.",
        ),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(
            help=("Certificate authorities to trust for mapped hosts (PEM)."), exists=True, dir_okay=False
        ),
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option(help="Host whose confirm file counts as served; * for all. May be repeated."),
    ] = None,
    seed: Annotated[
        Path | None,
        typer.Option(
            help="YAML file with the initial apps; `seed-schema` prints its schema.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    auto_apps: Annotated[
        bool, typer.Option("--auto-apps", help="Create every appid on its first call, without domains.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(metavar="strict|lenient", help="Position of every switch that --switch does not set."),
    ] = None,
    switch: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=POSITION",
            help="What to do where WeChat's behaviour is not documented. May be repeated.",
        ),
    ] = None,
) -> None:
    """Serve the emulator until Ctrl-C or SIGTERM. The first line printed is its address."""
    if context.invoked_subcommand:
        return
    serve(
        port=port,
        data=data,
        host_map=dict(
            _pair("--host-map", entry, "HOST=ADDRESS:PORT, such as app.example.com=127.0.0.1:8443")
            for entry in host_map or []
        ),
        ca_file=ca_file,
        trusted_hosts=tuple(trust or ()),
        profile=profile,
        switches=dict(
            _pair("--switch", entry, "NAME=POSITION, such as empty_get=omit") for entry in switch or []
        ),
        auto_apps=auto_apps,
        seed=seed,
        announce=lambda text: typer.echo(printable(text)),
    )


@emulator.command()
def show(data: _Data) -> None:
    """Show each app's live list, the domains in force, what a release would change, and the calls."""
    for state, after in read_releases(data):
        _echo(f"{state.appid}  confirm file {state.file_name}")
        _show_domains(state, after)
    calls = read_calls(data)
    _echo(f"calls: {len(calls)} ({', '.join(call.name for call in calls[-12:]) or 'none'})")


@emulator.command()
def edit(
    appid: Annotated[str, typer.Argument(help="The Mini Program whose list is edited.")],
    data: _Data,
    add: Annotated[
        list[str] | None, typer.Option(metavar="DOMAIN", help="Add this domain to the list. May be repeated.")
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(metavar="DOMAIN", help=("Remove this domain from the list. May be repeated.")),
    ] = None,
    by: Annotated[
        EditorChoice,
        typer.Option(
            "--as",
            help=(
                "Where the edit comes from: another client of this API, the WeChat console, or the "
                "registered channel (mode one)."
            ),
        ),
    ] = EditorChoice.other,
) -> None:
    """Edit an app's list in the emulator outside Pulumi, to try drift, and show the list.

    A new domain waits for a release, as in WeChat. Every host counts as serving its confirm file.
    """
    state, after = edit_in(data, appid, by.value, add=add or (), remove=remove or ())
    _echo(f"{appid} edited")
    _show_domains(state, after)


@emulator.command()
def release(appid: Annotated[str, typer.Argument(help="The Mini Program to release.")], data: _Data) -> None:
    """Release an app in the emulator: every configured domain is then in force."""
    release_in(data, appid)
    _echo(f"{appid} released")


def _show_domains(state: AppState, after: AppState) -> None:
    values = dict.fromkeys([*state.direct, *state.mp, *state.third, *state.effective])
    for value in values:
        note = _NOTES[value in state.effective, value in after.effective]
        _echo(f"  {value}  {note}")
    if not values:
        _echo("  no domains")


def _echo(line: str) -> None:
    """Print one line; live values may contain any text, so control characters are escaped."""
    typer.echo(one_line(line))


@emulator.command("seed-schema")
def print_seed_schema() -> None:
    """Print the JSON Schema of a seed file."""
    typer.echo(json.dumps(seed_schema(), indent=2))


_FOR_THE_USER = (
    UserError,
    DriftUnreadable,
    EmulatorMissing,
    ExportUnreadable,
    NoForecast,
    LookupError,
    OSError,
    ValueError,
)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 fine, 1 error or wrong usage, 2 drift."""
    try:
        app(list(arguments), prog_name="wechat-miniprogram")
    except Leave as leave:
        return leave.code
    except _FOR_THE_USER as error:
        tell(f"error: {_text(error)}")
        return ERROR
    except (KeyboardInterrupt, SystemExit) as ended:
        # Wrong usage ends with 2, which is kept for "drift found".
        code = INTERRUPTED if isinstance(ended, KeyboardInterrupt) else ended.code
        if code == INTERRUPTED:
            tell("interrupted")
            return INTERRUPTED
        if code == TERMINATED:
            return TERMINATED
        return ERROR if code else 0
    return 0


def _text(error: Exception) -> str:
    """Return what an error says; of the operating system's, the file and the reason."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _pair(option: str, entry: str, form: str) -> tuple[str, str]:
    name, equals, value = entry.partition("=")
    if not (name and equals and value):
        raise typer.BadParameter(f"{option} {entry!r} is not {form}")
    return name, value
