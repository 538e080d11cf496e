"""One POST to WeChat: out through httpx, back as a typed reply or a typed error, and one line in the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from pulumi_wechat_miniprogram.settings import Settings, is_loopback, redact
from pulumi_wechat_miniprogram.wechat.call_log import CallLog
from pulumi_wechat_miniprogram.wechat.errors import (
    BadReply,
    Call,
    GatewayFault,
    NotSent,
    OutcomeUnknown,
    wechat_error,
)
from pulumi_wechat_miniprogram.wechat.models import Reply, split_rid
from pulumi_wechat_miniprogram.wechat.retries import Retries
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities, usable_environment

__all__ = ["MAX_REPLY_BYTES", "Post", "ReplyT", "Wire"]

MAX_REPLY_BYTES: Final = 1 << 20
"""An answer holds at most 4 lists of 300 domains, far below 1 MiB; a larger one is not WeChat's."""
_CONNECT_SECONDS: Final = 10.0
"""Time for a connection: far more than one takes, so that a fallback or another try still fits."""
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

ReplyT = TypeVar("ReplyT", bound=Reply)


@dataclass(frozen=True, slots=True)
class Post:
    """One request: the call it is made for, its path and body, and the query parameter with the token."""

    call: Call
    path: str
    body: Mapping[str, object] = field(default_factory=dict, repr=False)
    token: Mapping[str, str] = field(default_factory=dict, repr=False)


class Wire:
    """The connections of one process to WeChat. Safe for concurrent use."""

    def __init__(
        self,
        settings: Settings,
        *,
        endpoint: str | None = None,
        transport: httpx.BaseTransport | None = None,
        retries: Retries | None = None,
        warn: Callable[[str], None],
    ) -> None:
        """Open no connection yet. `endpoint` stands in for the settings' one (embedded emulator)."""
        self.retries = retries or Retries(settings.max_attempts)
        self._timeout = settings.request_timeout
        self._endpoints = [endpoint or settings.endpoint]
        if settings.fallback_endpoint:
            self._endpoints.append(settings.fallback_endpoint)
        self._warn = warn
        self._log = CallLog(self.retries.clock)
        authorities = trusted_authorities(settings)
        with usable_environment():
            self._http = httpx.Client(
                transport=transport,
                timeout=httpx.Timeout(self._timeout, connect=min(_CONNECT_SECONDS, self._timeout)),
                verify=authorities,
                mounts=dict.fromkeys(_past_the_proxy(self._endpoints)),
            )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def post(self, request: Post, model: type[ReplyT]) -> ReplyT:
        """Send one request once; where no connection can be made, the fallback endpoint gets it.

        Raises:
            CallFailed: see the tree in `errors`.
        """
        endpoints = self._endpoints
        try:
            return self._post(endpoints[0], request, model)
        except NotSent as error:
            if len(endpoints) == 1:
                raise
            self._endpoints = endpoints[1:]
            self._warn(f"{error.headline}. Using {endpoints[1]} in place of {endpoints[0]} from now on")
        return self._post(endpoints[1], request, model)

    def _post(self, endpoint: str, request: Post, model: type[ReplyT]) -> ReplyT:
        host = urlsplit(endpoint).netloc
        with self._log.line(request.call, request.path), _translated(request.call, host):
            return _parse(request.call, host, self._fetch(endpoint, host, request), model)

    def _fetch(self, endpoint: str, host: str, request: Post) -> bytes:
        call, clock = request.call, self.retries.clock
        deadline = clock() + self._timeout
        content = bytearray()
        with self._http.stream(
            "POST", endpoint + request.path, params=request.token, json=request.body
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise GatewayFault(call, host, response.status_code)
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_REPLY_BYTES:
                    raise BadReply(call, host, f"it is longer than {MAX_REPLY_BYTES} bytes")
                if clock() > deadline:
                    raise OutcomeUnknown(call, host, f"not whole after {self._timeout:g} s")
        return bytes(content)


def _past_the_proxy(endpoints: Sequence[str]) -> list[str]:
    """Return what httpx is to call without the environment's proxy: a token for loopback stays there."""
    hosts = (urlsplit(endpoint) for endpoint in endpoints)
    return [f"all://{parts.netloc}" for parts in hosts if is_loopback(parts.hostname or "")]


@contextmanager
def _translated(call: Call, host: str) -> Iterator[None]:
    try:
        yield
    except _NOT_SENT as error:
        raise NotSent(call, host, _cause(error)) from None
    except httpx.HTTPError as error:
        raise OutcomeUnknown(call, host, _cause(error)) from None


def _cause(error: httpx.HTTPError) -> str:
    return redact(str(error)).strip() or type(error).__name__


def _parse(call: Call, host: str, content: bytes, model: type[ReplyT]) -> ReplyT:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        start = "HTML" if content.lstrip()[:1] == b"<" else "no JSON" if content.strip() else "empty"
        raise BadReply(call, host, f"it is {start}") from None
    if not isinstance(document, dict):
        raise BadReply(call, host, "it is no JSON object")
    try:
        reply = Reply.model_validate(document)
        if reply.errcode:
            raise wechat_error(call, reply.errcode, *split_rid(redact(reply.errmsg)))
        return model.model_validate(document)
    except ValidationError as error:
        fields = ", ".join(sorted({str(detail["loc"][0]) for detail in error.errors(include_input=False)}))
        raise BadReply(call, host, f"its fields are not as documented: {fields}") from None
