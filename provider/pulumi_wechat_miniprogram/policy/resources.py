"""What policies see: a resource that manages domains, any resource, and the stack at the end."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pulumi_wechat_miniprogram.exports.kinds import Face, Kind, face_of, kind_of
from pulumi_wechat_miniprogram.exports.properties import Element, Gap, Properties
from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, parse_domain, shown
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, ServerDomain, read_server
from pulumi_wechat_miniprogram.lifecycle.state import Channel

GUARDS: Final = {
    "overwrite_existing": "it may remove live domains that no resource declares",
    "allow_mass_removal": "it may remove any number of domains in one update",
}
"""The inputs that lift a guard, and what each then permits."""
_AFTER_HOST = re.compile(r"[/:?#]")


class ListKey(NamedTuple):
    """What tells one list of domains from all others: `listed` is `domains` or a kind of server domains.

    Each channel has lists of its own.
    """

    appid: str
    listed: str
    channel: Channel = "direct"


@dataclass(frozen=True, slots=True)
class DeclaredDomain:
    """One known element of a list.

    `text` is how the engine has it, canonical. `shown` is what a message may contain: the domain, or, for a
    secret, its place in the list. `plain` is false for a live value that the provider's own rules refuse,
    which a refresh brought in.
    """

    index: int
    text: str
    host: str
    shown: str
    plain: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class DeclaredResource:
    """The checked inputs in a preview or an update, the stored ones in an export.

    `lifted` are the guards that are off, as the inputs spell them. `listed` is the input that holds the
    domains: a `MiniProgramServerDomains` is one of these for each list that it manages.
    """

    urn: str
    name: str
    appid: str | None
    shown_appid: str
    mode: str | None
    domains: tuple[DeclaredDomain, ...]
    lifted: tuple[str, ...]
    protected: bool
    gaps: tuple[Gap, ...]
    listed: str = "domains"
    channel: Channel = "direct"

    @property
    def key(self) -> ListKey:
        """The list. If the appid is unknown, the list is shared with no other resource."""
        return ListKey(self.appid or "", self.listed, self.channel)

    @property
    def shown_kind(self) -> str:
        """The words before "list": its channel, unless that is the direct one, and its kind."""
        channel = "" if self.channel == "direct" else f"{self.channel} "
        return channel if self.listed == "domains" else f"{channel}`{self.listed}` "

    def gaps_in(self, *fields: str) -> tuple[Gap, ...]:
        """Return the gaps in these properties and their elements; `domains` is the list, as it is called."""
        names = [self.listed if field == "domains" else field for field in fields]
        return tuple(gap for gap in self.gaps if gap.name in names)

    @property
    def hosts(self) -> frozenset[str]:
        """The known hosts."""
        return frozenset(domain.host for domain in self.domains)


def read_declared(
    urn: str,
    name: str,
    props: Mapping[str, object],
    *,
    protected: bool,
    face: Face = "dynamic",
    listed: str = "domains",
) -> DeclaredResource:
    """Parse any properties; a value whose type the provider's check does not admit becomes a gap."""
    held = Properties(props, required=("appid", "mode", listed), face=face)
    appid = held.text("appid")
    return DeclaredResource(
        urn=urn,
        name=name,
        appid=appid,
        shown_appid="an appid that is a secret" if "appid" in held.secrets else appid or "an unknown appid",
        mode=held.mode(),
        domains=tuple(_domain(element, listed) for element in held.elements(listed)),
        lifted=tuple(held.spelling(flag) for flag in GUARDS if held.flag(flag)),
        protected=protected,
        channel=held.channel(),
        gaps=tuple(held.gaps),
        listed=listed,
    )


def _domain(element: Element, listed: str) -> DeclaredDomain:
    host, plain = host_of(element.text) if listed == "domains" else host_in(listed, element.text)
    label = element.text if plain else shown(element.text)
    if element.secret:
        label = f"`{listed}[{element.index}]`, a secret,"
    return DeclaredDomain(element.index, element.text, host, label, plain, element.secret)


def host_in(kind: str, value: str) -> tuple[str, bool]:
    """Return the host of a server domain, and whether the provider's rules accept it."""
    domain = read_server(kind, value)
    return (domain.host, True) if isinstance(domain, ServerDomain) else (host_of(value)[0], False)


@functools.lru_cache(maxsize=10_000)  # every policy and every resource of a stack asks for the same names
def host_of(value: str) -> tuple[str, bool]:
    """Return the host of a value, and whether the provider's rules accept the value."""
    try:
        return parse_domain(value, allow_reserved=True).host, True
    except InvalidDomain:
        authority = value.removeprefix("https://").rpartition("@")[2]
        return _AFTER_HOST.split(authority)[0].lower(), False


@dataclass(frozen=True)
class Resource:
    """A resource of any provider, with its raw properties."""

    type: str
    urn: str
    name: str
    props: Mapping[str, object]
    protected: bool = False

    @property
    def kind(self) -> Kind | None:
        """The kind among this provider's resources; None for another provider's."""
        return kind_of(self.type, self.props)

    @functools.cached_property
    def lists(self) -> tuple[DeclaredResource, ...]:
        """What is declared, list by list; none for any resource but one that manages domains."""
        names: Sequence[str] = ()
        if self.kind == "webview-domains":
            names = ("domains",)
        elif self.kind == "server-domains":
            names = [kind for kind in KINDS if self.props.get(kind) is not None]
        face = face_of(self.type)
        return tuple(
            read_declared(self.urn, self.name, self.props, protected=self.protected, face=face, listed=name)
            for name in names
        )


@dataclass(frozen=True, slots=True)
class StackView:
    """All resources of a stack, ordered by URN, since the engine's order varies.

    `lists` are the lists of webview domains and of server domains.
    """

    lists: tuple[DeclaredResource, ...]
    others: tuple[Resource, ...]


def make_stack_view(resources: Sequence[Resource]) -> StackView:
    """Separate the resources that manage domains from those of others, which may serve a host."""
    ordered = sorted(resources, key=lambda resource: resource.urn)
    return StackView(
        lists=tuple(each for resource in ordered for each in resource.lists),
        others=tuple(resource for resource in ordered if not resource.lists),
    )
