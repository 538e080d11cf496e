"""What a pack remembers of one run: a preview or an update, in which each URN is registered once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from pulumi_wechat_miniprogram.policy.resources import DeclaredResource, ListKey

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the time with its zone."""
    return datetime.now(timezone.utc)


class Run:
    """The lists judged so far, the appids of each webview domain, and the time."""

    def __init__(self, clock: Clock = now) -> None:
        self.clock = clock
        self._of_list: dict[ListKey, dict[str, DeclaredResource]] = {}
        self._apps_of: dict[str, dict[str, None]] = {}

    def note(self, declared: DeclaredResource) -> None:
        """Remember a list of a resource; noting it again changes nothing."""
        if declared.appid is None:
            return
        self._of_list.setdefault(declared.key, {})[declared.urn] = declared
        if (declared.listed, declared.channel) != ("domains", "direct"):
            return
        for domain in declared.domains:
            self._apps_of.setdefault(domain.host, {})[declared.appid] = None

    def others(self, declared: DeclaredResource) -> list[DeclaredResource]:
        """Return the same list of other resources that were judged before."""
        known = self._of_list.get(declared.key, {})
        return [other for urn, other in known.items() if urn != declared.urn]

    def apps_of(self, host: str) -> list[str]:
        """Return the appids that declare a webview domain in the direct channel, as they were judged."""
        return list(self._apps_of.get(host, ()))
