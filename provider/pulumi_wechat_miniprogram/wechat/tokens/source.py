"""What every token source gives: a token for an appid, parsed from what it answers, or why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.settings import (
    ACCESS_TOKEN,
    SecretKind,
    decoded,
    load_json,
    parse_secret,
    redact,
)
from pulumi_wechat_miniprogram.wechat.errors import Call, wechat_error
from pulumi_wechat_miniprogram.wechat.models import Reply, split_rid

_LIFETIME: Final = "expires_in"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and its lifetime in seconds. None: until it is rejected; 0: ask each time."""

    value: str = field(repr=False)
    seconds: float | None = None


class TokenUnavailable(UserError):
    """No access token is available for an appid. The message says why, and what to set or fix.

    With `passing`, asking again may help: the source was busy or unreachable.
    """

    def __init__(self, appid: str, problem: str, *, passing: bool = False) -> None:
        self.passing = passing
        self.problem = problem
        super().__init__(f"{appid}: {problem}")

    @property
    def alike(self) -> str:
        return self.__cause__.alike if isinstance(self.__cause__, UserError) else self.problem


class AppUnknown(TokenUnavailable):
    """The token source has nothing for this appid, as for an app that left the platform."""


class TokenSource(Protocol):
    def fetch(self, appid: str) -> Token:
        """Ask the source for the token of an appid.

        Raises:
            TokenUnavailable: it has none, or cannot be asked.
            CallFailed: WeChat refused to give one (component flow).
            SettingsError: a secret file cannot be read.
        """


@runtime_checkable
class KnowsAppids(Protocol):
    def appids(self) -> tuple[str, ...]:
        """Return the appids that the source has tokens for, sorted. Raises as `fetch` does."""


class NoToken(ValueError):
    """A text holds no token. The message describes the text and shows nothing of it."""


def parse_token(appid: str, printed: str | bytes, kind: SecretKind = ACCESS_TOKEN) -> Token:
    """Return the token of a text that a source gave for an appid.

    The text is the token, or a JSON object with a field of its kind and optionally `expires_in` in seconds.
    WeChat's own answers have this form, so a source may pass them on.

    Raises:
        WeChatError: it is an answer of WeChat with an errcode.
        NoToken: it is none of these.
    """
    try:
        text = decoded(printed if isinstance(printed, bytes) else printed.encode("utf-8", "replace"))
        seconds = _lifetime(appid, text) if text.startswith("{") else None
        return Token(parse_secret(text, kind), seconds)
    except ValueError as error:
        raise NoToken(str(error)) from None


def _lifetime(appid: str, text: str) -> float | None:
    try:
        document = load_json(text)
        reply = Reply.model_validate(document)
    except ValueError:
        raise ValueError("starts like a JSON object but is not an answer with a token") from None
    if reply.errcode:
        call = Call(appid, "fetch of the access token")
        held = [text for name, text in document.items() if name != "errmsg" and isinstance(text, str)]
        raise wechat_error(call, reply.errcode, *split_rid(redact(reply.errmsg, also=held)))
    value = document.get(_LIFETIME)
    if value is None:
        return None
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f"has an {_LIFETIME} that is not a number of seconds above 0")
    return seconds
