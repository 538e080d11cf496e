"""The three endpoints: reads repeat as `errors.may_repeat` says, a write goes out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pulumi_wechat_miniprogram.wechat.errors import BadReply, Call, WeChatError
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile, EffectiveLists, LiveList, Reply
from pulumi_wechat_miniprogram.wechat.tokens import Tokens
from pulumi_wechat_miniprogram.wechat.wire import Post, ReplyT, Wire

__all__ = ["READ_EFFECTIVE", "Client"]

READ_EFFECTIVE: Final = "read of the effective list"

_DOMAINS: Final = "/wxa/setwebviewdomain_directly"
_EFFECTIVE: Final = "/wxa/get_effective_webviewdomain"
_CONFIRM_FILE: Final = "/wxa/get_webviewdomain_confirmfile"


class Client:
    """Calls WeChat for many appids. Safe for concurrent use."""

    def __init__(self, wire: Wire, tokens: Tokens) -> None:
        """Take the connections and the tokens."""
        self._wire = wire
        self._tokens = tokens

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def reach(self) -> None:
        """Ask for a list without a token, once: that the API refuses shows that it is there.

        Raises:
            CallFailed: no connection, no answer, or the answer is not WeChat's.
        """
        call = Call("the endpoint", "test call")
        try:
            self._wire.post(Post(call, _DOMAINS, {"action": "get"}), Reply)
        except WeChatError:
            return
        raise BadReply(call, "the endpoint", "it takes a call without a token")

    def appids(self) -> tuple[str, ...]:
        """Return for which apps there are tokens, by the authorizer list in the component flow.

        Raises as `live` does; empty where the token source cannot tell.
        """
        return self._tokens.appids()

    def live(self, appid: str) -> tuple[str, ...] | None:
        """Read the live list, in WeChat's own spelling and order.

        None: the answer succeeds without a list. Only `()` is proven empty.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: no token for this appid.
        """
        return self._read(Post(Call(appid, "get"), _DOMAINS, {"action": "get"}), LiveList).webviewdomain

    def effective(self, appid: str) -> EffectiveLists:
        """Read what is in force, and the list of each way of configuring. Raises as `live` does."""
        return self._read(Post(Call(appid, READ_EFFECTIVE), _EFFECTIVE), EffectiveLists)

    def confirm_file(self, appid: str) -> ConfirmFile:
        """Read the confirm file of this Mini Program. Raises as `live` does."""
        return self._read(Post(Call(appid, "read of the confirm file"), _CONFIRM_FILE), ConfirmFile)

    def write(self, appid: str, action: str, values: Sequence[str]) -> None:
        """Send one `set`, `add` or `delete` once, as it stands. Raises as `live` does.

        A rejected token is renewed and an `add` or `delete` sent again with it; a `set` never, since the
        list that it replaces may have changed: the error's `renewed` then tells that trying anew helps.
        """
        body = {"action": action, "webviewdomain": list(values)}
        self._send(Post(Call(appid, action, tuple(values)), _DOMAINS, body), Reply)

    def _read(self, post: Post, model: type[ReplyT]) -> ReplyT:
        return self._wire.attempts.run(lambda: self._send(post, model))

    def _send(self, post: Post, model: type[ReplyT]) -> ReplyT:
        return self._tokens.call(
            post.call.appid,
            lambda token: self._wire.post(replace(post, token={"access_token": token}), model),
            again=post.call.action != "set",
        )
