"""What the functions of a program return, with the name of each function and of each value on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeVar

from pulumi_wechat_miniprogram.exports.kinds import MODULE
from pulumi_wechat_miniprogram.exports.state import CONFIRM_FILE_OUTPUTS, Field

LIST_AUTHORIZERS: Final = f"{MODULE}:index:listAuthorizers"
GET_WEBVIEW_DOMAINS: Final = f"{MODULE}:index:getWebviewDomains"
GET_SERVER_DOMAINS: Final = f"{MODULE}:index:getServerDomains"
GET_CONFIRM_FILE: Final = f"{MODULE}:index:getConfirmFile"

FoundT = TypeVar("FoundT")

_, _FILE_NAME, _FILE_CONTENT = CONFIRM_FILE_OUTPUTS
_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string"}}
_SCHEMAS: Final[Mapping[object, dict[str, Any]]] = {
    "str": {"type": "string"},
    "list[str]": _TEXTS,
    "dict[str, list[str]]": {"type": "object", "additionalProperties": _TEXTS},
}


@dataclass(frozen=True)
class ListAuthorizersResult:
    """The Mini Programs that authorise the third-party platform."""

    appids: list[str] = field(metadata={"about": "sorted, never empty"})


@dataclass(frozen=True)
class GetWebviewDomainsResult:
    """The webview domains of one Mini Program, as WeChat holds them now; canonical.

    Attributes:
        domains: on the list of this API, in WeChat's order.
        effective_domains: in force since the last release; sorted.
        pending_domains: on the list, not in force until the next release.
        other_domains: only on the list of the console or of mode one; sorted.
    """

    domains: list[str] = field(metadata={"about": "on the list of this API; canonical, in WeChat's order"})
    effective_domains: list[str] = field(metadata={"about": "in force since the last release; sorted"})
    pending_domains: list[str] = field(metadata={"about": "on the list, not in force until the next release"})
    other_domains: list[str] = field(
        metadata={"about": "only on the list of the console or of mode one; sorted"}
    )


@dataclass(frozen=True)
class GetServerDomainsResult:
    """The server domains of one Mini Program, as WeChat holds them now; canonical.

    Each attribute is a map with the keys `request`, `socket`, `upload`, `download`, `udp` and `tcp`.

    Attributes:
        domains: on the lists of this API, in WeChat's order.
        effective_domains: in force since the last release; sorted.
        pending_domains: on the lists, not in force until the next release.
        other_domains: only on the lists of the console or of mode one; sorted.
    """

    domains: dict[str, list[str]] = field(
        metadata={"about": "by kind: on the list of this API; canonical, in WeChat's order"}
    )
    effective_domains: dict[str, list[str]] = field(
        metadata={"about": "by kind: in force since the last release; sorted"}
    )
    pending_domains: dict[str, list[str]] = field(
        metadata={"about": "by kind: on the list, not in force until a release"}
    )
    other_domains: dict[str, list[str]] = field(
        metadata={"about": "by kind: only on the list of the console or of mode one; sorted"}
    )


@dataclass(frozen=True)
class GetConfirmFileResult:
    """The confirm file of one Mini Program.

    Attributes:
        file_name: ten letters or digits and `.txt`; case matters.
        file_content: 32 lower-case hex digits, to be served byte for byte.
    """

    file_name: str = field(metadata={"about": _FILE_NAME.about})
    file_content: str = field(metadata={"about": _FILE_CONTENT.about})


def values_of(found: type) -> list[Field]:
    """Return the name, schema and meaning of each value of a result."""
    return [Field(each.name, _SCHEMAS[each.type], ..., each.metadata["about"]) for each in fields(found)]


def to_wire(found: Any) -> dict[str, Any]:
    """Return a result with the names of the native face."""
    return {each.wire: getattr(found, each.name) for each in values_of(type(found))}


def from_wire(found: type[FoundT], answer: Mapping[str, Any]) -> FoundT:
    """Return the result that the native plugin answered."""
    return found(**{each.name: answer[each.wire] for each in values_of(found)})
