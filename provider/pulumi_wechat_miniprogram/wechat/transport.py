"""The transport of every call: httpx over httpcore, under the deadline of `streams`, with bounded answers."""

from __future__ import annotations

import re
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from pulumi_wechat_miniprogram.wechat.proxies import Proxy, proxy_for
from pulumi_wechat_miniprogram.wechat.streams import Network, closed_on_failure

IDENTITY: Final = {"accept-encoding": "identity"}
"""Asks for an uncompressed answer. One layer of compression is accepted anyway."""
_PACKED: Final = {"gzip": (47,), "x-gzip": (47,), "deflate": (47, -15)}
"""The window bits that zlib needs for a coding. Some servers send `deflate` without zlib's header."""
_KEPT_OPEN: Final = 20
"""Idle connections to one server that stay open."""
_KEPT_SECONDS: Final = 5.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_UNREAD: Final = frozenset({b"location", b"set-cookie"})
"""Headers that httpx acts upon: for some values it fails after the request has been sent."""
_HOST: Final = re.compile(r"[\w.:\[\]-]{1,260}", re.ASCII)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{0,29}")
_FAILURES: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


class Transport(httpx.BaseTransport):
    """Keeps connections open, through the proxies of the environment. Safe for concurrent use.

    It differs from `httpx.HTTPTransport` in its streams, which httpx does not let a caller choose. Without
    TLS, no authorities are needed.
    """

    def __init__(self, authorities: ssl.SSLContext | None = None) -> None:
        self._authorities = authorities
        self._guard = threading.Lock()
        self._pools: dict[str, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, and return its answer once the headers have arrived.

        Raises:
            httpx.TransportError: as httpx's own transport does.
            SettingsError: a proxy variable cannot be used.
        """
        url = request.url
        pool = self._pool(f"{url.scheme}://{url.netloc.decode('ascii')}")
        with _as_httpx(), closed_on_failure():
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
        with self._guard:
            for pool in self._pools.values():
                pool.close()

    def _pool(self, origin: str) -> httpcore.ConnectionPool:
        with self._guard:
            if origin not in self._pools:
                proxy = proxy_for(origin)
                self._pools[origin] = (_SocksPool if proxy and proxy.is_socks else httpcore.ConnectionPool)(
                    ssl_context=self._authorities,
                    proxy=_httpcores(proxy, self._authorities) if proxy else None,
                    max_connections=None,
                    max_keepalive_connections=_KEPT_OPEN,
                    keepalive_expiry=_KEPT_SECONDS,
                    network_backend=Network(),
                )
            return self._pools[origin]


class _SocksPool(httpcore.ConnectionPool):
    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return super().handle_request(request)
        except _FAILURES:
            raise
        except Exception as error:  # the parser of SOCKS documents none of its errors
            raise httpcore.ProxyError("it does not speak SOCKS 5") from error


def _httpcores(proxy: Proxy, authorities: ssl.SSLContext | None) -> httpcore.Proxy:
    url = proxy.url
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"),
        auth=proxy.auth,
        ssl_context=authorities if url.scheme == "https" else None,
    )


def redirect_target(response: httpx.Response) -> str:
    """Return the scheme and host that a response redirects to; empty if it is not a redirect."""
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


class Unreadable(ValueError):
    """A body is too long or cannot be decompressed; the message says which."""


def read_body(response: httpx.Response, limit: int) -> bytes:
    """Return the body of a streamed response, of at most `limit` bytes before and after decompression.

    Raises:
        Unreadable: it is longer, or cannot be decompressed.
        httpx.TransportError: the connection broke, or the deadline has passed.
    """
    packed = bytearray()
    for chunk in [response.content] if response.is_stream_consumed else response.iter_raw():
        packed += chunk
        _check_length(packed, limit)
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in {"identity", ""}:
        return bytes(packed)
    if coding not in _PACKED:
        raise Unreadable("it is compressed in a way that was not asked for")
    for bits in _PACKED[coding]:
        unpacking = zlib.decompressobj(bits)
        try:
            content = unpacking.decompress(packed, limit + 1)
        except zlib.error:
            continue
        _check_length(content, limit)
        if unpacking.eof and not unpacking.unused_data:
            return content
    raise Unreadable(f"it is not a complete {coding} stream")


def _check_length(content: bytes | bytearray, limit: int) -> None:
    if len(content) > limit:
        raise Unreadable(f"it is longer than {limit} bytes")


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
