"""Asking many Mini Programs, and no more of them once it is clear that nobody answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pulumi_wechat_miniprogram.lifecycle.reconcile import CallFailed, NotSent, Observation
from pulumi_wechat_miniprogram.lifecycle.state import ListName
from pulumi_wechat_miniprogram.safety.errors import UserError

Observe = Callable[[str], Observation | None]
"""Reads one app; None for one that left the platform and is to be kept as it is."""
Observers = Callable[[ListName], Observe]
"""Returns what reads one list of any app."""


class NotAsked(UserError):
    """A connection could not be made for another app, and none has answered; each try takes its time."""


@dataclass(slots=True)
class Asking:
    """Reads apps by `observe` until one finds no connection before any has been answered."""

    observe: Observe
    _answered: bool = field(default=False, init=False)
    _silent: str = field(default="", init=False)

    def __call__(self, appid: str) -> Observation | None:
        """Read one app. Raises as `observe` does.

        Raises:
            NotAsked: nobody answers.
        """
        if self._silent and not self._answered:
            raise NotAsked(f"not asked, since no connection could be made for {self._silent}")
        try:
            seen = self.observe(appid)
        except UserError as error:
            if isinstance(error, NotSent) or isinstance(error.__cause__, NotSent):  # the latter: of its token
                self._silent = self._silent or appid
            elif isinstance(error, CallFailed):
                self._answered = True
            raise
        self._answered = True
        return seen
