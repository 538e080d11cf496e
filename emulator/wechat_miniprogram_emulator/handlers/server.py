"""The server domains of a Mini Program, in mode one and in mode two."""

from __future__ import annotations

from typing import Literal

from wechat_miniprogram_emulator.handlers.call import Answer, Call, Refused
from wechat_miniprogram_emulator.model.calls import WRITE_ACTIONS
from wechat_miniprogram_emulator.model.errors import api_error
from wechat_miniprogram_emulator.model.server_domains import (
    KINDS,
    MONTHLY_CHANGES,
    Change,
    Lists,
    change_directly,
    change_listed,
    full,
)
from wechat_miniprogram_emulator.releases import listed_hosts
from wechat_miniprogram_emulator.store.documents import SERVER_DOMAINS, SERVER_HOSTS

_EXCEEDED = 86102


def domains(call: Call) -> Answer:
    """`modify_domain_directly`: server domains, mode two."""
    action = call.action("get", *WRITE_ACTIONS)
    documents, world = call.world.store.documents, call.world
    if action == "get":
        return Answer(_all_fields(Change(documents.read(call.app.appid, SERVER_DOMAINS)), "direct"))
    before = documents.read(call.app.appid, SERVER_DOMAINS)
    change = change_directly(before, action, _sent(call), world.switches, world.unfiled_hosts)
    if change.errcode:
        raise Refused(change.errcode)
    _put(call, change)
    full_answer = world.switches.server_answer == "full"
    return Answer(_all_fields(change, "direct") if full_answer else {}, applied=True)


def listed_domains(call: Call) -> Answer:
    """`modify_domain`: server domains, mode one. The lists are in the answer also when it is an error."""
    action = call.action("get", *WRITE_ACTIONS)
    documents, world = call.world.store.documents, call.world
    if action == "get":
        return Answer(_all_fields(Change(documents.read(call.app.appid, SERVER_DOMAINS)), "third"))
    sent = _sent(call)
    before = documents.read(call.app.appid, SERVER_DOMAINS)
    hosts = listed_hosts(world.store, call.app, SERVER_HOSTS, world.now)
    change = change_listed(before, action, sent, hosts, world.switches, world.unfiled_hosts)
    if not change.errcode:
        _put(call, change)
    fields = _all_fields(change, "third")
    if change.errcode:
        return Answer(fields, api_error(change.errcode))
    return Answer(fields, applied=True)


def effective(call: Call) -> Answer:
    """`get_effective_domain`: what each way has configured, and what is in force."""
    state = call.world.store.documents.read(call.app.appid, SERVER_DOMAINS)
    return Answer(
        {
            "mp_domain": _fields(state.mp),
            "third_domain": _fields(state.third),
            "direct_domain": _fields(state.direct),
            "effective_domain": _fields(state.effective),
        }
    )


def _sent(call: Call) -> Lists:
    return {kind: call.texts(kind, wrong=40097) for kind in KINDS if kind in call.body}


def _put(call: Call, change: Change) -> None:
    call.take("server domains", "month", MONTHLY_CHANGES, _EXCEEDED)
    call.world.store.documents.write(call.app.appid, SERVER_DOMAINS, change.state)


def _fields(lists: Lists) -> dict[str, object]:
    return {str(kind): values for kind, values in full(lists).items()}


def _all_fields(change: Change, way: Literal["direct", "third"]) -> dict[str, object]:
    """Return the fifteen fields of an answer without errcode and errmsg."""
    configured = change.state.direct if way == "direct" else change.state.third
    lists = _fields({} if change.errcode else configured)
    invalid = {f"invalid_{kind}": values for kind, values in full(change.invalid).items()}
    return {**lists, **invalid, "no_icp_domain": change.no_icp}
