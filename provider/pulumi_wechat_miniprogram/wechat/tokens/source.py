"""What every token source gives: one token for one appid, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pulumi_wechat_miniprogram.safety.errors import UserError

__all__ = ["AppUnknown", "KnowsAppids", "Token", "TokenSource", "TokenUnavailable"]


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the seconds it is good for; None: until it is rejected, 0: ask each time."""

    value: str = field(repr=False)
    seconds: float | None = None


class TokenUnavailable(UserError):
    """No access token can be had for an appid; the text says why, and what to set or fix.

    `passing` tells that asking again may help: the source was busy or out of reach.
    """

    def __init__(self, appid: str, problem: str, *, passing: bool = False) -> None:
        """Name the appid and the problem."""
        self.passing = passing
        super().__init__(f"{appid}: {problem}")


class AppUnknown(TokenUnavailable):
    """The token source answered that it has nothing for this appid, as it does for an app that left."""


@runtime_checkable
class KnowsAppids(Protocol):
    """A source that can tell for whom it has tokens."""

    def appids(self) -> tuple[str, ...]:
        """Return their appids, sorted. Raises as `fetch` does."""


class TokenSource(Protocol):
    """Gives the access token of one appid."""

    def fetch(self, appid: str) -> Token:
        """Ask the source now.

        Raises:
            TokenUnavailable: it has none for this appid, or cannot be asked.
            CallFailed: WeChat refused to give one (component flow).
            SettingsError: a secret file cannot be read.
        """
