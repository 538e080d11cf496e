"""One server domain: the kind of its list, its canonical form, and every reason why a value is refused.

A Mini Program has six lists of server domains. All of them are handled together, so each domain carries its
kind: `socket wss://push.example.com`. Sources: WeChat's network rules for Mini Programs and its page of
`modify_domain`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pulumi_wechat_miniprogram.lifecycle.domain import (
    ATS,
    Domain,
    InvalidDomain,
    Listed,
    Reason,
    Undeclarable,
    find_marks,
    inspect_host,
    parse_domain,
    parse_list,
    shown,
)
from pulumi_wechat_miniprogram.safety.text import escape

SCHEMES: Final[Mapping[str, str]] = {
    "request": "https",
    "socket": "wss",
    "upload": "https",
    "download": "https",
    "udp": "udp",
    "tcp": "tcp",
}
"""The kinds of server domains, by the names of the inputs, and the scheme of each."""
KINDS: Final = tuple(SCHEMES)
MAX_OF_A_KIND: Final = 200
"""Server domains of one kind that one Mini Program may have (WeChat's page of `modify_domain`)."""
MONTHLY_WRITES: Final = 50
"""Changes of server domains that WeChat allows one Mini Program in a month; the next one gets 86102."""

_DEFAULT_PORTS: Final = {"https": 443, "wss": 443}
_HIGHEST_PORT: Final = 65535
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PORT: Final = re.compile(
    r"(?P<host>\[[^\]]*\]|[^:/?#\[\]]+):(?P<port>[^:/?#@\[\]]*)(?P<rest>[/?#].*)?", re.DOTALL
)
_DIGITS: Final = re.compile("[0-9]{1,9}")
_WECHATS_API: Final = "api.weixin.qq.com"
_WILDCARD: Final = "has a wildcard: declare each host, because a server domain does not cover its subdomains"


class ServerDomain(Domain):
    """A checked server domain of one kind: `request https://api.example.com:8443`."""

    __slots__ = ()

    @property
    def value(self) -> str:
        """The domain as it is declared, sent and shown beside its kind."""
        return self.partition(" ")[2]

    @property
    def host(self) -> str:
        """The host, without scheme and port."""
        return self.value.partition("://")[2].partition(":")[0]

    @property
    def port(self) -> str:
        """The port, empty for the default one."""
        return self.value.partition("://")[2].partition(":")[2]


def parse_server_domain(kind: str, value: object, *, allow_reserved: bool = False) -> ServerDomain:
    """Bring a declared server domain to the one spelling that is compared and sent.

    `value` is `host` or `scheme://host` with the scheme of the kind, with or without a port. The default
    port is left out; any other one is kept. For the host the rules of `parse_domain` hold.

    Raises:
        InvalidDomain: with every reason that applies.
    """
    if not isinstance(value, str):
        return ServerDomain(parse_domain(value))  # raises
    accepts = functools.partial(_is_accepted, kind, allow_reserved=allow_reserved)
    text = value.translate(ATS)
    if marks := find_marks(text, accepts):
        raise InvalidDomain(value, [marks])
    host, port, reasons = _inspect(kind, text, allow_reserved=allow_reserved)
    if reasons:
        raise InvalidDomain(value, reasons)
    return ServerDomain(f"{kind} {SCHEMES[kind]}://{host}{port}")


def _is_accepted(kind: str, value: str, *, allow_reserved: bool) -> bool:
    return not _inspect(kind, value, allow_reserved=allow_reserved)[2]


def _inspect(kind: str, text: str, *, allow_reserved: bool) -> tuple[str, str, list[Reason]]:
    """Return the host, the port with its colon unless it is the default one, and what is wrong."""
    reasons: list[Reason] = []
    scheme, port = SCHEMES[kind], ""
    if found := _SCHEME.match(text):
        text = text[found.end() :]
        if found[1].lower() != scheme:
            why = f"uses the scheme {found[1].lower()}, but `{kind}` accepts only {scheme}"
            reasons.append(Reason("scheme", why))
    before, at, after = text.rpartition("@")
    if split := _PORT.fullmatch(after):
        port, text = split["port"], f"{before}{at}{split['host']}{split['rest'] or ''}"
        if not (_DIGITS.fullmatch(port) and 0 < int(port) <= _HIGHEST_PORT):
            why = f"has a port (:{shown(port)}), which is not a number from 1 to {_HIGHEST_PORT}"
            reasons.append(Reason("port", why))
        elif int(port) == _DEFAULT_PORTS.get(scheme):
            port = ""
    host, of_host = inspect_host(text, allow_reserved=allow_reserved)
    reasons += [
        Reason("wildcard", _WILDCARD) if each.id == "wildcard" else each
        for each in of_host
        if each.id != "wechat-host"  # of WeChat's own hosts only that of its API is refused here
    ]
    if host == _WECHATS_API:
        reasons.append(Reason("wechat-host", f"is {_WECHATS_API}, which WeChat does not accept"))
    return host, f":{int(port)}" if port and not reasons else "", reasons


def parse_server_domains(
    kind: str, values: Sequence[object], *, allow_reserved: bool = False
) -> tuple[ServerDomain, ...]:
    """Bring a declared list of one kind to canonical form. Raises as `domain.parse_domains` does."""
    parse = functools.partial(parse_server_domain, kind, allow_reserved=allow_reserved)
    return parse_list(values, parse, name=kind, most=MAX_OF_A_KIND)


def read_server(kind: str, value: str) -> Listed:
    """Return a live or stored value of a kind as it is compared; see `domain.read_listed`."""
    try:
        return parse_server_domain(kind, value, allow_reserved=True)
    except InvalidDomain:
        return Undeclarable(f"{kind} {escape(value)}")


def read_entry(text: str) -> Listed:
    """Return a server domain that is written with its kind before it."""
    kind, _, value = text.partition(" ")
    return read_server(kind, value) if kind in SCHEMES else Undeclarable(escape(text))


def kind_of_entry(entry: str) -> str:
    """Return the kind of a server domain."""
    return entry.partition(" ")[0]


def by_kind(entries: Iterable[Listed], kinds: Iterable[str]) -> dict[str, list[str]]:
    """Return the values of each of these kinds, in their order."""
    lists: dict[str, list[str]] = {kind: [] for kind in kinds}
    for entry in entries:
        kind, _, value = entry.partition(" ")
        if kind in lists:
            lists[kind].append(value)
    return lists
