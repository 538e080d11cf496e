"""The endpoints. Reads are repeated as `errors.may_repeat` says, a write is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pulumi_wechat_miniprogram.wechat.errors import BadReply, Call, WeChatError
from pulumi_wechat_miniprogram.wechat.models import (
    SERVER_FIELDS,
    ConfirmFile,
    EffectiveLists,
    EffectiveServerLists,
    LiveList,
    Reply,
    ServerWrite,
)
from pulumi_wechat_miniprogram.wechat.tokens import Tokens
from pulumi_wechat_miniprogram.wechat.wire import Post, ReplyT, Wire

READ_EFFECTIVE: Final = "read of the effective list"
READ_SERVER: Final = "read of the server domains"

_DOMAINS: Final = "/wxa/setwebviewdomain_directly"
_EFFECTIVE: Final = "/wxa/get_effective_webviewdomain"
_SERVER_DOMAINS: Final = "/wxa/modify_domain_directly"
_SERVER_EFFECTIVE: Final = "/wxa/get_effective_domain"
_CONFIRM_FILE: Final = "/wxa/get_webviewdomain_confirmfile"


class Client:
    """Calls WeChat for many appids. Safe for concurrent use."""

    def __init__(self, wire: Wire, tokens: Tokens) -> None:
        self._wire = wire
        self._tokens = tokens

    def close(self) -> None:
        self._wire.close()

    def reach(self) -> None:
        """Ask for a list without a token, once: a refusal proves that the API answers.

        Raises:
            CallFailed: no connection, no answer, or an answer that is not WeChat's.
        """
        call = Call("the endpoint", "test call")
        try:
            self._wire.post(Post(call, _DOMAINS, {"action": "get"}), Reply)
        except WeChatError:
            return
        raise BadReply(call, "the endpoint", "it accepts a call without a token")

    def appids(self) -> tuple[str, ...]:
        """Return the apps that have tokens, none if the source cannot list them. Raises as `live` does."""
        return self._tokens.appids()

    def live(self, appid: str) -> tuple[str, ...] | None:
        """Read the live list, in WeChat's spelling and order, None if the answer has no list.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: there is no token for this appid.
        """
        return self._read(Post(Call(appid, "get"), _DOMAINS, {"action": "get"}), LiveList).webviewdomain

    def effective(self, appid: str) -> EffectiveLists:
        """Read what is in force, and each list that is configured. Raises as `live` does."""
        return self._read(Post(Call(appid, READ_EFFECTIVE), _EFFECTIVE), EffectiveLists)

    def confirm_file(self, appid: str) -> ConfirmFile:
        """Read the confirm file of this Mini Program. Raises as `live` does."""
        return self._read(Post(Call(appid, "read of the confirm file"), _CONFIRM_FILE), ConfirmFile)

    def write(self, appid: str, action: str, values: Sequence[str]) -> None:
        """Send one `set`, `add` or `delete` once. Raises as `live` does.

        If the token is rejected, an `add` or `delete` is sent again with a renewed one. A `set` is not,
        since the list that it replaces may have changed: the error is then `renewed`.
        """
        body = {"action": action, "webviewdomain": list(values)}
        self._send(Post(Call(appid, action, tuple(values)), _DOMAINS, body), Reply)

    def server_domains(self, appid: str) -> EffectiveServerLists:
        """Read the server domains of each kind: what is configured, and in force. Raises as `live` does."""
        return self._read(Post(Call(appid, READ_SERVER), _SERVER_EFFECTIVE), EffectiveServerLists)

    def write_server_domains(self, appid: str, action: str, entries: Sequence[str]) -> ServerWrite:
        """Send one `add` or `delete` once; each entry has its kind before it. Raises as `live` does.

        What the answer names was left out, although it reports success. A kind without entries is not sent.
        """
        body: dict[str, object] = {"action": action}
        for kind, name in SERVER_FIELDS.items():
            held = [entry.removeprefix(f"{kind} ") for entry in entries if entry.startswith(f"{kind} ")]
            body |= {name: held} if held else {}
        return self._send(Post(Call(appid, action, tuple(entries)), _SERVER_DOMAINS, body), ServerWrite)

    def _read(self, post: Post, model: type[ReplyT]) -> ReplyT:
        return self._wire.attempts.run(lambda: self._send(post, model))

    def _send(self, post: Post, model: type[ReplyT]) -> ReplyT:
        return self._tokens.call(
            post.call.appid,
            lambda token: self._wire.post(replace(post, token={"access_token": token}), model),
            again=post.call.action != "set",
        )
