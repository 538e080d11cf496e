"""The inputs and outputs of each resource: the one table of their names, types, defaults and meanings.

State written by any released version is read: a field is never renamed and never loses a meaning, new ones
have defaults, and what a newer version wrote beside them is ignored.

Each name has two spellings: `added_domains` in states of the dynamic face, `addedDomains` on the wire of the
native one. The names inside `shared_domains` are domains, the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pulumi_wechat_miniprogram.exports.kinds import Kind
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, SCHEMES

_T = TypeVar("_T")

MODES: Final = ("authoritative", "additive")
CHANNELS: Final = ("direct", "registered")

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": _TEXT}
_FLAG: Final[dict[str, Any]] = {"type": "boolean"}
_SECONDS: Final[dict[str, Any]] = {"type": "number"}
_MODE: Final[dict[str, Any]] = {"type": "string", "enum": list(MODES)}
_CHANNEL: Final[dict[str, Any]] = {"type": "string", "enum": list(CHANNELS)}
_COUNT: Final[dict[str, Any]] = {"type": "integer"}
_LISTS: Final[dict[str, Any]] = {"type": "object", "additionalProperties": _TEXTS}
_NAMES_BY_DOMAIN: Final[dict[str, Any]] = {"type": "object", "additionalProperties": _TEXTS}


@dataclass(frozen=True, slots=True)
class Field:
    """One input or output; `default` is what a state without it means, `...` that each has it.

    None is a list that is not managed: the property is not there.
    """

    name: str
    schema: dict[str, Any]
    default: object
    about: str

    @property
    def wire(self) -> str:
        """Its name on the wire of the native face."""
        head, *tail = self.name.split("_")
        return head + "".join(map(str.capitalize, tail))

    @property
    def required(self) -> bool:
        """Return whether every state has it."""
        return self.default is ...


_APPID: Final = Field("appid", _TEXT, ..., "the authorizer's appid, `wx` and 16 hex digits")
_COMPONENT_APPID: Final = Field(
    "component_appid", _TEXT, ..., "the third-party platform's appid, `wx` and 16 hex digits"
)
_IN_CHANNEL: Final = Field(
    "channel",
    _CHANNEL,
    CHANNELS[0],
    "`direct` (mode two) or `registered`: on the app's list by way of its platform's (mode one)",
)
_DECLARED = "declared, canonical: `https://` and a lower-case A-label host; in the user's order"
_HOSTS = "declared, canonical: lower-case A-label hosts without a scheme; in the user's order"
_EFFECTIVE = "in force since the last release; in authoritative mode also what is not declared; canonical"
_SHARED = "declared by other resources of the program too, with the names of these resources"

WEBVIEW_DOMAINS_INPUTS: Final = (
    _APPID,
    Field("domains", _TEXTS, ..., _DECLARED),
    _IN_CHANNEL,
    Field("mode", _MODE, MODES[0], "`authoritative` owns the whole live list, `additive` only what it lists"),
    Field(
        "overwrite_existing",
        _FLAG,
        default=False,
        about=("may remove live domains that no resource declares"),
    ),
    Field("confirm_file_timeout", _SECONDS, 0.0, "seconds to wait for new hosts to serve the confirm file"),
    Field("allow_mass_removal", _FLAG, default=False, about="lifts the safety valve"),
)
WEBVIEW_DOMAINS_OUTPUTS: Final = (
    *WEBVIEW_DOMAINS_INPUTS,
    Field("effective_domains", _TEXTS, [], _EFFECTIVE),
    Field("pending_domains", _TEXTS, [], "declared, not in force until the next release; canonical"),
    Field("release_required", _FLAG, default=False, about="a release would change what is in force"),
    Field("added_domains", _TEXTS, [], "put on the list by this resource, not there before it; canonical"),
    Field("shared_domains", _NAMES_BY_DOMAIN, {}, _SHARED),
    Field("declared_as", _TEXT, "", "how other resources name this one where they share a domain with it"),
)
SERVER_DOMAINS_INPUTS: Final = (
    _APPID,
    *(
        Field(
            kind,
            _TEXTS,
            None,
            f"canonical: `{SCHEMES[kind]}://`, a lower-case A-label host, a port unless it is the default; "
            "in the user's order. Absent: not managed",
        )
        for kind in KINDS
    ),
    _IN_CHANNEL,
    Field("mode", _MODE, MODES[0], "`authoritative` owns each managed list, `additive` only what it lists"),
    Field(
        "overwrite_existing",
        _FLAG,
        default=False,
        about=("may remove live domains that no resource declares"),
    ),
    Field("allow_mass_removal", _FLAG, default=False, about="lifts the safety valve"),
)
SERVER_DOMAINS_OUTPUTS: Final = (
    *SERVER_DOMAINS_INPUTS,
    Field("effective", _LISTS, {}, f"by managed kind: {_EFFECTIVE}"),
    Field("pending", _LISTS, {}, "by managed kind: declared, not in force until the next release; canonical"),
    Field("release_required", _FLAG, default=False, about="a release would change what is in force"),
    Field("added", _LISTS, {}, "by managed kind: put on the list by this resource, not there before it"),
    Field("writes", _COUNT, 0, "changes that the last create or update sent, of 50 a month for the app"),
    Field("shared_domains", _NAMES_BY_DOMAIN, {}, _SHARED),
    Field("declared_as", _TEXT, "", "how other resources name this one where they share a domain with it"),
)
PREFETCH_DOMAINS_INPUTS: Final = (
    _APPID,
    Field("hosts", _TEXTS, ..., _HOSTS),
    Field(
        "overwrite_existing", _FLAG, default=False, about=("may remove live hosts that no resource declares")
    ),
)
PREFETCH_DOMAINS_OUTPUTS: Final = (
    *PREFETCH_DOMAINS_INPUTS,
    Field("declared_as", _TEXT, "", "the name of this resource in its program"),
)
PLATFORM_DOMAINS_INPUTS: Final = (
    _COMPONENT_APPID,
    Field("domains", _TEXTS, ..., _HOSTS),
    Field("mode", _MODE, MODES[1], "`additive` owns only what it lists, `authoritative` the whole list"),
    Field("publish", _FLAG, default=True, about="on the published list too, not only on that for testing"),
    Field(
        "overwrite_existing", _FLAG, default=False, about=("may remove live hosts that no resource declares")
    ),
    Field("allow_removal", _FLAG, default=False, about="may take hosts off the list, and so off every app"),
)
PLATFORM_DOMAINS_OUTPUTS: Final = (
    *PLATFORM_DOMAINS_INPUTS,
    Field("testing_domains", _TEXTS, [], "on the list for testing; in authoritative mode all of it"),
    Field("published_domains", _TEXTS, [], "on the published list; in authoritative mode all of it"),
    Field("pending_domains", _TEXTS, [], "declared, and waiting until the platform is published"),
    Field("added_domains", _TEXTS, [], "put on the list by this resource, not there before it"),
    Field("writes", _COUNT, 0, "changes that the last create or update sent; 50 a month for server domains"),
    Field("shared_domains", _NAMES_BY_DOMAIN, {}, _SHARED),
    Field("declared_as", _TEXT, "", "how other resources name this one where they share a host with it"),
)
PLATFORM_CONFIRM_FILE_OUTPUTS: Final = (
    _COMPONENT_APPID,
    Field("file_name", _TEXT, "", "ten letters or digits and `.txt`; case matters"),
    Field("file_content", _TEXT, "", "32 lower-case hex digits"),
)
CONFIRM_FILE_OUTPUTS: Final = (
    _APPID,
    Field("file_name", _TEXT, "", "ten letters or digits and `.txt`; case matters"),
    Field("file_content", _TEXT, "", "32 lower-case hex digits"),
)

INPUTS: Final[Mapping[Kind, Sequence[Field]]] = {
    "webview-domains": WEBVIEW_DOMAINS_INPUTS,
    "server-domains": SERVER_DOMAINS_INPUTS,
    "confirm-file": CONFIRM_FILE_OUTPUTS[:1],
    "prefetch-domains": PREFETCH_DOMAINS_INPUTS,
    "platform-webview-domains": PLATFORM_DOMAINS_INPUTS,
    "platform-server-domains": PLATFORM_DOMAINS_INPUTS,
    "platform-confirm-file": PLATFORM_CONFIRM_FILE_OUTPUTS[:1],
}
OUTPUTS: Final[Mapping[Kind, Sequence[Field]]] = {
    "webview-domains": WEBVIEW_DOMAINS_OUTPUTS,
    "server-domains": SERVER_DOMAINS_OUTPUTS,
    "confirm-file": CONFIRM_FILE_OUTPUTS,
    "prefetch-domains": PREFETCH_DOMAINS_OUTPUTS,
    "platform-webview-domains": PLATFORM_DOMAINS_OUTPUTS,
    "platform-server-domains": PLATFORM_DOMAINS_OUTPUTS,
    "platform-confirm-file": PLATFORM_CONFIRM_FILE_OUTPUTS,
}

WIRE_NAMES: Final[Mapping[str, str]] = {
    field.name: field.wire for fields in OUTPUTS.values() for field in fields
}
NAMES: Final[Mapping[str, str]] = {wire: name for name, wire in WIRE_NAMES.items()}


def to_wire(held: Mapping[str, _T]) -> dict[str, _T]:
    """Return properties with the names of the native face; other names are kept."""
    return _respelled(held, WIRE_NAMES)


def from_wire(held: Mapping[str, _T]) -> dict[str, _T]:
    """Return properties of the native face with the names that this package uses."""
    return _respelled(held, NAMES)


def _respelled(held: Mapping[str, _T], names: Mapping[str, str]) -> dict[str, _T]:
    """Return properties with other names; where one has both spellings, the value under its old one stays."""
    others = {name: value for name, value in held.items() if name not in names}
    return {**others, **{names[name]: value for name, value in held.items() if name in names}}
