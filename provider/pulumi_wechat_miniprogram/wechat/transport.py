"""The transport of every call: httpx over httpcore, on streams that keep the deadline."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import httpcore
import httpx

from pulumi_wechat_miniprogram.wechat.proxies import Proxy
from pulumi_wechat_miniprogram.wechat.streams import Network, closed_on_failure

__all__ = ["Transport"]

_KEPT_OPEN: Final = 20
"""Idle connections to one server that stay open."""
_KEPT_SECONDS: Final = 5.0
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
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

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
