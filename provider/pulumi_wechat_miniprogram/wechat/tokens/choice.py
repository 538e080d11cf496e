"""The one token source that the settings configure."""

from __future__ import annotations

import functools
from collections.abc import Callable

from pulumi_wechat_miniprogram.settings import (
    ACCESS_TOKEN,
    COMPONENT_TOKEN,
    NO_SOURCE,
    Settings,
    not_among,
    reveal,
)
from pulumi_wechat_miniprogram.wechat.tokens.command import CommandTokens
from pulumi_wechat_miniprogram.wechat.tokens.component import ComponentTokens, TicketTokens
from pulumi_wechat_miniprogram.wechat.tokens.keeper import Tokens
from pulumi_wechat_miniprogram.wechat.tokens.source import AppUnknown, Token, TokenSource, TokenUnavailable
from pulumi_wechat_miniprogram.wechat.tokens.url import UrlTokens
from pulumi_wechat_miniprogram.wechat.wire import Wire


class ReadyTokens:
    """Tokens that need no call: those in the settings or in files, and the embedded emulator's.

    Each use reads the token again, since its file may be rotated. With `are_all`, an app without a token may
    have left the platform.
    """

    def __init__(
        self,
        get: Callable[[str], str | None],
        appids: Callable[[], tuple[str, ...]] = tuple,
        *,
        are_all: bool = False,
    ) -> None:
        self._get = get
        self.appids = appids
        self._are_all = are_all

    def fetch(self, appid: str) -> Token:
        if token := self._get(appid):
            return Token(token, seconds=0)
        known = self.appids()
        left = bool(known) and self._are_all
        raise (AppUnknown if left else TokenUnavailable)(appid, not_among(known))


class PlatformTokens:
    """The component_access_tokens of third-party platforms: of one alone, if its `appid` is given."""

    def __init__(self, fetch: Callable[[str], Token], appid: str | None = None, key: str = "") -> None:
        self._fetch = fetch
        self._appid = appid
        self._key = key

    def fetch(self, appid: str) -> Token:
        if self._appid not in {None, appid}:
            problem = f"{self._key} is {self._appid}, so no token is available for this third-party platform"
            raise TokenUnavailable(appid, problem)
        try:
            return self._fetch(appid)
        except AppUnknown as unknown:  # a platform leaves nobody
            raise TokenUnavailable(appid, unknown.problem) from None


class _NoTokens:
    def fetch(self, appid: str) -> Token:
        raise TokenUnavailable(appid, NO_SOURCE)


def open_tokens(settings: Settings, wire: Wire, *, warn: Callable[[str], None]) -> Tokens:
    """Return the tokens of the configured source, which is not asked before a token is needed."""
    attempts = wire.attempts
    if not settings.component_appid:
        source = _source(settings, wire)
        asked = source.fetch
        if isinstance(source, CommandTokens | UrlTokens):
            asked = functools.partial(source.fetch, kind=COMPONENT_TOKEN)
        platform = Tokens(PlatformTokens(asked), attempts, kind=COMPONENT_TOKEN)
        return Tokens(source, attempts, platform=platform)
    appid, key = settings.component_appid, settings.name_of("component_appid")
    own = PlatformTokens(_component_source(settings, wire).fetch, appid, key)
    platform = Tokens(own, attempts, kind=COMPONENT_TOKEN)
    refresh_tokens, name = settings.authorizer_refresh_tokens, settings.name_of
    apps = ComponentTokens(appid, wire, platform, refresh_tokens, warn=warn, name=name)
    return Tokens(apps, attempts, platform=platform)


def _source(settings: Settings, wire: Wire) -> TokenSource:
    if settings.access_token and settings.access_token_appid:
        token, owner = settings.access_token, settings.access_token_appid
        return ReadyTokens(
            lambda appid: reveal(token, ACCESS_TOKEN) if appid == owner else None, lambda: (owner,)
        )
    if settings.access_tokens:
        return ReadyTokens(settings.access_tokens.get, settings.access_tokens.appids, are_all=True)
    if settings.access_token_command:
        words, seconds = settings.access_token_command, settings.request_timeout
        attempts = wire.attempts
        return CommandTokens(words, seconds, settings.name_of, attempts.interruption, attempts.limit)
    if settings.access_token_url:
        return UrlTokens(settings, settings.access_token_url)
    return _NoTokens()


def _component_source(settings: Settings, wire: Wire) -> TokenSource:
    if settings.component_appsecret and settings.component_verify_ticket:
        return TicketTokens(wire, settings.component_appsecret, settings.component_verify_ticket)
    token = settings.component_access_token
    return ReadyTokens(lambda _: reveal(token, COMPONENT_TOKEN) if token else None)
