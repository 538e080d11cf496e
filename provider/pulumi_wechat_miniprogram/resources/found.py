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


ABOUT: Final[Mapping[str, str]] = {
    LIST_AUTHORIZERS: """Return the appids of the Mini Programs that the token source knows.

With the component flow, these are all apps that authorise the third-party platform; otherwise, the configured
apps. The function fails if there are none or if the token source cannot list apps. An app that leaves the
platform drops off the list.""",
    GET_WEBVIEW_DOMAINS: "Return the webview domains of one Mini Program, as WeChat holds them now.",
    GET_SERVER_DOMAINS: """Return the server domains of one Mini Program, as WeChat holds them now.

Each value is a map with the keys `request`, `socket`, `upload`, `download`, `udp` and `tcp`.""",
    GET_CONFIRM_FILE: "Return the confirm file of one Mini Program, as WeChat holds it now.",
}
"""What each function does."""
ABOUT_APPID: Final = "The appid of the Mini Program: `wx` followed by 16 hexadecimal digits."


@dataclass(frozen=True)
class ListAuthorizersResult:
    """The Mini Programs that the token source knows."""

    appids: list[str] = field(metadata={"about": "Appids, sorted and never empty."})
    """Appids, sorted and never empty."""


@dataclass(frozen=True)
class GetWebviewDomainsResult:
    """The webview domains of one Mini Program, as WeChat holds them now."""

    domains: list[str] = field(
        metadata={"about": "Domains on the list that this provider manages, in WeChat's order."}
    )
    """Domains on the list that this provider manages, in WeChat's order."""
    effective_domains: list[str] = field(
        metadata={"about": "Domains in force since the app's last release, sorted."}
    )
    """Domains in force since the app's last release, sorted."""
    pending_domains: list[str] = field(
        metadata={"about": "Domains on the list that are not in force until the app's next release."}
    )
    """Domains on the list that are not in force until the app's next release."""
    other_domains: list[str] = field(
        metadata={"about": "Domains that only the WeChat console or mode one lists, sorted."}
    )
    """Domains that only the WeChat console or mode one lists, sorted."""


@dataclass(frozen=True)
class GetServerDomainsResult:
    """The server domains of one Mini Program, as WeChat holds them now.

    Each attribute is a map with the keys `request`, `socket`, `upload`, `download`, `udp` and `tcp`.
    """

    domains: dict[str, list[str]] = field(
        metadata={"about": "By list: domains on the list that this provider manages, in WeChat's order."}
    )
    """By list: domains on the list that this provider manages, in WeChat's order."""
    effective_domains: dict[str, list[str]] = field(
        metadata={"about": "By list: domains in force since the app's last release, sorted."}
    )
    """By list: domains in force since the app's last release, sorted."""
    pending_domains: dict[str, list[str]] = field(
        metadata={"about": "By list: domains that are not in force until the app's next release."}
    )
    """By list: domains that are not in force until the app's next release."""
    other_domains: dict[str, list[str]] = field(
        metadata={"about": "By list: domains that only the WeChat console or mode one lists, sorted."}
    )
    """By list: domains that only the WeChat console or mode one lists, sorted."""


@dataclass(frozen=True)
class GetConfirmFileResult:
    """The confirm file of one Mini Program."""

    file_name: str = field(metadata={"about": _FILE_NAME.about})
    """Name of the confirm file: ten letters or digits followed by `.txt`. Upper and lower case matter."""
    file_content: str = field(metadata={"about": _FILE_CONTENT.about})
    """Content of the confirm file: 32 lower-case hexadecimal digits. Serve exactly these 32 bytes, without a
    line break."""


RESULTS: Final[Mapping[str, type]] = {
    LIST_AUTHORIZERS: ListAuthorizersResult,
    GET_WEBVIEW_DOMAINS: GetWebviewDomainsResult,
    GET_SERVER_DOMAINS: GetServerDomainsResult,
    GET_CONFIRM_FILE: GetConfirmFileResult,
}
"""What each function returns. All but the first take an appid."""


def values_of(found: type) -> list[Field]:
    """Return the name, schema and meaning of each value of a result."""
    return [Field(each.name, _SCHEMAS[each.type], ..., each.metadata["about"]) for each in fields(found)]


def to_wire(found: Any) -> dict[str, Any]:
    """Return a result with the names of the native face."""
    return {each.wire: getattr(found, each.name) for each in values_of(type(found))}


def from_wire(found: type[FoundT], answer: Mapping[str, Any]) -> FoundT:
    """Return the result that the native plugin answered."""
    return found(**{each.name: answer[each.wire] for each in values_of(found)})
