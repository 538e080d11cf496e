"""`fleet`: many stacks as one, by a manifest, on this machine or on the workers of a Dask scheduler."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_wechat_miniprogram.cli.console import tell
from pulumi_wechat_miniprogram.cli.plan import Format

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.cli.fleet.driver import Driver

fleet = typer.Typer(
    help=(
        "Run many stacks as one: preview, update and refresh the Mini Programs of a manifest.\n\nSettings "
        "and credentials come from the environment (`WECHAT_MINIPROGRAM_…`, `PULUMI_…`) of each machine "
        "that runs stacks. A lock is broken only where its own host proves that the process is gone.\n\n"
        "Press Ctrl-C once to let running stacks finish and start no others. Press it twice to interrupt "
        "them; they release their locks.\n\nExit codes: 0 all stacks are done, 1 an error or some stacks "
        "are not done, 2 drift, 3 refused: nothing was run."
    ),
    no_args_is_help=True,
)


_Stacks = Annotated[
    list[str] | None,
    typer.Argument(metavar="STACK", help="Only these stacks, such as fleet-07.", show_default=False),
]
_Manifest = Annotated[
    Path,
    typer.Option(
        "--manifest", "-f", metavar="FILE", help=("The manifest: the Mini Programs and the number of stacks.")
    ),
]
_Slots = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help=("Number of stacks to run concurrently.  [default: one for each core]"),
        show_default=False,
    ),
]
_Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Run on the workers of this Dask scheduler, such as tls://fleet.internal:8786, whose threads "
        "are the slots.",
        show_default=False,
    ),
]
_File = Annotated[Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, show_default=False)]
_Result = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=("Write a line of JSON to this file as each stack finishes."),
        dir_okay=False,
        show_default=False,
    ),
]
_Resume = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=(
            "Skip the stacks that this --result file of an earlier run lists as done, unless their apps "
            "have changed in the manifest."
        ),
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
_Rate = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help=("Maximum number of calls to WeChat per minute, for the whole run."),
        show_default=False,
    ),
]
_Patience = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for a stack's lock.")
]
_Removals = Annotated[
    bool, typer.Option("--allow-removals", help="Delete the domains of apps that left the manifest.")
]
_All = Annotated[
    bool,
    typer.Option("--all", help="Also preview stacks whose state already matches the manifest."),
]
_Fast = Annotated[
    bool,
    typer.Option(
        "--fast-first-run",
        help=(
            "Write the state of a stack once, at the end, if it has no apps yet. Until then, a journal on "
            "the machine that runs the stack records what is done; after a kill, the next run adds that to "
            "the state."
        ),
    ),
]
_Form = Annotated[Format, typer.Option("--format", help="Markdown is for a comment on a pull request.")]

_MANIFEST = Path("fleet.yaml")
_PATIENCE = 60.0


def _open(
    manifest: Path,
    stacks: list[str] | None,
    slots: int | None,
    scheduler: str | None,
    tls: tuple[Path | None, Path | None, Path | None] = (None, None, None),
    rate: int | None = None,
    patience: float = _PATIENCE,
) -> Driver:
    try:
        from pulumi_wechat_miniprogram.cli.fleet.driver import (  # noqa: PLC0415 - an extra, loaded on demand
            Driver,
        )
    except ModuleNotFoundError as error:
        raise typer.BadParameter(
            f"`fleet` needs {error.name}: pip install 'pulumi-wechat-miniprogram[fleet]'"
        ) from None
    if slots and scheduler:
        raise typer.BadParameter(
            "--slots applies to this machine only; with --scheduler, the slots are its workers' threads"
        )
    return Driver.open(
        manifest, stacks or (), slots or os.cpu_count() or 1, scheduler, tls, rate=rate, patience=patience
    )


_Ca = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca-file",
        metavar="FILE",
        help="The certificate authority of the scheduler and workers (PEM).",
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
_Cert = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert", metavar="FILE", help="This command's certificate.", exists=True, show_default=False
    ),
]
_Key = Annotated[
    Path | None,
    typer.Option("--tls-key", metavar="FILE", help="The certificate's key.", exists=True, show_default=False),
]


@fleet.command()
def stacks(
    manifest: _Manifest = _MANIFEST,
) -> None:
    """Print the names of all stacks as JSON, for the matrix of a CI job."""
    _open(manifest, None, 1, None).print_stacks()


@fleet.command()
def preview(
    stacks: _Stacks = None,
    manifest: _Manifest = _MANIFEST,
    slots: _Slots = None,
    scheduler: _Scheduler = None,
    ca: _Ca = None,
    cert: _Cert = None,
    key: _Key = None,
    result: _Result = None,
    every: _All = False,
    allow_removals: _Removals = False,
    form: _Form = Format.text,
) -> None:
    """Show what an update would do: totals, then each Mini Program with its domains.

    Only the stacks whose state differs from the manifest are previewed.

    For example:

        wechat-miniprogram fleet preview
        wechat-miniprogram fleet preview --format markdown > comment.md
    """
    driver = _open(manifest, stacks, slots, scheduler, (ca, cert, key))
    driver.preview(result, every=every, allow_removals=allow_removals, form=form.value)


@fleet.command()
def up(
    stacks: _Stacks = None,
    manifest: _Manifest = _MANIFEST,
    slots: _Slots = None,
    scheduler: _Scheduler = None,
    ca: _Ca = None,
    cert: _Cert = None,
    key: _Key = None,
    rate: _Rate = None,
    patience: _Patience = _PATIENCE,
    result: _Result = None,
    resume: _Resume = None,
    every: _All = False,
    allow_removals: _Removals = False,
    fast: _Fast = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Update after the preview without confirmation.")
    ] = False,
    form: _Form = Format.text,
) -> None:
    """Preview as `fleet preview` does, and update the stacks that have changes.

    An app that fails does not stop the others; the next run continues with the rest. A stack whose state
    differs from the manifest is updated even if --resume lists it as done, so --resume matters with --all.

    For example:

        wechat-miniprogram fleet up --yes --result result.jsonl
        wechat-miniprogram fleet up --yes --all --resume result.jsonl --scheduler tls://fleet.internal:8786
    """
    driver = _open(manifest, stacks, slots, scheduler, (ca, cert, key), rate, patience)
    driver.up(
        result,
        resume,
        every=every,
        allow_removals=allow_removals,
        fast=fast,
        agree=lambda: yes or _asked("Update these stacks?"),
        form=form.value,
    )


@fleet.command()
def refresh(
    stacks: _Stacks = None,
    manifest: _Manifest = _MANIFEST,
    slots: _Slots = None,
    scheduler: _Scheduler = None,
    ca: _Ca = None,
    cert: _Cert = None,
    key: _Key = None,
    rate: _Rate = None,
    patience: _Patience = _PATIENCE,
    result: _Result = None,
    resume: _Resume = None,
    form: _Form = Format.text,
) -> None:
    """Read the live lists into the states of the stacks."""
    driver = _open(manifest, stacks, slots, scheduler, (ca, cert, key), rate, patience)
    driver.refresh(result, resume, form=form.value)


@fleet.command()
def drift(
    stacks: _Stacks = None,
    manifest: _Manifest = _MANIFEST,
    slots: _Slots = None,
    scheduler: _Scheduler = None,
    ca: _Ca = None,
    cert: _Cert = None,
    key: _Key = None,
    rate: _Rate = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="Number of Mini Programs of a stack to read concurrently.")
    ] = 8,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each app that differs or failed.")
    ] = False,
) -> None:
    """Compare the states with the live lists, without Pulumi's engine, and write nothing.

    Apps are printed as they are found. Exit codes: 0 no drift, 2 drift, 1 some apps could not be compared.
    """
    driver = _open(manifest, stacks, slots, scheduler, (ca, cert, key), rate)
    driver.drift(concurrency, as_json=as_json)


@fleet.command()
def locks(
    result: Annotated[
        Path,
        typer.Argument(metavar="RESULT", help="The --result file of a run.", exists=True, dir_okay=False),
    ],
    manifest: _Manifest = _MANIFEST,
    scheduler: _Scheduler = None,
    ca: _Ca = None,
    cert: _Cert = None,
    key: _Key = None,
) -> None:
    """Show the locks that a run met, and whether the process of each is gone. This breaks no lock.

    The host that a lock names is asked if it is this machine or has a worker. A later `fleet up` or
    `fleet refresh` breaks the lock of a process that is gone.
    """
    _open(manifest, None, 1 if not scheduler else None, scheduler, (ca, cert, key)).locks(result)


@fleet.command()
def prune(
    stacks: _Stacks = None,
    manifest: _Manifest = _MANIFEST,
    slots: _Slots = None,
    scheduler: _Scheduler = None,
    ca: _Ca = None,
    cert: _Cert = None,
    key: _Key = None,
    keep: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many updates and backups of each stack to keep.")
    ] = 20,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without confirmation.")] = False,
) -> None:
    """Remove old history entries and backups of the stacks from a backend of files.

    Each update and each refresh adds to both, even if it changes nothing. States and locks are not touched.
    """
    driver = _open(manifest, stacks, slots, scheduler, (ca, cert, key))
    driver.prune(keep, lambda: yes or _asked("Remove these files?"))


def _asked(question: str) -> bool:
    if not sys.stdin.isatty():
        tell("Confirmation is needed, and standard input is not a terminal: pass --yes.")
        return False
    return input(f"{question} Only `yes` does it: ") == "yes"
