"""The versions of a Mini Program's code, and its release."""

from __future__ import annotations

from wechat_miniprogram_emulator.handlers.call import Answer, Call, Refused
from wechat_miniprogram_emulator.model.versions import Version, release_refusal
from wechat_miniprogram_emulator.releases import release as put_online
from wechat_miniprogram_emulator.store.documents import VERSIONS


def version_info(call: Call) -> Answer:
    """`getversioninfo`: the version on trial and the one online, as far as there are any."""
    versions = call.world.store.documents.read(call.app.appid, VERSIONS)
    found = {**_info("exp", versions.trial), **_info("release", versions.online)}
    return Answer(found)


def release(call: Call) -> Answer:
    """`release`: the version that the audit has passed goes online."""
    world = call.world
    if errcode := release_refusal(world.store.documents.read(call.app.appid, VERSIONS)):
        raise Refused(errcode)
    put_online(world.store, call.app.appid, world.switches, world.now)
    return Answer(applied=True)


def _info(name: str, version: Version | None) -> dict[str, object]:
    if version is None:
        return {}
    fields = {"time": version.time, "version": version.version, "desc": version.description}
    return {f"{name}_info": {f"{name}_{key}": value for key, value in fields.items()}}
