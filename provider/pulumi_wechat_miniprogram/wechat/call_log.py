"""The log of calls, for support: what was asked and answered, in how many milliseconds; never a token."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pulumi_wechat_miniprogram.safety.masking import redact
from pulumi_wechat_miniprogram.wechat.errors import Call, CallFailed, WeChatError

__all__ = ["LOGGER", "CallLog", "hide_secrets_in_logs"]

LOGGER: Final = logging.getLogger("pulumi_wechat_miniprogram.calls")
_LIBRARIES: Final = (
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
)
"""Loggers of the HTTP libraries, which write URLs and headers; a filter holds for its own logger alone."""


class CallLog:
    """Writes one line for each call, as JSON, at level DEBUG."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the clock that measures, and keep the HTTP libraries' own logs from showing a token."""
        self._clock = clock
        hide_secrets_in_logs()

    @contextmanager
    def line(self, call: Call, path: str) -> Iterator[None]:
        """Log the call that is made inside."""
        if not LOGGER.isEnabledFor(logging.DEBUG):
            yield
            return
        began = self._clock()
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
                "method": "POST",
                "path": path,
                "action": call.action,
                "appid": call.appid,
                "domains": len(call.domains),
                **answer,
                "ms": round(1000 * (self._clock() - began)),
            }
            LOGGER.debug(json.dumps(facts))


def hide_secrets_in_logs() -> None:
    """Let every record of the HTTP libraries pass through `redact`."""
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        if _redact_record not in logger.filters:
            logger.addFilter(_redact_record)


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg = redact(record.getMessage())
    record.args = ()
    record.exc_info = record.exc_text = record.stack_info = (
        None  # they repeat what the message says, unmasked
    )
    return True
