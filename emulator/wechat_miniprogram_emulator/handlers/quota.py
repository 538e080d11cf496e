"""A refused call found by its rid, and how often endpoints may be called."""

from __future__ import annotations

import re

from wechat_miniprogram_emulator.handlers.accounts import (
    check_secret,
    named_authorizer,
    named_platform,
)
from wechat_miniprogram_emulator.handlers.call import Answer, Call, Refused
from wechat_miniprogram_emulator.model.quota import CLEARS_A_MONTH
from wechat_miniprogram_emulator.model.tokens import OWN_TOKENS
from wechat_miniprogram_emulator.store.refusals import KEPT_SECONDS

CLEARS = "clears of quotas"
_RID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}")


def rid(call: Call) -> Answer:
    """`rid/get`: a refused call of the same account, for seven days."""
    wanted = call.text("rid", missing=76002)
    if not _RID.fullmatch(wanted):
        raise Refused(76002)
    if int(wanted[:8], 16) < call.world.now - KEPT_SECONDS:
        raise Refused(76004)
    found = call.world.store.refusals.find(wanted, call.world.now)
    if found is None:
        raise Refused(76001)
    if found.account != call.account:
        raise Refused(76003)
    request = {
        "invoke_time": int(found.time),
        "cost_in_ms": found.cost_ms,
        "request_url": "access_token=***",
        "request_body": found.request_body,
        "response_body": found.response_body,
        "client_ip": found.client_ip,
    }
    return Answer({"request": request})


def quota(call: Call) -> Answer:
    """`quota/get`: what one endpoint allows, and what is used today."""
    path = _path(call)
    limit = call.world.limit(path)
    used = call.world.store.usage.used(call.account, path, "day", call.world.now)
    fields: dict[str, object] = {
        "quota": {"daily_limit": limit.daily, "used": used, "remain": max(limit.daily - used, 0)}
    }
    if limit.minutely is not None:
        by_platform = call.token_kind == "authorizer_access_token"
        name = "component_rate_limit" if by_platform else "rate_limit"
        fields[name] = {"call_count": limit.minutely, "refresh_second": 60}
    return Answer(fields)


def clear_one(call: Call) -> Answer:
    """`quota/clear`: one endpoint's day starts again."""
    path = _path(call)
    _count_clear(call, call.account)
    call.world.store.usage.clear(call.account, path)
    return Answer()


def clear_all(call: Call) -> Answer:
    """`clear_quota`: the day of all endpoints starts again."""
    if call.text("appid", missing=41002) != call.account:
        raise Refused(40013)
    _count_clear(call, call.account)
    call.world.store.usage.clear(call.account)
    return Answer()


def clear_all_by_secret(call: Call) -> Answer:
    """`component/clear_quota/v2`: as `clear_quota`, when no token can be had any more."""
    platform = named_platform(call)
    check_secret(call, platform, "appsecret")
    account = platform.appid
    if call.body.get("appid", account) != account:
        account = named_authorizer(call, platform, "appid", unauthorized=43007).appid
    _count_clear(call, account)
    call.world.store.usage.clear(account)
    return Answer()


def _path(call: Call) -> str:
    path = call.text("cgi_path", missing=76021)
    if not path.startswith("/"):
        raise Refused(76003)
    if path not in call.world.endpoints:
        raise Refused(76021)
    token = call.world.endpoints[path]
    by_platform = path.startswith("/cgi-bin/component/")
    if token != "account" and by_platform != (call.token_kind == "component_access_token"):
        raise Refused(76022)
    if token == "authorizer" and call.token_kind in OWN_TOKENS:
        raise Refused(76022)
    return path


def _count_clear(call: Call, account: str) -> None:
    usage, now = call.world.store.usage, call.world.now
    if not usage.take(account, CLEARS, "month", now, CLEARS_A_MONTH):
        raise Refused(48006)
