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
from pulumi_wechat_miniprogram.lifecycle.plan import MOST
from pulumi_wechat_miniprogram.lifecycle.server_domain import MONTHLY_WRITES, SCHEMES

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
    def replaces(self) -> bool:
        """Tell whether a change makes another resource."""
        return self.name in {"appid", "component_appid"}

    @property
    def required(self) -> bool:
        """Return whether every state has it."""
        return self.default is ...


_APPID: Final = Field(
    "appid",
    _TEXT,
    ...,
    "The appid of the Mini Program: `wx` followed by 16 hexadecimal digits. A change replaces the resource.",
)
_COMPONENT_APPID: Final = Field(
    "component_appid",
    _TEXT,
    ...,
    "The appid of the third-party platform: `wx` followed by 16 hexadecimal digits. A change replaces the "
    "resource.",
)
_IN_CHANNEL: Final = Field(
    "channel",
    _CHANNEL,
    CHANNELS[0],
    "How WeChat accepts the domains: `direct` (mode two) or `registered` (mode one). With `registered`, "
    "the platform's own list must have each domain or one of its parent domains first. The channel of an "
    "existing resource cannot change.",
)
_MODE_OF_APP = (
    "Which domains the resource owns: `authoritative` or `additive`. An authoritative resource owns the "
    "whole {list}: it removes every domain that it does not declare, within the limits of "
    "`overwrite_existing` and `allow_mass_removal`. An additive resource owns the domains that it declares "
    "and leaves all others alone."
)
_OVERWRITE = (
    "Allow removal of live {domains} that the program does not declare. Applies to the `authoritative` mode "
    "only."
)
_MASS_REMOVAL = (
    "Allow one update to empty {list} or remove over 30 % of ten or more domains. Set it for that update "
    "only."
)
_EFFECTIVE = (
    "Domains in force since the app's last release{shape}. Includes domains that you do not declare{when}."
)
_IN_AUTHORITATIVE = ", if the mode is `authoritative`"
_PENDING = "Declared domains that are not in force until the app's next release{shape}."
_ADDED = "Domains that this resource put on {list} and that were not there before{shape}."
_BY_LIST = ": a map from the name of each managed list to its domains"
_RELEASE = "Whether a release of the Mini Program would change the domains in force."
_SHARED = (
    "{Domains} that other resources of the program declare too: a map from each {domain} to the names of "
    "those resources."
)
_DECLARED_AS = "The name by which other resources list this one in their `shared_domains`."
_ORDER = "The order is kept but never compared."
_CANONICAL = "The output has lower-case hosts in the ASCII (Punycode) form"

WEBVIEW_DOMAINS_INPUTS: Final = (
    _APPID,
    Field(
        "domains",
        _TEXTS,
        ...,
        f"Webview domains to declare, at most {MOST['webview']}, each as `https://host` or `host`. "
        f"{_ORDER} {_CANONICAL}, each with `https://`.",
    ),
    _IN_CHANNEL,
    Field("mode", _MODE, MODES[0], _MODE_OF_APP.format(list="list")),
    Field("overwrite_existing", _FLAG, default=False, about=_OVERWRITE.format(domains="domains")),
    Field(
        "confirm_file_timeout",
        _SECONDS,
        0.0,
        "Seconds to wait for new hosts to serve the confirm file, from 0 to 3600. The wait begins when "
        "WeChat answers that it did not find the file (errcode 86103). For the `direct` channel only.",
    ),
    Field("allow_mass_removal", _FLAG, default=False, about=_MASS_REMOVAL.format(list="the list")),
)
WEBVIEW_DOMAINS_OUTPUTS: Final = (
    *WEBVIEW_DOMAINS_INPUTS,
    Field("effective_domains", _TEXTS, [], _EFFECTIVE.format(shape="", when=_IN_AUTHORITATIVE)),
    Field("pending_domains", _TEXTS, [], _PENDING.format(shape="")),
    Field("release_required", _FLAG, default=False, about=_RELEASE),
    Field("added_domains", _TEXTS, [], _ADDED.format(list="the list", shape="")),
    Field("shared_domains", _NAMES_BY_DOMAIN, {}, _SHARED.format(Domains="Domains", domain="domain")),
    Field("declared_as", _TEXT, "", _DECLARED_AS),
)


def _server_list(kind: str, interface: str, forms: str) -> Field:
    return Field(
        kind,
        _TEXTS,
        None,
        f"Domains for `{interface}`, at most {MOST['server']}. Each is {forms}. If you leave the list out, "
        f"it is not managed; an empty list removes every domain from it. {_ORDER} {_CANONICAL}, each with "
        f"`{SCHEMES[kind]}://`.",
    )


SERVER_DOMAINS_INPUTS: Final = (
    _APPID,
    _server_list("request", "wx.request", "`https://host`, `https://host:port` or `host`"),
    _server_list("socket", "wx.connectSocket", "`wss://host` (every port) or `host`"),
    _server_list("upload", "wx.uploadFile", "`https://host`, `https://host:port` or `host`"),
    _server_list("download", "wx.downloadFile", "`https://host`, `https://host:port` or `host`"),
    _server_list("udp", "wx.createUDPSocket", "`udp://host:port`, `udp://host` or `host`"),
    _server_list("tcp", "wx.createTCPSocket", "`tcp://host:port`, `tcp://host` or `host`"),
    _IN_CHANNEL,
    Field("mode", _MODE, MODES[0], _MODE_OF_APP.format(list="of each managed list")),
    Field("overwrite_existing", _FLAG, default=False, about=_OVERWRITE.format(domains="domains")),
    Field("allow_mass_removal", _FLAG, default=False, about=_MASS_REMOVAL.format(list="a list")),
)
SERVER_DOMAINS_OUTPUTS: Final = (
    *SERVER_DOMAINS_INPUTS,
    Field("effective", _LISTS, {}, _EFFECTIVE.format(shape=_BY_LIST, when=_IN_AUTHORITATIVE)),
    Field("pending", _LISTS, {}, _PENDING.format(shape=_BY_LIST)),
    Field("release_required", _FLAG, default=False, about=_RELEASE),
    Field("added", _LISTS, {}, _ADDED.format(list="a list", shape=_BY_LIST)),
    Field(
        "writes",
        _COUNT,
        0,
        f"Number of changes that the last create or update sent. WeChat allows {MONTHLY_WRITES} a month "
        "for an app.",
    ),
    Field(
        "shared_domains",
        _NAMES_BY_DOMAIN,
        {},
        _SHARED.format(
            Domains="Domains", domain="list and domain, such as `request https://api.example.com`,"
        ),
    ),
    Field("declared_as", _TEXT, "", _DECLARED_AS),
)
PREFETCH_DOMAINS_INPUTS: Final = (
    _APPID,
    Field(
        "hosts",
        _TEXTS,
        ...,
        "Hosts to look up in advance, each as `host` or `https://host`. WeChat sets how many an app may "
        f"have, usually {MOST['prefetch']}. {_ORDER} {_CANONICAL}, without a scheme.",
    ),
    Field(
        "overwrite_existing",
        _FLAG,
        default=False,
        about="Allow removal of live hosts that the program does not declare.",
    ),
)
PREFETCH_DOMAINS_OUTPUTS: Final = (
    *PREFETCH_DOMAINS_INPUTS,
    Field("declared_as", _TEXT, "", "The name of this resource in its program."),
)


def _platform_inputs(most: int) -> tuple[Field, ...]:
    return (
        _COMPONENT_APPID,
        Field(
            "domains",
            _TEXTS,
            ...,
            f"Hosts to declare, at most {most}, each as `host` or `https://host`. A host covers its "
            f"subdomains. {_ORDER} {_CANONICAL}, without a scheme.",
        ),
        Field(
            "mode",
            _MODE,
            MODES[1],
            "Which hosts the resource owns: `additive` or `authoritative`. An additive resource owns the "
            "hosts that it declares and leaves all others alone. An authoritative resource owns the whole "
            "list, within the limits of `overwrite_existing` and `allow_removal`.",
        ),
        Field(
            "publish",
            _FLAG,
            default=True,
            about="Whether the hosts go on the published list too. If false, they go on the list for testing "
            "only.",
        ),
        Field("overwrite_existing", _FLAG, default=False, about=_OVERWRITE.format(domains="hosts")),
        Field(
            "allow_removal",
            _FLAG,
            default=False,
            about="Allow removal of hosts from the platform's list. Every app that has a removed host in the "
            "`registered` channel loses it at the app's next release.",
        ),
    )


def _platform_outputs(inputs: tuple[Field, ...], quota: str = "") -> tuple[Field, ...]:
    return (
        *inputs,
        *(
            Field(
                f"{stage}_domains",
                _TEXTS,
                [],
                f"Hosts on the {name}. Includes hosts that you do not declare{_IN_AUTHORITATIVE}.",
            )
            for stage, name in (("testing", "list for testing"), ("published", "published list"))
        ),
        Field(
            "pending_domains",
            _TEXTS,
            [],
            "Declared hosts that are not on the published list until the platform is published.",
        ),
        Field(
            "added_domains",
            _TEXTS,
            [],
            "Hosts that this resource put on the list and that were not there before.",
        ),
        Field("writes", _COUNT, 0, f"Number of changes that the last create or update sent.{quota}"),
        Field("shared_domains", _NAMES_BY_DOMAIN, {}, _SHARED.format(Domains="Hosts", domain="host")),
        Field("declared_as", _TEXT, "", _DECLARED_AS),
    )


PLATFORM_WEBVIEW_DOMAINS_INPUTS: Final = _platform_inputs(MOST["platform-webview"])
PLATFORM_SERVER_DOMAINS_INPUTS: Final = _platform_inputs(MOST["platform-server"])
_FILE: Final = (
    Field(
        "file_name",
        _TEXT,
        "",
        "Name of the confirm file: ten letters or digits followed by `.txt`. Upper and lower case matter.",
    ),
    Field(
        "file_content",
        _TEXT,
        "",
        "Content of the confirm file: 32 lower-case hexadecimal digits. Serve exactly these 32 bytes, "
        "without a line break.",
    ),
)
PLATFORM_CONFIRM_FILE_OUTPUTS: Final = (_COMPONENT_APPID, *_FILE)
CONFIRM_FILE_OUTPUTS: Final = (_APPID, *_FILE)

ABOUT: Final[Mapping[Kind, str]] = {
    "webview-domains": """The webview (business) domains of one Mini Program.

The resource owns the whole list. In the mode `additive`, it owns only the domains that it declares. A
create adopts what is live, writes only the difference, and refuses to remove domains that the program
does not declare. A new domain takes effect with the app's next release: see `release_required`.""",
    "server-domains": """The server domains of one Mini Program: the hosts that its code may call.

There are six lists, one for each kind of call. A list that you leave out is not managed: the provider
does not write, remove or report anything on it. An empty list is managed and has no domains. The
resource owns each managed list. In the mode `additive`, it owns only the domains that it declares. A
create adopts what is live, writes only the difference, and refuses to remove domains that the program
does not declare. Unlike a webview domain, a server domain does not cover its subdomains. A new domain
takes effect with the app's next release: see `release_required`.""",
    "confirm-file": """The confirm file of one Mini Program, which every webview domain serves at its root.

The resource reads the file from WeChat and writes nothing there. A delete removes it from the state
only.""",
    "prefetch-domains": """The hosts that one Mini Program looks up in DNS in advance.

The resource owns the whole list, which takes effect without a release. Declare one resource for each
app. WeChat allows 50 changes a month for an app.""",
    "platform-webview-domains": """The hosts that a third-party platform lists for web views of its apps.

A Mini Program takes its domains in the `registered` channel from this list. A host that leaves the list
leaves each of these apps at the app's next release, so the resource removes hosts only with
`allow_removal`. Each host serves the confirm file of the platform.""",
    "platform-server-domains": """The hosts that a third-party platform lists for the code of its apps.

A Mini Program takes its domains in the `registered` channel from this list. A host that leaves the list
leaves each of these apps at the app's next release, so the resource removes hosts only with
`allow_removal`. WeChat allows 50 changes a month.""",
    "platform-confirm-file": """The confirm file of a third-party platform.

Every host of the platform's list for web views serves it at its root. It is not the confirm file of a
Mini Program. The resource reads the file from WeChat and writes nothing there. A delete removes it from
the state only.""",
}
"""What each resource is."""

INPUTS: Final[Mapping[Kind, Sequence[Field]]] = {
    "webview-domains": WEBVIEW_DOMAINS_INPUTS,
    "server-domains": SERVER_DOMAINS_INPUTS,
    "confirm-file": CONFIRM_FILE_OUTPUTS[:1],
    "prefetch-domains": PREFETCH_DOMAINS_INPUTS,
    "platform-webview-domains": PLATFORM_WEBVIEW_DOMAINS_INPUTS,
    "platform-server-domains": PLATFORM_SERVER_DOMAINS_INPUTS,
    "platform-confirm-file": PLATFORM_CONFIRM_FILE_OUTPUTS[:1],
}
OUTPUTS: Final[Mapping[Kind, Sequence[Field]]] = {
    "webview-domains": WEBVIEW_DOMAINS_OUTPUTS,
    "server-domains": SERVER_DOMAINS_OUTPUTS,
    "confirm-file": CONFIRM_FILE_OUTPUTS,
    "prefetch-domains": PREFETCH_DOMAINS_OUTPUTS,
    "platform-webview-domains": _platform_outputs(PLATFORM_WEBVIEW_DOMAINS_INPUTS),
    "platform-server-domains": _platform_outputs(
        PLATFORM_SERVER_DOMAINS_INPUTS, f" WeChat allows {MONTHLY_WRITES} a month for a platform."
    ),
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
