"""The tokens of third-party platforms: ticket, component token, authorizer tokens."""

from __future__ import annotations

from wechat_miniprogram_emulator.handlers.accounts import (
    check_secret,
    named_authorizer,
    named_platform,
)
from wechat_miniprogram_emulator.handlers.call import Answer, Call, Refused
from wechat_miniprogram_emulator.handlers.info import shown_server_domains, shown_webview_domains
from wechat_miniprogram_emulator.model.apps import AppState
from wechat_miniprogram_emulator.model.tokens import (
    ACCESS_SECONDS,
    MAX_LIST_COUNT,
    end_of_previous,
)

_NETWORK = {
    "requestdomain": "RequestDomain",
    "wsrequestdomain": "WsRequestDomain",
    "uploaddomain": "UploadDomain",
    "downloaddomain": "DownloadDomain",
    "udpdomain": "UDPDomain",
}


def component_token(call: Call) -> Answer:
    """`api_component_token`: a platform's secret and ticket give its access token."""
    platform = named_platform(call)
    check_secret(call, platform, "component_appsecret")
    world, credentials = call.world, call.world.store.credentials
    ticket = credentials.find(call.text("component_verify_ticket", missing=61006), "component_verify_ticket")
    if ticket is None or ticket.owner != platform.appid or ticket.standing(world.now) == "invalid":
        raise Refused(61006)
    if ticket.standing(world.now) == "expired":
        raise Refused(61005)
    end = end_of_previous(world.switches.previous_component_token, world.now)
    credentials.end("component_access_token", platform.appid, end)
    token = credentials.issue("component_access_token", platform.appid, world.now, ACCESS_SECONDS)
    return Answer({"component_access_token": token, "expires_in": ACCESS_SECONDS}, bare=True)


def start_push_ticket(call: Call) -> Answer:
    """`api_start_push_ticket`: the next ticket is issued; nothing is pushed anywhere."""
    platform = named_platform(call)
    check_secret(call, platform, "component_secret")
    call.world.store.platforms.push_ticket(platform.appid, call.world.now)
    if platform.ticket_is_due(call.world.now):
        return Answer()
    return Answer({"errcode": 0, "errmsg": "in a normal state"}, bare=True)


def query_auth(call: Call) -> Answer:
    """`api_query_auth`: an authorization code, once, for the tokens of the account that gave it."""
    _check_component(call)
    world, credentials = call.world, call.world.store.credentials
    value = call.text("authorization_code", missing=61009)
    code = credentials.find(value, "authorization_code")
    app = world.store.app(code.owner) if code else None
    if code is None or app is None or code.standing(world.now) == "invalid":
        raise Refused(61009)
    if code.standing(world.now) == "expired":
        raise Refused(61010)
    if app.component != call.platform.appid:
        raise Refused(61003)
    credentials.spend(value)
    token = _issue_authorizer_token(call, app)
    refresh_token = credentials.current("authorizer_refresh_token", app.appid)
    info = {
        "authorizer_appid": app.appid,
        "authorizer_access_token": token,
        "expires_in": ACCESS_SECONDS,
        "authorizer_refresh_token": refresh_token,
        "func_info": _func_info(app),
    }
    return Answer({"authorization_info": info}, bare=True)


def authorizer_token(call: Call) -> Answer:
    """`api_authorizer_token`: a refresh token gives an authorizer's access token."""
    _check_component(call)
    world, credentials = call.world, call.world.store.credentials
    app = named_authorizer(call, call.platform, "authorizer_appid")
    value = call.text("authorizer_refresh_token", missing=61023)
    found = credentials.find(value, "authorizer_refresh_token")
    if found is None or found.owner != app.appid or found.standing(world.now) != "valid":
        raise Refused(61023)
    token = _issue_authorizer_token(call, app)
    rotation = world.switches.refresh_token_rotation
    if rotation != "same":
        end = end_of_previous(rotation, world.now)
        credentials.end("authorizer_refresh_token", app.appid, end)
        value = credentials.put_next("authorizer_refresh_token", app.appid)
    return Answer(
        {
            "authorizer_access_token": token,
            "expires_in": ACCESS_SECONDS,
            "authorizer_refresh_token": value,
        },
        bare=True,
    )


def authorizer_info(call: Call) -> Answer:
    """`api_get_authorizer_info`: the account, what it granted, and its domains in force."""
    _check_component(call)
    app = named_authorizer(call, call.platform, "authorizer_appid")
    server = shown_server_domains(call.world, app)
    network = {_NETWORK[kind]: server[kind] for kind in _NETWORK}
    network["BizDomain"] = shown_webview_domains(call.world, app)
    authorizer = {
        "nick_name": f"emulated {app.appid}",
        "service_type_info": {"id": 0},
        "verify_type_info": {"id": 0 if app.subject == "enterprise" else -1},
        "user_name": f"gh_{app.appid.removeprefix('wx')[:12]}",
        "principal_name": "个人" if app.subject == "personal" else f"owner of {app.appid}",
        "account_status": app.account_status,
        "MiniProgramInfo": {"network": network, "categories": [], "visit_status": 0},
    }
    refresh_token = call.world.store.credentials.current("authorizer_refresh_token", app.appid)
    authorization = {
        "authorizer_appid": app.appid,
        "authorizer_refresh_token": refresh_token,
        "func_info": _func_info(app),
    }
    return Answer({"authorizer_info": authorizer, "authorization_info": authorization}, bare=True)


def authorizer_list(call: Call) -> Answer:
    """`api_get_authorizer_list`: the accounts that authorise the platform, with their refresh tokens."""
    _check_component(call)
    offset, count = (call.body.get(name) for name in ("offset", "count"))
    if not isinstance(offset, int) or not isinstance(count, int) or offset < 0 or count < 1:
        raise Refused(40097)
    if count > MAX_LIST_COUNT:
        raise Refused(40170)
    store = call.world.store
    total, apps = store.authorizers(call.platform.appid, min(offset, 2**31), count)
    found = [
        {
            "authorizer_appid": app.appid,
            "refresh_token": store.credentials.current("authorizer_refresh_token", app.appid),
            "auth_time": int(app.authorized_at),
        }
        for app in apps
    ]
    return Answer({"total_count": total, "list": found}, bare=True)


def _check_component(call: Call) -> None:
    if call.text("component_appid", missing=41018) != call.platform.appid:
        raise Refused(61011)


def _issue_authorizer_token(call: Call, app: AppState) -> str:
    credentials, now = call.world.store.credentials, call.world.now
    end = end_of_previous(call.world.switches.previous_authorizer_token, now)
    credentials.end("authorizer_access_token", app.appid, end)
    return credentials.issue("authorizer_access_token", app.appid, now, ACCESS_SECONDS)


def _func_info(app: AppState) -> list[dict[str, object]]:
    return [{"funcscope_category": {"id": number}} for number in app.permission_sets]
