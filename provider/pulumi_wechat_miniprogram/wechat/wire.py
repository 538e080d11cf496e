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

from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.settings import Settings, SettingsError, is_loopback, redact
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.body import IDENTITY, Unreadable, read_body
from pulumi_wechat_miniprogram.wechat.call_log import CallLog
from pulumi_wechat_miniprogram.wechat.errors import (
    BadReply,
    Call,
    CallFailed,
    GatewayFault,
    NotSent,
    OutcomeUnknown,
    wechat_error,
)
from pulumi_wechat_miniprogram.wechat.models import Reply, split_rid
from pulumi_wechat_miniprogram.wechat.proxies import proxy_for, through
from pulumi_wechat_miniprogram.wechat.streams import deadline
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities
from pulumi_wechat_miniprogram.wechat.transport import Transport

__all__ = ["MAX_REPLY_BYTES", "NOT_SENT", "Post", "ReplyT", "Wire", "cause_of", "transport_to"]

MAX_REPLY_BYTES: Final = 1 << 20
"""An answer holds at most 4 lists of 300 domains, far below 1 MiB; a larger one is not WeChat's."""
_CONNECT_SECONDS: Final = 10.0
"""Time for a connection: far more than one takes."""
_REASONS: Final = frozenset({"application/json", "text/plain"})
_MAX_REASON: Final = 200
_MAX_CAUSE: Final = 300
"""Characters that are shown of what the network or a proxy says."""
NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""The errors of httpx that come before a request is sent."""

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
        attempts: Attempts | None = None,
        warn: Callable[[str], None],
    ) -> None:
        """Open no connection yet. `endpoint` stands in for the settings' one (embedded emulator)."""
        self.attempts = attempts or Attempts(settings.max_attempts)
        self._timeout = settings.request_timeout
        self._endpoints = [endpoint or settings.endpoint]
        if settings.fallback_endpoint:
            self._endpoints.append(settings.fallback_endpoint)
        self._warn = warn
        self._log = CallLog(self.attempts.clock)
        # Endpoint and fallback share the time of a call: a connection gets at most a third of it.
        connect = self._timeout / 3 if len(self._endpoints) > 1 else self._timeout
        self._names = _names(self._endpoints)
        self._http = httpx.Client(
            transport=transport or transport_to(settings, self._endpoints),
            timeout=httpx.Timeout(self._timeout, connect=min(_CONNECT_SECONDS, connect)),
            headers={**IDENTITY, "content-type": "application/json"},
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def post(self, request: Post, model: type[ReplyT]) -> ReplyT:
        """Send one request once; where no connection can be made, the fallback endpoint gets it.

        Raises:
            CallFailed: see the tree in `errors`.
            Interrupted: the run is not to go on; nothing was sent.
        """
        with deadline(self._timeout):
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
        self.attempts.interruption.check()
        host = self._names[endpoint]
        with self._log.line(request.call, request.path), _translated(request.call, host):
            return _parse(request.call, host, self._fetch(endpoint, host, request), model)

    def _fetch(self, endpoint: str, host: str, request: Post) -> bytes:
        # ASCII only: a live domain with a lone surrogate, which UTF-8 cannot encode, must be deletable.
        content = json.dumps(request.body).encode("ascii")
        with self._http.stream(
            "POST", endpoint + request.path, params=request.token, content=content
        ) as response:
            if response.status_code != httpx.codes.OK:
                local = is_loopback(urlsplit(endpoint).hostname or "")
                reason = _reason(response) if local and response.is_server_error else ""
                raise GatewayFault(request.call, host, response.status_code, reason)
            try:
                return read_body(response, MAX_REPLY_BYTES)
            except Unreadable as error:
                raise BadReply(request.call, host, str(error)) from None


def transport_to(settings: Settings, endpoints: Sequence[str]) -> Transport:
    """Return the transport of calls to these endpoints, by their proxies and with the right authorities.

    Raises:
        SettingsError: no authorities can be read.
    """
    local = all(is_loopback(urlsplit(endpoint).hostname or "") for endpoint in endpoints)
    return Transport(trusted_authorities(settings, environment=not local), proxy_for)


def _names(endpoints: list[str]) -> dict[str, str]:
    """Return how an error names each endpoint: by its host, and the proxy on the way.

    Raises:
        SettingsError: a proxy variable cannot be used.
    """
    return {endpoint: urlsplit(endpoint).netloc + through(proxy_for(endpoint)) for endpoint in endpoints}


@contextmanager
def _translated(call: Call, host: str) -> Iterator[None]:
    try:
        yield
    except (CallFailed, SettingsError):
        raise
    except NOT_SENT as error:
        raise NotSent(call, host, cause_of(error)) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, the request may have been sent
        raise OutcomeUnknown(call, host, cause_of(error)) from None


def _reason(response: httpx.Response) -> str:
    """Return the first line of a text or JSON: on this machine, such as from an emulator, it says why."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _REASONS:
        return ""
    try:
        text = read_body(response, MAX_REPLY_BYTES).decode("utf-8", "replace")
    except (Unreadable, httpx.HTTPError):
        return ""
    return one_line(redact(text).strip().partition("\n")[0].strip()[:_MAX_REASON])


def cause_of(error: Exception) -> str:
    """Return why a request failed, in one line: the text of an error, and the kind of an unexpected one."""
    kind = type(error).__name__
    text = one_line(redact(str(error)).strip()[:_MAX_CAUSE])
    return (text if isinstance(error, httpx.HTTPError) else f"{kind}: {text}") if text else kind


def _parse(call: Call, host: str, content: bytes, model: type[ReplyT]) -> ReplyT:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        start = "HTML" if content.lstrip()[:1] == b"<" else "no JSON" if content.strip() else "empty"
        raise BadReply(call, host, f"it is {start}") from None
    if not isinstance(document, dict):
        raise BadReply(call, host, "it is no JSON object")
    if not model.is_wechats(document):
        raise BadReply(call, host, "it has neither an errcode nor a field that answers this call")
    try:
        reply = Reply.model_validate(document)
        if reply.errcode:
            raise wechat_error(call, reply.errcode, *split_rid(redact(reply.errmsg)))
        return model.model_validate(document)
    except ValidationError as error:
        fields = ", ".join(sorted({str(detail["loc"][0]) for detail in error.errors(include_input=False)}))
        raise BadReply(call, host, f"its fields are not as documented: {fields}") from None
