"""Live lists against the state of one stack, read in a slot, without Pulumi's engine and without a write."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from pulumi_wechat_miniprogram.exports.drift import AppDrift, find_drift
from pulumi_wechat_miniprogram.exports.inventory import take_inventory
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable
from pulumi_wechat_miniprogram.fleet.engine import Say
from pulumi_wechat_miniprogram.fleet.states import BackendUnreadable, Place, export_stack
from pulumi_wechat_miniprogram.lifecycle.reconcile import connect
from pulumi_wechat_miniprogram.settings import load_settings

_SAID: Final = 10
"""Apps that one message reports: each message has a cost for all involved."""


@dataclass(frozen=True, slots=True)
class StackDrift:
    """What was found in one stack: the apps that there is something to say of, and all that it has."""

    stack: str
    held: tuple[str, ...] = ()
    apps: tuple[AppDrift, ...] = ()
    problem: str = ""


def compare(calls_per_minute: int | None, concurrency: int, place: Place, say: Say) -> StackDrift:
    """Compare the apps of a stack with what is live."""
    try:
        export, _ = export_stack(place)
    except (BackendUnreadable, ExportUnreadable) as error:
        return StackDrift(place.stack, problem=str(error))
    if export is None:
        return StackDrift(place.stack)
    settings = load_settings({})
    if calls_per_minute:
        time.sleep(60 / calls_per_minute)  # the stack before this one may have called a moment ago
        rate = min(calls_per_minute, settings.max_calls_per_minute or calls_per_minute)
        settings = settings.model_copy(update={"max_calls_per_minute": rate})
    reconciler = connect(settings, warn=lambda _: None, create_emulator=False)
    try:
        inventory = take_inventory((export,))
        found: list[AppDrift] = []
        named: list[str] = []
        for app in find_drift(inventory, lambda of: reconciler.of(of).observe, Pace(concurrency)):
            named.append(app.appid)
            if len(named) == _SAID:
                say({"stack": place.stack, "apps": named})
                named = []
            if app.tells:
                found.append(app)
        say({"stack": place.stack, "apps": named})
    finally:
        reconciler.close()
    held = tuple(app.appid for app in inventory.apps)
    return StackDrift(place.stack, held, tuple(sorted(found, key=lambda app: app.appid)))
