"""The endpoints that are emulated: path, handler, whose token, which method, which permission set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wechat_miniprogram_emulator.handlers import (
    info,
    own_tokens,
    platform_lists,
    platform_tokens,
    prefetch,
    quota,
    server,
    versions,
    webview,
)
from wechat_miniprogram_emulator.handlers.call import FilesOf, Handler, no_files
from wechat_miniprogram_emulator.model.apps import DOMAIN_PERMISSION_SET
from wechat_miniprogram_emulator.model.calls import CONFIRM_FILE_PATH, EFFECTIVE_PATH, SET_PATH
from wechat_miniprogram_emulator.model.server_domains import KINDS

Token = Literal["authorizer", "component", "authorizer or own", "account", "none"]
"""`account` is any token; `authorizer or own` depends on the switch `devinfo_token`."""


@dataclass(frozen=True)
class Route:
    """One endpoint. A POST takes a JSON object; a GET takes its query.

    `personal` is the code for a Mini Program that belongs to a person, `personal_is_open` leaves that to a
    switch. `domains` are the fields whose values the request log keeps; `files` gives the hosts that are
    asked for a confirm file first.
    """

    path: str
    handler: Handler
    token: Token = "authorizer"
    method: Literal["GET", "POST"] = "POST"
    permission_set: int | None = DOMAIN_PERMISSION_SET
    personal: int | None = None
    personal_is_open: bool = False
    domains: tuple[str, ...] = ()
    files: FilesOf = no_files


def _direct(path: str, handler: Handler, files: FilesOf = no_files) -> Route:
    return Route(
        path, handler, personal=89231, personal_is_open=True, domains=("webviewdomain",), files=files
    )


def _component(
    name: str, handler: Handler, *domains: str, token: Token = "component", files: FilesOf = no_files
) -> Route:
    path = f"/cgi-bin/component/{name}"
    return Route(path, handler, token, permission_set=None, domains=domains, files=files)


def _account(path: str, handler: Handler) -> Route:
    return Route(path, handler, "account", permission_set=None)


ROUTES = {
    route.path: route
    for route in (
        _direct(SET_PATH, webview.domains, webview.files_of_domains),
        _direct(EFFECTIVE_PATH, webview.effective),
        _direct(CONFIRM_FILE_PATH, webview.confirm_file),
        Route("/wxa/setwebviewdomain", webview.listed_domains, personal=89231, domains=("webviewdomain",)),
        Route("/wxa/modify_domain", server.listed_domains, domains=KINDS),
        Route("/wxa/modify_domain_directly", server.domains, domains=KINDS),
        Route("/wxa/get_effective_domain", server.effective),
        Route("/wxa/set_prefetchdnsdomain", prefetch.set_hosts),
        Route("/wxa/get_prefetchdnsdomain", prefetch.get_hosts, method="GET"),
        Route("/wxa/getwxadevinfo", info.dev_info, "authorizer or own", personal=9410018),
        Route("/wxa/getversioninfo", versions.version_info),
        Route("/wxa/release", versions.release),
        _component(
            "modify_wxa_jump_domain",
            platform_lists.jump_hosts,
            "wxa_jump_h5_domain",
            files=platform_lists.files_of_jump_hosts,
        ),
        _component("modify_wxa_server_domain", platform_lists.server_hosts, "wxa_server_domain"),
        _component("get_domain_confirmfile", platform_lists.confirm_file),
        _component("api_start_push_ticket", platform_tokens.start_push_ticket, token="none"),
        _component("api_component_token", platform_tokens.component_token, token="none"),
        _component("api_query_auth", platform_tokens.query_auth),
        _component("api_authorizer_token", platform_tokens.authorizer_token),
        _component("api_get_authorizer_info", platform_tokens.authorizer_info),
        _component("api_get_authorizer_list", platform_tokens.authorizer_list),
        _component("clear_quota/v2", quota.clear_all_by_secret, token="none"),
        Route("/cgi-bin/token", own_tokens.token, "none", "GET", None),
        Route("/cgi-bin/stable_token", own_tokens.stable_token, "none", permission_set=None),
        _account("/cgi-bin/openapi/rid/get", quota.rid),
        _account("/cgi-bin/openapi/quota/get", quota.quota),
        _account("/cgi-bin/openapi/quota/clear", quota.clear_one),
        _account("/cgi-bin/clear_quota", quota.clear_all),
    )
}
