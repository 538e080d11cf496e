"""A token as a command prints it or a token service answers it: alone, or in a JSON object."""

from __future__ import annotations

import math
from typing import Final

from pulumi_wechat_miniprogram.settings import ACCESS_TOKEN, decoded, load_json, parse_secret, redact
from pulumi_wechat_miniprogram.wechat.errors import Call, wechat_error
from pulumi_wechat_miniprogram.wechat.models import Reply, split_rid
from pulumi_wechat_miniprogram.wechat.tokens.source import Token

__all__ = ["NoToken", "parse_token"]

_LIFE: Final = "expires_in"


class NoToken(ValueError):
    """A text holds no token; the message says what it is instead, and shows nothing of it."""


def parse_token(appid: str, printed: str | bytes) -> Token:
    """Return the token of a text that a source gave for an appid.

    It is the token alone, or a JSON object with `authorizer_access_token` or `access_token` and, if it is
    known, `expires_in` in seconds. WeChat's own answers have this form, and a source may pass them on.

    Raises:
        WeChatError: it is an answer of WeChat with an errcode.
        NoToken: it is none of these.
    """
    try:
        text = decoded(printed if isinstance(printed, bytes) else printed.encode("utf-8", "replace"))
        seconds = _life(appid, text) if text.startswith("{") else None
        return Token(parse_secret(text, ACCESS_TOKEN), seconds)
    except ValueError as error:
        raise NoToken(str(error)) from None


def _life(appid: str, text: str) -> float | None:
    """Return how long the token of an answer is good for.

    Raises:
        WeChatError: it is an answer with an errcode.
        ValueError: it is not an answer.
    """
    try:
        document = load_json(text)
        reply = Reply.model_validate(document)
    except ValueError:
        raise ValueError("begins like a JSON object and is not an answer with a token") from None
    if reply.errcode:
        call = Call(appid, "fetch of the access token")
        held = [text for name, text in document.items() if name != "errmsg" and isinstance(text, str)]
        raise wechat_error(call, reply.errcode, *split_rid(redact(reply.errmsg, also=held)))
    return _seconds(document.get(_LIFE))


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f"has an {_LIFE} that is not a number of seconds above 0")
    return seconds
