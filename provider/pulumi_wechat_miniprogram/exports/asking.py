"""Asking many Mini Programs, and no more of them once it is clear that nobody answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pulumi_wechat_miniprogram.lifecycle.reconcile import (
    CallFailed,
    NotSent,
    Observation,
    is_unanswered,
)
from pulumi_wechat_miniprogram.lifecycle.state import ListName
from pulumi_wechat_miniprogram.safety.errors import UserError

Observe = Callable[[str], Observation | None]
"""Reads one app; None for one that left the platform and is to be kept as it is."""
Observers = Callable[[ListName], Observe]
"""Returns what reads one list of any app."""


class NotAsked(UserError):
    """Nothing answered for another app, nor for any; each try takes its time."""

    def __init__(self, appid: str, error: UserError) -> None:
        self.error = error
        lost = _is_not_sent(error)
        since = f"no connection could be made for {appid}" if lost else f"nothing answered for {appid}"
        super().__init__(f"not asked, because {since}")

    @property
    def alike(self) -> str:
        return self.error.alike


@dataclass(slots=True)
class Asking:
    """Reads apps by `observe` until nothing answers for one before any has been answered."""

    observe: Observe
    _answered: bool = field(default=False, init=False)
    _asked: int = field(default=0, init=False)
    _silent: tuple[str, UserError] | None = field(default=None, init=False)

    def __call__(self, appid: str) -> Observation | None:
        """Read one app. Raises as `observe` does.

        Raises:
            NotAsked: nobody answers.
        """
        if self._silent and not self._answered and self._is_enough(self._silent[1]):
            raise NotAsked(*self._silent)
        self._asked += 1
        try:
            seen = self.observe(appid)
        except UserError as error:
            if is_unanswered(error):
                self._silent = self._silent or (appid, error)
            elif isinstance(error, CallFailed):
                self._answered = True
            raise
        self._answered = True
        return seen

    def _is_enough(self, error: UserError) -> bool:
        """Return whether one app's answer holds for all: a gateway's may be about this app only."""
        return self._asked > 1 or _is_not_sent(error)


def _is_not_sent(error: UserError) -> bool:
    return isinstance(error, NotSent) or isinstance(error.__cause__, NotSent)  # the latter: of its token
