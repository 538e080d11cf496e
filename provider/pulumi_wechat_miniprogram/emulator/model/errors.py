"""WeChat's error codes and their texts, from its lists of return codes."""

from __future__ import annotations

from dataclasses import dataclass

ERRORS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40013: "invalid appid",
    40097: "invalid args",
    40125: "invalid appsecret",
    40170: "args count exceed count limit",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41018: "component_appid missing",
    41021: "component_access_token missing",
    42001: "access_token expired",
    42006: "component_access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities, view detail on mp.weixin.qq.com",
    50002: "user limited",
    61003: "component is not authorized by this account",
    61004: "access clientip is not registered",
    61005: "component ticket is expired",
    61006: "component ticket is invalid",
    61007: "api is unauthorized to component",
    61009: "code is invalid",
    61010: "code is expired",
    61011: "invalid component",
    61014: "must use component token for component api",
    61015: "must use biz account token for not component api",
    61023: "refresh_token is invalid",
    61024: "must use api(api_component_token) to get token for component acct",
    85017: "no domain to modify",
    86000: "should be called only from third party",
    86100: "invalid url protocol",
    86103: "check confirmfile fail!",
    89019: "webview domain not change",
    89022: "delete domain is not exist!",
    89029: "webview domain exceed limit",
    89231: "not support single",
    506015: "domain is bound to too many mini programs",
}


@dataclass(frozen=True)
class ApiError:
    """An answer with an errcode; `errmsg` is without the rid."""

    errcode: int
    errmsg: str


def api_error(errcode: int) -> ApiError:
    """Give the error with the text WeChat uses for this code."""
    return ApiError(errcode, ERRORS.get(errcode, "system error"))
