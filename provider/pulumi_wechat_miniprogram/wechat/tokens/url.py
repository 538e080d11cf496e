"""Tokens from a token service over HTTP."""

from __future__ import annotations

import re
import time
import urllib.parse
from collections.abc import Callable
from typing import Final

import httpx

from pulumi_wechat_miniprogram.settings import Settings, config_name, is_loopback, redact, remember, reveal
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities, usable_environment
from pulumi_wechat_miniprogram.wechat.tokens.printed import NoToken, parse_token
from pulumi_wechat_miniprogram.wechat.tokens.source import Token, TokenUnavailable

__all__ = ["UrlTokens"]

_KEY: Final = config_name("access_token_url")
_MAX_BYTES: Final = 1 << 16


class UrlTokens:
    """Asks one URL for each appid. No redirect is followed: it would carry the bearer elsewhere."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open no connection yet."""
        self._url = url
        self._seconds = settings.request_timeout
        self._clock = clock
        for part in re.split(r"[&=]|\{appid\}", urllib.parse.urlsplit(url).query):
            remember(part)
            remember(urllib.parse.unquote(part))
        self._bearer = settings.access_token_url_bearer
        host = urllib.parse.urlsplit(self._url).hostname or ""
        authorities = trusted_authorities(settings)
        with usable_environment():
            self._http = httpx.Client(
                transport=transport,
                timeout=settings.request_timeout,
                verify=authorities,
                trust_env=not is_loopback(host),
            )

    def fetch(self, appid: str) -> Token:
        """GET the URL with the appid in its place."""
        url = httpx.URL(self._url.replace("{appid}", urllib.parse.quote(appid, safe="")))
        where = f"{_KEY}: {url.copy_with(query=None)}"
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
            return parse_token(appid, content.decode("utf-8", "replace"))
        except NoToken as error:
            raise TokenUnavailable(appid, f"{where}: its answer {error}") from None

    def _body(self, response: httpx.Response) -> bytes:
        deadline = self._clock() + self._seconds
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MAX_BYTES:
                break
            if self._clock() > deadline:
                raise httpx.ReadTimeout(f"not whole after {self._seconds:g} s")
        return bytes(content)
