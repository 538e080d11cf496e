"""The third-party platform itself: calls with its own token, and the accounts that authorise it.

Source: WeChat's page of api_get_authorizer_list (at most 500 in one answer, 40170 beyond).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_wechat_miniprogram.settings import Spell, config_name
from pulumi_wechat_miniprogram.wechat.attempts import OPERATION_SECONDS
from pulumi_wechat_miniprogram.wechat.errors import BadReply, Call, OutcomeUnknown, TokenRejected
from pulumi_wechat_miniprogram.wechat.models import Authorizer, AuthorizerPage
from pulumi_wechat_miniprogram.wechat.tokens.keeper import Tokens
from pulumi_wechat_miniprogram.wechat.wire import Post, ReplyT, Wire

__all__ = ["Platform"]

_LIST_PATH: Final = "/cgi-bin/component/api_get_authorizer_list"
_PAGE: Final = 500
_MAX_ACCOUNTS: Final = 1_000_000
"""Far more accounts than authorise any platform."""


class Platform:
    """One third-party platform. Safe for concurrent use."""

    def __init__(self, wire: Wire, appid: str, tokens: Tokens, name: Spell = config_name) -> None:
        """Take what gives the component_access_token of `appid`, and how messages name a setting."""
        self._wire = wire
        self._appid = appid
        self._tokens = tokens
        self._name = name

    def post(self, call: Call, path: str, body: Mapping[str, object], model: type[ReplyT]) -> ReplyT:
        """Send one request once, with the platform's token; one that has ended is renewed once.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: no component_access_token can be had.
        """
        whole = {"component_appid": self._appid, **body}

        def send(token: str) -> ReplyT:
            try:
                return self._wire.post(Post(call, path, whole, {"component_access_token": token}), model)
            except TokenRejected as rejected:
                raise rejected.advising(self._advice()) from None

        return self._tokens.call(self._appid, send)

    def _advice(self) -> str:
        token, secret, ticket = map(
            self._name, ("component_access_token", "component_appsecret", "component_verify_ticket")
        )
        return (
            f"This is about the platform's own token: give a current {token}, "
            f"or {secret} and the newest {ticket}."
        )

    def authorizers(self) -> list[Authorizer]:
        """Read every account that authorises the platform, page by page.

        Raises as `post` does, also for a list without end: a page has only accounts of earlier pages, the
        list is longer than any, or it has not ended within the time of an operation. It is read up to the
        smallest total that a page gives.
        """
        attempts = self._wire.attempts
        found: list[Authorizer] = []
        seen: set[str] = set()
        offset, total = 0, _MAX_ACCOUNTS
        with attempts.operation():
            while offset < total:
                call = Call(self._appid, f"read of the authorizer list from {offset}")
                if attempts.deadline.left < 0:
                    text = f"the list has no end within {OPERATION_SECONDS:g} s"
                    raise OutcomeUnknown(call, "the endpoint", text)
                page = self._page(call, offset)
                listed = {each.authorizer_appid for each in page.authorizers}
                if page.total_count > _MAX_ACCOUNTS:
                    raise BadReply(call, "the endpoint", f"it counts more than {_MAX_ACCOUNTS} accounts")
                if listed and listed <= seen:
                    raise BadReply(call, "the endpoint", "its page repeats earlier pages")
                found += page.authorizers
                seen |= listed
                total = min(total, page.total_count) if page.authorizers else 0
                offset += len(page.authorizers)
        return found

    def _page(self, call: Call, offset: int) -> AuthorizerPage:
        body = {"offset": offset, "count": _PAGE}
        return self._wire.attempts.run(lambda: self.post(call, _LIST_PATH, body, AuthorizerPage))
