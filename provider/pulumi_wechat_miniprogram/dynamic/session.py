"""What one plugin process shares: settings, client, locks, and what its checks declared."""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulumi.dynamic import Config

from pulumi_wechat_miniprogram.dynamic.engine import INTERRUPTION, hear_cancel
from pulumi_wechat_miniprogram.lifecycle.declarations import Declarations
from pulumi_wechat_miniprogram.safety.masking import mask
from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.settings import NAMESPACE, Settings, load_settings, unknown_config_keys

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler

StackConfig = tuple[tuple[str, str], ...]
"""This provider's keys of the stack config, without namespace, sorted."""


def warn(line: str) -> None:
    """Show one line to the user: the engine prints what a plugin writes to stderr, while it is there."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"warning: {one_line(mask(line))}\n")


def _connect(settings: Settings, declarations: Declarations) -> Reconciler:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import connect  # noqa: PLC0415 - see `Session`

    return connect(settings, warn=warn, declarations=declarations, interruption=INTERRUPTION)


class Session:
    """The settings of this process, what its checks declared, and its use cases. Safe for concurrent use."""

    def __init__(
        self,
        settings: Settings,
        connect: Callable[[Settings, Declarations], Reconciler] = _connect,
        *,
        warn: Callable[[str], None] = warn,
    ) -> None:
        """Connect at once where a setting may prevent it, so that a preview tells; else for the first call.

        An `up` without changes makes no call, so it does not load what calls are made with: 4 % of its time.

        Raises:
            SettingsError: see `reconcile.connect`.
        """
        self.settings = settings
        self.warn = warn
        self.declarations = Declarations()
        self._connect = connect
        self._connecting = threading.Lock()
        self._reconciler: Reconciler | None = None
        if settings.emulator_path or settings.ca_file:
            _ = self.reconciler

    @property
    def reconciler(self) -> Reconciler:
        """The use cases, which share the connections."""
        with self._connecting:
            if self._reconciler is None:
                self._reconciler = self._connect(self.settings, self.declarations)
            return self._reconciler


def own_config(config: Config) -> StackConfig:
    """Return this provider's part of the stack config."""
    everything: dict[str, str] = config._props  # noqa: SLF001 - Config has no way to list its keys
    prefix = f"{NAMESPACE}:"
    own = {
        key.removeprefix(prefix): str(value) for key, value in everything.items() if key.startswith(prefix)
    }
    return tuple(sorted(own.items()))


_opening = threading.Lock()
"""`lru_cache` alone would let each of the four threads of a refresh make a session of its own."""


def open_session(config: StackConfig) -> Session:
    """Return the one session of this process; both providers of a stack are configured alike.

    Raises:
        SettingsError: the configuration is wrong. It is not kept: the next use reads it again.
    """
    with _opening:
        return _open_session(config)


@functools.lru_cache(maxsize=1)
def _open_session(config: StackConfig) -> Session:
    hear_cancel()
    stored = dict(config)
    settings = load_settings(stored)
    if settings.log == "debug":
        _show_calls()
    for line in unknown_config_keys(stored):
        warn(line)
    return Session(settings)


def _show_calls() -> None:
    logger = logging.getLogger("pulumi_wechat_miniprogram")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("debug: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
