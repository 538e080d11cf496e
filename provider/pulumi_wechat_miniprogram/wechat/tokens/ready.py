"""Tokens that are there already: in the settings, in files, or given by the embedded emulator."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_wechat_miniprogram.wechat.tokens.source import AppUnknown, Token, TokenUnavailable

__all__ = ["ReadyTokens"]


class ReadyTokens:
    """Asks for the token each time, so that a file may be rotated."""

    def __init__(
        self,
        get: Callable[[str], str | None],
        appids: Callable[[], tuple[str, ...]],
        *,
        are_all: bool = False,
    ) -> None:
        """Take what gives a token, and what tells whose tokens there are.

        `are_all`: the tokens are those of every app that authorises the platform, so that one without a
        token may have left it.
        """
        self._get = get
        self._appids = appids
        self._are_all = are_all

    def appids(self) -> tuple[str, ...]:
        """Return whose tokens are configured."""
        return self._appids()

    def fetch(self, appid: str) -> Token:
        """Return the token configured for this appid."""
        if token := self._get(appid):
            return Token(token, seconds=0)
        known = ", ".join(self._appids())
        if not known:
            raise TokenUnavailable(appid, "the access tokens are an empty map; add one for this appid")
        problem = f"the configured access tokens belong to {known}; add one for this appid"
        raise (AppUnknown if self._are_all else TokenUnavailable)(appid, problem)
