"""TCP and TLS for httpcore under one deadline: name lookup, connection, handshake, every read and write.

The timeouts of httpx apply to each read separately, so an answer that arrives a byte at a time never times
out. Here `deadline` limits a whole call: no read or write starts or continues after it. A call runs in one
thread. Only a name lookup, which cannot be cancelled, runs in its own thread and sends nothing else.
"""

from __future__ import annotations

import functools
import math
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

import httpcore

from pulumi_wechat_miniprogram.safety.background import in_background
from pulumi_wechat_miniprogram.safety.interruption import Deadline

_CHUNK_BYTES: Final = 1 << 16
_LATE: Final = "timed out"

_call: Final = Deadline()
deadline = _call.within
"""Limits everything that a block does over the network to this many seconds in total."""

_opened: ContextVar[list[httpcore.NetworkStream] | None] = ContextVar("opened", default=None)
"""The connections that the request of this thread has opened."""

_T = TypeVar("_T")
_Address = tuple[int, int, int, tuple[Any, ...]]


@contextmanager
def closed_on_failure() -> Iterator[None]:
    """Close the connections that the block opened if it fails. httpcore forgets some of them."""
    opened: list[httpcore.NetworkStream] = []
    before = _opened.set(opened)
    try:
        yield
    except BaseException:
        for stream in opened:
            stream.close()
        raise
    finally:
        _opened.reset(before)


def _left(late: type[httpcore.TimeoutException], most: float | None) -> float | None:
    """Return the time for one step, at most what is left of the call. None means no limit."""
    left = min(_call.left, math.inf if most is None else most)
    if left <= 0:
        raise late(_LATE)
    return None if left == math.inf else left


class Network(httpcore.NetworkBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature, never set
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        """Connect to one of a host's addresses. Each gets its share of the remaining time.

        Raises:
            httpcore.ConnectTimeout, httpcore.ConnectError: none can be reached.
        """
        until = time.monotonic() + (_left(httpcore.ConnectTimeout, timeout) or math.inf)
        addresses = _addresses(host, port, until - time.monotonic())
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for number, address in enumerate(addresses):
            share = (until - time.monotonic()) / (len(addresses) - number)
            try:
                return _connect(address, _left(httpcore.ConnectTimeout, share))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


def _addresses(host: str, port: int, seconds: float) -> list[_Address]:
    """Look up a name. The lookup may outlast the time limit but sends nothing to the host."""
    look_up = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    with _raised_as(httpcore.ConnectTimeout, httpcore.ConnectError):
        looking = in_background(look_up)
        if not wait([looking], None if seconds == math.inf else seconds).done:
            raise httpcore.ConnectTimeout(f"{_LATE} looking up {host}")
        infos = looking.result()
    return [(family, kind, protocol, address) for family, kind, protocol, _, address in infos]


def _connect(address: _Address, seconds: float | None) -> httpcore.NetworkStream:
    family, kind, protocol, where = address
    with _raised_as(httpcore.ConnectTimeout, httpcore.ConnectError):
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(seconds)
            opened.connect(where)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            opened.close()
            raise
    stream = _Stream(opened)
    if (of_this_request := _opened.get()) is not None:
        of_this_request.append(stream)
    return stream


@contextmanager
def _raised_as(late: type[httpcore.TimeoutException], broken: type[httpcore.NetworkError]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise late(_LATE) from error
    except (OSError, UnicodeError) as error:  # ssl.SSLError is one; UnicodeError: a name that DNS cannot hold
        raise broken(str(error)) from error


class _Stream(httpcore.NetworkStream):
    """A TCP connection. TLS can be started over it, and again over TLS, as behind a proxy that speaks TLS.

    Bytes that arrive before a request do not answer it: a server may have sent two answers to the last one.
    `write` refuses them before anything is sent. `answered` reveals those that httpcore has already read.
    """

    _heard = True

    def __init__(self, opened: socket.socket) -> None:
        self.opened = opened

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._heard = True
        return self.receive(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._heard and self._has_input():
            raise httpcore.ConnectError("bytes came before the request")
        self._heard = False
        self.send(buffer, timeout)

    def close(self) -> None:
        self.opened.close()

    def get_extra_info(self, info: str) -> object:
        """Return for `answered` whether anything was read since the last write, for `is_readable` any input.

        Input on an idle connection is its end.
        """
        if info == "answered":
            return self._heard
        return self._has_input() if info == "is_readable" else None

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            return _Tls(self, ssl_context, server_hostname, timeout)
        except BaseException:
            self.close()
            raise

    def receive(self, max_bytes: int, timeout: float | None) -> bytes:
        with _raised_as(httpcore.ReadTimeout, httpcore.ReadError):
            self.opened.settimeout(_left(httpcore.ReadTimeout, timeout))
            return self.opened.recv(max_bytes)

    def send(self, buffer: bytes, timeout: float | None) -> None:
        rest = memoryview(buffer)
        with _raised_as(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                self.opened.settimeout(_left(httpcore.WriteTimeout, timeout))
                rest = rest[self.opened.send(rest) :]

    def _has_input(self) -> bool:
        if self.opened.fileno() < 0:
            return True
        readable = select.poll()
        readable.register(self.opened, select.POLLIN)
        return bool(readable.poll(0))


class _Tls(_Stream):
    """TLS over another stream, so that the deadline applies to each part of a record."""

    def __init__(
        self, below: _Stream, context: ssl.SSLContext, host: str | None, timeout: float | None
    ) -> None:
        super().__init__(below.opened)
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        with _raised_as(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
                self._perform(self._tls.do_handshake, timeout)
            except httpcore.TimeoutException as error:
                raise TimeoutError from error
            except httpcore.NetworkError as error:
                raise OSError(str(error)) from error

    def get_extra_info(self, info: str) -> object:
        if info == "ssl_object":
            return self._tls
        return self._below.get_extra_info(info) if info == "is_readable" else super().get_extra_info(info)

    def receive(self, max_bytes: int, timeout: float | None) -> bytes:
        with _raised_as(httpcore.ReadTimeout, httpcore.ReadError):
            try:
                return self._perform(lambda: self._tls.read(max_bytes), timeout)
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                return b""

    def send(self, buffer: bytes, timeout: float | None) -> None:
        rest = memoryview(buffer)
        with _raised_as(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                rest = rest[self._perform(functools.partial(self._tls.write, rest), timeout) :]

    def _has_input(self) -> bool:
        try:
            self._tls.read(1)
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            return True
        return True

    def _perform(self, operation: Callable[[], _T], timeout: float | None) -> _T:
        while True:
            try:
                done = operation()
            except ssl.SSLWantReadError:
                self._flush(timeout)
                if record := self._below.receive(_CHUNK_BYTES, timeout):
                    self._incoming.write(record)
                else:
                    self._incoming.write_eof()
            else:
                self._flush(timeout)
                return done

    def _flush(self, timeout: float | None) -> None:
        if pending := self._outgoing.read():
            self._below.send(pending, timeout)
