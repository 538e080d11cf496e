"""The control plane under /_emulator/: how tests and people set the scene and look at it."""

from __future__ import annotations

import time
from dataclasses import asdict, replace

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.routing import Route

from wechat_miniprogram_emulator.api import Api
from wechat_miniprogram_emulator.clock import ClockRequest, change_clock, read_clock
from wechat_miniprogram_emulator.control_route import ControlError, control_route
from wechat_miniprogram_emulator.control_tokens import sow_platform
from wechat_miniprogram_emulator.faults import FaultRule
from wechat_miniprogram_emulator.model import Switches, new_app, union
from wechat_miniprogram_emulator.model.open_point import Profile
from wechat_miniprogram_emulator.model.server_domains import ServerState, all_in_force
from wechat_miniprogram_emulator.model.switches import profile_switches
from wechat_miniprogram_emulator.model.tokens import Kind
from wechat_miniprogram_emulator.routes import ROUTES
from wechat_miniprogram_emulator.seed import AppSeed, Seed
from wechat_miniprogram_emulator.store.documents import SERVER_DOMAINS
from wechat_miniprogram_emulator.strict import Strict

_POSITIONS = TypeAdapter(dict[str, str | int])


class _FaultQuery(Strict):
    id: int | None = None


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
            turn(api, seed.switches.model_dump(exclude_unset=True))


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


def arm(api: Api, rule: FaultRule) -> int:
    """Arm a fault and give its number.

    Raises:
        ControlError: its path is none of the emulated endpoints, so that it could never go off.
    """
    if not any(rule.names_path(path) for path in ROUTES):
        raise ControlError(
            f"path: {rule.path} is not emulated; allowed: {', '.join(ROUTES)}, or the end of one"
        )
    return api.store.add_fault(rule)


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
            api.store.clear_faults(_FaultQuery.model_validate(dict(request.query_params)).id)
        elif request.method == "POST":
            return {"id": arm(api, FaultRule.model_validate_json(await request.body()))}
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
        if request.method == "POST":
            change_clock(api.store, ClockRequest.model_validate_json(await request.body()), time.time())
        return {"now": api.now(), "frozen": read_clock(api.store).frozen_at is not None}

    return [
        control_route("reset", reset, "POST"),
        control_route("seed", seed, "POST"),
        control_route("faults", faults, "GET", "POST", "DELETE"),
        control_route("calls", calls, "GET", "DELETE"),
        control_route("state", state, "GET"),
        control_route("switches", switches, "GET", "POST"),
        control_route("profile", profile, "POST"),
        control_route("trust", trust, "POST"),
        control_route("clock", clock, "GET", "POST"),
    ]
