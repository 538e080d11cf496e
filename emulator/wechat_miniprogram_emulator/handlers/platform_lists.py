"""A third-party platform's own lists: hosts for webviews, hosts for servers, and its confirm file."""

from __future__ import annotations

from wechat_miniprogram_emulator.handlers.call import Answer, Call, FilesWanted, Refused
from wechat_miniprogram_emulator.handlers.confirm import present_file
from wechat_miniprogram_emulator.model.calls import WRITE_ACTIONS
from wechat_miniprogram_emulator.model.errors import api_error
from wechat_miniprogram_emulator.model.platform_lists import (
    MAX_SERVER_HOSTS,
    MONTHLY_CHANGES,
    PlatformLists,
    change_lists,
    split,
)
from wechat_miniprogram_emulator.model.values import host_of
from wechat_miniprogram_emulator.store.documents import JUMP_HOSTS, SERVER_HOSTS, Subject

_EXCEEDED = 45104
_TOO_MANY = 65316


def jump_hosts(call: Call) -> Answer:
    """`modify_wxa_jump_domain`: the platform's hosts for webviews."""
    return _modify(call, "wxa_jump_h5_domain", JUMP_HOSTS, int(call.world.switches.domain_limit))


def files_of_jump_hosts(call: Call) -> FilesWanted:
    """Give the hosts of a write that must serve the platform's confirm file."""
    action, sent = call.body.get("action"), call.body.get("wxa_jump_h5_domain")
    if action not in {"set", "add"} or not isinstance(sent, str):
        return FilesWanted()
    return FilesWanted(frozenset(map(host_of, split(sent))), present_file(call.world, call.platform))


def server_hosts(call: Call) -> Answer:
    """`modify_wxa_server_domain`: the platform's hosts for servers."""
    return _modify(call, "wxa_server_domain", SERVER_HOSTS, MAX_SERVER_HOSTS)


def confirm_file(call: Call) -> Answer:
    """`get_domain_confirmfile`: what each host of the platform's list serves at its root."""
    file = present_file(call.world, call.platform)
    return Answer({"file_name": file.name, "file_content": file.content})


def _modify(call: Call, field: str, subject: Subject[PlatformLists], limit: int) -> Answer:
    world, documents = call.world, call.world.store.documents
    action = call.action("get", *WRITE_ACTIONS)
    if action == "get":
        lists = documents.read(call.platform.appid, subject)
        return Answer(_fields(call, field, lists), bare=world.switches.platform_get == "bare")
    values = split(call.text(field, missing=40097) if action != "set" or call.body.get(field) != "" else "")
    published_too = call.body.get("is_modify_published_together") is True
    if published_too and not call.platform.published and world.switches.platform_unpublished == "61028":
        raise Refused(61028)
    change = change_lists(
        documents.read(call.platform.appid, subject),
        action,
        values,
        world.switches,
        published_too=call.platform.published and published_too,
        limit=(limit, _TOO_MANY),
        missing_file=call.without_file.__contains__,
    )
    invalid: dict[str, object] = {f"invalid_{field}": ";".join(change.invalid)} if change.invalid else {}
    if change.errcode:
        return Answer(invalid, api_error(change.errcode))
    if subject is SERVER_HOSTS:
        call.take(subject.name, "month", MONTHLY_CHANGES, _EXCEEDED)
    documents.write(call.platform.appid, subject, change.lists)
    return Answer({**_fields(call, field, change.lists), **invalid}, applied=True)


def _fields(call: Call, field: str, lists: PlatformLists) -> dict[str, object]:
    published = {f"published_{field}": ";".join(lists.published)} if call.platform.published else {}
    return {**published, f"testing_{field}": ";".join(lists.testing)}
