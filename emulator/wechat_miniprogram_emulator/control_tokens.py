"""The control plane's part on tokens: platforms, authorisations, tickets, and expiring tokens early."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from starlette.requests import Request
from starlette.routing import Route

from wechat_miniprogram_emulator.api import Api
from wechat_miniprogram_emulator.control_route import ControlError, control_route
from wechat_miniprogram_emulator.model.apps import DEFAULT_COMPONENT, AppState
from wechat_miniprogram_emulator.model.platform_lists import PlatformLists
from wechat_miniprogram_emulator.model.platforms import Platform, new_platform
from wechat_miniprogram_emulator.model.tokens import CODE_SECONDS, Kind
from wechat_miniprogram_emulator.seed import PlatformSeed
from wechat_miniprogram_emulator.store.documents import JUMP_HOSTS, SERVER_HOSTS
from wechat_miniprogram_emulator.strict import Appid, Strict

_Ending = Literal[
    "authorizer_access_token",
    "authorizer_refresh_token",
    "component_access_token",
    "component_verify_ticket",
    "access_token",
    "stable_access_token",
]


class _Authorization(Strict):
    appid: Appid
    component_appid: Appid = DEFAULT_COMPONENT


class _Revocation(Strict):
    appid: Appid


class _TicketRequest(Strict):
    component_appid: Appid = DEFAULT_COMPONENT


class _TokenEnd(Strict):
    appid: Appid
    kind: _Ending = "authorizer_access_token"
    becomes: Literal["expired", "invalid"] = "expired"


def sow_platform(api: Api, seed: PlatformSeed) -> None:
    """Put one platform in place."""
    values: dict[Kind, str] = {}
    if seed.appsecret is not None:
        values["appsecret"] = seed.appsecret
    if seed.ticket is not None:
        values["component_verify_ticket"] = seed.ticket
    platform = replace(
        new_platform(seed.component_appid, api.now()), allowed_ips=seed.allowed_ips, published=seed.published
    )
    api.store.platforms.put(platform, values)
    for subject, hosts in ((JUMP_HOSTS, seed.jump_hosts), (SERVER_HOSTS, seed.server_hosts)):
        api.store.documents.write(platform.appid, subject, PlatformLists(hosts, hosts))


def token_routes(api: Api) -> list[Route]:
    """Return the routes of the control plane that are about tokens."""

    async def authorize(request: Request) -> object:
        wanted = _Authorization.model_validate_json(await request.body())
        app, now = _app(api, wanted.appid), api.now()
        _platform(api, wanted.component_appid)
        credentials = api.store.credentials
        with api.store.transaction():
            for kind in ("authorizer_access_token", "authorizer_refresh_token"):
                credentials.end(kind, app.appid, now)
            credentials.put_next("authorizer_refresh_token", app.appid)
            state = replace(app, component=wanted.component_appid, authorized_at=now)
            api.store.put_authorization(state)
            code = credentials.issue("authorization_code", app.appid, now, CODE_SECONDS)
        return {"authorization_code": code, "expires_in": CODE_SECONDS}

    async def revoke(request: Request) -> object:
        app = _app(api, _Revocation.model_validate_json(await request.body()).appid)
        with api.store.transaction():
            api.store.credentials.end("authorizer_refresh_token", app.appid, api.now())
            api.store.put_authorization(replace(app, component=None))
        return {}

    async def ticket(request: Request) -> object:
        if request.method == "POST":
            appid = _TicketRequest.model_validate_json(await request.body()).component_appid
            return {"ticket": api.store.platforms.push_ticket(_platform(api, appid).appid, api.now())}
        appid = request.query_params.get("component_appid", DEFAULT_COMPONENT)
        return {"ticket": api.store.platforms.ticket(_platform(api, appid), api.now())}

    async def tokens(request: Request) -> object:
        wanted = _TokenEnd.model_validate_json(await request.body())
        if api.store.app(wanted.appid) is None and api.store.platforms.find(wanted.appid, api.now()) is None:
            raise ControlError(f"appid: {wanted.appid} is not known here; seed it first")
        end = api.store.credentials.expire if wanted.becomes == "expired" else api.store.credentials.end
        end(wanted.kind, wanted.appid, api.now())
        return {}

    return [
        control_route("authorize", authorize, "POST"),
        control_route("revoke", revoke, "POST"),
        control_route("ticket", ticket, "GET", "POST"),
        control_route("tokens", tokens, "POST"),
    ]


def _app(api: Api, appid: str) -> AppState:
    app = api.store.app(appid)
    if app is None:
        raise ControlError(f"appid: {appid} is not known here; seed it first")
    return app


def _platform(api: Api, appid: str) -> Platform:
    platform = api.store.platforms.find(appid, api.now())
    if platform is None:
        raise ControlError(f"component_appid: {appid} is not known here; seed it first")
    return platform
