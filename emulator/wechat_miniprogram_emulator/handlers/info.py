"""Domains read in other ways than by the endpoints that configure them."""

from __future__ import annotations

from wechat_miniprogram_emulator.handlers.call import Answer, Call, World
from wechat_miniprogram_emulator.model.apps import AppState
from wechat_miniprogram_emulator.model.server_domains import KINDS
from wechat_miniprogram_emulator.model.values import union
from wechat_miniprogram_emulator.store.documents import SERVER_DOMAINS

READ_KINDS = ("requestdomain", "wsrequestdomain", "uploaddomain", "downloaddomain", "udpdomain")


def dev_info(call: Call) -> Answer:
    """`getwxadevinfo`: webview and server domains, read only."""
    action = call.action("getbizdomain", "getserverdomain") if "action" in call.body else None
    server = shown_server_domains(call.world, call.app)
    fields: dict[str, object] = {}
    if action != "getbizdomain":
        fields |= {kind: server[kind] for kind in READ_KINDS}
    if action != "getserverdomain":
        fields["bizdomain"] = shown_webview_domains(call.world, call.app)
    return Answer(fields)


def shown_webview_domains(world: World, app: AppState) -> tuple[str, ...]:
    """Give an app's webview domains as these endpoints show them."""
    if world.switches.info_shows == "in-force":
        return app.effective
    return union(app.direct, app.mp, app.third)


def shown_server_domains(world: World, app: AppState) -> dict[str, tuple[str, ...]]:
    """Give an app's server domains as these endpoints show them."""
    state = world.store.documents.read(app.appid, SERVER_DOMAINS)
    configured = (state.direct, state.mp, state.third)
    ways = (state.effective,) if world.switches.info_shows == "in-force" else configured
    return {kind: union(*(way.get(kind, ()) for way in ways)) for kind in KINDS}
