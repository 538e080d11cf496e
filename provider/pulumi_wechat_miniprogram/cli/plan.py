"""`plan`: what an up would do to one app, without Pulumi and WeChat."""

from __future__ import annotations

import enum
import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from pulumi_wechat_miniprogram.cli.console import print_json, print_text
from pulumi_wechat_miniprogram.cli.exports import Exports, Stacks, read
from pulumi_wechat_miniprogram.cli.leaving import ERROR, Leave
from pulumi_wechat_miniprogram.exports.forecast import forecast
from pulumi_wechat_miniprogram.exports.sources import STDIN
from pulumi_wechat_miniprogram.lifecycle.domain import Domain, parse_domains
from pulumi_wechat_miniprogram.lifecycle.rendering import plan_to_json, plan_to_markdown, plan_to_text
from pulumi_wechat_miniprogram.safety.files import read_file, read_stream
from pulumi_wechat_miniprogram.safety.text import printable
from pulumi_wechat_miniprogram.settings import APPID, load_settings

_MAX_BYTES: Final = 1 << 20
"""Of a list of domains, which has 300 at most."""


class ModeChoice(str, enum.Enum):
    """What a resource owns."""

    authoritative = "authoritative"
    additive = "additive"


class Format(str, enum.Enum):
    """What is printed."""

    text = "text"
    json = "json"
    markdown = "markdown"


def plan(
    appid: Annotated[str, typer.Option(help="The Mini Program.")],
    domains: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="The new list: one domain a line, # begins a comment; or a JSON array. - is standard input.",
        ),
    ],
    exports: Exports = None,
    stacks: Stacks = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The resource, where the app has several.")
    ] = None,
    mode: Annotated[
        ModeChoice | None, typer.Option(help="A new mode; else the one of the state.", show_default=False)
    ] = None,
    allow_mass_removal: Annotated[
        bool, typer.Option("--allow-mass-removal", help="As the resource's input of this name.")
    ] = False,
    form: Annotated[
        Format, typer.Option("--format", help="Markdown is for the comment of a pull request.")
    ] = Format.text,
) -> None:
    """Show what an up would do to one Mini Program, without Pulumi and without WeChat.

    The state in the export stands for what is live, and the new list is checked by the rules of the
    provider. So this shows the calls of an up after a `pulumi refresh`; a change that somebody made since is
    not seen (`wechat-miniprogram drift` sees it), nor are other live domains where the state is additive.

    Exit code: 0, or 1 when the up would be refused; the reasons are shown.

    For example:

        wechat-miniprogram plan --stack prod --appid wx0123456789abcdef --domains shop.txt
        wechat-miniprogram plan dev.json --appid wx… --domains shop.json --format markdown > comment.md
    """
    if not APPID.fullmatch(appid):
        raise typer.BadParameter(f"--appid {appid!r} is not a valid appid, such as wx0123456789abcdef")
    if domains == STDIN and STDIN in (exports or ()):
        raise typer.BadParameter("standard input can be the export or the list, not both")
    found = forecast(
        read(exports, stacks),
        appid,
        _read_domains(domains, allow_reserved=load_settings({}).allow_reserved_hosts),
        name=name,
        mode=mode.value if mode else None,
        allow_mass_removal=allow_mass_removal,
    )
    if form is Format.json:
        print_json(plan_to_json(found))
    else:
        print_text(printable((plan_to_text if form is Format.text else plan_to_markdown)(found)))
    if found.refusals:
        raise Leave(ERROR)


def _read_domains(source: str, *, allow_reserved: bool) -> tuple[Domain, ...]:
    """Return the domains of a list.

    Raises:
        ValueError: a value is refused, or it is no text or no JSON array.
        OSError: the file cannot be read.
    """
    where = "standard input" if source == STDIN else source
    content = (
        read_stream(sys.stdin.buffer, _MAX_BYTES)
        if source == STDIN
        else read_file(Path(source), _MAX_BYTES, streams=True)
    )
    try:
        text = content.decode("utf-8-sig")
        values = json.loads(text) if text.lstrip().startswith("[") else _lines(text)
    except UnicodeDecodeError:
        raise ValueError(f"{where} is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{where} is not a JSON array: line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, nested too deeply
        raise ValueError(f"{where} is not a JSON array of domains") from None
    return parse_domains(values, allow_reserved=allow_reserved)


def _lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]
