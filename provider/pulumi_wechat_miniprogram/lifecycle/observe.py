"""What reads: the live list and the lists of each mode, as values. It writes nothing and decides nothing."""

from __future__ import annotations

from pulumi_wechat_miniprogram.lifecycle.domain import read_listed
from pulumi_wechat_miniprogram.lifecycle.state import LiveList, ModeLists, Observation
from pulumi_wechat_miniprogram.wechat.client import Client


class Observer:
    """Reads what WeChat holds of Mini Programs. Safe for concurrent use.

    Each method raises:
        CallFailed: see `wechat.errors`.
        TokenUnavailable: no token for this appid.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

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
