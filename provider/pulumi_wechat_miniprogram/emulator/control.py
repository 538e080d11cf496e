"""The control plane under /_emulator/: how tests and people set the scene and look at it."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pulumi_wechat_miniprogram.emulator.api import Api
from pulumi_wechat_miniprogram.emulator.faults import FaultRule
from pulumi_wechat_miniprogram.emulator.model import DOMAIN_PERMISSION_SET, Subject, Switches, new_app, union
from pulumi_wechat_miniprogram.emulator.strict import Strict, describe

MAX_ADVANCE_SECONDS = 10 * 366 * 86400
APPID_PATTERN = r"^wx[0-9a-f]{16}$"
Appid = Annotated[str, Field(pattern=APPID_PATTERN)]


_POSITIONS = TypeAdapter(dict[str, str | int])


class ConfirmFileSeed(Strict):
    """An app's own confirm file."""

    file_name: str
    file_content: str


class AppSeed(Strict):
    """One app to start with; it replaces what its appid had."""

    appid: Appid
    live: tuple[str, ...] = ()
    mp: tuple[str, ...] = ()
    third: tuple[str, ...] = ()
    effective: tuple[str, ...] | None = None
    token: str | None = None
    token_expires_in: float | None = None
    subject: Subject = "enterprise"
    permission_sets: tuple[int, ...] = (DOMAIN_PERMISSION_SET,)
    confirm_file: ConfirmFileSeed | None = None


class Seed(Strict):
    """What to start with."""

    apps: tuple[AppSeed, ...] = ()
    trusted_hosts: list[str] | None = None
    switches: dict[str, str | int] | None = None


class _AppRequest(Strict):
    appid: Appid


class _ClockRequest(Strict):
    advance: Annotated[float, Field(allow_inf_nan=False, ge=-MAX_ADVANCE_SECONDS, le=MAX_ADVANCE_SECONDS)]


class _TrustRequest(Strict):
    hosts: list[str]


class ControlError(ValueError):
    """A control request is wrong; the text says which field and why."""


def sow(api: Api, seed: Seed) -> None:
    """Put apps, trusted hosts and switches in place."""
    with api.store.transaction():
        for app in seed.apps:
            state = replace(
                new_app(app.appid),
                direct=app.live,
                mp=app.mp,
                third=app.third,
                effective=union(app.live, app.mp, app.third) if app.effective is None else app.effective,
                permission_sets=app.permission_sets,
                subject=app.subject,
            )
            if app.confirm_file:
                state = replace(state, **app.confirm_file.model_dump())
            expires = None if app.token_expires_in is None else api.now() + app.token_expires_in
            api.store.put_app(state, app.token, expires)
        if seed.trusted_hosts is not None:
            api.store.put_setting("trusted_hosts", seed.trusted_hosts)
        if seed.switches is not None:
            turn(api, seed.switches)


def turn(api: Api, positions: dict[str, str | int]) -> None:
    """Set some switches and leave the others."""
    merged = Switches.model_validate({**api.current_switches().model_dump(), **positions})
    api.store.put_setting("switches", merged.model_dump())


def control_routes(api: Api) -> list[Route]:
    """Return the routes of the control plane."""

    async def reset(_request: Request) -> object:
        api.store.reset()
        return {}

    async def seed(request: Request) -> object:
        sow(api, Seed.model_validate_json(await request.body()))
        return {}

    async def release(request: Request) -> object:
        appid = _AppRequest.model_validate_json(await request.body()).appid
        try:
            api.store.release(appid)
        except LookupError:
            raise ControlError(f"appid: {appid} is not known here; seed it first") from None
        return {}

    async def faults(request: Request) -> object:
        if request.method == "DELETE":
            api.store.clear_faults()
        elif request.method == "POST":
            return {"id": api.store.add_fault(FaultRule.model_validate_json(await request.body()))}
        return {
            "faults": [{"id": f.number, **f.rule.model_dump(exclude_none=True)} for f in api.store.faults()]
        }

    async def calls(request: Request) -> object:
        if request.method == "DELETE":
            api.store.clear_calls()
        return {"calls": [asdict(call) for call in api.store.calls(request.query_params.get("appid"))]}

    async def state(request: Request) -> object:
        wanted = request.query_params.get("appid")
        return {"apps": [asdict(app) for app in api.store.apps() if wanted in {None, app.appid}]}

    async def switches(request: Request) -> object:
        if request.method == "POST":
            turn(api, _POSITIONS.validate_json(await request.body()))
        return api.current_switches().model_dump()

    async def trust(request: Request) -> object:
        hosts = _TrustRequest.model_validate_json(await request.body()).hosts
        api.store.put_setting("trusted_hosts", hosts)
        return {}

    async def clock(request: Request) -> object:
        advance = _ClockRequest.model_validate_json(await request.body()).advance
        api.store.put_setting("clock_offset", float(api.store.setting("clock_offset", 0.0)) + advance)
        return {"now": api.now()}

    return [
        _route("reset", reset, "POST"),
        _route("seed", seed, "POST"),
        _route("release", release, "POST"),
        _route("faults", faults, "GET", "POST", "DELETE"),
        _route("calls", calls, "GET", "DELETE"),
        _route("state", state, "GET"),
        _route("switches", switches, "GET", "POST"),
        _route("trust", trust, "POST"),
        _route("clock", clock, "POST"),
    ]


def _route(name: str, endpoint: Callable[[Request], Awaitable[object]], *methods: str) -> Route:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await endpoint(request))
        except ValidationError as error:
            return JSONResponse({"error": describe(error)}, status_code=400)
        except (ValueError, TypeError, OverflowError, sqlite3.Error) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return Route(f"/_emulator/{name}", answer, methods=list(methods))
