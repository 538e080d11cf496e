"""The webview domains of a Mini Program, in mode two and in mode one."""

from __future__ import annotations

from wechat_miniprogram_emulator.handlers.call import Answer, Call, FilesWanted
from wechat_miniprogram_emulator.handlers.confirm import present_file
from wechat_miniprogram_emulator.model import mode_one, webview
from wechat_miniprogram_emulator.model.calls import WRITE_ACTIONS
from wechat_miniprogram_emulator.model.errors import ApiError, api_error
from wechat_miniprogram_emulator.model.values import host_of, is_under
from wechat_miniprogram_emulator.releases import listed_hosts
from wechat_miniprogram_emulator.store.documents import JUMP_HOSTS


def domains(call: Call) -> Answer:
    """`setwebviewdomain_directly`: webview domains, mode two."""
    switches = call.world.switches
    action = call.action("get", *WRITE_ACTIONS)
    if action == "get":
        live = webview.shown(call.app, switches)
        return Answer({"webviewdomain": live} if live or switches.empty_get == "list" else {})
    return _write(call, action, webview.change)


def console_domains(call: Call) -> Answer:
    """Write what the console of the Mini Program configures; WeChat has no endpoint for it."""
    return _write(call, call.action(*WRITE_ACTIONS), webview.change_in_console)


def _write(call: Call, action: str, change: webview.Change) -> Answer:
    world, switches = call.world, call.world.switches
    values = webview.as_stored(call.texts("webviewdomain", wrong=40097), switches)

    def refuse(value: str) -> ApiError | None:
        host = host_of(value)
        if world.store.holders(host, call.app, switches.fanout_counts) >= webview.MAX_HOLDERS:
            return api_error(506015)
        if switches.unfiled_host == "refuse" and is_under(host, world.unfiled_hosts):
            return api_error(45082)
        return api_error(int(switches.missing_file)) if host in call.without_file else None

    base = call.app_at_first if switches.parallel_writes == "lost" else call.app
    outcome = change(base, action, values, switches, refuse)
    _put(call, outcome)
    fields = {"webviewdomain": outcome.state.direct} if switches.write_answer == "list" else {}
    return Answer({} if outcome.error else fields, outcome.error, applied=outcome.applied)


def files_of_domains(call: Call) -> FilesWanted:
    """Give the hosts of a write in mode two that must serve the app's confirm file."""
    action, sent = call.body.get("action"), call.body.get("webviewdomain")
    if action not in WRITE_ACTIONS or not isinstance(sent, list):
        return FilesWanted()
    switches = call.world.switches
    values = webview.as_stored([value for value in sent if isinstance(value, str)], switches)
    hosts = webview.hosts_to_confirm(call.app, str(action), values, switches)
    return FilesWanted(frozenset(hosts), present_file(call.world, call.app))


def listed_domains(call: Call) -> Answer:
    """`setwebviewdomain`: webview domains, mode one."""
    switches = call.world.switches
    action = None if "action" not in call.body else call.action("get", *WRITE_ACTIONS)
    if action == "get":
        return Answer({"webviewdomain": call.app.third})
    values = call.texts("webviewdomain", wrong=89021) if action else ()
    listed = listed_hosts(call.world.store, call.app, JUMP_HOSTS, call.world.now)
    outcome = mode_one.change(call.app, action, values, listed, switches)
    _put(call, outcome)
    return Answer(error=outcome.error, applied=outcome.applied)


def effective(call: Call) -> Answer:
    """`get_effective_webviewdomain`: what each way has configured, and what is in force."""
    app = call.app
    return Answer(
        {
            "mp_webviewdomain": app.mp,
            "third_webviewdomain": app.third,
            "direct_webviewdomain": app.direct,
            "effective_webviewdomain": app.effective,
        }
    )


def confirm_file(call: Call) -> Answer:
    """`get_webviewdomain_confirmfile`: what each host of the app serves at its root."""
    file = present_file(call.world, call.app)
    return Answer({"file_name": file.name, "file_content": file.content})


def _put(call: Call, outcome: webview.Outcome) -> None:
    if not outcome.applied:
        return
    switches = call.world.switches
    if switches.month_limit != "none":
        by = 1 if switches.month_counts == "calls" else outcome.changes
        limit, errcode = int(switches.month_limit), int(switches.month_code)
        call.take("webview domains", "month", limit, errcode, by)
    call.world.store.put_lists(call.app, outcome.state)
