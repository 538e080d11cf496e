"""The body of an answer, bounded in size both as received and once decompressed."""

from __future__ import annotations

import zlib
from typing import Final

import httpx

__all__ = ["IDENTITY", "Unreadable", "read_body"]

IDENTITY: Final = {"accept-encoding": "identity"}
"""Asks for an uncompressed answer. One layer of compression is accepted all the same."""
_PACKED: Final = {"gzip": (47,), "x-gzip": (47,), "deflate": (47, -15)}
"""The window bits that zlib needs for a coding. Some servers send `deflate` without zlib's header."""


class Unreadable(ValueError):
    """A body is too long or cannot be decompressed; the message says which."""


def read_body(response: httpx.Response, limit: int) -> bytes:
    """Return the body of a streamed response.

    Raises:
        Unreadable: it is longer than `limit`, or cannot be decompressed.
        httpx.TransportError: the connection broke or the time is over.
    """
    packed = bytearray()
    for chunk in [response.content] if response.is_stream_consumed else response.iter_raw():
        packed += chunk
        if len(packed) > limit:
            raise _too_long(limit)
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in {"identity", ""}:
        return bytes(packed)
    if coding not in _PACKED:
        raise Unreadable("it is compressed in a way that was not asked for")
    for bits in _PACKED[coding]:
        content = _unpacked(bytes(packed), bits, limit)
        if content is not None:
            return content
    raise Unreadable(f"it is not a complete {coding} stream")


def _unpacked(packed: bytes, bits: int, limit: int) -> bytes | None:
    unpacking = zlib.decompressobj(bits)
    try:
        content = unpacking.decompress(packed, limit + 1)
    except zlib.error:
        return None
    if len(content) > limit:
        raise _too_long(limit)
    return content if unpacking.eof and not unpacking.unused_data else None


def _too_long(limit: int) -> Unreadable:
    return Unreadable(f"it is longer than {limit} bytes")
