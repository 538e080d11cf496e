"""Tokens that are there already: in the settings, in files, or given by the embedded emulator."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_wechat_miniprogram.wechat.tokens.source import Token, TokenUnavailable

__all__ = ["ReadyTokens"]


class ReadyTokens:
    """Asks for the token each time, so that a file may be rotated."""

    def __init__(self, get: Callable[[str], str | None], appids: Callable[[], tuple[str, ...]]) -> None:
        """Take what gives a token, and what tells whose tokens there are."""
        self._get = get
        self._appids = appids

    def appids(self) -> tuple[str, ...]:
        """Return whose tokens are configured."""
        return self._appids()

    def fetch(self, appid: str) -> Token:
        """Return the token configured for this appid."""
        if token := self._get(appid):
            return Token(token, seconds=0)
        known = ", ".join(self._appids())
        have = (
            f"the configured access tokens belong to {known}"
            if known
            else "the access tokens are an empty map"
        )
        problem = f"{have}; add one for this appid"
        raise TokenUnavailable(appid, problem)
