"""The webview domains of a Mini Program, in mode two and in mode one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pulumi_wechat_miniprogram.emulator.handlers.call import Answer, Call, Refused
from pulumi_wechat_miniprogram.emulator.handlers.confirm import present_file, without_file
from pulumi_wechat_miniprogram.emulator.model import mode_one, webview
from pulumi_wechat_miniprogram.emulator.model.apps import AppState
from pulumi_wechat_miniprogram.emulator.model.calls import WRITE_ACTIONS
from pulumi_wechat_miniprogram.emulator.model.errors import ApiError, api_error
from pulumi_wechat_miniprogram.emulator.model.values import host_of, is_under
from pulumi_wechat_miniprogram.emulator.releases import listed_hosts
from pulumi_wechat_miniprogram.emulator.store.documents import JUMP_HOSTS


async def domains(call: Call) -> Answer:
    """`setwebviewdomain_directly`: mode two."""
    world, switches = call.world, call.world.switches
    action = call.action("get", *WRITE_ACTIONS)
    if action == "get":
        live = webview.shown(call.app, switches)
        return Answer({"webviewdomain": live} if live or switches.empty_get == "list" else {})
    values = webview.as_stored(call.texts("webviewdomain", wrong=40097), switches)
    with _at_work(call):
        hosts = {
            host_of(value)
            for value in values
            if webview.needs_confirm_file(call.app, action, value, switches)
        }
        missing = await without_file(world, hosts, present_file(world, call.app))

        def refuse(value: str) -> ApiError | None:
            host = host_of(value)
            if world.store.holders(host, call.app, switches.fanout_counts) >= webview.MAX_HOLDERS:
                return api_error(506015)
            if switches.unfiled_host == "refuse" and is_under(host, world.unfiled_hosts):
                return api_error(45082)
            return api_error(int(switches.missing_file)) if host in missing else None

        with world.store.transaction():
            now = _again(call)
            base = call.app if switches.parallel_writes == "lost" else now
            outcome = webview.change(base, action, values, switches, refuse)
            _put(call, now, outcome)
    fields = {"webviewdomain": outcome.state.direct} if switches.write_answer == "list" else {}
    return Answer({} if outcome.error else fields, outcome.error, applied=outcome.applied)


async def listed_domains(call: Call) -> Answer:
    """`setwebviewdomain`: mode one."""
    switches = call.world.switches
    action = None if "action" not in call.body else call.action("get", *WRITE_ACTIONS)
    if action == "get":
        return Answer({"webviewdomain": call.app.third})
    values = call.texts("webviewdomain", wrong=89021) if action else ()
    with call.world.store.transaction():
        now = _again(call)
        listed = listed_hosts(call.world.store, now, JUMP_HOSTS, call.world.now)
        outcome = mode_one.change(now, action, values, listed, switches)
        _put(call, now, outcome)
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
    file = present_file(call.world, call.app)
    return Answer({"file_name": file.name, "file_content": file.content})


@contextmanager
def _at_work(call: Call) -> Iterator[None]:
    writing, appid = call.world.writing, call.app.appid
    if call.world.switches.parallel_writes == "refused" and appid in writing:
        raise Refused(9402202)
    writing.add(appid)
    try:
        yield
    finally:
        writing.discard(appid)


def _again(call: Call) -> AppState:
    """Read the app again, now that nobody else can write."""
    app = call.world.store.app(call.app.appid)
    if app is None:
        raise Refused(40001)
    return app


def _put(call: Call, before: AppState, outcome: webview.Outcome) -> None:
    if not outcome.applied:
        return
    switches = call.world.switches
    if switches.month_limit != "none":
        by = 1 if switches.month_counts == "calls" else outcome.changes
        limit, errcode = int(switches.month_limit), int(switches.month_code)
        call.take("webview domains", "month", limit, errcode, by)
    call.world.store.put_lists(before, outcome.state)
