"""Faults: what they match, and what the client sees instead of the usual answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator
from starlette.responses import Response, StreamingResponse

from pulumi_wechat_miniprogram.emulator.model import call_name
from pulumi_wechat_miniprogram.emulator.strict import Strict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

EFFECTS = ("errcode", "http_status", "cut", "body", "slow_body")
CLOSER_KEY = "pulumi_wechat_miniprogram.close_connection"

Seconds = Annotated[float, Field(ge=0)]


class FaultRule(Strict):
    """Which calls a fault meets and what it does to them."""

    path: str | None = None
    action: str | None = None
    appid: str | None = None
    times: Annotated[int, Field(ge=1, lt=2**31)] | None = 1
    skip: Annotated[int, Field(ge=0, lt=2**31)] = 0
    errcode: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    errmsg: str | None = None
    apply: bool = False
    http_status: Annotated[int, Field(ge=200, le=599)] | None = None
    delay: Seconds | None = None
    cut: Literal["before", "after"] | None = None
    body: str | None = None
    content_type: Annotated[str, Field(pattern=r"^[\x20-\x7e]+$")] | None = None
    slow_body: Seconds | None = None

    @model_validator(mode="after")
    def _one_effect(self) -> FaultRule:
        effects = self.effects()
        if len(effects) > 1:
            raise ValueError(f"a fault has one effect, got {' and '.join(effects)}")
        if not effects and self.delay is None:
            raise ValueError(f"a fault needs an effect: {', '.join((*EFFECTS, 'delay'))}")
        for option, owner in (("errmsg", "errcode"), ("content_type", "body")):
            if getattr(self, option) is not None and getattr(self, owner) is None:
                raise ValueError(f"{option} needs {owner}")
        if self.apply and effects and effects[0] in {"cut", "slow_body"}:
            raise ValueError(f"apply does not go with {effects[0]}")
        return self

    def effects(self) -> list[str]:
        """Name the effects that are set."""
        return [name for name in EFFECTS if getattr(self, name) is not None]

    def matches(self, path: str, action: str | None, appid: str | None) -> bool:
        """Tell whether a call is meant; `action` may also be a call's name, such as `effective`."""
        return (
            self.path in {None, path}
            and self.action in {None, action, call_name(path, action)}
            and self.appid in {None, appid}
        )

    @property
    def reaches_wechat(self) -> bool:
        """Tell whether the call is carried out before the fault shows."""
        if self.cut is not None:
            return self.cut == "after"
        return self.apply or not {"errcode", "http_status", "body"} & set(self.effects())

    @property
    def hides_answer(self) -> bool:
        """Tell whether the client gets no errcode."""
        return bool({"http_status", "cut", "body"} & set(self.effects()))

    @property
    def label(self) -> str:
        """Name the fault in the request log."""
        shown = [] if self.delay is None else [f"delay {self.delay:g}"]
        shown += [name if name == "body" else f"{name} {getattr(self, name)}" for name in self.effects()]
        return ", ".join(shown)


@dataclass(frozen=True)
class Fault:
    """An armed fault and how many calls it has left; `remaining` None is for ever."""

    number: int
    rule: FaultRule
    skip: int
    remaining: int | None


class ConnectionCut(ConnectionError):
    """The client's connection ends here without an answer (only without a socket, in process)."""


class Cut(Response):
    """Close the TCP connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Close the connection and wait until the server has noticed."""
        close: Callable[[], None] | None = scope.get("extensions", {}).get(CLOSER_KEY)
        if close is None:
            raise ConnectionCut("a fault cut the connection")
        close()
        while (await receive())["type"] != "http.disconnect":
            pass


def faulty(rule: FaultRule, answer: Response) -> Response:
    """Give what the client sees in place of `answer`."""
    if rule.http_status is not None:
        bodiless = rule.http_status in {204, 205, 304}
        page = "" if bodiless else f"<html><body><h1>{rule.http_status}</h1></body></html>"
        return Response(page, rule.http_status, media_type="text/html")
    if rule.cut is not None:
        return Cut()
    if rule.body is not None:
        return Response(rule.body.encode(), media_type=rule.content_type or "text/plain")
    if rule.slow_body is not None:
        content = bytes(answer.body)
        headers = {"content-length": str(len(content))}
        return StreamingResponse(
            _halves(content, rule.slow_body), answer.status_code, headers, media_type="text/plain"
        )
    return answer


async def _halves(content: bytes, pause: float) -> AsyncIterator[bytes]:
    middle = len(content) // 2
    yield content[:middle]
    await asyncio.sleep(pause)
    yield content[middle:]
