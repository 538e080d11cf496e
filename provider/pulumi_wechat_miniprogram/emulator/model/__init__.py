"""State and rules of the emulator: no I/O, no clock, no chance. One subject a module."""

from pulumi_wechat_miniprogram.emulator.model.apps import (
    APPID_PATTERN,
    DOMAIN_PERMISSION_SET,
    AppState,
    Subject,
    new_app,
)
from pulumi_wechat_miniprogram.emulator.model.calls import WRITE_ACTIONS, CallRecord, call_name
from pulumi_wechat_miniprogram.emulator.model.switches import Switches
from pulumi_wechat_miniprogram.emulator.model.values import union

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
