"""What reads: the live list and the lists of each mode, as values. It writes nothing and decides nothing."""

from __future__ import annotations

from typing import Protocol

from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed
from pulumi_wechat_miniprogram.lifecycle.server_domain import read_server
from pulumi_wechat_miniprogram.lifecycle.state import LiveList, ModeLists, Observation
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.models import ServerLists


class Observer(Protocol):
    """Reads what WeChat holds of Mini Programs. Safe for concurrent use.

    Each method raises:
        CallFailed: see `wechat.errors`.
        TokenUnavailable: no token for this appid.
    """

    def first(self, appid: str) -> tuple[LiveList, ModeLists | None]:
        """Read the live list in one call, and the list of each mode where the same call tells it."""

    def live(self, appid: str) -> LiveList:
        """Read the live list."""

    def lists(self, appid: str) -> ModeLists:
        """Read the list of each mode, and what is in force."""

    def look(self, appid: str) -> Observation:
        """Read both."""


class WebviewObserver:
    """Reads webview domains. The live list has a call of its own, `get`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def first(self, appid: str) -> tuple[LiveList, ModeLists | None]:
        return self.live(appid), None

    def live(self, appid: str) -> LiveList:
        """Read the live list. Where the answer has none, the lists of each mode tell whether it is empty."""
        live = self._client.live(appid)
        return self.lists(appid).direct if live is None else LiveList.of(live)

    def lists(self, appid: str) -> ModeLists:
        """Read the list of each mode, and what is in force."""
        answer = self._client.effective(appid)
        return ModeLists(
            LiveList.of(answer.direct_webviewdomain),
            frozenset(map(read_listed, (*answer.mp_webviewdomain, *answer.third_webviewdomain))),
            frozenset(map(read_listed, answer.effective_webviewdomain)),
        )

    def look(self, appid: str) -> Observation:
        """Read both: two calls."""
        live = self._client.live(appid)
        lists = self.lists(appid)
        return Observation(appid, (lists.direct if live is None else LiveList.of(live)).domains, lists)


class ServerObserver:
    """Reads server domains: one call tells everything of all kinds."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def first(self, appid: str) -> tuple[LiveList, ModeLists | None]:
        lists = self.lists(appid)
        return lists.direct, lists

    def live(self, appid: str) -> LiveList:
        """Read the live list."""
        return self.lists(appid).direct

    def lists(self, appid: str) -> ModeLists:
        """Read the lists of each mode, and what is in force."""
        answer = self._client.server_domains(appid)
        return ModeLists(
            LiveList.of_kinds(answer.direct_domain.by_kind()),
            _entries(answer.mp_domain) | _entries(answer.third_domain),
            _entries(answer.effective_domain),
        )

    def look(self, appid: str) -> Observation:
        """Read all of it."""
        lists = self.lists(appid)
        return Observation(appid, lists.direct.domains, lists)


def _entries(lists: ServerLists) -> frozenset[Listed]:
    return frozenset(read_server(kind, value) for kind, values in lists.by_kind() for value in values)
