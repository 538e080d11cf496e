"""Accounts that a body names, where no token does."""

from __future__ import annotations

import re

from wechat_miniprogram_emulator.handlers.call import Call, Refused
from wechat_miniprogram_emulator.model.apps import APPID_PATTERN, AppState
from wechat_miniprogram_emulator.model.platforms import Platform


def named_platform(call: Call) -> Platform:
    """Read the platform that the body names, and let its caller's address in."""
    appid = call.text("component_appid", missing=41018)
    if not re.fullmatch(APPID_PATTERN, appid):
        raise Refused(40013)
    platform = call.world.store.platforms.find(appid, call.world.now)
    if platform is None:
        raise Refused(61011)
    if not platform.lets_in(call.client_ip):
        raise Refused(61004, f"requestIP: {call.client_ip}")
    return platform


def check_secret(call: Call, platform: Platform, field: str) -> None:
    """Check the platform's secret."""
    secret = call.world.store.credentials.find(call.text(field, missing=41004), "appsecret")
    if secret is None or secret.owner != platform.appid:
        raise Refused(int(call.world.switches.wrong_secret))


def named_authorizer(call: Call, platform: Platform, field: str, *, unauthorized: int = 61003) -> AppState:
    """Read the app that the body names, which authorises the platform; `unauthorized` if it does not."""
    appid = call.text(field, missing=41002)
    if not re.fullmatch(APPID_PATTERN, appid):
        raise Refused(40013)
    app = call.world.known_app(appid)
    if app is None or app.component != platform.appid:
        raise Refused(unauthorized)
    return app
