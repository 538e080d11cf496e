"""The endpoints. Reads are repeated as `errors.may_repeat` says, a write is sent once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from pulumi_wechat_miniprogram.wechat.errcodes import SYSTEM_ERROR
from pulumi_wechat_miniprogram.wechat.errors import BadReply, Call, TokenRejected, WeChatError
from pulumi_wechat_miniprogram.wechat.models import (
    SERVER_FIELDS,
    AppInfo,
    ConfirmFile,
    EffectiveLists,
    EffectiveServerLists,
    LiveList,
    PlatformHosts,
    PlatformServerHosts,
    PlatformWebviewHosts,
    PrefetchHosts,
    Reply,
    ServerWrite,
)
from pulumi_wechat_miniprogram.wechat.tokens import Tokens
from pulumi_wechat_miniprogram.wechat.wire import Post, ReplyT, Wire

READ_EFFECTIVE: Final = "read of the effective list"
READ_SERVER: Final = "read of the server domains"

Channel = Literal["direct", "registered"]
"""How a list is configured: mode two, or mode one, which takes only what the platform's own list has."""
PlatformList = Literal["webview", "server"]

WEBVIEW_DOMAINS: Final[Mapping[Channel, str]] = {
    "direct": "/wxa/setwebviewdomain_directly",
    "registered": "/wxa/setwebviewdomain",
}
WEBVIEW_EFFECTIVE: Final = "/wxa/get_effective_webviewdomain"
SERVER_DOMAINS: Final[Mapping[Channel, str]] = {
    "direct": "/wxa/modify_domain_directly",
    "registered": "/wxa/modify_domain",
}
SERVER_EFFECTIVE: Final = "/wxa/get_effective_domain"
APP_INFO: Final = "/wxa/getwxadevinfo"
_CONFIRM_FILE: Final = "/wxa/get_webviewdomain_confirmfile"
SET_PREFETCH: Final = "/wxa/set_prefetchdnsdomain"
GET_PREFETCH: Final = "/wxa/get_prefetchdnsdomain"
_COMPONENT: Final = "/cgi-bin/component/"
"""Calls below it are the platform's own, with its token."""
_PLATFORM_FILE: Final = f"{_COMPONENT}get_domain_confirmfile"
PLATFORM_LISTS: Final[Mapping[PlatformList, tuple[str, str, type[PlatformHosts]]]] = {
    "webview": (f"{_COMPONENT}modify_wxa_jump_domain", "wxa_jump_h5_domain", PlatformWebviewHosts),
    "server": (f"{_COMPONENT}modify_wxa_server_domain", "wxa_server_domain", PlatformServerHosts),
}
"""The path, the field of a request, and the answer of each list of a third-party platform."""

_FILE_MISSING: Final = (
    "WeChat also returns this code if a host does not serve the platform's confirm file. Serve the file of "
    "ThirdPartyPlatformConfirmFile, not that of an app, at the root of each new host, then run the command "
    "again."
)
_RENEW_COMPONENT: Final = (
    "This error concerns the platform's own token: give a current component_access_token, and check that "
    "nothing else renewed it."
)


class Client:
    """Calls WeChat for many appids. Safe for concurrent use."""

    def __init__(self, wire: Wire, tokens: Tokens) -> None:
        self._wire = wire
        self._tokens = tokens

    def close(self) -> None:
        self._wire.close()

    def reach(self) -> None:
        """Ask for a list without a token, once: a refusal proves that the API answers.

        Raises:
            CallFailed: no connection, no answer, or an answer that is not WeChat's.
        """
        call = Call("the endpoint", "test call")
        try:
            self._wire.post(Post(call, WEBVIEW_DOMAINS["direct"], {"action": "get"}), Reply)
        except WeChatError:
            return
        raise BadReply(call, "the endpoint", "it accepts a call without a token")

    def appids(self) -> tuple[str, ...]:
        """Return the apps that have tokens, none if the source cannot list them. Raises as `live` does."""
        return self._tokens.appids()

    def live(self, appid: str, *, channel: Channel = "direct") -> tuple[str, ...] | None:
        """Read the live list of a channel, in WeChat's spelling and order, None if the answer has no list.

        Raises:
            CallFailed: see the tree in `errors`.
            TokenUnavailable: no token for this appid.
        """
        post = Post(Call(appid, "get"), WEBVIEW_DOMAINS[channel], {"action": "get"})
        return self._read(post, LiveList).webviewdomain

    def effective(self, appid: str) -> EffectiveLists:
        """Read what is in force, and each list that is configured. Raises as `live` does."""
        return self._read(Post(Call(appid, READ_EFFECTIVE), WEBVIEW_EFFECTIVE), EffectiveLists)

    def app_info(self, appid: str) -> AppInfo:
        """Read the domains as the console's developer settings show them. Raises as `live` does."""
        return self._read(Post(Call(appid, "read of the developer settings"), APP_INFO), AppInfo)

    def confirm_file(self, appid: str) -> ConfirmFile:
        """Read the confirm file of this Mini Program. Raises as `live` does."""
        return self._read(Post(Call(appid, "read of the confirm file"), _CONFIRM_FILE), ConfirmFile)

    def write(self, appid: str, action: str, values: Sequence[str], *, channel: Channel = "direct") -> None:
        """Send one `set`, `add` or `delete` once. Raises as `live` does.

        If the token is rejected, an `add` or `delete` is sent again with a renewed one. A `set` is not,
        since the list that it replaces may have changed: the error is then `renewed`.
        """
        body = {"action": action, "webviewdomain": list(values)}
        self._send(Post(Call(appid, action, tuple(values)), WEBVIEW_DOMAINS[channel], body), Reply)

    def server_domains(self, appid: str) -> EffectiveServerLists:
        """Read the server domains of each kind: what is configured, and in force. Raises as `live` does."""
        return self._read(Post(Call(appid, READ_SERVER), SERVER_EFFECTIVE), EffectiveServerLists)

    def write_server_domains(
        self,
        appid: str,
        action: str,
        entries: Sequence[str],
        *,
        channel: Channel = "direct",
        emptied: Collection[str] = (),
    ) -> ServerWrite:
        """Send one write once; each entry has its kind before it. Raises as `live` does.

        What the answer names was left out, although it reports success. A kind without entries is not sent,
        unless it is among those `emptied`.
        """
        body: dict[str, object] = {"action": action}
        for kind, name in SERVER_FIELDS.items():
            held = [entry.removeprefix(f"{kind} ") for entry in entries if entry.startswith(f"{kind} ")]
            body |= {name: held} if held or kind in emptied else {}
        return self._send(
            Post(Call(appid, action, tuple(entries)), SERVER_DOMAINS[channel], body), ServerWrite
        )

    def prefetch_hosts(self, appid: str) -> PrefetchHosts:
        """Read the hosts whose DNS the app looks up in advance. Raises as `live` does."""
        call = Call(appid, "read of the prefetch hosts")
        return self._read(Post(call, GET_PREFETCH, method="GET"), PrefetchHosts)

    def write_prefetch_hosts(self, appid: str, hosts: Sequence[str]) -> None:
        """Replace these hosts, once. Raises as `write` does for a `set`.

        WeChat refuses an item that has more than its `url` (47001), although it answers with more.
        """
        body = {"prefetch_dns_domain": [{"url": host} for host in hosts]}
        self._send(Post(Call(appid, "set", tuple(hosts)), SET_PREFETCH, body), Reply)

    def platform_hosts(self, component: str, of: PlatformList) -> PlatformHosts:
        """Read one of a third-party platform's own lists. Raises as `live` does."""
        path, _, model = PLATFORM_LISTS[of]
        call = Call(component, f"read of the platform's {of} hosts")
        return self._read(Post(call, path, {"action": "get"}), model)

    def write_platform_hosts(
        self, component: str, of: PlatformList, action: str, hosts: Sequence[str], *, publish: bool
    ) -> PlatformHosts:
        """Send one `add` or `delete` of bare hosts once: to the testing list or, with `publish`, to both.

        What the answer names as invalid was left out, although it reports success. Raises as `live` does.
        """
        path, field, model = PLATFORM_LISTS[of]
        body = {"action": action, field: ";".join(hosts), "is_modify_published_together": publish}
        try:
            return self._send(Post(Call(component, action, tuple(hosts)), path, body), model)
        except WeChatError as error:
            if error.errcode != SYSTEM_ERROR or of == "server" or action == "delete":
                raise
            raise error.advising(_FILE_MISSING) from None

    def platform_confirm_file(self, component: str) -> ConfirmFile:
        """Read the confirm file of a third-party platform. Raises as `live` does."""
        call = Call(component, "read of the platform's confirm file")
        return self._read(Post(call, _PLATFORM_FILE), ConfirmFile)

    def _read(self, post: Post, model: type[ReplyT]) -> ReplyT:
        return self._wire.attempts.run(lambda: self._send(post, model))

    def _send(self, post: Post, model: type[ReplyT]) -> ReplyT:
        of_platform = post.path.startswith(_COMPONENT)
        tokens = self._tokens.platform if of_platform else self._tokens
        name = "component_access_token" if of_platform else "access_token"
        try:
            return tokens.call(
                post.call.appid,
                lambda token: self._wire.post(replace(post, token={name: token}), model),
                again=post.call.action != "set",
            )
        except TokenRejected as rejected:
            raise rejected.advising(_RENEW_COMPONENT) if of_platform else rejected from None
