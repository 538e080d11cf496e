"""A request as it arrived: method, path, query, and the JSON object of its body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

MAX_BODY_BYTES = 1 << 20
"""Far above the longest body: 300 domains of 253 characters."""
EMPTY_BODY = 44002


@dataclass(frozen=True)
class Incoming:
    """One request; `problem` is the code of a body that cannot be read."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    client_ip: str
    body: Mapping[str, object] = field(repr=False)
    problem: int | None

    @property
    def token(self) -> str | None:
        """The access token, by either of its names."""
        return self.query.get("access_token") or self.query.get("component_access_token")

    @property
    def action(self) -> str | None:
        """The action in the body, if it is text."""
        value = self.body.get("action")
        return value if isinstance(value, str) else None


async def read(scope: Scope, receive: Receive) -> Incoming:
    """Read a request to its end."""
    content, too_long = await _content(receive)
    body, problem = ({}, 45002) if too_long else parse(content)
    client = scope.get("client")
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Incoming(scope["method"], scope["path"], dict(query), client[0] if client else "", body, problem)


def parse(content: bytes) -> tuple[dict[str, object], int | None]:
    """Read a body: a JSON object, or the code that says why it is none."""
    if not content.strip():
        return {}, EMPTY_BODY
    try:
        text = content.decode()
        document = json.loads(text)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode()  # a lone surrogate cannot be encoded
    except (ValueError, RecursionError):
        return {}, 47001
    return (document, None) if isinstance(document, dict) else ({}, 47001)


async def _content(receive: Receive) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY_BYTES:
            parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts), size > MAX_BODY_BYTES
