"""The control plane under /_emulator/: how tests and people set the scene and look at it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.routing import Route

from pulumi_wechat_miniprogram.emulator.api import Api
from pulumi_wechat_miniprogram.emulator.control_route import Appid, control_route
from pulumi_wechat_miniprogram.emulator.control_tokens import PlatformSeed, sow_platform
from pulumi_wechat_miniprogram.emulator.faults import FaultRule
from pulumi_wechat_miniprogram.emulator.model import DOMAIN_PERMISSION_SET, Subject, Switches, new_app, union
from pulumi_wechat_miniprogram.emulator.model.apps import DEFAULT_COMPONENT, NORMAL
from pulumi_wechat_miniprogram.emulator.model.open_point import Profile
from pulumi_wechat_miniprogram.emulator.model.server_domains import (
    ServerKind,
    ServerState,
    all_in_force,
)
from pulumi_wechat_miniprogram.emulator.model.switches import profile_switches
from pulumi_wechat_miniprogram.emulator.model.tokens import Kind
from pulumi_wechat_miniprogram.emulator.store.documents import SERVER_DOMAINS
from pulumi_wechat_miniprogram.emulator.strict import Strict

MAX_ADVANCE_SECONDS = 10 * 366 * 86400


_POSITIONS = TypeAdapter(dict[str, str | int])


class ConfirmFileSeed(Strict):
    """An app's own confirm file."""

    file_name: str
    file_content: str


class ServerSeed(Strict):
    """An app's server domains, by the way they were configured; all of them are in force."""

    direct: dict[ServerKind, tuple[str, ...]] = Field(default_factory=dict)
    mp: dict[ServerKind, tuple[str, ...]] = Field(default_factory=dict)
    third: dict[ServerKind, tuple[str, ...]] = Field(default_factory=dict)


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
    component: Appid | None = DEFAULT_COMPONENT
    refresh_token: str | None = None
    secret: str | None = None
    account_status: int = NORMAL
    owner: str | None = None
    server: ServerSeed = ServerSeed()


class Seed(Strict):
    """What to start with."""

    apps: tuple[AppSeed, ...] = ()
    platforms: tuple[PlatformSeed, ...] = ()
    trusted_hosts: list[str] | None = None
    unfiled_hosts: list[str] | None = None
    switches: dict[str, str | int] | None = None


class _ClockRequest(Strict):
    advance: Annotated[float, Field(allow_inf_nan=False, ge=-MAX_ADVANCE_SECONDS, le=MAX_ADVANCE_SECONDS)]


class _ProfileRequest(Strict):
    profile: Profile


class _TrustRequest(Strict):
    hosts: list[str]


def sow(api: Api, seed: Seed) -> None:
    """Put apps, trusted hosts and switches in place."""
    with api.store.transaction():
        for platform in seed.platforms:
            sow_platform(api, platform)
        for app in seed.apps:
            sow_app(api, app)
        if seed.trusted_hosts is not None:
            api.store.settings.put("trusted_hosts", seed.trusted_hosts)
        if seed.unfiled_hosts is not None:
            api.store.settings.put("unfiled_hosts", [host.lower() for host in seed.unfiled_hosts])
        if seed.switches is not None:
            turn(api, seed.switches)


def sow_app(api: Api, seed: AppSeed) -> None:
    """Put one app in place."""
    lists = (seed.live, seed.mp, seed.third)
    state = replace(
        new_app(seed.appid),
        direct=seed.live,
        mp=seed.mp,
        third=seed.third,
        effective=union(*lists) if seed.effective is None else seed.effective,
        permission_sets=seed.permission_sets,
        subject=seed.subject,
        component=seed.component,
        account_status=seed.account_status,
        owner=seed.owner or seed.appid,
        authorized_at=api.now(),
    )
    if seed.confirm_file:
        state = replace(state, **seed.confirm_file.model_dump())
    chosen: dict[Kind, str | None] = {
        "authorizer_access_token": seed.token,
        "authorizer_refresh_token": seed.refresh_token,
        "appsecret": seed.secret,
    }
    values = {kind: value for kind, value in chosen.items() if value is not None}
    expires = None if seed.token_expires_in is None else api.now() + seed.token_expires_in
    api.store.put_app(state, values, expires)
    server = ServerState(seed.server.direct, seed.server.mp, seed.server.third)
    api.store.documents.write(seed.appid, SERVER_DOMAINS, all_in_force(server))


def turn(api: Api, positions: dict[str, str | int]) -> None:
    """Set some switches and leave the others."""
    merged = Switches.model_validate({**api.current_switches().model_dump(), **positions})
    api.store.settings.put("switches", merged.model_dump())


def control_routes(api: Api) -> list[Route]:
    """Return the routes of the control plane."""

    async def reset(_request: Request) -> object:
        api.store.reset()
        return {}

    async def seed(request: Request) -> object:
        sow(api, Seed.model_validate_json(await request.body()))
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

    async def profile(request: Request) -> object:
        chosen = _ProfileRequest.model_validate_json(await request.body()).profile
        api.store.settings.put("switches", profile_switches(chosen).model_dump())
        return api.current_switches().model_dump()

    async def trust(request: Request) -> object:
        hosts = _TrustRequest.model_validate_json(await request.body()).hosts
        api.store.settings.put("trusted_hosts", hosts)
        return {}

    async def clock(request: Request) -> object:
        advance = _ClockRequest.model_validate_json(await request.body()).advance
        api.store.settings.put("clock_offset", float(api.store.settings.get("clock_offset", 0.0)) + advance)
        return {"now": api.now()}

    return [
        control_route("reset", reset, "POST"),
        control_route("seed", seed, "POST"),
        control_route("faults", faults, "GET", "POST", "DELETE"),
        control_route("calls", calls, "GET", "DELETE"),
        control_route("state", state, "GET"),
        control_route("switches", switches, "GET", "POST"),
        control_route("profile", profile, "POST"),
        control_route("trust", trust, "POST"),
        control_route("clock", clock, "POST"),
    ]
