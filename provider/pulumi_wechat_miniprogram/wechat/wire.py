"""One call to WeChat: sent through httpx, answered with a typed reply or error, and logged in one line.

The log, for support, has what was asked and answered and how long it took; never a token.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from pulumi_wechat_miniprogram.safety.audit import AuditLog
from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.safety.pace import Turns
from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.settings import Settings, SettingsError, is_loopback, redact
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.errors import (
    BadReply,
    Call,
    CallFailed,
    GatewayFault,
    NotSent,
    OutcomeUnknown,
    WeChatError,
    wechat_error,
)
from pulumi_wechat_miniprogram.wechat.models import Reply, split_rid
from pulumi_wechat_miniprogram.wechat.proxies import proxy_for, through
from pulumi_wechat_miniprogram.wechat.streams import deadline
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities
from pulumi_wechat_miniprogram.wechat.transport import IDENTITY, Transport, Unreadable, read_body

MAX_REPLY_BYTES: Final = 1 << 20
"""WeChat's largest answer, 4 lists of 300 domains, is far below 1 MiB."""
_CONNECT_SECONDS: Final = 10.0
_REASONS: Final = frozenset({"application/json", "text/plain"})
_MAX_REASON: Final = 200
_MAX_CAUSE: Final = 300
NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""The errors that httpx raises before it sends a request."""

_LOG: Final = logging.getLogger("pulumi_wechat_miniprogram.calls")
_LIBRARIES: Final = (
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
)
"""Loggers that write URLs and headers. Each needs its own filter: children do not inherit one."""

ReplyT = TypeVar("ReplyT", bound=Reply)


@dataclass(frozen=True, slots=True)
class Post:
    """One request: its call, path and body, and the query parameter with the token. A GET sends no body."""

    call: Call
    path: str
    body: Mapping[str, object] = field(default_factory=dict, repr=False)
    token: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: Literal["GET", "POST"] = "POST"

    @property
    def content(self) -> str:
        """The body as it is sent, in ASCII: a live domain with a lone surrogate must be removable."""
        return json.dumps(self.body) if self.method == "POST" else ""


Heard = Callable[[Post, bytes], None]


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
        heard: Heard | None = None,
    ) -> None:
        """`heard` gets each answer as it came, and its request without the token."""
        self._heard = heard
        self.attempts = attempts or Attempts(settings.max_attempts)
        self._timeout = settings.request_timeout
        self._endpoints = [endpoint or settings.endpoint]
        if settings.fallback_endpoint:
            self._endpoints.append(settings.fallback_endpoint)
        self._warn = warn
        self._audit = AuditLog(settings.audit_log) if settings.audit_log else None
        self._audit_key = settings.name_of("audit_log")
        rate = settings.max_calls_per_minute
        self._turns = Turns(rate / 60 if rate else math.inf, self.attempts.clock, self.attempts.sleep)
        _redact_logs()
        # The endpoint and its fallback share the time of a call: each connection gets at most a third of it.
        connect = self._timeout / 3 if len(self._endpoints) > 1 else self._timeout
        self._names = {each: urlsplit(each).netloc + through(proxy_for(each)) for each in self._endpoints}
        self._http = httpx.Client(
            transport=transport or transport_to(settings, self._endpoints),
            timeout=httpx.Timeout(self._timeout, connect=min(_CONNECT_SECONDS, connect)),
            headers={**IDENTITY, "content-type": "application/json"},
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def post(self, request: Post, model: type[ReplyT]) -> ReplyT:
        """Send one request once, to the fallback endpoint if no connection to the first one can be made.

        Raises:
            CallFailed: see the tree in `errors`.
            Interrupted: the run was interrupted; nothing was sent.
        """
        if not (self._audit and request.call.is_write):
            return self._post_once(request, model)
        try:
            self._audit.check()
        except OSError as error:
            raise SettingsError(
                f"{self._audit_key}: {self._audit.path} cannot be written: {error.strerror}",
                f"Therefore this call was not sent: {request.call}. Make the file writable, then run the "
                "command again.",
            ) from None
        with self._audited(self._audit, request.call) as note:
            reply = self._post_once(request, model)
            note |= {"rid": split_rid(reply.errmsg)[1], "refused": reply.refused}
        return reply

    @contextmanager
    def _audited(self, audit: AuditLog, call: Call) -> Iterator[dict[str, object]]:
        """Add a line to the audit log about what became of a write; the block notes what WeChat refused."""
        note: dict[str, object] = {"result": "done", "errcode": 0, "refused": ()}
        try:
            yield note
        except (Interrupted, SettingsError):  # nothing was sent
            note["result"] = ""
            raise
        except CallFailed as error:
            doubt = "in doubt" if error.in_doubt else "not sent" if isinstance(error, NotSent) else "refused"
            note |= {"result": doubt, "errcode": None, "error": error.summary}
            if isinstance(error, WeChatError):
                note |= {"errcode": error.errcode, "rid": error.rid, "refused": error.refused}
            raise
        except BaseException:  # such as SIGTERM: the write may have been sent
            note |= {"result": "in doubt", "errcode": None, "error": "the process was ended"}
            raise
        finally:
            if note["result"]:
                self._add_line(audit, call, note)

    def _add_line(self, audit: AuditLog, call: Call, note: Mapping[str, object]) -> None:
        try:
            audit.add({"appid": call.appid, "action": call.action, "domains": call.domains, **note})
        except OSError as error:
            self._warn(
                f"{self._audit_key}: {audit.path} could not be extended: {error.strerror}. The missing line "
                f"records the {call}, {note['result']}: {', '.join(call.domains)}. This process will not "
                "write to WeChat again"
            )

    def _post_once(self, request: Post, model: type[ReplyT]) -> ReplyT:
        self._turns.take()
        with deadline(min(self._timeout, self.attempts.limit.left)):
            endpoints = self._endpoints
            try:
                return self._post(endpoints[0], request, model)
            except NotSent as error:
                if len(endpoints) == 1:
                    raise
                self._endpoints = endpoints[1:]
                self._warn(f"{error.headline}. Using {endpoints[1]} instead of {endpoints[0]} from now on")
            return self._post(endpoints[1], request, model)

    def _post(self, endpoint: str, request: Post, model: type[ReplyT]) -> ReplyT:
        self.attempts.interruption.check()
        host = self._names[endpoint]
        with self._logged(request), _translated(request.call, host):
            return _parse(request.call, host, self._fetch(endpoint, host, request), model)

    @contextmanager
    def _logged(self, request: Post) -> Iterator[None]:
        began = self.attempts.clock()
        answer: dict[str, object] = {"errcode": 0, "rid": None}
        try:
            yield
        except WeChatError as error:
            answer = {"errcode": error.errcode, "rid": error.rid}
            raise
        except CallFailed as error:
            answer = {"errcode": None, "failed": type(error).__name__}
            raise
        finally:
            facts = {
                "method": request.method,
                "path": request.path,
                "action": request.call.action,
                "appid": request.call.appid,
                "domains": len(request.call.domains),
                **answer,
                "ms": round(1000 * (self.attempts.clock() - began)),
            }
            _LOG.debug(json.dumps(facts))

    def _fetch(self, endpoint: str, host: str, request: Post) -> bytes:
        content = request.content.encode("ascii") or None
        with self._http.stream(
            request.method, endpoint + request.path, params=request.token, content=content
        ) as response:
            if response.status_code != httpx.codes.OK:
                local = is_loopback(urlsplit(endpoint).hostname or "")
                reason = _reason(response) if local and response.is_server_error else ""
                raise GatewayFault(request.call, host, response.status_code, reason)
            try:
                answer = read_body(response, MAX_REPLY_BYTES)
            except Unreadable as error:
                raise BadReply(request.call, host, str(error)) from None
        if self._heard:
            self._heard(replace(request, token={}), answer)
        return answer


def transport_to(settings: Settings, endpoints: Sequence[str]) -> Transport:
    """Return the transport of calls to these endpoints, through their proxies and with the right authorities.

    Raises:
        SettingsError: the authorities cannot be read.
    """
    local = all(is_loopback(urlsplit(endpoint).hostname or "") for endpoint in endpoints)
    return Transport(trusted_authorities(settings, environment=not local))


def _redact_logs() -> None:
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        if _redact_record not in logger.filters:
            logger.addFilter(_redact_record)


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    # These repeat what the message says, unmasked.
    record.exc_info = record.exc_text = record.stack_info = None
    return True


@contextmanager
def _translated(call: Call, host: str) -> Iterator[None]:
    try:
        yield
    except (CallFailed, SettingsError):
        raise
    except NOT_SENT as error:
        raise NotSent(call, host, cause_of(error)) from None
    except Exception as error:  # noqa: BLE001 - the request may have been sent
        raise OutcomeUnknown(call, host, cause_of(error)) from None


def _reason(response: httpx.Response) -> str:
    """Return the first line of a text or JSON, as an emulator on this machine sends it."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _REASONS:
        return ""
    try:
        text = read_body(response, MAX_REPLY_BYTES).decode("utf-8", "replace")
    except (Unreadable, httpx.HTTPError):
        return ""
    return one_line(redact(text).strip().partition("\n")[0].strip()[:_MAX_REASON])


def cause_of(error: Exception) -> str:
    """Return why a request failed, in one line."""
    kind = type(error).__name__
    text = one_line(redact(str(error)).strip()[:_MAX_CAUSE])
    return (text if isinstance(error, httpx.HTTPError) else f"{kind}: {text}") if text else kind


def _parse(call: Call, host: str, content: bytes, model: type[ReplyT]) -> ReplyT:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        kind = "HTML" if content.lstrip()[:1] == b"<" else "not JSON" if content.strip() else "empty"
        raise BadReply(call, host, f"it is {kind}") from None
    if not isinstance(document, dict):
        raise BadReply(call, host, "it is not a JSON object")
    if not model.is_wechats(document):
        raise BadReply(call, host, "it has neither an errcode nor a field of this call's answer")
    try:
        reply = Reply.model_validate(document)
        if reply.errcode:
            refused = _refused(model, document)
            raise wechat_error(call, reply.errcode, *split_rid(redact(reply.errmsg)), refused)
        return model.model_validate(document)
    except ValidationError as error:
        fields = ", ".join(sorted({str(detail["loc"][0]) for detail in error.errors(include_input=False)}))
        raise BadReply(call, host, f"its fields are not as documented: {fields}") from None


def _refused(model: type[Reply], document: Mapping[str, object]) -> tuple[str, ...]:
    """Return what an error names as refused. It is an error also where the rest is not as documented."""
    try:
        return model.model_validate(document).refused
    except ValidationError:
        return ()
