"""Tokens from a token service over HTTP."""

from __future__ import annotations

import urllib.parse
from typing import Final

import httpx

from pulumi_wechat_miniprogram.settings import Settings, config_name, is_loopback, redact, remember, reveal
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities
from pulumi_wechat_miniprogram.wechat.tokens.printed import NoToken, parse_token
from pulumi_wechat_miniprogram.wechat.tokens.source import Token, TokenUnavailable

__all__ = ["UrlTokens"]

_KEY: Final = config_name("access_token_url")
_MAX_BYTES: Final = 1 << 16


class UrlTokens:
    """Asks one URL for each appid. No redirect is followed: it would carry the bearer elsewhere."""

    def __init__(self, settings: Settings, url: str, transport: httpx.BaseTransport | None = None) -> None:
        """Open no connection yet."""
        self._url = url
        for _, value in urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query):
            if "{appid}" not in value:
                remember(value)
        self._bearer = settings.access_token_url_bearer
        host = urllib.parse.urlsplit(self._url).hostname or ""
        self._http = httpx.Client(
            transport=transport,
            timeout=settings.request_timeout,
            verify=trusted_authorities(settings),
            trust_env=not is_loopback(host),
        )

    def fetch(self, appid: str) -> Token:
        """GET the URL with the appid in its place."""
        url = httpx.URL(self._url.replace("{appid}", urllib.parse.quote(appid, safe="")))
        where = f"{_KEY}: {url.copy_with(query=None, fragment=None, username=None, password=None)}"
        headers = {"authorization": f"Bearer {reveal(self._bearer)}"} if self._bearer else {}
        try:
            with self._http.stream("GET", url, headers=headers) as response:
                content = self._body(response)
        except httpx.HTTPError as error:
            problem = f"{where} gave no answer: {redact(str(error)).strip() or type(error).__name__}"
            raise TokenUnavailable(appid, problem, passing=True) from None
        if response.next_request:
            to = response.next_request.url.host
            raise TokenUnavailable(appid, f"{where} redirects to {to}; name the final URL")
        if response.status_code != httpx.codes.OK:
            busy = response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS
            problem = f"{where} answered with HTTP status {response.status_code}"
            raise TokenUnavailable(appid, problem, passing=busy)
        try:
            return parse_token(content.decode("utf-8", "replace"))
        except NoToken as error:
            raise TokenUnavailable(appid, f"{where}: its answer {error}") from None

    def _body(self, response: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MAX_BYTES:
                break
        return bytes(content)
