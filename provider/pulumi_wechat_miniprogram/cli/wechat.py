"""The use cases on WeChat for a command, by the environment's settings, and the options they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from pulumi_wechat_miniprogram.cli.console import tell
from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler, connect
from pulumi_wechat_miniprogram.settings import Settings, load_settings, unknown_config_keys

CONCURRENCY: Final = 8
RATE: Final = 100.0
"""WeChat publishes no figure for calls in a second; 45011, its limit for a minute, is waited for anyway."""

Concurrency = Annotated[int, typer.Option(min=1, max=64, help="How many Mini Programs to read concurrently.")]
Rate = Annotated[
    float,
    typer.Option(
        min=0.1,
        max=1000,
        help="Maximum number of Mini Programs to start per second; each takes two calls or more.",
    ),
]


@contextmanager
def connected() -> Iterator[tuple[Settings, Reconciler]]:
    """Open WeChat as the environment says, `WECHAT_MINIPROGRAM_ENDPOINT` and so on; warnings are printed.

    Raises:
        SettingsError: the environment is wrong.
    """
    settings = load_settings({})
    for line in unknown_config_keys(()):
        tell(f"warning: {line}")
    reconciler = connect(settings, warn=lambda line: tell(f"warning: {line}"), create_emulator=False)
    try:
        yield settings, reconciler
    finally:
        reconciler.close()


def every_app(reconciler: Reconciler) -> tuple[str, ...]:
    """Return the apps that the token source knows, for `--all`.

    Raises:
        typer.BadParameter: it cannot tell.
        CallFailed: WeChat did not give the list of those that authorise the platform.
    """
    if appids := reconciler.appids():
        return appids
    raise typer.BadParameter("the token source cannot list its Mini Programs; name them")
