"""The arguments that name exports, and reading them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from pulumi_wechat_miniprogram.cli.console import tell
from pulumi_wechat_miniprogram.exports.reader import Export
from pulumi_wechat_miniprogram.exports.sources import read_exports
from pulumi_wechat_miniprogram.safety.masking import remember_word
from pulumi_wechat_miniprogram.safety.text import one_line

Exports = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="EXPORT",
        help="Stack exports: files, folders of them, the folder of a self-managed backend, or - for standard "
        "input.",
        show_default=False,
    ),
]
Stacks = Annotated[
    list[str] | None,
    typer.Option(
        "--stack", "-s", metavar="NAME", help="Ask the Pulumi CLI to export this stack. May be repeated."
    ),
]


def read(exports: Sequence[str] | None, stacks: Sequence[str] | None) -> tuple[Export, ...]:
    """Read what was named, and tell what a killed run left.

    Raises:
        ExportUnreadable: see `read_exports`.
        typer.BadParameter: nothing was named.
    """
    if not exports and not stacks:
        raise typer.BadParameter("name an export (a file, a folder, or - for standard input) or a --stack")
    found = read_exports(exports or [], stacks or [], sys.stdin.buffer)
    know_secrets(found)
    for export in found:
        for urn in export.interrupted:
            left = f"{export.source}: a killed run left {urn} half done"
            tell(f"warning: {one_line(left)}; run `pulumi up` again")
    return found


def know_secrets(exports: Iterable[Export]) -> None:
    """Let nothing that a program marked as secret be shown from now on."""
    for export in exports:
        for secret in export.secrets:
            remember_word(secret)
