"""`plan`: what an up would do to one app, or to all of them, without Pulumi and WeChat."""

from __future__ import annotations

import enum
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from pulumi_wechat_miniprogram.cli.console import plural, print_json, print_text
from pulumi_wechat_miniprogram.cli.exports import Exports, Stacks, read
from pulumi_wechat_miniprogram.cli.leaving import ERROR, Leave
from pulumi_wechat_miniprogram.cli.planned import as_markdown, as_text, counted, plain, totals_of
from pulumi_wechat_miniprogram.exports.forecast import Forecast, forecast
from pulumi_wechat_miniprogram.exports.planned import Declared, Planned, Unplanned, of_manifest, of_preview
from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable
from pulumi_wechat_miniprogram.exports.sources import MAX_BYTES, STDIN
from pulumi_wechat_miniprogram.fleet.manifest import BadManifest, read_fleet
from pulumi_wechat_miniprogram.lifecycle.domain import Domain, InvalidDomains, parse_domains, shown
from pulumi_wechat_miniprogram.lifecycle.rendering import plan_to_json, plan_to_markdown, plan_to_text
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, parse_server_domains
from pulumi_wechat_miniprogram.lifecycle.state import list_name
from pulumi_wechat_miniprogram.safety.files import read_file, read_stream
from pulumi_wechat_miniprogram.safety.text import printable
from pulumi_wechat_miniprogram.settings import APPID, NOT_AN_APPID, load_json, load_settings

_MAX_BYTES: Final = 1 << 20
"""Of a file with new lists: one of 300 domains at most, or six of 200."""


class ModeChoice(str, enum.Enum):
    """What a resource owns."""

    authoritative = "authoritative"
    additive = "additive"


class ChannelChoice(str, enum.Enum):
    """How domains are put on a list."""

    direct = "direct"
    registered = "registered"


class Format(str, enum.Enum):
    """What is printed."""

    text = "text"
    json = "json"
    markdown = "markdown"


def plan(
    appid: Annotated[str | None, typer.Option(help="The Mini Program.", show_default=False)] = None,
    domains: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=(
                "The new list of webview domains: one per line, where # starts a comment, or a JSON array. "
                "- is standard input."
            ),
            show_default=False,
        ),
    ] = None,
    server_domains: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=(
                "The new lists of server domains instead: one kind and domain per line, such as `request "
                "api.example.com`, a kind alone for an empty list; or a JSON object. - is standard input."
            ),
            show_default=False,
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The manifest of a fleet: all of its Mini Programs, against the states of its stacks.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    preview: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=(
                "The output of `pulumi preview --json`: plan all Mini Programs that it changes. No export "
                "is read; - is standard input."
            ),
            show_default=False,
        ),
    ] = None,
    exports: Exports = None,
    stacks: Stacks = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The resource, if the app has several.")
    ] = None,
    mode: Annotated[
        ModeChoice | None,
        typer.Option(help=("A new mode; by default, the one in the state."), show_default=False),
    ] = None,
    channel: Annotated[
        ChannelChoice, typer.Option(help="The resource's channel; each channel has its own lists.")
    ] = ChannelChoice.direct,
    allow_mass_removal: Annotated[
        bool, typer.Option("--allow-mass-removal", help="Same as the resource's input of this name.")
    ] = False,
    form: Annotated[
        Format, typer.Option("--format", help="Markdown is for a comment on a pull request.")
    ] = Format.text,
) -> None:
    """Show what an up would do to one Mini Program, or to all, without Pulumi and without WeChat.

    The state in the export is taken as the live list, and the new list is checked by the rules of the
    provider. So this shows the calls of an up after a `pulumi refresh`. Later changes made outside Pulumi are
    not seen (`wechat-miniprogram drift` shows them), nor are other live domains if the state is additive.

    The plan is for the resource of the app's webview domains, or, with `--server-domains`, of its server
    domains: a kind that the file lacks is not managed.

    With `--manifest` or `--preview`, all Mini Programs that change are shown. Those that would be deleted are
    shown with their domains in force, because Pulumi itself asks no provider about a deletion.

    Exit codes: 0, or 1 if an up would be refused; the reasons are shown.

    For example:

        wechat-miniprogram plan --stack prod --appid wx0123456789abcdef --domains shop.txt
        wechat-miniprogram plan dev.json --appid wx… --domains shop.json --format markdown > comment.md
        wechat-miniprogram plan dev.json --appid wx… --server-domains api.json
        wechat-miniprogram plan exports/ --manifest fleet.yaml --format markdown > comment.md
        pulumi preview --json | wechat-miniprogram plan --preview -
    """
    if manifest or preview:
        if appid or domains or server_domains or (manifest and preview):
            raise typer.BadParameter(
                "--manifest and --preview cover all Mini Programs: use only one of them, without --appid "
                "and its lists"
            )
        _show_all(_planned(manifest, preview, exports, stacks), form)
        return
    if appid is None:
        raise typer.BadParameter("Missing option '--appid', or '--manifest' or '--preview' for all of them")
    if not APPID.fullmatch(appid):
        raise typer.BadParameter(f"--appid {appid!r} is not a valid appid: {NOT_AN_APPID}")
    if domains and server_domains:
        raise typer.BadParameter("--domains and --server-domains are two resources; choose one")
    if not (source := domains or server_domains):
        raise typer.BadParameter("Missing option '--domains' or '--server-domains'")
    if source == STDIN and STDIN in (exports or ()):
        raise typer.BadParameter("standard input can be the export or the list, not both")
    reserved = load_settings({}).allow_reserved_hosts
    lists = _read_lists(source, server=not domains, allow_reserved=reserved)
    found = forecast(
        read(exports, stacks),
        appid,
        [domain for values in lists.values() for domain in values],
        of=list_name("webview" if domains else "server", channel.value),
        managed=() if domains else tuple(lists),
        name=name,
        mode=mode.value if mode else None,
        allow_mass_removal=allow_mass_removal,
    )
    if form is Format.json:
        print_json({**plan_to_json(found.plan), "remarks": found.remarks})
    else:
        print_text(printable((_text if form is Format.text else _markdown)(found)))
    if found.plan.refusals:
        raise Leave(ERROR)


def _planned(
    manifest: Path | None, preview: str | None, exports: list[str] | None, stacks: list[str] | None
) -> list[Planned | Unplanned]:
    if preview:
        if exports or stacks:
            raise typer.BadParameter(
                "--preview already contains the states: give neither exports nor --stack"
            )
        where, content = _content(preview, MAX_BYTES)
        try:
            document: object = load_json(content.decode("utf-8-sig"))
        except ValueError:
            document = None
        return [*of_preview(document, where)]
    assert manifest is not None  # noqa: S101 - one of both is given
    try:
        fleet = read_fleet(manifest)
    except BadManifest as error:
        raise ExportUnreadable(str(error)) from None
    apps = [
        Declared(app.appid, parse_domains(app.domains), app.mode, app.allow_mass_removal)
        for app in fleet.apps
    ]
    return [*of_manifest(read(exports, stacks), apps, fleet.project)]


def _show_all(found: Sequence[Planned | Unplanned], form: Format) -> None:
    """Print totals, each change with its apps, and what is refused, each reason once."""
    changes = [each for each in found if isinstance(each, Planned)]
    problems = [each for each in found if isinstance(each, Unplanned)]
    alike: dict[str, list[Unplanned]] = {}
    for each in problems:
        alike.setdefault(each.reason.replace(each.appid, "the app"), []).append(each)
    refused = [(counted("app", [each.appid for each in same]), same[0].reason) for same in alike.values()]
    headline = (
        f"{plural(len({each.appid for each in changes}), 'Mini Program')} would change: {totals_of(changes)}"
    )
    if refused:
        headline += f"; {plural(len(problems), 'update')} would be refused"
    if form is Format.json:
        document = {
            "changes": [asdict(each) for each in changes],
            "refused": [asdict(each) for each in problems],
        }
        print_json({"version": 1, **document})
    elif form is Format.markdown:
        lines = [f"**{headline}**", *as_markdown(changes)]
        lines += [f"\n- {apps} refused: {plain(reason)}" for apps, reason in refused]
        print_text(printable("\n".join(lines)))
    else:
        table = as_text(changes)
        lines = [headline, *(["", table] if table else [])]
        for apps, reason in refused:
            first, *more = reason.splitlines()
            lines += ["", f"{apps} refused: {first}", *(f"  {line}" for line in more)]
        print_text(printable("\n".join(lines)))
    if refused:
        raise Leave(ERROR)


def _text(found: Forecast) -> str:
    return "\n".join([plan_to_text(found.plan), *(f"  note: {line}" for line in found.remarks)])


def _markdown(found: Forecast) -> str:
    """Return a comment; a remark may name a live value, which Markdown is not to read."""
    remarks = (re.sub(r"([\\<>\[\]*_])", r"\\\1", line) for line in found.remarks)
    return "\n".join([plan_to_markdown(found.plan), *(f"- Note: {line}." for line in remarks)])


def _read_lists(source: str, *, server: bool, allow_reserved: bool) -> Mapping[str, Sequence[Domain]]:
    """Return the domains of each list, by the names of the inputs.

    Raises:
        ValueError: a value is refused, or the file is not text or has the wrong JSON.
        OSError: the file cannot be read.
    """
    where, content = _content(source, _MAX_BYTES)
    expected = "object of lists of domains by kind" if server else "array of domains"
    try:
        text = content.decode("utf-8-sig")
        values = json.loads(text) if text.lstrip().startswith("{" if server else "[") else _lines(text)
    except UnicodeDecodeError:
        raise ValueError(f"{where} is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        kind = expected.partition(" ")[0]
        raise ValueError(f"{where} is not a JSON {kind}: line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, nested too deeply
        raise ValueError(f"{where} is not a JSON {expected}") from None
    if not server:
        return {"domains": parse_domains(values, allow_reserved=allow_reserved)}
    return _parse_kinds(
        values if isinstance(values, dict) else _by_kind(values), allow_reserved=allow_reserved
    )


def _content(source: str, limit: int) -> tuple[str, bytes]:
    """Return how messages name what was given, and what is in it."""
    if source == STDIN:
        return "standard input", read_stream(sys.stdin.buffer, limit, "standard input")
    return source, read_file(Path(source), limit, streams=True)


def _lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]


def _by_kind(lines: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the lists of lines with a kind and a domain; a kind alone is a list without domains."""
    lists: dict[str, list[str]] = {}
    for line in lines:
        kind, *values = line.split(maxsplit=1)
        lists.setdefault(kind, []).extend(values)
    return lists


def _parse_kinds(lists: Mapping[str, object], *, allow_reserved: bool) -> Mapping[str, Sequence[Domain]]:
    parsed: dict[str, Sequence[Domain]] = {}
    problems = [
        f"{shown(kind)} is not a kind of server domains; the kinds are {', '.join(KINDS)}"
        for kind in lists
        if kind not in KINDS
    ]
    for kind in (kind for kind in KINDS if kind in lists):
        values = lists[kind]
        if not isinstance(values, list):
            problems.append(f"`{kind}` is not a list")
            continue
        try:
            parsed[kind] = parse_server_domains(kind, values, allow_reserved=allow_reserved)
        except InvalidDomains as error:
            problems.append(str(error))
    if not lists:
        problems.append(f"no list of server domains is named; the kinds are {', '.join(KINDS)}")
    if problems:
        raise ValueError("\n".join(problems))
    return parsed
