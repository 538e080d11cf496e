"""What was seen of one Mini Program, and what a state records of it: values, and the rules between them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed
from pulumi_wechat_miniprogram.lifecycle.server_domain import kind_of_entry, read_server

Mode = Literal["authoritative", "additive"]
Channel = Literal["direct", "registered"]
"""How domains are put on a list of an app: directly (mode two), or from its platform's list (mode one)."""
ListName = Literal[
    "webview",
    "server",
    "registered-webview",
    "registered-server",
    "prefetch",
    "platform-webview",
    "platform-server",
]
"""The lists that a resource may manage: an app's webview domains, or its server domains of all kinds.

Each channel has its own lists; those of mode one (registered domains) are named so. Then there are the
hosts whose DNS an app looks up in advance, and a third-party platform's own lists, whose appid is its own.
"""
PLATFORM: Final[Mapping[ListName, Literal["webview", "server"]]] = {
    "platform-webview": "webview",
    "platform-server": "server",
}
"""The lists of a platform, and what each is for."""
WEBVIEW: Final = frozenset[ListName]({"webview", "registered-webview"})
SERVER: Final = frozenset[ListName]({"server", "registered-server"})
"""The lists of an app's webview domains, and of its server domains, in either channel."""
OTHER_CHANNEL: Final[Mapping[ListName, ListName]] = {
    "webview": "registered-webview",
    "server": "registered-server",
    "registered-webview": "webview",
    "registered-server": "server",
}
"""The list that the other channel has of the same domains."""

PLATFORMS_LIST: Final[Mapping[ListName, ListName]] = {
    "registered-webview": "platform-webview",
    "registered-server": "platform-server",
}
"""The platform's own list that decides what a list of the registered channel may have."""


def list_name(of: Literal["webview", "server"], channel: Channel) -> ListName:
    """Return the name of a list in a channel."""
    return of if channel == "direct" else OTHER_CHANNEL[of]


def channel_of(lists: ListName) -> Channel:
    """Return the channel of a list."""
    return "registered" if lists in PLATFORMS_LIST else "direct"


def resource_id(appid: str, channel: str) -> str:
    """Return the id of a resource: the appid, with `/registered` after it in that channel."""
    return appid if channel == "direct" else f"{appid}/{channel}"


IMPORTED: Final = "#import"
"""The name in the state of an import until a first update: no program has declared what the state holds."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the state holds after an operation; every list in declared order, then sorted.

    `added_domains` also holds what this resource put on the list and no longer declares, for as long as
    another resource of the program declares it. `shared_domains` are those of both lists that others
    declare, with the names of these resources; `declared_as` is this resource's own name there.
    """

    appid: str
    domains: tuple[Listed, ...]
    mode: Mode = "authoritative"
    effective_domains: tuple[Listed, ...] = ()
    pending_domains: tuple[Listed, ...] = ()
    release_required: bool = False
    added_domains: tuple[Listed, ...] = ()
    shared_domains: Mapping[Listed, tuple[str, ...]] = field(default_factory=dict)
    declared_as: str = ""
    channel: Channel = "direct"


@dataclass(frozen=True, slots=True)
class ServerRecorded(Recorded):
    """The same of server domains: each has its kind before it.

    `managed` are the kinds that the resource manages, and `writes` is how many writes its last create or
    update sent.
    """

    managed: tuple[str, ...] = ()
    writes: int = 0


@dataclass(frozen=True, slots=True)
class PlatformRecorded(ServerRecorded):
    """The same of a third-party platform's own list: `appid` is the platform's, the kinds are its stages."""

    allow_removal: bool = False


def managed_by(recorded: Recorded) -> tuple[str, ...]:
    """Return the kinds of server domains that a resource manages; none of webview domains."""
    return recorded.managed if isinstance(recorded, ServerRecorded) else ()


def with_writes(recorded: Recorded, managed: tuple[str, ...], writes: int) -> Recorded:
    """Return a state of server domains after an operation; one of webview domains as it is."""
    if not isinstance(recorded, ServerRecorded):
        return recorded
    return replace(recorded, managed=managed, writes=writes)


def among(entries: Iterable[Listed], managed: Sequence[str]) -> frozenset[Listed]:
    """Return what is of the managed kinds. Webview domains have none: then it is all."""
    return (
        frozenset(entry for entry in entries if kind_of_entry(entry) in managed)
        if managed
        else frozenset(entries)
    )


@dataclass(frozen=True, slots=True)
class LiveList:
    """A list in WeChat's order: how WeChat spells each entry, and as what the entry is compared.

    `limit` is how many entries WeChat takes, where its answer says so.
    """

    entries: tuple[tuple[str, Listed], ...] = ()
    limit: int = 0

    @classmethod
    def of(cls, values: Iterable[str]) -> LiveList:
        """Take the values as WeChat spells them."""
        return cls(tuple((value, read_listed(value)) for value in values))

    @classmethod
    def of_kinds(
        cls, lists: Iterable[tuple[str, Iterable[str]]], read: Callable[[str, str], Listed] = read_server
    ) -> LiveList:
        """Take the values of each kind; a spelling has its kind before it, as what is read of it does."""
        return cls(
            tuple((f"{kind} {value}", read(kind, value)) for kind, values in lists for value in values)
        )

    @property
    def spelled(self) -> tuple[str, ...]:
        """The values as WeChat spells them; a deletion sends these."""
        return tuple(value for value, _ in self.entries)

    @property
    def spellings(self) -> dict[Listed, list[str]]:
        """How WeChat spells each domain: a domain may be there several times."""
        spellings: dict[Listed, list[str]] = {}
        for value, domain in self.entries:
            spellings.setdefault(domain, []).append(value)
        return spellings

    @property
    def domains(self) -> tuple[Listed, ...]:
        """Each domain once."""
        return tuple(self.spellings)

    def shows(self, action: str, entries: Iterable[str]) -> bool:
        """Return whether this list, of an answer, shows the effect of an `add` or a `delete` of entries."""
        if action == "delete":
            return frozenset(entries).isdisjoint(self.domains)
        return frozenset(entries).issubset(self.domains)

    def within(self, managed: Sequence[str]) -> LiveList:
        """Return what is of the managed kinds; see `among`."""
        if not managed:
            return self
        return replace(
            self, entries=tuple(each for each in self.entries if kind_of_entry(each[1]) in managed)
        )

    def without_spellings_of_others(self, configured: LiveList) -> LiveList:
        """Return this list without the spellings that only another way has of a `configured` domain."""
        shared, ours = frozenset(configured.domains), frozenset(configured.spelled)
        entries = tuple(each for each in self.entries if each[0] in ours or each[1] not in shared)
        return replace(self, entries=entries)


@dataclass(frozen=True, slots=True)
class ModeLists:
    """The list of each way of configuring, and what is in force since the last release.

    `configured` is the list of this channel; `others` is what the WeChat console and the other channel list.
    `other_channel` is what that channel lists of it. `kinds` are the lists that exist, if some do not: those
    of a platform that is not published.
    """

    configured: LiveList = LiveList()
    others: frozenset[Listed] = frozenset()
    effective: frozenset[Listed] = frozenset()
    channel: Channel = "direct"
    kinds: tuple[str, ...] = ()
    other_channel: frozenset[Listed] = frozenset()

    def exists(self, entry: Listed) -> bool:
        """Return whether there is a list that an entry could be on."""
        return not self.kinds or kind_of_entry(entry) in self.kinds

    @property
    def only_others(self) -> frozenset[Listed]:
        """What only the console or the other channel lists: never ours to remove."""
        return self.others.difference(self.configured.domains)

    def within(self, managed: Sequence[str]) -> ModeLists:
        """Return what is of the managed kinds; see `among`."""
        return replace(
            self,
            configured=self.configured.within(managed),
            others=among(self.others, managed),
            effective=among(self.effective, managed),
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """What WeChat holds of one Mini Program; `live` is in WeChat's order, each domain once."""

    appid: str
    live: tuple[Listed, ...]
    lists: ModeLists

    @property
    def effective(self) -> frozenset[Listed]:
        """What is in force."""
        return self.lists.effective

    @property
    def only_other_modes(self) -> frozenset[Listed]:
        """What only the console or the other channel lists: never ours."""
        return self.lists.only_others

    def record(self, domains: Sequence[Listed], mode: Mode, managed: Sequence[str] = ()) -> Recorded:
        """Return the state of a resource that declares these domains and has written none of them."""
        seen = blank(self.appid, mode, tuple(managed), tuple(domains), channel=self.lists.channel)
        return record(seen, self.lists)


def blank(
    appid: str,
    mode: Mode,
    managed: tuple[str, ...],
    domains: tuple[Listed, ...] = (),
    *,
    channel: Channel = "direct",
) -> Recorded:
    """Return a state of which nothing was seen yet. The one that manages kinds is of server domains."""
    if not managed:
        return Recorded(appid, domains, mode, channel=channel)
    return ServerRecorded(appid, domains, mode, managed=managed, channel=channel)


def record(recorded: Recorded, lists: ModeLists) -> Recorded:
    """Return a state with what is in force now, what waits, and whether a release would change anything."""
    lists = lists.within(managed_by(recorded))
    declared, effective = frozenset(recorded.domains), lists.effective
    additive = recorded.mode == "additive"
    if additive:
        effective &= declared
    in_order = [domain for domain in recorded.domains if domain in effective]
    in_order += sorted(effective - declared)
    result = with_pending(replace(recorded, effective_domains=tuple(in_order)))
    changes = bool(result.pending_domains) if additive else declared | lists.others != effective
    return replace(result, release_required=changes)


def with_unproven(recorded: Recorded, lists: ModeLists, waited: Collection[Listed]) -> Recorded:
    """Return a state in which what `waited` for a release still does, if the other channel has it in force.

    WeChat does not tell through which channel a domain is in force.
    """
    unproven = lists.other_channel & lists.effective
    waits = {each for each in recorded.domains if each in waited and each in unproven}
    if not waits:
        return recorded
    waits.update(recorded.pending_domains)
    pending = tuple(each for each in recorded.domains if each in waits)
    return replace(recorded, pending_domains=pending, release_required=True)


def with_pending(recorded: Recorded, *, release_required: bool = False) -> Recorded:
    """Return a state whose pending domains are those declared and not in force."""
    pending = tuple(domain for domain in recorded.domains if domain not in recorded.effective_domains)
    return replace(recorded, pending_domains=pending, release_required=release_required)
