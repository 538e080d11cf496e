"""The transport of every call: httpx over httpcore, on streams that keep the deadline."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from pulumi_wechat_miniprogram.wechat.proxies import Proxy
from pulumi_wechat_miniprogram.wechat.streams import Network, closed_on_failure

__all__ = ["Transport", "redirect_target"]

_KEPT_OPEN: Final = 20
"""Idle connections to one server that stay open."""
_KEPT_SECONDS: Final = 5.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_UNREAD: Final = frozenset({b"location", b"set-cookie"})
"""Headers that httpx would act upon: for some values it fails after the request has been sent."""
_HOST: Final = re.compile(r"[\w.:\[\]-]{1,260}", re.ASCII)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{0,29}")
_FAILURES: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


def _directly(_url: str) -> Proxy | None:
    return None


class Transport(httpx.BaseTransport):
    """Keeps connections open, through the proxy that `route` names for a URL. Safe for concurrent use.

    It differs from `httpx.HTTPTransport` in its streams, which httpx does not let a caller choose.
    """

    def __init__(
        self, authorities: ssl.SSLContext | None = None, route: Callable[[str], Proxy | None] = _directly
    ) -> None:
        """Open nothing yet. No authorities are needed where nothing speaks TLS."""
        self._authorities = authorities
        self._route = route
        self._guard = threading.Lock()
        self._pools: dict[str, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, and return its answer once the headers are there.

        Raises:
            httpx.TransportError: as httpx's own transport does.
            SettingsError: the route cannot be used.
        """
        url = request.url
        pool = self._pool(f"{url.scheme}://{url.netloc.decode('ascii')}")
        with _as_httpx(), _socks_errors(pool), closed_on_failure():
            answer = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        if not answer.extensions["network_stream"].get_extra_info("answered"):
            answer.close()
            raise httpx.RemoteProtocolError("an answer was there before the request was sent")
        kept = [(name, value) for name, value in answer.headers if name.lower() not in _UNREAD]
        extensions = {**answer.extensions, "redirect": _redirect(str(url), answer)}
        return httpx.Response(answer.status, headers=kept, stream=_Body(answer), extensions=extensions)

    def close(self) -> None:
        """Close the connections."""
        with self._guard:
            for pool in self._pools.values():
                pool.close()

    def _pool(self, origin: str) -> httpcore.ConnectionPool:
        with self._guard:
            if origin not in self._pools:
                self._pools[origin] = self._open(self._route(origin))
            return self._pools[origin]

    def _open(self, proxy: Proxy | None) -> httpcore.ConnectionPool:
        network, authorities = Network(), self._authorities
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=authorities,
                max_connections=None,
                max_keepalive_connections=_KEPT_OPEN,
                keepalive_expiry=_KEPT_SECONDS,
                network_backend=network,
            )
        url = httpcore.URL(
            scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=b"/"
        )
        if proxy.is_socks:
            return httpcore.SOCKSProxy(
                url,
                proxy.auth,
                authorities,
                max_connections=None,
                max_keepalive_connections=_KEPT_OPEN,
                keepalive_expiry=_KEPT_SECONDS,
                network_backend=network,
            )
        return httpcore.HTTPProxy(
            url,
            proxy.auth,
            ssl_context=authorities,
            proxy_ssl_context=authorities if proxy.url.scheme == "https" else None,
            max_connections=None,
            max_keepalive_connections=_KEPT_OPEN,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=network,
        )


def redirect_target(response: httpx.Response) -> str:
    """Return where a response redirects to, by scheme and host alone; nothing if it is not a redirect."""
    return str(response.extensions.get("redirect", ""))


def _redirect(url: str, answer: httpcore.Response) -> str:
    locations = [value for name, value in answer.headers if name.lower() == b"location"]
    if answer.status not in _REDIRECTS or not locations:
        return ""
    try:
        target = urlsplit(urljoin(url, locations[0].decode("latin-1")))
    except ValueError:
        return "an address that cannot be read"
    host = target.netloc.rpartition("@")[2]
    if target.scheme in {"http", "https"} and _HOST.fullmatch(host):
        return f"{target.scheme}://{host}"
    if target.scheme not in {"http", "https"} and _SCHEME.fullmatch(target.scheme):
        return f"an address of the scheme {target.scheme}"
    return "an address that cannot be read"


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise httpx's error of the same name."""
    try:
        yield
    except _FAILURES as error:
        raise getattr(httpx, type(error).__name__)(str(error)) from error


@contextmanager
def _socks_errors(pool: httpcore.ConnectionPool) -> Iterator[None]:
    """Turn the errors of the SOCKS parser, which documents none, into one of httpcore's."""
    try:
        yield
    except _FAILURES:
        raise
    except Exception as error:
        if not isinstance(pool, httpcore.SOCKSProxy):
            raise
        raise httpcore.ProxyError("it does not speak SOCKS 5") from error
