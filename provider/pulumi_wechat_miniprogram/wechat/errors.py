"""What can go wrong with a call to WeChat.

    CallFailed                    any call without a usable answer
    ├── NotSent                   no connection: nothing was sent
    ├── OutcomeUnknown            sent, but no complete answer came back
    ├── GatewayFault              an HTTP status other than 200, which the API never sends: a gateway answered
    ├── BadReply                  an answer that is not a JSON object of the documented shape
    ├── NoEffect                  a write that reported success and changed nothing
    ├── PartlyRefused             a write that reported success and names what it left out
    └── WeChatError               WeChat answered with an errcode
        ├── TokenRejected         40001, 40014, 42001, 42006
        ├── ConfirmFileRejected   86103
        ├── NothingChanged        89019, 89022
        ├── NotPermitted          48001: a token of the wrong kind, or a missing permission
        └── Offboarded            43007, 48004, 50002, 61003, 61007, 61023

A write that ends in OutcomeUnknown, GatewayFault, BadReply or -1 may have taken effect: `in_doubt`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES, SYSTEM_ERROR, ErrCode

if TYPE_CHECKING:
    from typing_extensions import Self

_NOT_THE_API: Final = "a gateway or proxy answered, not WeChat's API"
_CALLER_IP: Final = re.compile(r"requestIP: ?([0-9a-fA-F.:*]+)")
"""The address that WeChat saw, from the errmsg of 61004 (sometimes masked: 60.221.*.*)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it does, for which appid, with which domains (none in a read)."""

    appid: str
    action: str
    domains: tuple[str, ...] = ()

    def __str__(self) -> str:
        count = len(self.domains)
        of = f" of {count} domain{'s' if count > 1 else ''}" if count else ""
        return f"{self.action}{of} for {self.appid}"

    @property
    def is_write(self) -> bool:
        return self.action in {"set", "add", "delete"}


class CallFailed(UserError):
    """A call to WeChat brought no usable answer.

    With `in_doubt`, a write may have taken effect anyway: observe before anything else.
    """

    in_doubt = False

    def __init__(self, call: Call, said: str, *advice: str) -> None:
        """`said` follows the name of the call in the headline."""
        self.call = call
        self.said = said
        super().__init__(f"{call} {said}", *advice)

    @property
    def alike(self) -> str:
        return f"{self.call.action} {self.said}"


class NotSent(CallFailed):
    def __init__(self, call: Call, host: str, cause: str) -> None:
        super().__init__(
            call,
            f"not sent: no connection to {host}: {cause}",
            "Nothing was sent. Check the endpoint, DNS, proxy and firewall.",
        )


class OutcomeUnknown(CallFailed):
    in_doubt = True

    def __init__(self, call: Call, host: str, cause: str) -> None:
        super().__init__(
            call,
            f"got no answer from {host}: {cause}",
            "Run the command again. If the problem persists, check the network path and requestTimeout.",
        )


class GatewayFault(CallFailed):
    in_doubt = True

    def __init__(self, call: Call, host: str, status: int, reason: str = "") -> None:
        super().__init__(
            call,
            f"got HTTP status {status} from {host}: {reason or _NOT_THE_API}",
            "Run the command again later. If the problem persists, check the endpoint and any proxy in "
            "between.",
        )


class BadReply(CallFailed):
    """The answer is not the documented JSON object. Its text may be anyone's and is never shown."""

    in_doubt = True

    def __init__(self, call: Call, host: str, problem: str) -> None:
        super().__init__(
            call,
            f"got an answer from {host} that is not WeChat's: {problem}",
            "Check the endpoint, and whether a proxy or a login page answers in its place.",
        )


class NoEffect(CallFailed):
    in_doubt = True

    def __init__(self, appid: str, domains: tuple[str, ...]) -> None:
        call = Call(appid, "write", domains)
        super().__init__(
            call,
            f"reported success but had no effect: the live list still differs in {', '.join(domains)}",
            "Check the endpoint, and whether a gateway or proxy answers in its place. Then run "
            "`pulumi refresh` and `pulumi up`.",
        )


class PartlyRefused(CallFailed):
    """A write of which WeChat left out what `reasons` name: the domains, and why."""

    def __init__(self, call: Call, reasons: Mapping[str, str]) -> None:
        self.reasons = reasons
        super().__init__(
            call,
            "was done only in part, although WeChat reported success (errcode 0)",
            *(f"{domain}: {reason}." for domain, reason in reasons.items()),
            "What WeChat accepted stays on its list, and the next `pulumi up` goes on from there.",
        )


class WeChatError(CallFailed):
    """WeChat answered with an errcode. Carries `errcode`, `errmsg` (without rid) and `rid`.

    `refused` are the values that the answer blames, in WeChat's spelling.
    """

    def __init__(
        self, call: Call, errcode: int, errmsg: str, rid: str | None, refused: tuple[str, ...] = ()
    ) -> None:
        self.errcode = errcode
        self.errmsg = errmsg
        self.rid = rid
        self.refused = refused
        self.in_doubt = errcode == SYSTEM_ERROR
        self.row: ErrCode | None = ERRCODES.get(errcode)
        reference = f"{errcode}, rid {rid}" if rid else f"{errcode}"
        meaning = self.row.meaning if self.row else "a code that this provider does not know"
        remedy = self.row.remedy if self.row else "Look it up in WeChat's list of return codes by code or rid"
        if caller := _CALLER_IP.search(errmsg):
            remedy = remedy.replace("the IP that WeChat names", f"the IP {caller[1]}")
        advice = [f"{remedy}."]
        if refused:
            advice.append(f"WeChat refused {', '.join(map(one_line, refused))}.")
        elif self.row and self.row.kind in {"confirm-file", "domain"} and call.domains:
            at_least = "at least one of " if len(call.domains) > 1 else ""  # WeChat does not say which
            advice.append(f"This concerns {at_least}{', '.join(call.domains)}.")
        super().__init__(call, f"refused: {errmsg or 'no errmsg'} ({reference}): {meaning}", *advice)

    @property
    def alike(self) -> str:
        """Each answer has its own rid, and its errmsg may name the app."""
        return f"{self.call.action} {self.errcode}"


class TokenRejected(WeChatError):
    """WeChat does not accept the access token. With `renewed`, there is another one by now."""

    renewed = False

    def with_token_renewed(self) -> Self:
        return self._copy(renewed=True)


class ConfirmFileRejected(WeChatError):
    """WeChat did not find the confirm file on at least one new host."""


class NothingChanged(WeChatError):
    """WeChat found nothing to do. This is success once an observation confirms it."""


class NotPermitted(WeChatError):
    """The token may not call this API. The cause may be the token source, which serves all apps."""


class Offboarded(WeChatError):
    """The app left the third-party platform, or is frozen or punished."""


_CLASSES: dict[str, type[WeChatError]] = {
    "confirm-file": ConfirmFileRejected,
    "nothing-changed": NothingChanged,
    "offboarded": Offboarded,
    "permission": NotPermitted,
    "token": TokenRejected,
}


def wechat_error(
    call: Call, errcode: int, errmsg: str, rid: str | None, refused: tuple[str, ...] = ()
) -> WeChatError:
    """Return the typed error of a code, a plain WeChatError for an unknown one."""
    row = ERRCODES.get(errcode)
    return _CLASSES.get(row.kind if row else "", WeChatError)(call, errcode, errmsg, rid, refused)


def may_repeat(error: BaseException) -> bool | float:
    """Return whether the same call may be sent again: no, yes with backoff, or after n seconds.

    A write is repeated only after a new observation, see `reconcile`.
    """
    match error:
        case NotSent() | OutcomeUnknown() | GatewayFault() | BadReply() | TokenRejected(renewed=True):
            return True
        case WeChatError(row=ErrCode(repeat=repeat)):
            return repeat
        case _:
            return False
