"""The one session of a process of dynamic providers: all providers of a stack are configured alike."""

from __future__ import annotations

import functools
import sys
import threading

from pulumi.dynamic import Config

from pulumi_wechat_miniprogram.dynamic.engine import INTERRUPTION, hear_cancel
from pulumi_wechat_miniprogram.resources.engine import Engine, Handler
from pulumi_wechat_miniprogram.resources.run import engine_address
from pulumi_wechat_miniprogram.resources.session import Session, show_calls
from pulumi_wechat_miniprogram.settings import NAMESPACE, load_settings, unknown_config_keys

StackConfig = tuple[tuple[str, str], ...]
"""This provider's keys of the stack config, without namespace, sorted."""


def own_config(config: Config) -> StackConfig:
    """Return this provider's part of the stack config."""
    everything: dict[str, str] = config._props  # noqa: SLF001 - Config has no way to list its keys
    prefix = f"{NAMESPACE}:"
    own = {
        key.removeprefix(prefix): str(value) for key, value in everything.items() if key.startswith(prefix)
    }
    return tuple(sorted(own.items()))


_opening = threading.Lock()
"""`cache` alone would let each of the four threads of a refresh make its own session."""


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
    engine = Engine()
    if address := engine_address(sys.argv[1:]):
        engine.attach(address)
    if settings.log == "debug":
        show_calls(Handler(engine))
    for line in unknown_config_keys(stored):
        engine.warn(line)
    return Session(settings, warn=engine.warn, interruption=INTERRUPTION, engine=address)
