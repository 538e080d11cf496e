"""WeChat's error codes and their texts, from its lists of return codes and the pages of its APIs."""

from __future__ import annotations

from dataclasses import dataclass

_FILTERED = "no domain to modify after filtered, please confirm"
_BY_RULE = f"{_FILTERED} the domain has been set in miniprogram or open, and follows the rule of domains"

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
    41018: "missing component_appid",
    41021: "missing component_access_token",
    42001: "access_token expired",
    42006: "component_access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43007: "require bizuser authorize",
    44002: "empty post data",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45082: "need icp license for the url domain",
    45104: "reach max domain quota limit",
    47001: "data format error",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities, view detail on mp.weixin.qq.com",
    48006: "forbid to clear quota because of reaching the limit",
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
    61028: "component is unpublished",
    65316: "domain count reach limit",
    76001: "rid not found",
    76002: "rid is error",
    76003: "could not query this rid,no permission",
    76004: "rid time is error",
    76021: "cgi_path not found, please check",
    76022: "could not use this cgi_path，no permission",
    85016: "exceed valid domain count",
    85017: f"{_FILTERED} the domain has been set in miniprogram or open",
    85018: "域名没有在第三方平台设置",
    85019: "no version is under auditing",
    85020: "status not allowed",
    85301: _BY_RULE,
    85302: f"{_FILTERED} all domains have ICP licenses",
    85303: f"{_BY_RULE}. Besides, please confirm all domains have ICP licenses",
    86000: "should be called only from third party",
    86100: "invalid url protocol",
    86101: "不支持配置api.weixin.qq.com",
    86102: "每个月只能修改50次，超过域名修改次数限制",
    86103: "check confirmfile fail!",
    89019: "webview domain not change",
    89020: "open's webview domain is null! Need to set open's webview domain first!",
    89021: "request domain is not open's webview domain!",
    89022: "delete domain is not exist!",
    89029: "webview domain exceed limit",
    89030: "operation reach month limit",
    89231: "not support single",
    506015: "域名绑定的小程序超出上限",
    9402202: "concurrent limit",
    9410016: "invalid domain",
    9410018: "not support personal account",
    9420000: "no quota",
    9420001: "invalid domain",
    9420002: "out of size limit",
}
"""The texts of 9410016 and 9410018 are ours: none is known. Those of 506015, 85018, 86101 and 86102 are known
in Chinese only."""


FAULT_ERRORS = {
    40014: "invalid access_token",
    40164: "invalid ip, not in whitelist",
    40234: "invalid signature",
    40235: "invalid encrypt",
    42002: "refresh_token expired",
    42007: "access_token and refresh_token exception",
    43003: "require https",
    45035: "access clientip is not registered, not in ip-white-list",
    61016: "function category of API need be confirmed by component",
    61017: "function category is not authorized",
    85015: "该账号不是小程序账号",
}
"""What WeChat answers and the emulator does not, unless a fault says so."""


@dataclass(frozen=True)
class ApiError:
    """An answer with an errcode; `errmsg` is without the rid."""

    errcode: int
    errmsg: str


def api_error(errcode: int) -> ApiError:
    """Give the error with the text WeChat uses for this code."""
    return ApiError(errcode, ERRORS.get(errcode) or FAULT_ERRORS.get(errcode, "system error"))
