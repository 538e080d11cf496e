"""One table of WeChat's error codes: meaning, remedy, and whether the same call may go out again.

Source: the return-code list and the per-API pages of WeChat's open platform, and the community threads on
86103; tests/corpus has each with its page. The docs derive from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "busy",
    "confirm-file",
    "domain",
    "limit",
    "nothing-changed",
    "offboarded",
    "other",
    "permission",
    "token",
]

NOT_ON_PLATFORM: Final = frozenset({85017, 85018, 85301, 89020, 89021})
"""Codes for a domain that the platform's own list does not cover, which do not say which one it is."""
SYSTEM_ERROR: Final = -1
"""WeChat failed inside; a write may have been done, and a missing confirm file was seen to answer with it."""
MINUTE_PAUSE: Final = 60.0
"""Seconds to wait after 45011, whose text says "retry next minute"."""


@dataclass(frozen=True, slots=True)
class ErrCode:
    """One row: what the code means, what to do, which class answers for it, and the retry verdict.

    A code of kind `domain` is about one of the domains sent, one of kind `limit` about their number.
    `repeat` is False (never), True (with backoff) or a pause in seconds. For a write it means: observe the
    live list first, then decide afresh.
    """

    code: int
    meaning: str
    remedy: str
    kind: Kind = "other"
    repeat: bool | float = False


_REAUTHORISE = "Ask the account's owner to authorise the third-party platform again"
_CALLER_BUG = "This is a bug in the provider: please report it with the rid"
_IP = (
    "Add the IP that WeChat names to the platform's IP allow-list "
    "(open.weixin.qq.com, the third-party platform's development settings)"
)
_NEW_TOKEN = "Give a valid authorizer_access_token of this appid; check that nothing else renewed it"  # noqa: S105 - prose
_TICKET = "Give the newest component_verify_ticket: WeChat pushes one every 10 minutes, valid for 12 hours"
_FILE = "Complete the domain's ICP filing, wait 24 hours, then run the command again"
_LIST_FIRST = "Add the host to the third-party platform's own list first"
_SERVER_LIST = f"{_LIST_FIRST} (ThirdPartyPlatformServerDomains)"
_WEBVIEW_LIST = f"{_LIST_FIRST} (ThirdPartyPlatformWebviewDomains)"
_UNSIGNED = "Turn API security off in the account's settings: this provider neither signs nor encrypts"
_FIX_FORM = "Report the domain with the rid: the provider should have refused it"


def _then(remedy: str) -> str:
    return f"{remedy[0].lower()}{remedy[1:]}"


_REGISTERED_OR_FORM = f'With channel="registered": {_then(_SERVER_LIST)}. Else: {_then(_FIX_FORM)}'

_ROWS: Final = (
    ErrCode(
        SYSTEM_ERROR,
        "WeChat is busy or failed internally; domain calls were also seen to return this code for a missing "
        "confirm file",
        "Run the command again later; check the confirm file on each new host",
        "busy",
        repeat=True,
    ),
    ErrCode(40001, "the access token is invalid or not the latest", _NEW_TOKEN, "token"),
    ErrCode(40002, "the grant type is invalid", _CALLER_BUG),
    ErrCode(40013, "the appid is invalid", "Check the appid"),
    ErrCode(40014, "the access token is invalid", _NEW_TOKEN, "token"),
    ErrCode(40097, "an argument is invalid", _CALLER_BUG),
    ErrCode(40125, "the app secret is invalid", "Check the component's appsecret"),
    ErrCode(40164, "the caller's IP is not on the allow-list", _IP),
    ErrCode(40170, "more items were requested than one call returns", _CALLER_BUG),
    ErrCode(40234, "the account's API security requires a signature, and this call has none", _UNSIGNED),
    ErrCode(40235, "the account's API security requires encryption, and this call has none", _UNSIGNED),
    ErrCode(41001, "the access token is missing", _CALLER_BUG),
    ErrCode(41002, "the appid is missing", _CALLER_BUG),
    ErrCode(41004, "the app secret is missing", _CALLER_BUG),
    ErrCode(41018, "the component appid is missing", _CALLER_BUG),
    ErrCode(41021, "the component access token is missing", _CALLER_BUG),
    ErrCode(42001, "the access token has expired", _NEW_TOKEN, "token"),
    ErrCode(42002, "the refresh token has expired", "Fetch it again from the authorizer list"),
    ErrCode(
        42006, "the component access token has expired", "Give a current component access token", "token"
    ),
    ErrCode(42007, "the authorizer changed its password", _REAUTHORISE),
    ErrCode(43001, "the call must be a GET", _CALLER_BUG),
    ErrCode(43002, "the call must be a POST", _CALLER_BUG),
    ErrCode(43003, "the call must use https", "Use an https endpoint"),
    ErrCode(43007, "the account does not authorise this third-party platform", _REAUTHORISE, "offboarded"),
    ErrCode(44002, "the request body is empty", _CALLER_BUG),
    ErrCode(45002, "the request is too large", "Declare fewer domains in one update"),
    ErrCode(
        45009,
        "today's quota of this API is used up",
        "Run the command again tomorrow, or reset the quota (clear_quota)",
    ),
    ErrCode(
        45011,
        "too many calls in this minute",
        "Run the command again in a minute",
        ("busy"),
        repeat=MINUTE_PAUSE,
    ),
    ErrCode(45035, "the caller's IP is not on the allow-list", _IP),
    ErrCode(
        45082,
        "a domain has no ICP filing",
        _FILE,
        "domain",
    ),
    ErrCode(45104, "this month's changes of domains are used up", "Run the command again next month"),
    ErrCode(47001, "the request body is not valid JSON", _CALLER_BUG),
    ErrCode(
        48001,
        "the token may not call this API: it is the wrong kind of token, or permission set 18 is missing",
        "Use the authorizer_access_token of this appid, and ask the account's owner to grant permission set "
        "18",
        "permission",
    ),
    ErrCode(
        48004,
        "the account is restricted for a violation of WeChat's rules",
        "Ask the account's owner to read the notices on mp.weixin.qq.com",
        "offboarded",
    ),
    ErrCode(48006, "the month's quota resets are used up", "Run the command again tomorrow"),
    ErrCode(48017, "the call went to a retired IP of WeChat", "Remove pinned IPs from DNS and hosts files"),
    ErrCode(
        50002,
        "the account is frozen or closed",
        "Ask the account's owner to have it unfrozen",
        "offboarded",
    ),
    ErrCode(61003, "the app does not authorise this third-party platform", _REAUTHORISE, "offboarded"),
    ErrCode(61004, "the caller's IP is not on the platform's allow-list", _IP),
    ErrCode(61005, "the component verify ticket has expired", _TICKET),
    ErrCode(61006, "the component verify ticket is invalid", f"{_TICKET}; check the appsecret"),
    ErrCode(
        61007,
        "permission set 18 is not granted to the third-party platform",
        "Ask the account's owner to grant permission set 18 to the third-party platform",
        "offboarded",
    ),
    ErrCode(61009, "the authorization code is invalid", _REAUTHORISE),
    ErrCode(61010, "the authorization code has expired", _REAUTHORISE),
    ErrCode(
        61011, "the component appid does not belong to a third-party platform", ("Check the component appid")
    ),
    ErrCode(
        61014,
        "a component token is needed here",
        "Give the component_access_token of this third-party platform, not the token of an app",
    ),
    ErrCode(61015, "an authorizer token is needed here", _NEW_TOKEN),
    ErrCode(
        61016,
        "the third-party platform has yet to confirm the permission set of this API",
        "Confirm it in the third-party platform's settings (open.weixin.qq.com)",
    ),
    ErrCode(
        61017,
        "the permission set is not authorised",
        "Ask the account's owner to grant permission set 18 to the third-party platform",
    ),
    ErrCode(
        61023,
        "the refresh token is invalid",
        "Take the current one from the authorizer list (api_get_authorizer_list); if the app is not on it, "
        "ask the account's owner to authorise the third-party platform again",
        "offboarded",
    ),
    ErrCode(61024, "the platform's appid needs a component token", _NEW_TOKEN),
    ErrCode(
        61028,
        "the third-party platform is not published",
        "Publish it. Until then, change only its testing list, and add the app to its tests",
    ),
    ErrCode(
        65316,
        "too many domains on the third-party platform's list",
        "Remove domains from the platform's list first",
    ),
    ErrCode(76001, "no call has this rid", "Take the rid from the end of the errmsg"),
    ErrCode(76002, "the rid is missing or malformed", "Take the rid from the end of the errmsg"),
    ErrCode(
        76003,
        "the rid or the path belongs to another account",
        ("Use the token of the account that made the call"),
    ),
    ErrCode(
        76004, "the rid is older than seven days", ("Repeat the call, and look up its rid within seven days")
    ),
    ErrCode(76021, "WeChat has no API at this path", "Give the path with its leading slash, without host"),
    ErrCode(76022, "this kind of token may not query this path", "Use the kind of token that the API takes"),
    ErrCode(85015, "the account is not a Mini Program", "Check the appid"),
    ErrCode(85016, "too many domains", "Remove domains first, in an update of its own", "limit"),
    ErrCode(
        85017,
        "nothing is left to change: no domain was sent, or every domain that may be set is already on the "
        "list",
        f'Run `pulumi refresh`, then look again. With channel="registered": {_then(_SERVER_LIST)}',
    ),
    ErrCode(
        85018,
        "a domain is not on the third-party platform's list",
        _SERVER_LIST,
        "domain",
    ),
    ErrCode(85019, "no version of the app is under review", "Submit a version for review first"),
    ErrCode(
        85020,
        "the status of the review does not allow a release",
        ("Wait until the version has passed the review"),
    ),
    ErrCode(
        85301,
        "no domain is left to change, and one breaks the rules of domains or, in mode one, is not on the "
        "third-party platform's list",
        _REGISTERED_OR_FORM,
        "domain",
    ),
    ErrCode(85302, "no domain is left to change, and one has no ICP filing", _FILE, "domain"),
    ErrCode(
        85303,
        "no domain is left to change: one breaks the rules of domains or, in mode one, is not on the "
        "third-party platform's list; one has no ICP filing",
        f"{_REGISTERED_OR_FORM}. For the other: {_then(_FILE)}",
        "domain",
    ),
    ErrCode(86000, "only a third-party platform may call this", _NEW_TOKEN),
    ErrCode(86100, "a domain has the wrong form", _FIX_FORM, "domain"),
    ErrCode(
        86101, "a host of WeChat itself cannot be configured", "Remove it from the declared domains", "domain"
    ),
    ErrCode(86102, "this month's changes of domains are used up", "Run the command again next month"),
    ErrCode(
        86103,
        "WeChat did not find the confirm file on at least one new host; it does not say which",
        "Serve the file of MiniProgramConfirmFile at the root of every new host: over HTTPS, with status "
        "200, exactly its 32 bytes, and without a redirect",
        "confirm-file",
    ),
    ErrCode(
        89019, "nothing would change", "Run `pulumi refresh`, then look again", "nothing-changed", repeat=True
    ),
    ErrCode(89020, "the platform has no webview domains", _WEBVIEW_LIST),
    ErrCode(
        89021,
        "a domain is not on the platform's list",
        _WEBVIEW_LIST,
        "domain",
    ),
    ErrCode(
        89022,
        "a domain to delete is not on the list",
        "Run `pulumi refresh`, then look again",
        "nothing-changed",
        repeat=True,
    ),
    ErrCode(89029, "too many domains (300)", "Remove domains first, in an update of its own", "limit"),
    ErrCode(89030, "this month's changes of domains are used up", "Run the command again next month"),
    ErrCode(
        89231,
        "the Mini Program belongs to a person, and personal subjects have no webview domains",
        "Remove the resource from the program, and from the state with `pulumi state delete URN`",
    ),
    ErrCode(
        506015,
        "a domain is already bound to the Mini Programs of 100 subjects; WeChat does not say which domain",
        "Use another host for this app",
        "domain",
    ),
    ErrCode(
        9402202,
        "another call for the app is still in progress",
        "Run the command again when that call has finished",
        "busy",
        repeat=True,
    ),
    ErrCode(
        9410016,
        "a host for the third-party platform's list is invalid; nothing was changed",
        "Correct or remove the host: it must not have a scheme, port or path, and it needs an ICP filing "
        "and, for webview domains, the platform's confirm file at its root",
        "domain",
    ),
    ErrCode(
        9420000, "this month's 50 changes of prefetch hosts are used up", ("Run the command again next month")
    ),
    ErrCode(
        9420001,
        "a prefetch host is invalid, or has no ICP filing",
        f"Correct the host, or: {_then(_FILE)}",
        "domain",
    ),
    ErrCode(9420002, "too many prefetch hosts (5)", "Declare fewer hosts"),
)

ERRCODES: Final = {row.code: row for row in _ROWS}
"""Every code that the domain, token and quota APIs and the gateway are known to answer."""
