"""A stand-in for WeChat's webview domain API, see docs/emulator.md. Imports nothing else of this package."""

from pulumi_wechat_miniprogram.emulator.client import EmulatorControl
from pulumi_wechat_miniprogram.emulator.faults import Fault
from pulumi_wechat_miniprogram.emulator.model import AppState, CallRecord
from pulumi_wechat_miniprogram.emulator.releases import after_release_stored, release_stored
from pulumi_wechat_miniprogram.emulator.server import Emulator, create_app
from pulumi_wechat_miniprogram.emulator.store import Store

__all__ = [
    "AppState",
    "CallRecord",
    "Emulator",
    "EmulatorControl",
    "Fault",
    "Store",
    "after_release_stored",
    "create_app",
    "release_stored",
]
