"""What one plugin process shares: settings, client, locks, and what its checks declared."""

from __future__ import annotations

import functools
import logging
import sys
import threading
from dataclasses import dataclass

from pulumi.dynamic import Config

from pulumi_wechat_miniprogram.reconcile import Reconciler, connect
from pulumi_wechat_miniprogram.settings import NAMESPACE, Settings, load_settings, unknown_config_keys

__all__ = ["Session", "StackConfig", "open_session", "own_config", "warn"]

StackConfig = tuple[tuple[str, str], ...]
"""This provider's keys of the stack config, without namespace, sorted."""


@dataclass(frozen=True, slots=True)
class Session:
    """The settings of this process and its use cases."""

    settings: Settings
    reconciler: Reconciler


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
    stored = dict(config)
    settings = load_settings(stored)
    if settings.log == "debug":
        _show_calls()
    for line in unknown_config_keys(stored):
        warn(line)
    return Session(settings, connect(settings, warn=warn))


def _show_calls() -> None:
    logger = logging.getLogger("pulumi_wechat_miniprogram")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("debug: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)


def warn(line: str) -> None:
    """Show one line to the user: the engine prints what a plugin writes to stderr."""
    sys.stderr.write(f"warning: {line}\n")
