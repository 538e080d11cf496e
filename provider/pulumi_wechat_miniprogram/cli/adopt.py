"""`adopt`: a program and an import file from what is live."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from pulumi_wechat_miniprogram.cli.console import plural, print_text, said_once, tell
from pulumi_wechat_miniprogram.cli.files import refuse_existing, write_files
from pulumi_wechat_miniprogram.cli.leaving import ERROR, Leave
from pulumi_wechat_miniprogram.cli.progress import watched
from pulumi_wechat_miniprogram.cli.wechat import CONCURRENCY, RATE, Concurrency, Rate, connected, every_app
from pulumi_wechat_miniprogram.exports.adoption import (
    Adopted,
    NotAdopted,
    adopt_all,
    import_file,
    program,
    registered_name,
)
from pulumi_wechat_miniprogram.exports.kinds import Face, Kind
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.lifecycle.state import Channel
from pulumi_wechat_miniprogram.settings import APPID


class FaceChoice(str, enum.Enum):
    """Which of the two providers runs the resources."""

    dynamic = "dynamic"
    native = "native"


def adopt(
    apps: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=]APPID",
            help="Mini Programs to take over. A resource is named NAME, or after its appid.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Take over every Mini Program that the token source knows.")
    ] = False,
    program_file: Annotated[
        Path, typer.Option("--program", metavar="FILE", help="The Pulumi program.", dir_okay=False)
    ] = Path("__main__.py"),
    import_path: Annotated[
        Path,
        typer.Option("--import-file", metavar="FILE", help=("The file for pulumi import."), dir_okay=False),
    ] = Path("import.json"),
    face: Annotated[
        FaceChoice, typer.Option(help="The provider of the resources: dynamic, or the native plugin.")
    ] = FaceChoice.dynamic,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the files.")] = False,
    concurrency: Concurrency = CONCURRENCY,
    rate: Rate = RATE,
) -> None:
    """Write a Pulumi program, and an import file, from what is live. Nothing changes in WeChat.

    Continue in one of two ways. Both end in an up that writes nothing in WeChat:

    1. `pulumi up` with the program: create finds every domain live and adopts it.
    2. `pulumi import --file import.json --generate-code=false` (CLI 3.254 or newer), then `pulumi up` with
       the program: no call is made, even for hundreds of apps.

    Each app gets a resource for its webview domains and one for its server domains, and another one of each,
    named NAME-registered, for the registered channel. A list without domains gets no resource. WeChat's order
    is kept. Comments mark domains that wait for a release, and domains that are only on the list of the
    WeChat console or of mode one. If a live domain cannot be declared (a wildcard, a port of a webview
    domain), its resource is additive, so that the domain stays. Every resource is protected.

    Both files are for the dynamic provider, or, with `--face native`, for the native plugin.

    With --all, the component flow asks WeChat for all accounts that authorise the platform. Their refresh
    tokens are used if none is configured, so `WECHAT_MINIPROGRAM_AUTHORIZER_REFRESH_TOKENS='{}'` is enough.
    With `WECHAT_MINIPROGRAM_ACCESS_TOKENS`, all apps that it names are taken over.

    For example:

        wechat-miniprogram adopt shop=wx0123456789abcdef
        wechat-miniprogram adopt --all --program domains.py
    """
    if not apps and not everything:
        raise typer.BadParameter("name a Mini Program, such as shop=wx0123456789abcdef, or give --all")
    if program_file == import_path:
        raise typer.BadParameter("--program and --import-file name the same file; name two")
    refuse_existing([program_file, import_path], force=force)
    named = _names(apps or [])
    with connected() as (settings, reconciler):
        names = _with_others(named, every_app(reconciler)) if everything else named
        _refuse_clashes(names.values())
        results = adopt_all(
            names,
            lambda of: reconciler.of(of).observe,
            Pace(concurrency, rate),
            allow_reserved=settings.allow_reserved_hosts,
        )
        done = list(watched(results, len(names), "Reading"))
    failed = [each for each in done if isinstance(each, NotAdopted)]
    adopted = sorted((each for each in done if not isinstance(each, NotAdopted)), key=lambda app: app[0].name)
    for line in said_once(sorted(failed, key=lambda each: each.appid)):
        tell(f"error: {line}")
    _write(adopted, face.value, program_file, import_path)
    if failed:
        raise Leave(ERROR)


def _names(apps: Sequence[str]) -> dict[str, str]:
    """Return the name of each resource by appid."""
    names: dict[str, str] = {}
    for text in apps:
        name, equals, appid = text.rpartition("=")
        if not APPID.fullmatch(appid) or (equals and not name):
            raise typer.BadParameter(
                f"{text!r} is not of the form [NAME=]APPID, such as shop=wx0123456789abcdef"
            )
        if appid in names or name in names.values():
            raise typer.BadParameter(f"{text!r} repeats an appid or a name; each may be given only once")
        names[appid] = name or appid
    return names


def _with_others(named: Mapping[str, str], appids: Iterable[str]) -> dict[str, str]:
    """Add the apps that are not named, each called as its appid."""
    others = {appid: appid for appid in appids if appid not in named}
    if taken := others.keys() & set(named.values()):
        raise typer.BadParameter(
            f"{', '.join(sorted(taken))} is the name of another Mini Program; choose one"
        )
    return {**others, **named}


def _refuse_clashes(names: Iterable[str]) -> None:
    """Refuse names of which one is that of another app's resource for the registered channel."""
    known = set(names)
    if taken := sorted(known.intersection(map(registered_name, known))):
        raise typer.BadParameter(
            f"{', '.join(taken)} is the name of another Mini Program's resource for the registered channel; "
            "choose one"
        )


def _write(apps: Sequence[tuple[Adopted, ...]], face: Face, program_file: Path, import_path: Path) -> None:
    for lists in apps:
        _tell_remarks(lists)
    full = [each for lists in apps for each in lists if each.declaration.domains]
    if not full:
        tell("there are no live domains to take over; no file was written")
        return
    write_files({program_file: program(full, face), import_path: import_file(full, face)})
    apps_found = plural(len({each.declaration.appid for each in full}), "Mini Program")
    domains = plural(sum(len(each.declaration.domains) for each in full), "domain")
    pending = sum(len(each.recorded.pending_domains) for each in full)
    print_text(
        f"{program_file}, {import_path}: {apps_found}, {domains}, {pending} of them pending\n"
        f"next: pulumi import --file {import_path} --generate-code=false, then pulumi up"
    )


_NOUNS: Final[Mapping[Kind, str]] = {"webview-domains": "webview domains", "server-domains": "server domains"}
_CHANNELS: Final[Mapping[Channel, str]] = {"direct": "", "registered": " of the registered channel"}


def _tell_remarks(lists: Sequence[Adopted]) -> None:
    appid = lists[0].declaration.appid
    if not any(each.declaration.domains for each in lists):
        because = _undeclarable(lists)
        tell(f"{appid}: there are no live domains to take over{because and f' ({because})'}; left out")
        return
    for each in lists:
        if each.refused:
            how = "additive" if each.declaration.domains else "left out"
            noun = _NOUNS[each.kind] + _CHANNELS[each.declaration.channel]
            tell(f"{appid}: its {noun} are {how}, because {_undeclarable([each])}")


def _undeclarable(lists: Sequence[Adopted]) -> str:
    values = ", ".join(error.shown for each in lists for error in each.refused)
    return values and f"these domains are live but cannot be declared: {values}"
