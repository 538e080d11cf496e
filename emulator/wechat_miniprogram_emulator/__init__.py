"""A stand-in for WeChat's domain API, see docs/reference/emulator. It imports nothing of the provider.

The names below load on first use: pytest imports this package in every run of an environment that has it, and
`host` tells which packages of the extra are missing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wechat_miniprogram_emulator.client import EmulatorControl
    from wechat_miniprogram_emulator.edits import edit_stored
    from wechat_miniprogram_emulator.faults import Fault
    from wechat_miniprogram_emulator.model import AppState, CallRecord
    from wechat_miniprogram_emulator.releases import after_release_stored, release_stored
    from wechat_miniprogram_emulator.server import Emulator, create_app
    from wechat_miniprogram_emulator.store import Store

__all__ = [
    "AppState",
    "CallRecord",
    "Emulator",
    "EmulatorControl",
    "Fault",
    "Store",
    "after_release_stored",
    "create_app",
    "edit_stored",
    "release_stored",
]

_MODULES = {
    "AppState": "model",
    "CallRecord": "model",
    "Emulator": "server",
    "EmulatorControl": "client",
    "Fault": "faults",
    "Store": "store",
    "after_release_stored": "releases",
    "create_app": "server",
    "edit_stored": "edits",
    "release_stored": "releases",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
