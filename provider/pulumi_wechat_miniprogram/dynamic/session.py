"""The one session of a process of dynamic providers: all providers of a stack are configured alike."""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
import threading

from pulumi.dynamic import Config

from pulumi_wechat_miniprogram.dynamic.engine import INTERRUPTION, hear_cancel
from pulumi_wechat_miniprogram.resources.run import engine_address
from pulumi_wechat_miniprogram.resources.session import Session, show_calls
from pulumi_wechat_miniprogram.safety.masking import mask
from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.settings import NAMESPACE, load_settings, unknown_config_keys

StackConfig = tuple[tuple[str, str], ...]
"""This provider's keys of the stack config, without namespace, sorted."""


def warn(line: str) -> None:
    """Show one line to the user: the engine prints what a plugin writes to stderr, while it is there."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"warning: {one_line(mask(line))}\n")


def own_config(config: Config) -> StackConfig:
    """Return this provider's part of the stack config."""
    everything: dict[str, str] = config._props  # noqa: SLF001 - Config has no way to list its keys
    prefix = f"{NAMESPACE}:"
    own = {
        key.removeprefix(prefix): str(value) for key, value in everything.items() if key.startswith(prefix)
    }
    return tuple(sorted(own.items()))


_opening = threading.Lock()
"""`cache` alone would let each of the four threads of a refresh make a session of its own."""


def open_session(config: StackConfig) -> Session:
    """Return the session, and make it at the first call.

    Raises:
        SettingsError: the configuration is wrong. It is not kept: the next use reads it again.
    """
    with _opening:
        return _open_session(config)


@functools.cache
def _open_session(config: StackConfig) -> Session:
    hear_cancel()
    stored = dict(config)
    settings = load_settings(stored)
    if settings.log == "debug":
        show_calls(_to_standard_error())
    for line in unknown_config_keys(stored):
        warn(line)
    engine = engine_address(sys.argv[1:])
    return Session(settings, warn=warn, interruption=INTERRUPTION, engine=engine)


def _to_standard_error() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("debug: %(message)s"))
    return handler
