"""The tokens of a Mini Program's own account, which third-party APIs do not take."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wechat_miniprogram_emulator.handlers.call import Answer, Call, Refused, World
from wechat_miniprogram_emulator.model.apps import APPID_PATTERN
from wechat_miniprogram_emulator.model.quota import FORCED_A_DAY, FORCED_SECONDS_APART
from wechat_miniprogram_emulator.model.tokens import (
    ACCESS_SECONDS,
    OVERLAP_SECONDS,
    RENEWAL_SECONDS,
    Credential,
)


def token(call: Call) -> Answer:
    """`cgi-bin/token`: a new token at each call; the one before lives five minutes more."""
    appid = _account(call, call.query)
    world, credentials = call.world, call.world.store.credentials
    credentials.end("access_token", appid, world.now + OVERLAP_SECONDS)
    value = credentials.issue("access_token", appid, world.now, ACCESS_SECONDS)
    return Answer({"access_token": value, "expires_in": ACCESS_SECONDS}, bare=True)


def stable_token(call: Call) -> Answer:
    """`cgi-bin/stable_token`: the same token until five minutes before its end, or until it is forced."""
    appid = _account(call, call.body)
    world, credentials = call.world, call.world.store.credentials
    value = credentials.current("stable_access_token", appid)
    found = credentials.find(value, "stable_access_token")
    forced = call.body.get("force_refresh") is True
    if found is None or forced or found.standing(world.now + RENEWAL_SECONDS) != "valid":
        if forced:
            _check_force(world, appid, found)
            credentials.end("stable_access_token", appid, world.now)
        ends = world.now + ACCESS_SECONDS
        value = credentials.put_next("stable_access_token", appid, ends)
    else:
        ends = found.expires_at or world.now
    return Answer({"access_token": value, "expires_in": int(ends - world.now)}, bare=True)


def _check_force(world: World, appid: str, found: Credential | None) -> None:
    issued_at = (found.expires_at or 0) - ACCESS_SECONDS if found else 0
    if world.now - issued_at < FORCED_SECONDS_APART:
        raise Refused(45011)
    if not world.store.usage.take(appid, "forced tokens", "day", world.now, FORCED_A_DAY):
        raise Refused(45009)


def _account(call: Call, sent: Mapping[str, object]) -> str:
    if sent.get("grant_type") != "client_credential":
        raise Refused(40002)
    appid, secret = sent.get("appid"), sent.get("secret")
    if not isinstance(appid, str) or not appid:
        raise Refused(41002)
    if not re.fullmatch(APPID_PATTERN, appid):
        raise Refused(40013)
    if not isinstance(secret, str) or not secret:
        raise Refused(41004)
    if call.world.store.platforms.find(appid, call.world.now) is not None:
        raise Refused(61024)
    if call.world.known_app(appid) is None:
        raise Refused(40013)
    known = call.world.store.credentials.find(secret, "appsecret")
    if known is None or known.owner != appid:
        raise Refused(40125)
    return appid
