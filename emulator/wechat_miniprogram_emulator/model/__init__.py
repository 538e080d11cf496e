"""State and rules of the emulator: no I/O, no clock, no chance. One subject a module."""

from wechat_miniprogram_emulator.model.apps import (
    APPID_PATTERN,
    DOMAIN_PERMISSION_SET,
    AppState,
    Subject,
    new_app,
)
from wechat_miniprogram_emulator.model.calls import WRITE_ACTIONS, CallRecord, call_name
from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.values import union

__all__ = [
    "APPID_PATTERN",
    "DOMAIN_PERMISSION_SET",
    "WRITE_ACTIONS",
    "AppState",
    "CallRecord",
    "Subject",
    "Switches",
    "call_name",
    "new_app",
    "union",
]
