"""The one token source that the settings configure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pulumi_wechat_miniprogram.settings import (
    ACCESS_TOKEN,
    COMPONENT_TOKEN,
    SOURCES,
    Settings,
    config_name,
    env_name,
    reveal,
)
from pulumi_wechat_miniprogram.wechat.tokens.command import CommandTokens
from pulumi_wechat_miniprogram.wechat.tokens.component import ComponentTokens, TicketTokens
from pulumi_wechat_miniprogram.wechat.tokens.keeper import Tokens
from pulumi_wechat_miniprogram.wechat.tokens.platform import Platform
from pulumi_wechat_miniprogram.wechat.tokens.ready import ReadyTokens
from pulumi_wechat_miniprogram.wechat.tokens.source import Token, TokenSource, TokenUnavailable
from pulumi_wechat_miniprogram.wechat.tokens.url import UrlTokens
from pulumi_wechat_miniprogram.wechat.wire import Wire

__all__ = ["open_tokens"]

_NO_SOURCE: Final = (
    "no access token is configured. Set one of "
    + ", ".join(env_name(source.first) for source in SOURCES)
    + f" (in stack config {config_name(SOURCES[0].first)} and so on); see docs/credentials.md"
)


class _NoTokens:
    def fetch(self, appid: str) -> Token:
        raise TokenUnavailable(appid, _NO_SOURCE)


def open_tokens(settings: Settings, wire: Wire, *, warn: Callable[[str], None]) -> Tokens:
    """Return the tokens of the source that the settings configure; nothing is asked before it is needed."""
    return Tokens(_source(settings, wire, warn), wire.attempts)


def _source(settings: Settings, wire: Wire, warn: Callable[[str], None]) -> TokenSource:
    if settings.access_token and settings.access_token_appid:
        token, owner = settings.access_token, settings.access_token_appid
        return ReadyTokens(
            lambda appid: reveal(token, ACCESS_TOKEN) if appid == owner else None, lambda: (owner,)
        )
    if settings.access_tokens:
        return ReadyTokens(settings.access_tokens.get, settings.access_tokens.appids, are_all=True)
    if settings.access_token_command:
        words, seconds = settings.access_token_command, settings.request_timeout
        return CommandTokens(words, seconds, settings.name_of, wire.attempts.interruption)
    if settings.access_token_url:
        return UrlTokens(settings, settings.access_token_url)
    if settings.component_appid and settings.authorizer_refresh_tokens:
        component = Tokens(_component_source(settings, wire), wire.attempts)
        platform = Platform(wire, settings.component_appid, component, settings.name_of)
        return ComponentTokens(platform, settings.authorizer_refresh_tokens, warn, settings.name_of)
    return _NoTokens()


def _component_source(settings: Settings, wire: Wire) -> TokenSource:
    if settings.component_appsecret and settings.component_verify_ticket:
        return TicketTokens(wire, settings.component_appsecret, settings.component_verify_ticket)
    token = settings.component_access_token
    return ReadyTokens(lambda _: reveal(token, COMPONENT_TOKEN) if token else None, lambda: ())
