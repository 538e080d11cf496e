"""The client of the three endpoints.

Reads repeat by the policy of `errors.may_repeat`; a write goes out once.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.errors import (
    BadReply,
    Call,
    GatewayFault,
    NotSent,
    OutcomeUnknown,
    TokenRejected,
    wechat_error,
)
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile, EffectiveLists, LiveList, Reply, split_rid
from pulumi_wechat_miniprogram.wechat.retries import Retries
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities
from pulumi_wechat_miniprogram.wechat.tokens import TokenSource

__all__ = ["MAX_REPLY_BYTES", "Client"]

MAX_REPLY_BYTES: Final = 1 << 20
"""An answer holds at most 4 lists of 300 domains, far below 1 MiB; a larger one is not WeChat's."""
_DOMAINS: Final = "/wxa/setwebviewdomain_directly"
_EFFECTIVE: Final = "/wxa/get_effective_webviewdomain"
_CONFIRM_FILE: Final = "/wxa/get_webviewdomain_confirmfile"
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_TOKEN_IN_URL: Final = re.compile(r"(access_token=)[^&\s\"']+")

_Reply = TypeVar("_Reply", bound=Reply)


class Client:
    """Calls WeChat for many appids over one pool of connections. Safe for concurrent use."""

    def __init__(
        self,
        settings: Settings,
        tokens: TokenSource,
        *,
        endpoint: str | None = None,
        transport: httpx.BaseTransport | None = None,
        retries: Retries | None = None,
    ) -> None:
        """Open no connection yet. `endpoint` stands in for the settings' one (embedded emulator)."""
        self._tokens = tokens
        self._timeout = settings.request_timeout
        self._retries = retries or Retries(settings.max_attempts)
        base = endpoint or settings.endpoint
        self._host = urlsplit(base).netloc
        _hide_tokens_in_logs()
        self._http = httpx.Client(
            base_url=base,
            transport=transport,
            timeout=settings.request_timeout,
            verify=trusted_authorities(settings),
            trust_env=not self._host.startswith(("127.", "localhost", "[::1]")),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, appid: str, *, until: float | None = None) -> tuple[str, ...]:
        """Read the live list, in WeChat's own spelling and order; no try begins after `until`.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: no token for this appid.
        """
        body = {"action": "get"}
        return self._read(Call(appid, "get"), _DOMAINS, body, LiveList, until).webviewdomain

    def effective(self, appid: str, *, until: float | None = None) -> EffectiveLists:
        """Read what is in force, and the list of each way of configuring. As `get` otherwise."""
        return self._read(Call(appid, "read of the effective list"), _EFFECTIVE, {}, EffectiveLists, until)

    def confirm_file(self, appid: str, *, until: float | None = None) -> ConfirmFile:
        """Read the confirm file of this Mini Program. As `get` otherwise."""
        return self._read(Call(appid, "read of the confirm file"), _CONFIRM_FILE, {}, ConfirmFile, until)

    def write(self, appid: str, action: str, values: Sequence[str]) -> None:
        """Send one `set`, `add` or `delete` once, as it stands. Raises as `get` does.

        A rejected token is renewed and an `add` or `delete` sent again with it; a `set` never, since the
        list that it replaces may have changed: the error's `renewed` then tells that trying anew helps.
        """
        call = Call(appid, action, tuple(values))
        self._with_token(call, _DOMAINS, {"action": action, "webviewdomain": list(values)}, Reply)

    def _read(
        self, call: Call, path: str, body: Mapping[str, object], model: type[_Reply], until: float | None
    ) -> _Reply:
        until = self._retries.deadline() if until is None else until
        for attempt in self._retries.attempts(until):
            with attempt:
                return self._with_token(call, path, body, model)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _with_token(self, call: Call, path: str, body: Mapping[str, object], model: type[_Reply]) -> _Reply:
        token = self._tokens.token(call.appid)
        try:
            return self._once(call, path, body, model, token)
        except TokenRejected as rejected:
            fresh = self._tokens.token(call.appid)
            rejected.renewed = fresh != token
            if not rejected.renewed or call.action == "set":
                raise
        return self._once(call, path, body, model, fresh)

    def _once(
        self, call: Call, path: str, body: Mapping[str, object], model: type[_Reply], token: str
    ) -> _Reply:
        with _translated(call, self._host):
            content = self._post(call, path, body, token)
        return _parse(call, self._host, content, model)

    def _post(self, call: Call, path: str, body: Mapping[str, object], token: str) -> bytes:
        clock = self._retries.clock
        deadline = clock() + self._timeout
        content = bytearray()
        with self._http.stream("POST", path, params={"access_token": token}, json=body) as response:
            if response.status_code != httpx.codes.OK:
                raise GatewayFault(call, self._host, response.status_code)
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_REPLY_BYTES:
                    raise BadReply(call, self._host, f"it is longer than {MAX_REPLY_BYTES} bytes")
                if clock() > deadline:
                    raise OutcomeUnknown(call, self._host, f"not whole after {self._timeout:g} s")
        return bytes(content)


@contextmanager
def _translated(call: Call, host: str) -> Iterator[None]:
    try:
        yield
    except _NOT_SENT as error:
        raise NotSent(call, host, _cause(error)) from None
    except httpx.HTTPError as error:
        raise OutcomeUnknown(call, host, _cause(error)) from None


def _cause(error: httpx.HTTPError) -> str:
    return _TOKEN_IN_URL.sub(r"\1***", str(error)).strip() or type(error).__name__


def _parse(call: Call, host: str, content: bytes, model: type[_Reply]) -> _Reply:
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
            raise wechat_error(call, reply.errcode, *split_rid(reply.errmsg))
        return model.model_validate(document)
    except ValidationError as error:
        fields = ", ".join(sorted({str(detail["loc"][0]) for detail in error.errors(include_input=False)}))
        raise BadReply(call, host, f"its fields are not as documented: {fields}") from None


def _hide_tokens_in_logs() -> None:
    logger = logging.getLogger("httpx")
    if _hide_token not in logger.filters:
        logger.addFilter(_hide_token)


def _hide_token(record: logging.LogRecord) -> bool:
    record.msg = _TOKEN_IN_URL.sub(r"\1***", record.getMessage())
    record.args = ()
    return True
