"""The control plane's part on what happens to a Mini Program: versions, edits by others, filings, limits."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.routing import Route

from wechat_miniprogram_emulator.api import Api
from wechat_miniprogram_emulator.control_route import ControlError, control_route
from wechat_miniprogram_emulator.edits import Edit, edit
from wechat_miniprogram_emulator.model.quota import Limit, documented
from wechat_miniprogram_emulator.model.versions import Version
from wechat_miniprogram_emulator.releases import release, submit
from wechat_miniprogram_emulator.routes import ROUTES
from wechat_miniprogram_emulator.strict import Appid, Strict

_Count = Annotated[int, Field(ge=0, lt=2**31)]


class _AppRequest(Strict):
    appid: Appid


class _SubmitRequest(Strict):
    appid: Appid
    version: str = "1.0.0"
    description: str = ""


class _HostsRequest(Strict):
    hosts: list[str]


class _LimitRequest(Strict):
    path: str
    daily: _Count | None = None
    minutely: _Count | None = None


class _PlatformLimitRequest(Strict):
    minutely: _Count | None


def go_online(api: Api, appid: str) -> None:
    """Release an app.

    Raises:
        ControlError: the app does not exist.
    """
    try:
        release(api.store, appid, api.current_switches(), api.now())
    except LookupError:
        raise _unknown(appid) from None


def edit_list(api: Api, wanted: Edit) -> None:
    """Edit an app's domains as somebody else.

    Raises:
        ControlError: the app does not exist.
        ValueError: see `edit`.
    """
    try:
        edit(api, wanted.appid, wanted.by, add=wanted.add, remove=wanted.remove)
    except LookupError:
        raise _unknown(wanted.appid) from None


def account_routes(api: Api) -> list[Route]:
    """Return these routes of the control plane."""

    async def release_app(request: Request) -> object:
        go_online(api, _AppRequest.model_validate_json(await request.body()).appid)
        return {}

    async def edit_app(request: Request) -> object:
        edit_list(api, Edit.model_validate_json(await request.body()))
        return {}

    async def submit_app(request: Request) -> object:
        wanted = _SubmitRequest.model_validate_json(await request.body())
        version = Version(wanted.version, wanted.description, int(api.now()))
        try:
            submit(api.store, wanted.appid, version, api.current_switches(), api.now())
        except LookupError:
            raise _unknown(wanted.appid) from None
        return {}

    async def unfiled(request: Request) -> object:
        hosts = _HostsRequest.model_validate_json(await request.body()).hosts
        api.store.settings.put("unfiled_hosts", [host.lower() for host in hosts])
        return {}

    async def limit(request: Request) -> object:
        wanted = _LimitRequest.model_validate_json(await request.body())
        if wanted.path not in ROUTES:
            raise ControlError(f"path: {wanted.path} is not emulated")
        usual = documented(wanted.path)
        daily = usual.daily if wanted.daily is None else wanted.daily
        minutely = usual.minutely if wanted.minutely is None else wanted.minutely
        with api.store.transaction():
            limits = api.store.settings.get("limits", {})
            api.store.settings.put("limits", {**limits, wanted.path: asdict(Limit(daily, minutely))})
        return {}

    async def platform_limit(request: Request) -> object:
        wanted = _PlatformLimitRequest.model_validate_json(await request.body())
        api.store.settings.put("platform_minutely", wanted.minutely)
        return {}

    return [
        control_route("release", release_app, "POST"),
        control_route("edit", edit_app, "POST"),
        control_route("submit", submit_app, "POST"),
        control_route("unfiled", unfiled, "POST"),
        control_route("limit", limit, "POST"),
        control_route("platform-limit", platform_limit, "POST"),
    ]


def _unknown(appid: str) -> ControlError:
    return ControlError(f"appid: {appid} is not known here; seed it first")
