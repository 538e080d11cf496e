"""What can go wrong with a call to WeChat.

    CallFailed                    any call that brought no good answer
    ├── NotSent                   no connection: nothing was sent
    ├── OutcomeUnknown            sent, and no whole answer came back
    ├── GatewayFault              an HTTP status other than 200: a gateway answered, not the API
    ├── BadReply                  an answer that is no JSON object of the documented shape
    ├── NoEffect                  a write that was answered with success and changed nothing
    └── WeChatError               WeChat answered with an errcode
        ├── TokenRejected         40001, 40014, 42001, 42006
        ├── ConfirmFileRejected   86103
        ├── NothingChanged        89019, 89022
        ├── NotPermitted          48001: a token of the wrong kind, or a permission that is missing
        └── Offboarded            43007, 48004, 50002, 61003, 61007, 61023

A write that ends in OutcomeUnknown, GatewayFault, BadReply or -1 may have been done: `in_doubt`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES, SYSTEM_ERROR, ErrCode

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "BadReply",
    "Call",
    "CallFailed",
    "ConfirmFileRejected",
    "GatewayFault",
    "NoEffect",
    "NotPermitted",
    "NotSent",
    "NothingChanged",
    "Offboarded",
    "OutcomeUnknown",
    "TokenRejected",
    "WeChatError",
    "may_repeat",
    "wechat_error",
]

_NOT_THE_API: Final = "a gateway or proxy answered, not WeChat's API"
_CALLER_IP: Final = re.compile(r"requestIP: ?([0-9a-fA-F.:*]+)")
"""The address that WeChat saw, in the errmsg of 61004 (sometimes masked: 60.221.*.*)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it does, for which appid, with which domains (none for a read)."""

    appid: str
    action: str
    domains: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name the call the way messages begin."""
        count = len(self.domains)
        of = f" of {count} domain{'s' if count > 1 else ''}" if count else ""
        return f"{self.action}{of} for {self.appid}"

    @property
    def is_write(self) -> bool:
        """Tell whether it may change the live list."""
        return self.action in {"set", "add", "delete"}


class CallFailed(UserError):
    """A call to WeChat brought no good answer.

    `in_doubt` tells that a write may have been done all the same: observe before anything else.
    """

    in_doubt = False

    def __init__(self, call: Call, headline: str, *advice: str) -> None:
        self.call = call
        super().__init__(headline, *advice)


class NotSent(CallFailed):
    """No connection could be made; nothing was sent."""

    def __init__(self, call: Call, host: str, cause: str) -> None:
        """Name the host and the cause."""
        super().__init__(
            call,
            f"{call} not sent: no connection to {host}: {cause}",
            "Nothing was sent. Check the endpoint, DNS, proxy and firewall.",
        )


class OutcomeUnknown(CallFailed):
    """The request went out and no whole answer came back."""

    in_doubt = True

    def __init__(self, call: Call, host: str, cause: str) -> None:
        """Name the host and the cause."""
        super().__init__(
            call,
            f"{call} got no answer from {host}: {cause}",
            "Run it again; if it stays so, look at the network between, and at requestTimeout.",
        )


class GatewayFault(CallFailed):
    """A gateway answered instead of the API: every answer of the API has HTTP status 200."""

    in_doubt = True

    def __init__(self, call: Call, host: str, status: int, reason: str = "") -> None:
        """Name the host and the status, and the `reason` that a server on this machine gives."""
        super().__init__(
            call,
            f"{call} got HTTP status {status} from {host}: {reason or _NOT_THE_API}",
            "Run it again later; if it stays so, look at the endpoint and at the proxies between.",
        )


class BadReply(CallFailed):
    """The answer is not the documented JSON object."""

    in_doubt = True

    def __init__(self, call: Call, host: str, problem: str) -> None:
        """Say what is wrong with it; its text is never shown, since it may be anybody's."""
        super().__init__(
            call,
            f"{call} got an answer from {host} that is not WeChat's: {problem}",
            "Look at the endpoint, and whether a proxy or a login page answers for it.",
        )


class NoEffect(CallFailed):
    """A write was answered with success, and the live list does not show it."""

    in_doubt = True

    def __init__(self, appid: str, domains: tuple[str, ...]) -> None:
        """Name the domains."""
        call = Call(appid, "write", domains)
        super().__init__(
            call,
            f"{call} was answered with success and had no effect: the live list, read again, differs in "
            f"{', '.join(domains)}",
            "Look at the endpoint, and whether a gateway or proxy answers for it; then run `pulumi refresh` "
            "and `pulumi up`.",
        )


class WeChatError(CallFailed):
    """WeChat answered with an errcode. Carries `errcode`, `errmsg` (without rid) and `rid`."""

    def __init__(self, call: Call, errcode: int, errmsg: str, rid: str | None) -> None:
        """Say what WeChat answered, what it means and what to do."""
        self.errcode = errcode
        self.errmsg = errmsg
        self.rid = rid
        self.in_doubt = errcode == SYSTEM_ERROR
        self.row: ErrCode | None = ERRCODES.get(errcode)
        reference = f"{errcode}, rid {rid}" if rid else f"{errcode}"
        meaning = self.row.meaning if self.row else "a code that this provider does not know"
        remedy = self.row.remedy if self.row else "Look it up in WeChat's list of return codes by code or rid"
        if caller := _CALLER_IP.search(errmsg):
            remedy = remedy.replace("the IP that WeChat names", f"the IP {caller[1]}")
        super().__init__(
            call,
            f"{call} refused: {errmsg or 'no errmsg'} ({reference}): {meaning}",
            f"{remedy}.",
            *_concerned(call, self.row),
        )


class TokenRejected(WeChatError):
    """WeChat does not accept the access token. `renewed` tells that another one is at hand by now."""

    renewed = False

    def with_token_renewed(self) -> Self:
        """Return this error for a caller that may try again with the new token."""
        return self._copy(renewed=True)


class ConfirmFileRejected(WeChatError):
    """WeChat did not find the confirm file on at least one new host."""


class NothingChanged(WeChatError):
    """WeChat found nothing to do: good, once an observation confirms it."""


class NotPermitted(WeChatError):
    """The token may not call this API. That says nothing about the app: the same token source serves all."""


class Offboarded(WeChatError):
    """The app left the third-party platform, or is frozen or punished."""


def _concerned(call: Call, row: ErrCode | None) -> list[str]:
    """Name the domain that a code is about, as far as the call tells: WeChat's answers name none."""
    if not row or row.kind not in {"confirm-file", "domain"} or not call.domains:
        return []
    return [f"It is {'' if len(call.domains) == 1 else 'at least one of '}{', '.join(call.domains)}."]


_CLASSES: dict[str, type[WeChatError]] = {
    "confirm-file": ConfirmFileRejected,
    "nothing-changed": NothingChanged,
    "offboarded": Offboarded,
    "permission": NotPermitted,
    "token": TokenRejected,
}


def wechat_error(call: Call, errcode: int, errmsg: str, rid: str | None) -> WeChatError:
    """Return the typed error of a code; a code that the table lacks is a plain WeChatError."""
    row = ERRCODES.get(errcode)
    return _CLASSES.get(row.kind if row else "", WeChatError)(call, errcode, errmsg, rid)


def may_repeat(error: BaseException) -> bool | float:
    """Tell whether the same call may go out again: no, yes with backoff, or after n seconds.

    A write is repeated only by way of a new observation, see `reconcile`.
    """
    match error:
        case NotSent() | OutcomeUnknown() | GatewayFault() | BadReply():
            return True
        case TokenRejected(renewed=True):
            return True
        case WeChatError(row=ErrCode(repeat=repeat)):
            return repeat
        case _:
            return False
