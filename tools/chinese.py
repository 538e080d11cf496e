"""The Chinese texts of the tables that docs/zh takes from the code, and the rows that they make.

Each text is keyed by what it explains: an errcode, a cause of a missing confirm file, a setting or a path.
tests/docs/test_chinese.py compares the keys, the numbers and the code in each text with the English one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pulumi_wechat_miniprogram.settings import Settings, config_name, env_name, holds_secret
from pulumi_wechat_miniprogram.wechat.errcodes import MINUTE_PAUSE
from pulumi_wechat_miniprogram.wechat.probe import CAUSES
from tools.tables import errcode_rows
from wechat_miniprogram_emulator.routes import ROUTES


class Code(NamedTuple):
    """What an errcode means, and what to do."""

    meaning: str
    remedy: str


class Cause(NamedTuple):
    """Words by which a message is recognised, and what to do."""

    said: str
    remedy: str


_REAUTHORISE = "请授权方重新授权给第三方平台"
_CALLER_BUG = "这是 provider 的缺陷，请带上 rid 提交 issue"
_IP = "把报错里的 IP 加入第三方平台的 IP 白名单（第三方平台管理后台 open.weixin.qq.com，开发资料）"
_NEW_TOKEN = "换成该 appid 当前有效的 authorizer_access_token，并确认没有其他程序也在刷新它"  # noqa: S105 - prose
_TICKET = "改用最新的 component_verify_ticket：微信每 10 分钟推送一次，有效期 12 小时"
_FILE = "先完成 ICP 备案，等 24 小时后重试"
_SERVER_LIST = "先把域名加入第三方平台的服务器域名（ThirdPartyPlatformServerDomains）"
_WEBVIEW_LIST = "先把域名加入第三方平台的业务域名（ThirdPartyPlatformWebviewDomains）"
_UNSIGNED = "在账号设置里关闭「API 安全」：本 provider 不签名，也不加密"
_FIX_FORM = "请把域名和 rid 反馈给我们：provider 本应提前拒绝它"
_REGISTERED_OR_FORM = f'`channel="registered"` 时：{_SERVER_LIST}。其他情况：{_FIX_FORM}'
_GRANT = "请授权方把权限集 18 授权给第三方平台"
_RID = "rid 在 errmsg 的末尾，照抄即可"
_REFRESH = "先运行 `pulumi refresh`，再看差异"
_FEWER_FIRST = "先删后加，分两次更新"
_NEXT_MONTH = "下个月再运行"
_CHECK_APPID = "检查 appid"

CODES: Final[Mapping[int, Code]] = {
    -1: Code(
        "系统繁忙，或微信内部出错；域名接口缺少校验文件时也见过返回 -1",
        "稍后再运行；检查每个新域名的校验文件",
    ),
    40001: Code("access_token 无效，或不是最新的", _NEW_TOKEN),
    40002: Code("grant_type 不合法", _CALLER_BUG),
    40013: Code("appid 不合法", _CHECK_APPID),
    40014: Code("access_token 不合法", _NEW_TOKEN),
    40097: Code("参数错误", _CALLER_BUG),
    40125: Code("AppSecret 不正确", "检查第三方平台的 AppSecret"),
    40164: Code("调用方 IP 不在白名单里", _IP),
    40170: Code("一次拉取的数量超过上限", _CALLER_BUG),
    40234: Code("账号开启了「API 安全」，要求签名，本次调用没有签名", _UNSIGNED),
    40235: Code("账号开启了「API 安全」，要求加密，本次调用没有加密", _UNSIGNED),
    41001: Code("缺少 access_token", _CALLER_BUG),
    41002: Code("缺少 appid", _CALLER_BUG),
    41004: Code("缺少 AppSecret", _CALLER_BUG),
    41018: Code("缺少 component_appid", _CALLER_BUG),
    41021: Code("缺少 component_access_token", _CALLER_BUG),
    42001: Code("access_token 已过期", _NEW_TOKEN),
    42002: Code("refresh_token 已过期", "从「拉取已授权的账号列表」接口重新获取"),
    42006: Code("component_access_token 已过期", "换成当前有效的 component_access_token"),
    42007: Code("授权方修改了密码，令牌失效", _REAUTHORISE),
    43001: Code("必须用 GET 请求", _CALLER_BUG),
    43002: Code("必须用 POST 请求", _CALLER_BUG),
    43003: Code("必须用 HTTPS 请求", "`endpoint` 改用 https 地址"),
    43007: Code("账号没有授权给该第三方平台", _REAUTHORISE),
    44002: Code("请求体为空", _CALLER_BUG),
    45002: Code("请求内容过大", "一次少声明一些域名"),
    45009: Code("该接口当天的调用额度已用完", "明天再运行，或重置额度（clear_quota）"),
    45011: Code("这一分钟内调用过于频繁", "等一分钟再运行"),
    45035: Code("调用方 IP 不在白名单里", _IP),
    45082: Code("有域名没有 ICP 备案", _FILE),
    45104: Code("本月的域名修改次数已用完", _NEXT_MONTH),
    47001: Code("请求体不是 JSON", _CALLER_BUG),
    48001: Code(
        "令牌没有该接口的权限：令牌种类不对，或缺少权限集 18",
        f"使用该 appid 的 authorizer_access_token，并{_GRANT}",
    ),
    48004: Code("账号因违规被处罚", "请授权方登录 mp.weixin.qq.com 查看通知"),
    48006: Code("本月重置额度的次数已用完", "明天再运行"),
    48017: Code("请求发到了微信已下线的 IP", "删除 DNS 和 hosts 里写死的 IP"),
    50002: Code("账号被冻结或已注销", "请授权方先解冻账号"),
    61003: Code("该小程序没有授权给第三方平台", _REAUTHORISE),
    61004: Code("调用方 IP 不在第三方平台的白名单里", _IP),
    61005: Code("component_verify_ticket 已过期", _TICKET),
    61006: Code("component_verify_ticket 无效", f"{_TICKET}；同时检查 AppSecret"),
    61007: Code("第三方平台没有获得权限集 18", _GRANT),
    61009: Code("授权码无效", _REAUTHORISE),
    61010: Code("授权码已过期", _REAUTHORISE),
    61011: Code("component_appid 不是第三方平台", "检查 component_appid"),
    61014: Code(
        "该接口要用第三方平台的令牌",
        "使用该第三方平台的 component_access_token，不要用小程序的令牌",
    ),
    61015: Code("该接口要用授权方的令牌", _NEW_TOKEN),
    61016: Code(
        "该接口所属的权限集还需要第三方平台确认",
        "在第三方平台管理后台（open.weixin.qq.com）确认该权限集",
    ),
    61017: Code("权限集没有授权", _GRANT),
    61023: Code(
        "authorizer_refresh_token 无效",
        f"从「拉取已授权的账号列表」（api_get_authorizer_list）取当前值；小程序不在列表里时，{_REAUTHORISE}",
    ),
    61024: Code("第三方平台的 appid 要用 component_access_token", _NEW_TOKEN),
    61028: Code(
        "第三方平台还没有全网发布",
        "先全网发布。发布之前只修改「测试版」域名，并把小程序加入授权测试账号",
    ),
    65316: Code("第三方平台的域名数量超过上限", "先从第三方平台的域名里删掉一些"),
    76001: Code("查不到这个 rid", _RID),
    76002: Code("rid 为空或格式错误", _RID),
    76003: Code("rid 或接口路径属于其他账号", "用发起那次调用的账号的令牌查询"),
    76004: Code("rid 已超过七天", "重新调用一次，并及时查询 rid"),
    76021: Code("微信没有这个接口路径", "路径以 / 开头，不带域名"),
    76022: Code("这种令牌不能查询该接口", "使用该接口要求的那种令牌"),
    85015: Code("该账号不是小程序", _CHECK_APPID),
    85016: Code("域名数量超过上限", _FEWER_FIRST),
    85017: Code(
        "没有可修改的域名：请求里没有域名，或没有可设置的新域名",
        f'{_REFRESH}。`channel="registered"` 时：{_SERVER_LIST}',
    ),
    85018: Code("域名没有在第三方平台设置", _SERVER_LIST),
    85019: Code("小程序没有在审核的版本", "先提交审核"),
    85020: Code("审核状态不满足发布条件", "等审核通过后再发布"),
    85301: Code(
        "没有可修改的域名：有域名不符合域名规则，或（模式一）不在第三方平台的域名里",
        _REGISTERED_OR_FORM,
    ),
    85302: Code("没有可修改的域名：有域名没有 ICP 备案", _FILE),
    85303: Code(
        "没有可修改的域名：有域名不符合域名规则，或（模式一）不在第三方平台的域名里；另有域名没有 ICP 备案",
        f"{_REGISTERED_OR_FORM}。没有备案的域名：{_FILE}",
    ),
    86000: Code("该接口只允许第三方平台调用", _NEW_TOKEN),
    86100: Code("域名格式不正确", _FIX_FORM),
    86101: Code("不能配置微信自己的域名", "从声明里删掉它"),
    86102: Code("本月的域名修改次数已用完", _NEXT_MONTH),
    86103: Code(
        "至少有一个新域名下没有找到校验文件；微信不说是哪一个",
        "把 MiniProgramConfirmFile 给出的文件放到每个新域名的根目录："
        "https、状态码 200、只有那 32 字节、不重定向",
    ),
    89019: Code("业务域名没有变化", _REFRESH),
    89020: Code("第三方平台还没有设置业务域名", _WEBVIEW_LIST),
    89021: Code("域名不在第三方平台的业务域名里，也不是其子域名", _WEBVIEW_LIST),
    89022: Code("要删除的域名不在列表里", _REFRESH),
    89029: Code("业务域名数量超过上限（300）", _FEWER_FIRST),
    89030: Code("本月的域名修改次数已用完", _NEXT_MONTH),
    89231: Code(
        "个人主体的小程序不支持业务域名",
        "从程序里删掉该资源，再用 `pulumi state delete URN` 从 state 里删掉",
    ),
    506015: Code("有域名已绑定 100 个主体的小程序；微信不说是哪一个", "给这个小程序换一个域名"),
    9402202: Code("该小程序还有一个调用正在执行", "等那个调用结束后再运行"),
    9410016: Code(
        "第三方平台的域名里有不合法的域名；没有做任何修改",
        "修正或删掉该域名：不带协议、端口和路径，已完成 ICP 备案；业务域名的根目录还要有第三方平台的校验文件",
    ),
    9420000: Code("本月 50 次 DNS 预解析域名的修改次数已用完", _NEXT_MONTH),
    9420001: Code("DNS 预解析域名不合法，或没有 ICP 备案", f"修正域名；没有备案的，{_FILE}"),
    9420002: Code("DNS 预解析域名超过上限（5）", "少声明一些域名"),
}
"""The errcodes of the provider's table."""

CONFIRM_FILE: Final[Mapping[str, Cause]] = {
    "dns": Cause("its name is not found in DNS", "把域名发布到公网 DNS"),
    "refused": Cause("refuses the connection on port 443", "让 Web 服务器监听 443 端口"),
    "timeout": Cause("did not send a complete answer within", "向公网开放 443 端口，检查防火墙和服务器"),
    "connection": Cause("breaks the connection", "检查 Web 服务器，以及前面的代理或负载均衡"),
    "proxy": Cause("was asked through the proxy", "把域名加入 NO_PROXY，或把 probe 设为 false"),
    "environment": Cause("was not asked, because", "修正该环境变量，或把 probe 设为 false"),
    "certificate-name": Cause("its certificate names other hosts", "换一张包含该域名的证书"),
    "certificate-date": Cause("has expired", "换一张当前有效的证书"),
    "certificate-issuer": Cause(
        "from an authority that is not trusted", "使用公共 CA 签发的证书，并返回完整证书链"
    ),
    "certificate-chain": Cause(
        "sends its own certificate alone", "返回完整证书链：先是域名的证书，后面是中间证书"
    ),
    "tls": Cause("does not complete a TLS handshake", "在 443 端口支持 TLS 1.2 或更高版本"),
    "redirect": Cause("redirects (", "直接返回文件内容：没有资料说明微信会跟随重定向"),
    "status": Cause("answers with HTTP status", "把文件放到根目录，并去掉该路径的访问限制；文件名区分大小写"),
    "html": Cause("answers with an HTML page", "让文件优先于登录页和单页应用（SPA）的兜底路由"),
    "bom": Cause("puts a byte order mark before the content", "保存文件时不要带 BOM"),
    "whitespace": Cause("the content with line breaks or spaces", "文件只有 32 字节，前后不要有换行或空格"),
    "encoded": Cause("answers compressed", "客户端没有要求压缩时，不要返回压缩内容"),
    "other-file": Cause(
        "answers with the content of another confirm file", "使用该 appid 的文件：每个小程序的校验文件不同"
    ),
    "content": Cause("answers with other content", "原样返回文件，一个字节都不要改"),
}
"""The causes of a missing confirm file."""

CREDENTIALS: Final[Mapping[str, str]] = {
    "access_token": "一个 authorizer_access_token；要同时设置 `accessTokenAppid`",
    "access_token_appid": "`accessToken` 属于哪个 appid",
    "access_tokens": "JSON 对象：从 appid 到 authorizer_access_token，"
    "第三方平台的 appid 则对应 component_access_token；也可以整个放在一个文件里",
    "access_token_command": "打印 `$WECHAT_APPID` 的令牌的命令，写成 JSON 数组，或按 shell 规则分词；"
    "输出令牌本身，或含 `access_token`、`authorizer_access_token`"
    "（第三方平台的 appid 用 `component_access_token`）和 `expires_in` 的 JSON",
    "access_token_url": "中控服务的 URL，含 `{appid}`；用 GET 请求，"
    "返回内容与 `accessTokenCommand` 的输出相同；必须是 https，本机回环地址可用 http",
    "access_token_url_bearer": "以 `Authorization: Bearer …` 发给 `accessTokenUrl`",
    "component_appid": "第三方平台的 appid，用于令牌换取流程和第三方平台自己的域名",
    "component_appsecret": "第三方平台的 AppSecret",
    "component_verify_ticket": "微信推送给第三方平台的最新 component_verify_ticket",
    "component_access_token": "component_access_token，代替 `componentAppsecret` 和 `componentVerifyTicket`",
    "authorizer_refresh_tokens": "JSON 对象：从 appid 到 authorizer_refresh_token；也可以整个放在一个文件里；"
    "只管理第三方平台自己的域名时不需要",
}
"""The settings that say where tokens come from."""

PATHS: Final[Mapping[str, str]] = {
    "/wxa/setwebviewdomain_directly": "快速配置小程序业务域名（模式二）",
    "/wxa/get_effective_webviewdomain": "获取发布后生效业务域名列表：各渠道的配置，以及已生效的域名",
    "/wxa/get_webviewdomain_confirmfile": "获取业务域名校验文件：放在小程序每个域名的根目录",
    "/wxa/setwebviewdomain": "配置小程序业务域名（模式一）",
    "/wxa/modify_domain": "配置小程序服务器域名（模式一）；报错时也返回各列表",
    "/wxa/modify_domain_directly": "快速配置小程序服务器域名（模式二）",
    "/wxa/get_effective_domain": "获取发布后生效服务器域名列表：各渠道的配置，以及已生效的域名",
    "/wxa/set_prefetchdnsdomain": "设置 DNS 预解析域名，整体覆盖",
    "/wxa/get_prefetchdnsdomain": "获取 DNS 预解析域名",
    "/wxa/getwxadevinfo": "查询业务域名和服务器域名，只读",
    "/wxa/getversioninfo": "查询体验版和线上版的版本信息（有则返回）",
    "/wxa/release": "发布已通过审核的小程序版本",
    "/cgi-bin/component/modify_wxa_jump_domain": "设置第三方平台业务域名",
    "/cgi-bin/component/modify_wxa_server_domain": "设置第三方平台服务器域名",
    "/cgi-bin/component/get_domain_confirmfile": "获取第三方平台业务域名校验文件：放在每个域名的根目录",
    "/cgi-bin/component/api_start_push_ticket": "启动票据推送：生成下一个 ticket，但不会真正推送",
    "/cgi-bin/component/api_component_token": "用 AppSecret 和 ticket 换 component_access_token",
    "/cgi-bin/component/api_query_auth": "用授权码换授权方的令牌，授权码只能用一次",
    "/cgi-bin/component/api_authorizer_token": "用 authorizer_refresh_token 换 authorizer_access_token",
    "/cgi-bin/component/api_get_authorizer_info": "获取授权方信息：账号、授权的权限集、已生效的域名",
    "/cgi-bin/component/api_get_authorizer_list": "拉取已授权的账号列表，含 authorizer_refresh_token",
    "/cgi-bin/component/clear_quota/v2": "与 `clear_quota` 相同，用 AppSecret，拿不到令牌时使用",
    "/cgi-bin/token": "每次返回新的 access_token；旧的再有效五分钟",
    "/cgi-bin/stable_token": "到期前五分钟以内才换新的 access_token，除非强制刷新",
    "/cgi-bin/openapi/rid/get": "按 rid 查询同一账号被拒绝的调用，保留七天",
    "/cgi-bin/openapi/quota/get": "查询一个接口的当天额度和用量",
    "/cgi-bin/openapi/quota/clear": "重置一个接口的当天额度",
    "/cgi-bin/clear_quota": "重置所有接口的当天额度",
}
"""The endpoints of the emulator."""

TOKENS: Final[Mapping[str, str]] = {
    "account": "任意账号",
    "authorizer": "authorizer_access_token",
    "authorizer or own": "authorizer_access_token，或小程序自己的 access_token",
    "component": "component_access_token",
    "none": "不需要",
}
"""The kinds of token that an endpoint takes."""


def of_credentials(field: str) -> bool:
    """Return whether a setting says where tokens come from."""
    return field.startswith(("access_token", "authorizer_", "component_"))


def errcodes() -> list[str]:
    """One row for each code."""
    again = {False: "否", True: "是", MINUTE_PAUSE: "60 秒后", "token": "一次，换新令牌"}
    return errcode_rows("| errcode | 含义 | 处理办法 | 自动重试 |", again, CODES)


def causes() -> list[str]:
    """One row for each cause of a missing confirm file."""
    rows = ["| 报错片段 | 处理办法 |", "|---|---|"]
    return rows + [f"| `{CONFIRM_FILE[id_].said}` | {CONFIRM_FILE[id_].remedy} |" for id_ in CAUSES]


def settings() -> list[str]:
    """One row for each setting that says where tokens come from."""
    rows = ["| 配置项 | 环境变量 | 说明 |", "|---|---|---|"]
    for field in filter(of_credentials, Settings.model_fields):
        secret = "**机密**，可写 `file:/path`。" if holds_secret(field) else ""
        key = config_name(field).partition(":")[2]
        rows.append(f"| `{key}` | `{env_name(field)}` | {secret}{CREDENTIALS[field]} |")
    return rows


def endpoints() -> list[str]:
    """One row for each endpoint of the emulator."""
    rows = ["| 接口 | 令牌 | 说明 |", "|---|---|---|"]
    rows += [
        f"| `{each.method} {each.path}` | {TOKENS[each.token]} | {PATHS[each.path]} |"
        for each in ROUTES.values()
    ]
    return rows
