"""Faults: what they match, and what the client sees instead of the usual answer."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator
from starlette.responses import Response, StreamingResponse

from wechat_miniprogram_emulator.model import call_name
from wechat_miniprogram_emulator.strict import Appid, Strict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

EFFECTS = ("errcode", "http_status", "cut", "body", "truncate", "slow_body")
ALONE_OR_WITH_AN_EFFECT = ("delay", "content_type")
CLOSER_KEY = "pulumi_wechat_miniprogram.close_connection"

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class FaultRule(Strict):
    """Which calls a fault meets and what it does to them."""

    path: str | None = None
    action: str | None = None
    appid: Appid | None = None
    times: Annotated[int, Field(ge=1, lt=2**31)] | None = 1
    skip: Annotated[int, Field(ge=0, lt=2**31)] = 0
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    errcode: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    errmsg: str | None = None
    apply: bool = False
    http_status: Annotated[int, Field(ge=200, le=599)] | None = None
    delay: Seconds | None = None
    cut: Literal["before", "after"] | None = None
    body: str | None = None
    content_type: Annotated[str, Field(pattern=r"^[\x20-\x7e]+$")] | None = None
    truncate: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    slow_body: Seconds | None = None

    @model_validator(mode="after")
    def _one_effect(self) -> FaultRule:
        effects = self.effects()
        alone = [name for name in ALONE_OR_WITH_AN_EFFECT if getattr(self, name) is not None]
        if len(effects) > 1:
            raise ValueError(f"a fault has one effect, got {' and '.join(effects)}")
        if not effects and not alone:
            raise ValueError(f"a fault needs an effect: {', '.join((*EFFECTS, *ALONE_OR_WITH_AN_EFFECT))}")
        for option, owner in (("errmsg", "errcode"), ("seed", "probability")):
            if getattr(self, option) is not None and getattr(self, owner) is None:
                raise ValueError(f"{option} needs {owner}")
        if self.cut is not None and self.content_type is not None:
            raise ValueError("content_type does not go with cut")
        for name in (*effects, *alone)[:1]:
            if self.apply and name in {"cut", "truncate", "slow_body", "content_type"}:
                raise ValueError(f"apply does not go with {name}")
        return self

    def effects(self) -> list[str]:
        """Name the effects that are set."""
        return [name for name in EFFECTS if getattr(self, name) is not None]

    def names_path(self, path: str) -> bool:
        """Return whether `path`, whole or by its end such as `get_effective_webviewdomain`, is meant."""
        return self.path is None or path == self.path or path.endswith(f"/{self.path}")

    def matches(self, path: str, action: str | None, appid: str | None) -> bool:
        """Return whether a call is meant; `action` may also be a call's name, such as `effective`."""
        return (
            self.names_path(path)
            and self.action in {None, action, call_name(path, action)}
            and self.appid in {None, appid}
        )

    def falls_on(self, draw: int) -> bool:
        """Return whether the fault meets the n-th call that it could meet, counted from 0.

        The answer follows from `seed` and `draw` alone, so that a run can be repeated.
        """
        if self.probability is None:
            return True
        digest = hashlib.sha256(f"{self.seed or 0} {draw}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < self.probability * 2**64

    @property
    def reaches_wechat(self) -> bool:
        """Return whether the call is carried out before the fault shows."""
        if self.cut is not None:
            return self.cut == "after"
        return self.apply or not {"errcode", "http_status", "body"} & set(self.effects())

    @property
    def hides_answer(self) -> bool:
        """Return whether the client gets no errcode."""
        return bool({"http_status", "cut", "body", "truncate"} & set(self.effects()))

    @property
    def label(self) -> str:
        """Name the fault in the request log."""
        shown = [] if self.delay is None else [f"delay {self.delay:g}"]
        shown += [name if name == "body" else f"{name} {getattr(self, name)}" for name in self.effects()]
        shown += [] if self.content_type is None else [f"content_type {self.content_type}"]
        return ", ".join(shown)


@dataclass(frozen=True)
class Fault:
    """An armed fault, the calls it has left (`remaining` None is forever) and the draws it has made."""

    number: int
    rule: FaultRule
    skip: int
    remaining: int | None
    drawn: int


class ConnectionCut(ConnectionError):
    """The client's connection ends here without an answer (only without a socket, in process)."""


class Cut(Response):
    """Close the TCP connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Close the connection and wait until the server has noticed."""
        await _close(scope, receive)


class Truncated(Response):
    """Announce the whole body, send its beginning, and close the TCP connection."""

    def __init__(self, content: bytes, sent: int, status_code: int, media_type: str) -> None:
        super().__init__(content, status_code, media_type=media_type)
        self._sent = min(sent, len(content) - 1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is to arrive, then close the connection as `Cut` does."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: self._sent], "more_body": True})
        await _close(scope, receive)


async def _close(scope: Scope, receive: Receive) -> None:
    close: Callable[[], None] | None = scope.get("extensions", {}).get(CLOSER_KEY)
    if close is None:
        raise ConnectionCut("a fault cut the connection")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass


def faulty(rule: FaultRule, answer: Response) -> Response:
    """Return what the client sees instead of `answer`."""
    if rule.http_status is not None:
        bodiless = rule.http_status in {204, 205, 304}
        page = "" if bodiless else f"<html><body><h1>{rule.http_status}</h1></body></html>"
        return Response(page, rule.http_status, media_type=rule.content_type or "text/html")
    if rule.cut is not None:
        return Cut()
    kind = rule.content_type or answer.media_type or "text/plain"
    if rule.body is not None:
        return Response(rule.body.encode(), media_type=kind)
    content = bytes(answer.body)
    if rule.truncate is not None:
        return Truncated(content, rule.truncate, answer.status_code, kind)
    if rule.slow_body is not None:
        headers = {"content-length": str(len(content))}
        return StreamingResponse(
            _halves(content, rule.slow_body), answer.status_code, headers, media_type=kind
        )
    return Response(content, answer.status_code, media_type=kind)


async def _halves(content: bytes, pause: float) -> AsyncIterator[bytes]:
    middle = len(content) // 2
    yield content[:middle]
    await asyncio.sleep(pause)
    yield content[middle:]
