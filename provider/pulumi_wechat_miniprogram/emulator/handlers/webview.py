"""The webview domains of a Mini Program."""

from __future__ import annotations

from typing import TypeGuard

from pulumi_wechat_miniprogram.emulator.handlers.call import Answer, Call, Refused
from pulumi_wechat_miniprogram.emulator.model.calls import WRITE_ACTIONS
from pulumi_wechat_miniprogram.emulator.model.errors import ApiError, api_error
from pulumi_wechat_miniprogram.emulator.model.values import host_of, union
from pulumi_wechat_miniprogram.emulator.model.webview import (
    MAX_APPS_PER_DOMAIN,
    change,
    needs_confirm_file,
)


async def domains(call: Call) -> Answer:
    """`setwebviewdomain_directly`."""
    app, world = call.app, call.world
    action = call.body.get("action")
    if action == "get":
        lists = (app.direct,) if world.switches.get_returns == "direct" else (app.direct, app.mp, app.third)
        live = union(*lists)
        return Answer({"webviewdomain": live} if live or world.switches.empty_get == "list" else {})
    sent = call.body.get("webviewdomain")
    if action not in WRITE_ACTIONS or not _is_list_of_text(sent):
        raise Refused(40097)
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
            raise Refused(40001)
        outcome = change(before, str(action), values, world.switches, refuse)
        if outcome.applied:
            world.store.put_lists(before, outcome.state)
    return Answer(error=outcome.error, applied=outcome.applied)


async def effective(call: Call) -> Answer:
    """`get_effective_webviewdomain`."""
    app = call.app
    return Answer(
        {
            "mp_webviewdomain": app.mp,
            "third_webviewdomain": app.third,
            "direct_webviewdomain": app.direct,
            "effective_webviewdomain": app.effective,
        }
    )


async def confirm_file(call: Call) -> Answer:
    """`get_webviewdomain_confirmfile`."""
    return Answer({"file_name": call.app.file_name, "file_content": call.app.file_content})


def _is_list_of_text(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
