"""What reads: the live list and the lists of each mode, as values. It writes nothing and decides nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES, UNPUBLISHED, read_host, read_staged
from pulumi_wechat_miniprogram.lifecycle.server_domain import read_server
from pulumi_wechat_miniprogram.lifecycle.state import (
    PLATFORM,
    SERVER,
    Channel,
    ListName,
    LiveList,
    ModeLists,
    Observation,
    channel_of,
)
from pulumi_wechat_miniprogram.wechat.client import Client, PlatformList
from pulumi_wechat_miniprogram.wechat.models import PlatformHosts, ServerLists


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
    """Reads webview domains. The live list has its own call, `get`."""

    def __init__(self, client: Client, channel: Channel) -> None:
        self._client = client
        self._channel: Channel = channel

    def first(self, appid: str) -> tuple[LiveList, ModeLists | None]:
        return self.live(appid), None

    def live(self, appid: str) -> LiveList:
        """Read the live list. Where the answer has none, the lists of each mode tell whether it is empty."""
        live = self._client.live(appid, channel=self._channel)
        return self.lists(appid).configured if live is None else LiveList.of(live)

    def lists(self, appid: str) -> ModeLists:
        """Read the list of each mode, and what is in force."""
        answer = self._client.effective(appid)
        ours, theirs = answer.direct_webviewdomain, answer.third_webviewdomain
        if self._channel == "registered":
            ours, theirs = theirs, ours
        return ModeLists(
            LiveList.of(ours),
            frozenset(map(read_listed, (*answer.mp_webviewdomain, *theirs))),
            frozenset(map(read_listed, answer.effective_webviewdomain)),
            self._channel,
            other_channel=frozenset(map(read_listed, theirs)),
        )

    def look(self, appid: str) -> Observation:
        """Read both: two calls."""
        live = self._client.live(appid, channel=self._channel)
        lists = self.lists(appid)
        return Observation(appid, (lists.configured if live is None else LiveList.of(live)).domains, lists)


class _OneCall(ABC):
    """Reads lists of which one call tells everything."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def first(self, appid: str) -> tuple[LiveList, ModeLists | None]:
        lists = self.lists(appid)
        return lists.configured, lists

    def live(self, appid: str) -> LiveList:
        """Read the live list."""
        return self.lists(appid).configured

    @abstractmethod
    def lists(self, appid: str) -> ModeLists:
        """Read the lists of each mode, and what is in force."""

    def look(self, appid: str) -> Observation:
        """Read all of it."""
        lists = self.lists(appid)
        return Observation(appid, lists.configured.domains, lists)


class ServerObserver(_OneCall):
    """Reads server domains of all kinds."""

    def __init__(self, client: Client, channel: Channel) -> None:
        super().__init__(client)
        self._channel: Channel = channel

    def lists(self, appid: str) -> ModeLists:
        answer = self._client.server_domains(appid)
        ours, theirs = answer.direct_domain, answer.third_domain
        if self._channel == "registered":
            ours, theirs = theirs, ours
        return ModeLists(
            LiveList.of_kinds(ours.by_kind()),
            _entries(answer.mp_domain) | _entries(theirs),
            _entries(answer.effective_domain),
            self._channel,
            other_channel=_entries(theirs),
        )


class PrefetchObserver(_OneCall):
    """Reads the hosts whose DNS is looked up in advance: they are in force immediately."""

    def lists(self, appid: str) -> ModeLists:
        answer = self._client.prefetch_hosts(appid)
        live = LiveList(tuple((host, read_host(host)) for host in answer.hosts), answer.size_limit)
        return ModeLists(live, effective=frozenset(live.domains))


class PlatformObserver(_OneCall):
    """Reads a platform's own lists; what is on one of them is in force for it."""

    def __init__(self, client: Client, of: PlatformList) -> None:
        super().__init__(client)
        self._list: PlatformList = of

    def lists(self, appid: str) -> ModeLists:
        answer = self._client.platform_hosts(appid, self._list)
        live = platform_list(answer)
        kinds = UNPUBLISHED if answer.published is None else ()
        return ModeLists(live, effective=frozenset(live.domains), kinds=kinds)


def platform_list(answer: PlatformHosts) -> LiveList:
    """Return a platform's lists as one."""
    return LiveList.of_kinds(zip(STAGES, (answer.testing, answer.published or ()), strict=True), read_staged)


def observer_of(lists: ListName, client: Client) -> Observer:
    """Return what reads these lists."""
    if of := PLATFORM.get(lists):
        return PlatformObserver(client, of)
    if lists == "prefetch":
        return PrefetchObserver(client)
    made = ServerObserver if lists in SERVER else WebviewObserver
    return made(client, channel_of(lists))


def _entries(lists: ServerLists) -> frozenset[Listed]:
    return frozenset(read_server(kind, value) for kind, values in lists.by_kind() for value in values)
