"""Tokens from a token service over HTTP."""

from __future__ import annotations

import urllib.parse
from typing import Final

import httpx

from pulumi_wechat_miniprogram.safety.masking import looks_random, names_secret, remember_foreign
from pulumi_wechat_miniprogram.settings import (
    ACCESS_TOKEN,
    SecretKind,
    Settings,
    SettingsError,
    remember,
    reveal,
)
from pulumi_wechat_miniprogram.wechat.errors import Call, NotSent
from pulumi_wechat_miniprogram.wechat.proxies import proxy_for, through
from pulumi_wechat_miniprogram.wechat.streams import deadline
from pulumi_wechat_miniprogram.wechat.tokens.source import (
    AppUnknown,
    NoToken,
    Token,
    TokenUnavailable,
    parse_token,
)
from pulumi_wechat_miniprogram.wechat.transport import IDENTITY, Unreadable, read_body, redirect_target
from pulumi_wechat_miniprogram.wechat.wire import NOT_SENT, cause_of, transport_to

_MAX_BYTES: Final = 1 << 16
_APPID_PLACE: Final = "{appid}"


class UrlTokens:
    """Asks one URL for each appid. Redirects are not followed: they would send the bearer elsewhere."""

    def __init__(self, settings: Settings, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url
        self._key = settings.name_of("access_token_url")
        self._seconds = settings.request_timeout
        _remember_parts(url)
        self._bearer = settings.access_token_url_bearer
        self._through = through(proxy_for(url))
        self._http = httpx.Client(
            transport=transport or transport_to(settings, [url]),
            timeout=settings.request_timeout,
            headers=IDENTITY,
            trust_env=False,
        )

    def fetch(self, appid: str, kind: SecretKind = ACCESS_TOKEN) -> Token:
        """GET the URL. Errors show only its scheme and host, since the path may contain a key."""
        url = httpx.URL(self._url.replace(_APPID_PLACE, urllib.parse.quote(appid, safe="")))
        where = f"{self._key}: {url.copy_with(raw_path=b'/', fragment=None)}".removesuffix("/")
        headers = {"authorization": f"Bearer {reveal(self._bearer)}"} if self._bearer else {}
        try:
            with deadline(self._seconds), self._http.stream("GET", url, headers=headers) as response:
                self._check(appid, where, response)
                content = read_body(response, _MAX_BYTES)
        except (SettingsError, TokenUnavailable):
            raise
        except Unreadable as error:
            raise TokenUnavailable(appid, f"{where} gave an answer that cannot be used: {error}") from None
        except Exception as error:  # noqa: BLE001 - every error means that no token is available
            cause = cause_of(error)
            problem = f"{where} gave no answer{self._through}: {cause}"
            host = f"{url.host}{self._through}"
            call = Call(appid, "fetch of the access token")
            reason = NotSent(call, host, cause) if isinstance(error, NOT_SENT) else None
            raise TokenUnavailable(appid, problem, passing=True) from reason
        try:
            return parse_token(appid, content, kind)
        except NoToken as error:
            raise TokenUnavailable(appid, f"{where}: its answer {error}") from None

    def _check(self, appid: str, where: str, response: httpx.Response) -> None:
        if to := redirect_target(response):
            raise TokenUnavailable(appid, f"{where} redirects to {to}; configure the final URL")
        if response.status_code != httpx.codes.OK:
            busy = response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS
            problem = f"{where} answered with HTTP status {response.status_code}{self._through}"
            if response.status_code in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
                raise AppUnknown(appid, problem)
            raise TokenUnavailable(appid, problem, passing=busy)


def _remember_parts(url: str) -> None:
    """Mask the parts of a URL that look like keys, and in foreign text its whole path and query."""
    parts = urllib.parse.urlsplit(url)
    first, *others = parts.path.split(_APPID_PLACE)
    if first.strip("/"):
        remember_foreign(parts.netloc + first)
    for other in others:
        remember_foreign(other)
    for pair in parts.query.split("&"):
        for piece in pair.split(_APPID_PLACE):
            remember_foreign(piece)
        name, _, value = pair.partition("=")
        for piece in value.split(_APPID_PLACE):
            if names_secret(name) or looks_random(piece):
                remember(piece)
                remember(urllib.parse.unquote(piece))
