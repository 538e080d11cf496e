"""Waiting until what is declared is in force: each app is read again until WeChat shows its release."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final

from pulumi_wechat_miniprogram.exports.asking import Observers
from pulumi_wechat_miniprogram.exports.drift import SEALED, shown_in
from pulumi_wechat_miniprogram.exports.inventory import App, Inventory, Scope
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.reconcile import may_pass
from pulumi_wechat_miniprogram.lifecycle.state import ListName
from pulumi_wechat_miniprogram.safety.errors import UserError

FIRST_PAUSE: Final = 5.0
_LONGER: Final = 1.3
LONGEST_PAUSE: Final = 60.0
"""Pauses grow from the first to the longest: a release is often minutes away, and each look costs calls."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far one app is: of its `declared` domains these wait, and these are on no list at all.

    `problem` says why it could not be read, and `alike` is the same for problems that are the same; with
    `passing` it may be read the next time.
    """

    appid: str
    declared: int
    waiting: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    problem: str = field(default="", compare=False)
    alike: str = ""
    passing: bool = False

    @property
    def in_force(self) -> bool:
        return not (self.waiting or self.absent or self.problem)

    @property
    def hopeless(self) -> bool:
        """Return whether waiting does not help."""
        return bool(self.absent or (self.problem and not self.passing))


def declaring(appids: tuple[str, ...], domains: tuple[Listed, ...]) -> Inventory:
    """Return what declares the same webview domains for each app, without any export."""
    scope: Mapping[ListName, Scope] = {
        "webview": Scope(declared=domains, kinds=(), owned=False, owned_kinds=())
    }
    apps = (App(appid, (), (), (), (), domains, (), False, False, "") for appid in appids)  # noqa: FBT003
    return Inventory(tuple(apps), (), dict.fromkeys(appids, scope))


def watch_until_effective(
    inventory: Inventory,
    observers: Observers,
    pace: Pace,
    seconds: float,
    *,
    within: Callable[[float], AbstractContextManager[None]] = lambda _: nullcontext(),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Outlook]:
    """Yield the outlook of each app, and again whenever it has changed.

    It ends when everything is in force, when an app is hopeless, or after `seconds`, which also limit the
    calls `within` them. Raises whatever `sleep` raises.
    """
    end = clock() + seconds
    last: dict[str, Outlook] = {}
    left = list(inventory.apps)
    pause = FIRST_PAUSE

    def look(app: App) -> Outlook:
        with within(max(FIRST_PAUSE, end - clock())):
            return _look(app, inventory.scopes[app.appid], observers)

    while True:
        for outlook in pace.each(left, look):
            if last.get(outlook.appid) != outlook:
                last[outlook.appid] = outlook
                yield outlook
        left = [app for app in left if not last[app.appid].in_force]
        if not left or any(last[app.appid].hopeless for app in left) or clock() >= end:
            return
        sleep(min(pause, end - clock()))
        pause = min(pause * _LONGER, LONGEST_PAUSE)


def _look(app: App, lists: Mapping[ListName, Scope], observers: Observers) -> Outlook:
    declared = sum(len(scope.declared) for scope in lists.values())
    if app.sealed:
        return Outlook(app.appid, declared, problem=SEALED, alike=SEALED)
    waiting: list[str] = []
    absent: list[str] = []
    for of, scope in lists.items():
        try:
            seen = observers(of)(app.appid)
        except UserError as error:
            passing = may_pass(error)
            return Outlook(app.appid, declared, problem=str(error), alike=error.alike, passing=passing)
        if seen is None:
            problem = f"{app.appid} left the third-party platform"
            return Outlook(app.appid, declared, problem=problem, alike=problem)
        for domain in scope.declared:
            if domain in seen.effective or not seen.lists.exists(domain):
                continue
            listed = domain in seen.live or domain in seen.only_other_modes
            (waiting if listed else absent).append(shown_in(of, domain))
    return Outlook(app.appid, declared, tuple(waiting), tuple(absent))
