"""What policies see: property values, a `MiniProgramWebviewDomains`, any resource, and the stack at the end.

Values are JSON as the engine sends it, with marks for unknowns and secrets: see
`sdk/go/common/resource/plugin/rpc.go` in pulumi/pulumi.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pulumi_wechat_miniprogram.exports.kinds import Kind, kind_of
from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, parse_domain, shown

__all__ = [
    "UNKNOWNS",
    "DeclaredResource",
    "Gap",
    "Resource",
    "StackView",
    "has_unknowns",
    "host_of",
    "make_stack_view",
    "read_declared",
    "texts",
    "unwrap",
]

UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""What the engine sends in a preview for a value that only the update knows."""

_SEALED: Final = "[secret]"
"""What `pulumi policy analyze` sends for a secret that it cannot decrypt, whatever its type."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one
_MODES = ("authoritative", "additive")
_FLAGS = ("overwrite_existing", "allow_mass_removal")
_FAULTS: Mapping[object, str] = {str: "is not text", list: "is not a list"}
_AFTER_HOST = re.compile(r"[/:?#]")

_T = TypeVar("_T")


def unwrap(value: object) -> tuple[object, bool]:
    """Return the content of a secret and true, or the value itself and false."""
    secret = False
    while isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET:
        value, secret = value.get("value", _SEALED), True  # an export has `ciphertext` in its place
    return value, secret


def _is_unknown(value: object) -> bool:
    """Whether a value is known only after an update."""
    return isinstance(value, str) and value in UNKNOWNS


def texts(value: object) -> Iterator[str]:
    """Yield every text inside a value, without secrets."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if _SIGNATURE not in value:
            for item in value.values():
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def has_unknowns(value: object) -> bool:
    """Whether a value, or anything inside it that is not a secret, is unknown."""
    return any(text in UNKNOWNS for text in texts(value))


@dataclass(frozen=True, slots=True)
class DeclaredDomain:
    """One known element of `domains`.

    `shown` is what a message may contain: the domain, or, for a secret, its place in the list. `plain` is
    false for a live value that the provider's own rules refuse, which a refresh brought in.
    """

    index: int
    host: str
    shown: str
    plain: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A property that cannot be judged.

    It is known only after an update, it is a secret that is sealed in an export, or `fault` says how it
    differs from what the provider stores.
    """

    path: str
    sealed: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredResource:
    """The checked inputs in a preview or an update, the stored ones in an export."""

    urn: str
    name: str
    appid: str | None
    shown_appid: str
    mode: str | None
    domains: tuple[DeclaredDomain, ...]
    lifted: tuple[str, ...]
    protected: bool
    gaps: tuple[Gap, ...]

    def gaps_in(self, *fields: str) -> tuple[Gap, ...]:
        """Return the gaps in these properties and in their elements."""
        return tuple(gap for gap in self.gaps if gap.path.partition("[")[0] in fields)

    @property
    def hosts(self) -> frozenset[str]:
        """The known hosts."""
        return frozenset(domain.host for domain in self.domains)


def read_declared(urn: str, name: str, props: Mapping[str, object], *, protected: bool) -> DeclaredResource:
    """Parse any properties; a value whose type the provider's check does not admit becomes a gap."""
    gaps: list[Gap] = []
    appid, secret_appid = _known(str, "appid", props.get("appid"), gaps)
    mode, _ = _known(str, "mode", props.get("mode"), gaps)
    if mode not in {None, *_MODES}:
        gaps.append(Gap("mode", sealed=False, fault=f"is not one of {' and '.join(_MODES)}"))
        mode = None
    listed: tuple[list[Any] | None, bool] = _known(list, "domains", props.get("domains"), gaps)
    domains = [
        _domain(index, text, secret=secret or listed[1])
        for index, element in enumerate(listed[0] or ())
        for text, secret in [_known(str, f"domains[{index}]", element, gaps)]
        if text is not None
    ]
    return DeclaredResource(
        urn=urn,
        name=name,
        appid=appid,
        shown_appid="an appid that is a secret" if secret_appid else (appid or "an unknown appid"),
        mode=mode,
        domains=tuple(domains),
        lifted=tuple(flag for flag in _FLAGS if _known(bool, flag, props.get(flag), gaps)[0]),
        protected=protected,
        gaps=tuple(gaps),
    )


def _known(kind: type[_T], path: str, value: object, gaps: list[Gap]) -> tuple[_T | None, bool]:
    """Return a value of this type and whether it is a secret, or None after noting the gap."""
    value, secret = unwrap(value)
    if value == _SEALED or _is_unknown(value):
        gaps.append(Gap(path, sealed=value == _SEALED))
    elif isinstance(value, kind):
        return value, secret
    elif kind in _FAULTS:
        missing = value is None and not path.endswith("]")
        gaps.append(Gap(path, sealed=False, fault="is missing" if missing else _FAULTS[kind]))
    return None, secret


def _domain(index: int, text: str, *, secret: bool) -> DeclaredDomain:
    host, plain = host_of(text)
    told = f"`domains[{index}]`, a secret," if secret else text if plain else shown(text)
    return DeclaredDomain(index, host, told, plain, secret)


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
    def declared(self) -> DeclaredResource | None:
        """The properties of a `MiniProgramWebviewDomains`; None for any other resource."""
        if self.kind != "webview-domains":
            return None
        return read_declared(self.urn, self.name, self.props, protected=self.protected)


@dataclass(frozen=True, slots=True)
class StackView:
    """All resources of a stack, ordered by URN, since the engine's order varies."""

    declared: tuple[DeclaredResource, ...]
    others: tuple[Resource, ...]


def make_stack_view(resources: Sequence[Resource]) -> StackView:
    """Separate the `MiniProgramWebviewDomains` from all other resources."""
    ordered = sorted(resources, key=lambda resource: resource.urn)
    return StackView(
        declared=tuple(resource.declared for resource in ordered if resource.declared),
        others=tuple(resource for resource in ordered if not resource.declared),
    )
