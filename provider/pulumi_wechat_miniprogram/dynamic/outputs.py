"""The two forms of a function: one takes an appid and answers it, the other takes and returns outputs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import pulumi

from pulumi_wechat_miniprogram.safety.masking import remember_word

_Found = TypeVar("_Found")


def refuse_output(appid: object, function: str) -> None:
    """Refuse an output where an appid is needed immediately.

    Raises:
        RunError: `appid` is one.
    """
    if isinstance(appid, pulumi.Output):
        raise pulumi.RunError(f"`appid` of {function} is an output: call {function}_output instead")


def for_app(appid: pulumi.Input[str], read: Callable[[str], Awaitable[_Found]]) -> pulumi.Output[_Found]:
    """Return what `read` answers once the appid is known. No error shows an appid that is a secret."""
    given = cast("pulumi.Output[str]", pulumi.Output.from_input(appid))

    async def answer(known: str) -> _Found:
        if await given.is_secret():
            remember_word(known)
        return await read(known)

    return given.apply(answer)
