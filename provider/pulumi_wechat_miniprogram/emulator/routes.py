"""The endpoints that are emulated: path, method, whose token, which permission set, what handles it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pulumi_wechat_miniprogram.emulator.handlers import own_tokens, platform_tokens, webview
from pulumi_wechat_miniprogram.emulator.handlers.call import Handler
from pulumi_wechat_miniprogram.emulator.model.apps import DOMAIN_PERMISSION_SET
from pulumi_wechat_miniprogram.emulator.model.calls import CONFIRM_FILE_PATH, EFFECTIVE_PATH, SET_PATH

Token = Literal["authorizer", "component", "none"]


@dataclass(frozen=True)
class Route:
    """One endpoint. A POST takes a JSON object; a GET takes its query.

    `personal_refusal` is the code for a Mini Program that belongs to a person.
    """

    path: str
    handler: Handler
    token: Token = "authorizer"
    method: Literal["GET", "POST"] = "POST"
    permission_set: int | None = DOMAIN_PERMISSION_SET
    personal_refusal: int | None = None


def _webview(path: str, handler: Handler) -> Route:
    return Route(path, handler, personal_refusal=89231)


def _component(name: str, handler: Handler, token: Token = "component") -> Route:
    return Route(f"/cgi-bin/component/{name}", handler, token, permission_set=None)


ROUTES = {
    route.path: route
    for route in (
        _webview(SET_PATH, webview.domains),
        _webview(EFFECTIVE_PATH, webview.effective),
        _webview(CONFIRM_FILE_PATH, webview.confirm_file),
        _component("api_start_push_ticket", platform_tokens.start_push_ticket, "none"),
        _component("api_component_token", platform_tokens.component_token, "none"),
        _component("api_query_auth", platform_tokens.query_auth),
        _component("api_authorizer_token", platform_tokens.authorizer_token),
        _component("api_get_authorizer_info", platform_tokens.authorizer_info),
        _component("api_get_authorizer_list", platform_tokens.authorizer_list),
        Route("/cgi-bin/token", own_tokens.token, "none", "GET", None),
        Route("/cgi-bin/stable_token", own_tokens.stable_token, "none", permission_set=None),
    )
}
