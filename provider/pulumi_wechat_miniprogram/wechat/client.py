"""The client of the three endpoints.

Reads repeat by the policy of `errors.may_repeat`; a write goes out once.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx
import tenacity
from pydantic import ValidationError

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.errcodes import MINUTE_PAUSE
from pulumi_wechat_miniprogram.wechat.errors import (
    BadReply,
    Call,
    GatewayFault,
    NotSent,
    OutcomeUnknown,
    TokenRejected,
    may_repeat,
    wechat_error,
)
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile, EffectiveLists, LiveList, Reply, split_rid
from pulumi_wechat_miniprogram.wechat.tokens import TokenSource

__all__ = ["MAX_BACKOFF", "MAX_REPLY_BYTES", "Client", "repeating"]

MAX_REPLY_BYTES: Final = 1 << 20
"""An answer holds at most 4 lists of 300 domains, far below 1 MiB; a larger one is not WeChat's."""
MAX_BACKOFF: Final = 8.0
"""Longest pause in seconds between two tries, but for the minute after 45011."""
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
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open no connection yet. `endpoint` stands in for the settings' one (embedded emulator)."""
        self._tokens = tokens
        self._clock = clock
        self._timeout = settings.request_timeout
        self._max_attempts = settings.max_attempts
        self._sleep = sleep
        base = endpoint or settings.endpoint
        self._host = urlsplit(base).netloc
        _hide_tokens_in_logs()
        self._http = httpx.Client(
            base_url=base,
            transport=transport,
            timeout=settings.request_timeout,
            verify=_trust(settings),
            trust_env=not self._host.startswith(("127.", "localhost", "[::1]")),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, appid: str) -> tuple[str, ...]:
        """Read the live list, in WeChat's own spelling and order.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: no token for this appid.
        """
        return self._read(Call(appid, "get"), _DOMAINS, {"action": "get"}, LiveList).webviewdomain

    def effective(self, appid: str) -> EffectiveLists:
        """Read what is in force, and the list of each way of configuring. Raises as `get` does."""
        return self._read(Call(appid, "read of the effective list"), _EFFECTIVE, {}, EffectiveLists)

    def confirm_file(self, appid: str) -> ConfirmFile:
        """Read the confirm file of this Mini Program. Raises as `get` does."""
        return self._read(Call(appid, "read of the confirm file"), _CONFIRM_FILE, {}, ConfirmFile)

    def write(self, appid: str, action: str, values: Sequence[str]) -> None:
        """Send one `set`, `add` or `delete` once, as it stands. Raises as `get` does.

        A rejected token is renewed and an `add` or `delete` sent again with it; a `set` never, since the
        list that it replaces may have changed: the error's `renewed` then tells that trying anew helps.
        """
        call = Call(appid, action, len(values))
        self._with_token(call, _DOMAINS, {"action": action, "webviewdomain": list(values)}, Reply)

    def _read(self, call: Call, path: str, body: dict[str, object], model: type[_Reply]) -> _Reply:
        for attempt in repeating(self._max_attempts, self._sleep):
            with attempt:
                return self._with_token(call, path, body, model)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _with_token(self, call: Call, path: str, body: dict[str, object], model: type[_Reply]) -> _Reply:
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
        self, call: Call, path: str, body: dict[str, object], model: type[_Reply], token: str
    ) -> _Reply:
        with _translated(call, self._host):
            content = self._post(call, path, body, token)
        return _parse(call, self._host, content, model)

    def _post(self, call: Call, path: str, body: dict[str, object], token: str) -> bytes:
        deadline = self._clock() + self._timeout
        content = bytearray()
        with self._http.stream("POST", path, params={"access_token": token}, json=body) as response:
            if response.status_code != httpx.codes.OK:
                raise GatewayFault(call, self._host, response.status_code)
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_REPLY_BYTES:
                    raise BadReply(call, self._host, f"it is longer than {MAX_REPLY_BYTES} bytes")
                if self._clock() > deadline:
                    raise OutcomeUnknown(call, self._host, f"not whole after {self._timeout:g} s")
        return bytes(content)


def repeating(
    max_attempts: int,
    sleep: Callable[[float], None],
    only_if: Callable[[BaseException], bool] = lambda _: True,
) -> Iterator[tenacity.AttemptManager]:
    """Return the tries of one call: by `may_repeat`, with backoff and jitter, at most `max_attempts`."""
    return iter(
        tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: only_if(error) and bool(may_repeat(error))),
            wait=_pause,
            stop=tenacity.stop_after_attempt(max_attempts),
            sleep=sleep,
            reraise=True,
        )
    )


_backoff = tenacity.wait_exponential(multiplier=0.5, max=MAX_BACKOFF) + tenacity.wait_random(0, 0.5)


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    verdict = may_repeat(error) if error else True
    return MINUTE_PAUSE if verdict == MINUTE_PAUSE else _backoff(state)


@contextmanager
def _translated(call: Call, host: str) -> Iterator[None]:
    try:
        yield
    except _NOT_SENT as error:
        raise NotSent(call, host, _cause(error)) from None
    except httpx.HTTPError as error:
        raise OutcomeUnknown(call, host, _cause(error)) from None


def _cause(error: httpx.HTTPError) -> str:
    text = _TOKEN_IN_URL.sub(r"\1***", str(error)).strip()
    return text or {"ReadTimeout": "timed out", "ConnectTimeout": "timed out"}.get(
        type(error).__name__, type(error).__name__
    )


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


def _trust(settings: Settings) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=str(settings.ca_file)) if settings.ca_file else True


def _hide_tokens_in_logs() -> None:
    logger = logging.getLogger("httpx")
    if _hide_token not in logger.filters:
        logger.addFilter(_hide_token)


def _hide_token(record: logging.LogRecord) -> bool:
    record.msg = _TOKEN_IN_URL.sub(r"\1***", record.getMessage())
    record.args = ()
    return True
