"""What each endpoint does. Handlers parse and answer; the rules are in `model`, the data in `store`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeGuard

from pulumi_wechat_miniprogram.emulator.confirm_fetch import ConfirmFetcher
from pulumi_wechat_miniprogram.emulator.model import (
    MAX_APPS_PER_DOMAIN,
    WRITE_ACTIONS,
    ApiError,
    AppState,
    Switches,
    api_error,
    change,
    host_of,
    needs_confirm_file,
    union,
)
from pulumi_wechat_miniprogram.emulator.store import Store


@dataclass(frozen=True)
class World:
    """What a handler may use."""

    store: Store
    fetcher: ConfirmFetcher
    switches: Switches
    trusted_hosts: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """An answer's fields beside errcode and errmsg, and whether the app's lists were written."""

    fields: dict[str, object]
    error: ApiError | None = None
    applied: bool = False


Handler = Callable[[World, AppState, dict[str, object]], Awaitable[Answer]]


def refused(errcode: int) -> Answer:
    """Answer with an errcode; nothing was changed."""
    return Answer({}, api_error(errcode))


async def domains(world: World, app: AppState, body: dict[str, object]) -> Answer:
    """`setwebviewdomain_directly`."""
    action = body.get("action")
    if action == "get":
        lists = (app.direct,) if world.switches.get_returns == "direct" else (app.direct, app.mp, app.third)
        live = union(*lists)
        return Answer({"webviewdomain": live} if live or world.switches.empty_get == "list" else {})
    sent = body.get("webviewdomain")
    if action not in WRITE_ACTIONS or not _is_list_of_text(sent):
        return refused(40097)
    values = tuple(sent)
    hosts = [
        host_of(value) for value in values if needs_confirm_file(app, str(action), value, world.switches)
    ]
    served = await world.fetcher.served(hosts, app.file_name, app.file_content)

    def refuse(value: str) -> ApiError | None:
        host = host_of(value)
        if world.store.apps_with_host(host, app.appid) >= MAX_APPS_PER_DOMAIN:
            return api_error(506015)
        trusted = "*" in world.trusted_hosts or host in world.trusted_hosts
        if host in hosts and not served.get(host, trusted and not world.fetcher.maps(host)):
            return api_error(int(world.switches.missing_file))
        return None

    with world.store.transaction():
        before = world.store.app(app.appid)
        if before is None:
            return refused(40001)
        outcome = change(before, str(action), values, world.switches, refuse)
        if outcome.applied:
            world.store.put_lists(before, outcome.state)
    return Answer({}, outcome.error, applied=outcome.applied)


async def effective(_world: World, app: AppState, _body: dict[str, object]) -> Answer:
    """`get_effective_webviewdomain`."""
    return Answer(
        {
            "mp_webviewdomain": app.mp,
            "third_webviewdomain": app.third,
            "direct_webviewdomain": app.direct,
            "effective_webviewdomain": app.effective,
        }
    )


async def confirm_file(_world: World, app: AppState, _body: dict[str, object]) -> Answer:
    """`get_webviewdomain_confirmfile`."""
    return Answer({"file_name": app.file_name, "file_content": app.file_content})


def _is_list_of_text(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
