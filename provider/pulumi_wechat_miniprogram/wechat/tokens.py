"""Where access tokens come from. A token alone selects the Mini Program, so it is bound to one appid."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

from pydantic import SecretStr

from pulumi_wechat_miniprogram.settings import Settings, reveal

__all__ = ["BoundTokens", "ReadyTokens", "TokenSource", "TokenUnavailable", "token_source"]

_NO_SOURCE = (
    "no access token is configured. Set WECHAT_MINIPROGRAM_ACCESS_TOKEN and "
    "WECHAT_MINIPROGRAM_ACCESS_TOKEN_APPID for one Mini Program, or WECHAT_MINIPROGRAM_ACCESS_TOKENS "
    "(a JSON object from appid to token) for several; in stack config the keys are "
    "wechat-miniprogram:accessToken, accessTokenAppid and accessTokens (`pulumi config set --secret`)"
)


class TokenUnavailable(Exception):
    """No access token can be had for an appid; the text says which keys to set."""


class TokenSource(Protocol):
    """Gives the access token of one appid."""

    def token(self, appid: str) -> str:
        """Return the present token, asking afresh at each call.

        Raises:
            TokenUnavailable: the source has none for this appid.
        """


class ReadyTokens:
    """Tokens from the settings; a `file:/path` is read at each call, so it may be rotated."""

    def __init__(self, tokens: Mapping[str, SecretStr]) -> None:
        """Keep the tokens by appid."""
        self._tokens = dict(tokens)

    def token(self, appid: str) -> str:
        """Return the token configured for this appid."""
        if not self._tokens:
            raise TokenUnavailable(f"{appid}: {_NO_SOURCE}")
        if appid not in self._tokens:
            known = ", ".join(sorted(self._tokens))
            message = f"{appid}: the configured access tokens belong to {known}; add one for this appid"
            raise TokenUnavailable(message)
        return reveal(self._tokens[appid])


class BoundTokens:
    """Refuses a token that a source returns for two appids: it would write to another app's live list."""

    def __init__(self, source: TokenSource) -> None:
        """Guard one source."""
        self._source = source
        self._owner: dict[str, str] = {}
        self._lock = threading.Lock()

    def token(self, appid: str) -> str:
        """Return the source's token once it is known to belong to this appid alone."""
        token = self._source.token(appid)
        with self._lock:
            owner = self._owner.setdefault(token, appid)
        if owner != appid:
            message = (
                f"{appid}: its token source returned the token of {owner}. A token selects the Mini Program "
                "by itself, so nothing was sent. Give each appid its own token"
            )
            raise TokenUnavailable(message)
        return token


def token_source(settings: Settings) -> TokenSource:
    """Return the source that the settings configure."""
    if settings.access_token and settings.access_token_appid:
        return BoundTokens(ReadyTokens({settings.access_token_appid: settings.access_token}))
    return BoundTokens(ReadyTokens(settings.access_tokens or {}))
