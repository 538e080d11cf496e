"""A token as a command prints it or a token service answers it: alone, or in a JSON object."""

from __future__ import annotations

import json
import math
import re
from typing import Final

from pulumi_wechat_miniprogram.settings import redact
from pulumi_wechat_miniprogram.wechat.errors import Call, wechat_error
from pulumi_wechat_miniprogram.wechat.models import Reply, split_rid
from pulumi_wechat_miniprogram.wechat.tokens.source import Token

__all__ = ["NoToken", "parse_token"]

_TOKEN: Final = re.compile(r"[!-~]{1,1024}")
"""Printable ASCII without blanks; WeChat asks to provide for 512 characters."""
_FIELDS: Final = ("authorizer_access_token", "access_token")


class NoToken(ValueError):
    """A text holds no token; the message says what it is instead, and shows nothing of it."""


def parse_token(appid: str, text: str) -> Token:
    """Return the token of a text that a source gave for an appid.

    `text` is the token alone, or a JSON object with `authorizer_access_token` or `access_token` and, if it is
    known, `expires_in` in seconds. WeChat's own answers have this form, and a source may pass them on.

    Raises:
        WeChatError: it is an answer of WeChat with an errcode.
        NoToken: it is none of these.
    """
    stripped = text.strip()
    if not stripped:
        raise NoToken("is empty")
    if stripped.startswith("<"):
        raise NoToken("is HTML, such as a login page")
    if stripped.startswith("{"):
        return _from_object(appid, stripped)
    return Token(_checked(stripped))


def _from_object(appid: str, text: str) -> Token:
    try:
        document = json.loads(text)
        reply = Reply.model_validate(document)
    except (ValueError, RecursionError):
        raise NoToken("begins like a JSON object and is no answer with a token") from None
    if reply.errcode:
        call = Call(appid, "fetch of the access token")
        raise wechat_error(call, reply.errcode, *split_rid(redact(reply.errmsg)))
    value = next((document[name] for name in _FIELDS if name in document), None)
    if not isinstance(value, str):
        raise NoToken(f"is a JSON object without the text {' or '.join(_FIELDS)}")
    return Token(_checked(value), _seconds(document.get("expires_in")))


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise NoToken("has an expires_in that is no number of seconds above 0")
    return seconds


def _checked(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise NoToken("is no token: more than one word, other characters than ASCII, or too long")
    return value
