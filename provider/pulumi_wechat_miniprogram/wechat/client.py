"""The three endpoints: reads repeat by the policy of `errors.may_repeat`, a write goes out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pulumi_wechat_miniprogram.wechat.errors import BadReply, Call, TokenRejected, WeChatError
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

        Raises as `get` does; empty where the token source cannot tell.
        """
        return self._tokens.appids()

    def get(self, appid: str, *, until: float | None = None) -> tuple[str, ...]:
        """Read the live list, in WeChat's own spelling and order; no try begins after `until`.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: no token for this appid.
        """
        return self.live(appid, until=until) or ()

    def live(self, appid: str, *, until: float | None = None) -> tuple[str, ...] | None:
        """As `get`, but None where the answer succeeds without a list: only `()` is proven empty."""
        post = Post(Call(appid, "get"), _DOMAINS, {"action": "get"})
        return self._read(post, LiveList, until).webviewdomain

    def effective(self, appid: str, *, until: float | None = None) -> EffectiveLists:
        """Read what is in force, and the list of each way of configuring. As `get` otherwise."""
        return self._read(Post(Call(appid, READ_EFFECTIVE), _EFFECTIVE), EffectiveLists, until)

    def confirm_file(self, appid: str, *, until: float | None = None) -> ConfirmFile:
        """Read the confirm file of this Mini Program. As `get` otherwise."""
        return self._read(Post(Call(appid, "read of the confirm file"), _CONFIRM_FILE), ConfirmFile, until)

    def write(self, appid: str, action: str, values: Sequence[str]) -> None:
        """Send one `set`, `add` or `delete` once, as it stands. Raises as `get` does.

        A rejected token is renewed and an `add` or `delete` sent again with it; a `set` never, since the
        list that it replaces may have changed: the error's `renewed` then tells that trying anew helps.
        """
        body = {"action": action, "webviewdomain": list(values)}
        self._with_token(Post(Call(appid, action, tuple(values)), _DOMAINS, body), Reply)

    def _read(self, post: Post, model: type[ReplyT], until: float | None) -> ReplyT:
        retries = self._wire.retries
        for attempt in retries.attempts(retries.deadline() if until is None else until):
            with attempt:
                return self._with_token(post, model)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _with_token(self, post: Post, model: type[ReplyT]) -> ReplyT:
        token = self._tokens.token(post.call.appid)
        try:
            return self._once(post, model, token)
        except TokenRejected as rejected:
            fresh = self._tokens.token(post.call.appid, rejected=token)
            rejected.renewed = fresh != token
            if not rejected.renewed or post.call.action == "set":
                raise
        return self._once(post, model, fresh)

    def _once(self, post: Post, model: type[ReplyT], token: str) -> ReplyT:
        return self._wire.post(replace(post, token={"access_token": token}), model)
