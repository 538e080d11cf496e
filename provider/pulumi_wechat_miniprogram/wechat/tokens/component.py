"""The component flow: ticket → component_access_token → authorizer_access_token. Nothing is stored.

Source: WeChat's pages of api_component_token, api_authorizer_token and api_get_authorizer_list. Success has
no errcode. Tokens live 7200 s. A new authorizer_access_token may end the one of another program. An answer
lists at most 500 accounts (40170 beyond).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import SecretStr

from pulumi_wechat_miniprogram.safety.text import some
from pulumi_wechat_miniprogram.settings import APPSECRET, TICKET, SecretMap, Spell, remember, reveal
from pulumi_wechat_miniprogram.wechat.attempts import OPERATION_SECONDS
from pulumi_wechat_miniprogram.wechat.errors import BadReply, Call, OutcomeUnknown, TokenRejected
from pulumi_wechat_miniprogram.wechat.models import (
    Authorizer,
    AuthorizerPage,
    AuthorizerToken,
    ComponentToken,
)
from pulumi_wechat_miniprogram.wechat.tokens.keeper import Tokens
from pulumi_wechat_miniprogram.wechat.tokens.source import AppUnknown, Token, TokenUnavailable
from pulumi_wechat_miniprogram.wechat.wire import Post, ReplyT, Wire

_COMPONENT_PATH: Final = "/cgi-bin/component/api_component_token"
_AUTHORIZER_PATH: Final = "/cgi-bin/component/api_authorizer_token"
_LIST_PATH: Final = "/cgi-bin/component/api_get_authorizer_list"
_PAGE: Final = 500
_MAX_ACCOUNTS: Final = 1_000_000
"""More accounts than authorise any platform."""


class TicketTokens:
    """Gets the platform's own token with its appsecret and newest ticket."""

    def __init__(self, wire: Wire, appsecret: SecretStr, ticket: SecretStr) -> None:
        self._wire = wire
        self._appsecret = appsecret
        self._ticket = ticket

    def fetch(self, appid: str) -> Token:
        """Get a component_access_token for the platform's appid."""
        body = {
            "component_appid": appid,
            "component_appsecret": reveal(self._appsecret, APPSECRET),
            "component_verify_ticket": reveal(self._ticket, TICKET),
        }
        post = Post(Call(appid, "fetch of the component access token"), _COMPONENT_PATH, body)
        answer = self._wire.post(post, ComponentToken)
        return Token(answer.component_access_token.get_secret_value(), answer.expires_in)


class ComponentTokens:
    """Gets authorizer_access_tokens for refresh tokens, with the own token of the platform `appid`."""

    def __init__(
        self,
        appid: str,
        wire: Wire,
        tokens: Tokens,
        refresh_tokens: SecretMap | None,
        *,
        warn: Callable[[str], None],
        name: Spell,
    ) -> None:
        self._appid = appid
        self._wire = wire
        self._tokens = tokens
        self._refresh_tokens = refresh_tokens
        self._warn = warn
        self._name = name
        self._key = name("authorizer_refresh_tokens")
        self._replaced: dict[str, str] = {}
        self._listed: dict[str, str] = {}

    def fetch(self, appid: str) -> Token:
        """Get a new authorizer_access_token."""
        if appid == self._appid:
            problem = "it is the third-party platform itself, and the token of a Mini Program is needed"
            raise TokenUnavailable(appid, f"{self._name('component_appid')} has this appid: {problem}")
        stored = self._refresh_tokens
        configured = (stored and stored.get(appid)) or self._listed.get(appid)
        if not configured:
            known = some(stored.appids()) if stored else ""
            have = (
                f"has refresh tokens of {known}" if known else "is an empty map" if stored else "is not set"
            )
            problem = f"{self._key} {have}; add the one of this appid"
            raise (AppUnknown if known else TokenUnavailable)(appid, problem)
        sent = self._replaced.get(configured, configured)
        body = {"authorizer_appid": appid, "authorizer_refresh_token": sent}
        call = Call(appid, "fetch of the authorizer access token")
        answer = self._post(call, _AUTHORIZER_PATH, body, AuthorizerToken)
        returned = answer.authorizer_refresh_token
        if returned is not None and remember(returned.get_secret_value()) != sent:
            self._replaced[configured] = returned.get_secret_value()
            self._warn(
                f"{appid}: WeChat gave a new authorizer_refresh_token. It is used while this process runs "
                f"but not stored: copy it from api_get_authorizer_list into {self._key}"
            )
        return Token(answer.authorizer_access_token.get_secret_value(), answer.expires_in)

    def appids(self) -> tuple[str, ...]:
        """Return the accounts that authorise the platform. Their refresh tokens serve if none is configured.

        The list is read up to the total of its first page.

        Raises:
            CallFailed: see the tree in `errors`; also for a list that repeats itself, does not end or lacks
                accounts that it counts: who keeps a resource for each app would delete those of the others.
            TokenUnavailable: no component_access_token.
        """
        attempts = self._wire.attempts
        found: dict[str, Authorizer] = {}
        offset, total = 0, _MAX_ACCOUNTS
        with attempts.operation():
            while offset < total:
                call = Call(self._appid, f"read of the authorizer list from {offset}")
                if attempts.deadline.left < 0:
                    text = f"the list did not end within {OPERATION_SECONDS:g} s"
                    raise OutcomeUnknown(call, "the endpoint", text)
                page = self._page(call, offset)
                listed = {each.authorizer_appid: each for each in page.authorizers}
                if page.total_count > _MAX_ACCOUNTS:
                    raise BadReply(call, "the endpoint", f"it counts more than {_MAX_ACCOUNTS} accounts")
                if listed and listed.keys() <= found.keys():
                    raise BadReply(call, "the endpoint", "its page repeats earlier pages")
                if found and page.total_count < total:  # one that left moved the others to earlier pages
                    text = f"it counted {total} accounts before and counts {page.total_count} now"
                    raise BadReply(call, "the endpoint", text).advising("Run the same command again.")
                if not listed and offset < page.total_count:
                    text = f"it counts {page.total_count} accounts and lists {len(found)}"
                    raise BadReply(call, "the endpoint", text)
                found |= listed
                total = min(total, page.total_count)
                offset += len(page.authorizers)
        self._listed = {
            appid: remember(account.refresh_token.get_secret_value()) for appid, account in found.items()
        }
        return tuple(sorted(self._listed))

    def _page(self, call: Call, offset: int) -> AuthorizerPage:
        body = {"offset": offset, "count": _PAGE}
        return self._wire.attempts.run(lambda: self._post(call, _LIST_PATH, body, AuthorizerPage))

    def _post(self, call: Call, path: str, body: Mapping[str, object], model: type[ReplyT]) -> ReplyT:
        whole = {"component_appid": self._appid, **body}

        def send(token: str) -> ReplyT:
            try:
                return self._wire.post(Post(call, path, whole, {"component_access_token": token}), model)
            except TokenRejected as rejected:
                token_key, secret, ticket = map(
                    self._name, ("component_access_token", "component_appsecret", "component_verify_ticket")
                )
                raise rejected.advising(
                    f"This error concerns the platform's own token: give a current {token_key}, or {secret} "
                    f"and the newest {ticket}."
                ) from None

        return self._tokens.call(self._appid, send)
