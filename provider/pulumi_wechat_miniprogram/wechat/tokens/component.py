"""The component flow: ticket → component_access_token → authorizer_access_token. Nothing is stored.

Source: WeChat's pages of api_component_token and api_authorizer_token. Both answer without errcode when all
is well, and their tokens live 7200 s. A new authorizer_access_token may end the one of another program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from pulumi_wechat_miniprogram.settings import (
    APPSECRET,
    TICKET,
    SecretMap,
    Spell,
    config_name,
    remember,
    reveal,
)
from pulumi_wechat_miniprogram.wechat.errors import Call
from pulumi_wechat_miniprogram.wechat.models import AuthorizerToken, ComponentToken
from pulumi_wechat_miniprogram.wechat.tokens.platform import Platform
from pulumi_wechat_miniprogram.wechat.tokens.source import AppUnknown, Token, TokenUnavailable
from pulumi_wechat_miniprogram.wechat.wire import Post, Wire

__all__ = ["ComponentTokens", "TicketTokens"]

_COMPONENT_PATH: Final = "/cgi-bin/component/api_component_token"
_AUTHORIZER_PATH: Final = "/cgi-bin/component/api_authorizer_token"


class TicketTokens:
    """Gets the platform's own token, by its appsecret and the newest ticket, each read when used."""

    def __init__(self, wire: Wire, appsecret: SecretStr, ticket: SecretStr) -> None:
        """Ask for nothing yet."""
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
    """Gets authorizer_access_tokens by refresh tokens, with the platform's own token."""

    def __init__(
        self,
        platform: Platform,
        refresh_tokens: SecretMap,
        warn: Callable[[str], None],
        name: Spell = config_name,
    ) -> None:
        """Take what hears of a refresh token that WeChat replaced, and how messages name a setting."""
        self._platform = platform
        self._refresh_tokens = refresh_tokens
        self._warn = warn
        self._key = name("authorizer_refresh_tokens")
        self._replaced: dict[str, str] = {}
        self._listed: dict[str, str] = {}

    def fetch(self, appid: str) -> Token:
        """Get a new authorizer_access_token; a component token that has ended is renewed once."""
        configured = self._refresh_tokens.get(appid) or self._listed.get(appid)
        if not configured:
            known = ", ".join(self._refresh_tokens.appids())
            have = f"has refresh tokens of {known}" if known else "is an empty map"
            problem = f"{self._key} {have}; add the one of this appid"
            raise (AppUnknown if known else TokenUnavailable)(appid, problem)
        answer = self._ask(appid, self._replaced.get(configured, configured))
        self._note_replacement(appid, configured, answer)
        return Token(answer.authorizer_access_token.get_secret_value(), answer.expires_in)

    def appids(self) -> tuple[str, ...]:
        """Read which accounts authorise the platform; their refresh tokens serve where none is configured.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: no component_access_token can be had.
        """
        self._listed = {
            each.authorizer_appid: remember(each.refresh_token.get_secret_value())
            for each in self._platform.authorizers()
        }
        return tuple(sorted(self._listed))

    def _ask(self, appid: str, refresh_token: str) -> AuthorizerToken:
        body = {"authorizer_appid": appid, "authorizer_refresh_token": refresh_token}
        call = Call(appid, "fetch of the authorizer access token")
        return self._platform.post(call, _AUTHORIZER_PATH, body, AuthorizerToken)

    def _note_replacement(self, appid: str, configured: str, answer: AuthorizerToken) -> None:
        if answer.authorizer_refresh_token is None:
            return
        returned = remember(answer.authorizer_refresh_token.get_secret_value())
        if returned == self._replaced.get(configured, configured):
            return
        self._replaced[configured] = returned
        self._warn(
            f"{appid}: WeChat gave a new authorizer_refresh_token. It is used while this process runs and "
            f"stored nowhere: take it from api_get_authorizer_list into {self._key}"
        )
