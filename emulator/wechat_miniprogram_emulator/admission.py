"""Who may call: method, token, address, authorisation, permission set, subject. The first refusal answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from wechat_miniprogram_emulator.handlers.call import World
from wechat_miniprogram_emulator.model.apps import APPID_PATTERN, STATUS_ERRORS, AppState
from wechat_miniprogram_emulator.model.errors import ApiError, api_error
from wechat_miniprogram_emulator.model.platforms import Platform
from wechat_miniprogram_emulator.model.tokens import (
    ACCESS_TOKENS,
    OWN_TOKENS,
    Credential,
    Kind,
    first_value,
)
from wechat_miniprogram_emulator.routes import Route

_FIRST_TOKEN = re.compile(first_value("authorizer_access_token", f"({APPID_PATTERN})"))
_FIRST_OF_PLATFORM = re.compile(first_value("component_access_token", f"({APPID_PATTERN})"))


@dataclass(frozen=True)
class Admission:
    """The account that a token speaks for, if known, and why the call is refused, if it is."""

    app: AppState | None = None
    platform: Platform | None = None
    kind: Kind | None = None
    refusal: ApiError | None = None

    def refused(self, errcode: int, more: str = "") -> Admission:
        """Refuse the call; `more` goes before the rid."""
        error = api_error(errcode)
        return replace(self, refusal=replace(error, errmsg=f"{error.errmsg} {more}".rstrip()))


def admit(world: World, route: Route, method: str, token: str | None, client_ip: str) -> Admission:
    """Let a call in, or refuse it."""
    unknown = Admission()
    if method != route.method:
        return unknown.refused(43001 if route.method == "GET" else 43002)
    if route.token == "none":
        return unknown
    if not token:
        return unknown.refused(41021 if route.token == "component" else 41001)
    found = _find(world, token)
    if found is None:
        return unknown.refused(40001)
    if route.token == "component" and found.kind != "component_access_token":
        return unknown.refused(61014)
    if route.token not in {"component", "account"} and found.kind == "component_access_token":
        return unknown.refused(61015)
    if found.kind == "component_access_token":
        return _platform(world, found, client_ip)
    return _app(world, route, found, client_ip)


def _find(world: World, token: str) -> Credential | None:
    credentials = world.store.credentials
    found = credentials.find(token, *ACCESS_TOKENS)
    first = _FIRST_TOKEN.fullmatch(token)
    if found is None and first and world.known_app(first[1]):
        found = credentials.find(token, *ACCESS_TOKENS)
    first = _FIRST_OF_PLATFORM.fullmatch(token)
    if found is None and first and world.known_platform(first[1]):
        credentials.put("component_access_token", first[1], token)
        found = credentials.find(token, *ACCESS_TOKENS)
    return found


def _platform(world: World, found: Credential, client_ip: str) -> Admission:
    platform = world.store.platforms.find(found.owner, world.now)
    admission = Admission(platform=platform, kind=found.kind)
    standing = found.standing(world.now)
    if platform is None or standing == "invalid":
        return admission.refused(40001)
    if standing == "expired":
        return admission.refused(int(world.switches.expired_component_token))
    if not platform.lets_in(client_ip):
        return admission.refused(61004, f"requestIP: {client_ip}")
    return admission


def _app(world: World, route: Route, found: Credential, client_ip: str) -> Admission:
    app = world.store.app(found.owner)
    admission = Admission(app, kind=found.kind)
    standing = found.standing(world.now)
    if app is None or standing == "invalid":
        return admission.refused(40001)
    if standing == "expired":
        return admission.refused(42001)
    errcode, more = _own(world, route) if found.kind in OWN_TOKENS else _granted(world, route, app, client_ip)
    if errcode:
        return admission.refused(errcode, more)
    personal_refused = world.switches.personal_owner == "refuse" or not route.personal_is_open
    if app.subject == "personal" and route.personal is not None and personal_refused:
        return admission.refused(route.personal)
    return admission


def _own(world: World, route: Route) -> tuple[int, str]:
    open_to_all = route.token == "account"
    open_to_own = route.token == "authorizer or own" and world.switches.devinfo_token == "any"
    return (0 if open_to_all or open_to_own else int(world.switches.own_token)), ""


def _granted(world: World, route: Route, app: AppState, client_ip: str) -> tuple[int, str]:
    if app.component is None:
        return 61003, ""
    platform = world.store.platforms.find(app.component, world.now)
    if platform is not None and not platform.lets_in(client_ip):
        return 61004, f"requestIP: {client_ip}"
    if app.account_status in STATUS_ERRORS:
        return STATUS_ERRORS[app.account_status], ""
    if route.permission_set is not None and route.permission_set not in app.permission_sets:
        return 61007, ""
    return 0, ""
