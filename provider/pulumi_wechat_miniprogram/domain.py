"""One webview domain: its canonical form, and every reason why a value is refused.

Sources: WeChat's network rules for Mini Programs (https only, no IP, no port, at most 300), RFC 1035
(lengths), RFC 5891 (IDNA 2008), RFC 6761 and RFC 6762 (special-use names), the Public Suffix List.
"""

from __future__ import annotations

import functools
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList

__all__ = [
    "MAX_DOMAINS",
    "MAX_SUBJECTS",
    "Domain",
    "InvalidDomain",
    "InvalidDomains",
    "Reason",
    "canonical_or_verbatim",
    "is_domain",
    "parse_domain",
    "parse_domains",
]

MAX_DOMAINS = 300
"""Webview domains that one Mini Program may have (WeChat's framework page on domains)."""

MAX_SUBJECTS = 100
"""Subjects whose Mini Programs may list one domain (same page); beyond it: errcode 506015."""

_ABSURD = 10 * MAX_DOMAINS
"""A list beyond this is refused for its length alone: a message of megabytes helps nobody."""
_MAX_HOST = 253
_MAX_LABEL = 63
_RESERVED = frozenset(
    {
        *("alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local"),
        *("localhost", "mail", "onion", "private", "test"),
    }
)
_WECHAT = "weixin.qq.com"
_LDH = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_NUMERIC_LABEL = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_NO_SLASHES = re.compile(r"https?:(?!//|[0-9]*$)", re.IGNORECASE)
_PORT = re.compile(r":[^:\]]*$")


@dataclass(frozen=True, slots=True)
class Domain:
    """A checked webview domain: `https://` and a lower-case A-label host."""

    origin: str

    @property
    def host(self) -> str:
        """The host without its scheme."""
        return self.origin.removeprefix("https://")

    def __str__(self) -> str:
        """Return the one spelling that is compared and sent."""
        return self.origin


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value is refused: a stable id and a sentence for the user."""

    id: str
    text: str


class InvalidDomain(ValueError):
    """One value is not a webview domain."""

    def __init__(self, value: object, reasons: Sequence[Reason]) -> None:
        """Keep the value as it was declared and every reason that applies."""
        self.value = value
        self.reasons = tuple(reasons)
        super().__init__(f"{value!r}: " + "; ".join(reason.text for reason in reasons))


class InvalidDomains(ValueError):
    """A declared list is refused: each value with its reasons, then the reasons of the list itself."""

    def __init__(self, values: Sequence[InvalidDomain], reasons: Sequence[Reason]) -> None:
        """Keep the refused values and the reasons that concern the whole list."""
        self.values = tuple(values)
        self.reasons = tuple(reasons)
        lines = [str(value) for value in values] + [reason.text for reason in reasons]
        count = len(lines)
        super().__init__(f"`domains` has {count} problem{'s' if count > 1 else ''}:\n  " + "\n  ".join(lines))


@functools.cache
def _icann_rules() -> dict[str, list[str]]:
    """Return the rules of the ICANN section by the top-level domain that they end in."""
    listed = (pkgutil.get_data("publicsuffixlist", "public_suffix_list.dat") or b"").decode()
    section = listed.partition("===BEGIN ICANN DOMAINS===")[2].partition("// ===END ICANN DOMAINS===")[0]
    rules: dict[str, list[str]] = {}
    for line in section.splitlines():
        if line and not line.startswith("//"):
            rules.setdefault(line.rpartition(".")[2], []).append(line)
    return rules


@functools.cache
def _suffixes(top_level: str) -> PublicSuffixList:
    """Return the rules of one top-level domain: to parse all takes 15 times as long as to read them."""
    return PublicSuffixList(_icann_rules().get(_to_unicode(top_level), []))


def _to_unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    import idna  # noqa: PLC0415 - 10 ms, and most hosts are ASCII

    return idna.decode(label)


def parse_domain(value: object, *, allow_reserved: bool = False) -> Domain:
    """Bring a declared webview domain to the one spelling that is compared and sent.

    `value` is `https://host` or `host`: any case, Unicode or A-label, one final dot and one final slash.
    The result is `https://` and a lower-case A-label host of 1 to 253 octets, nothing after.
    `allow_reserved` admits reserved names such as `.test` and `.internal`, for tests.

    Raises:
        InvalidDomain: with every reason that applies, each under its stable id.
    """
    if not isinstance(value, str):
        raise InvalidDomain(value, [Reason("not-text", f"is {type(value).__name__}, not text")])
    host, reasons = _inspect(value, allow_reserved=allow_reserved)
    if reasons:
        raise InvalidDomain(value, reasons)
    return Domain(f"https://{host}")


def parse_domains(values: Sequence[object], *, allow_reserved: bool = False) -> tuple[Domain, ...]:
    """Bring a declared list to canonical form and keep its order.

    Raises:
        InvalidDomains: with all reasons of all values, duplicates and a list that is too long.
    """
    if len(values) > _ABSURD:
        raise InvalidDomains([], [_too_many(values)])
    parsed: list[Domain] = []
    refused: list[InvalidDomain] = []
    first_at: dict[Domain, object] = {}
    for value in values:
        try:
            domain = parse_domain(value, allow_reserved=allow_reserved)
        except InvalidDomain as error:
            refused.append(error)
            continue
        if domain in first_at:
            text = f"is the same domain as {first_at[domain]!r}, keep one of them"
            refused.append(InvalidDomain(value, [Reason("duplicate", text)]))
            continue
        first_at[domain] = value
        parsed.append(domain)
    reasons = []
    if len(values) > MAX_DOMAINS:
        reasons.append(_too_many(values))
    if refused or reasons:
        raise InvalidDomains(refused, reasons)
    return tuple(parsed)


def _too_many(values: Sequence[object]) -> Reason:
    text = f"{len(values)} domains are declared, a Mini Program may have at most {MAX_DOMAINS}"
    return Reason("too-many", text)


def is_domain(value: str) -> bool:
    """Tell whether a live value may also be declared."""
    try:
        parse_domain(value, allow_reserved=True)
    except InvalidDomain:
        return False
    return True


@functools.lru_cache(maxsize=10_000)  # check and diff ask for the same old domains again
def canonical_or_verbatim(value: str) -> str:
    """Return the key under which a live value is compared.

    Live values were not written by us alone: one that the rules refuse is compared as it stands, and
    reserved names count as good, since the rules of this process did not apply to whoever wrote them.
    """
    try:
        return parse_domain(value, allow_reserved=True).origin
    except InvalidDomain:
        return value


def _inspect(value: str, *, allow_reserved: bool) -> tuple[str, list[Reason]]:
    host, reasons = _strip_to_host(value)
    if not host:
        if not reasons:
            reasons.append(Reason("empty", "has no host"))
        return "", reasons
    if "[" in host or "]" in host or host.count(":") > 1:
        reasons.append(Reason("ip-literal", "is an IP address, WeChat takes host names only"))
        return "", reasons
    if "*" in host:
        text = "has a wildcard; a configured domain already covers its subdomains, declare the domain itself"
        reasons.append(Reason("wildcard", text))
        return "", reasons
    ascii_host = _to_ascii(host, reasons)
    if ascii_host:
        _inspect_ascii(ascii_host, reasons, allow_reserved=allow_reserved)
    return ascii_host, reasons


def _strip_to_host(value: str) -> tuple[str, list[Reason]]:
    reasons: list[Reason] = []
    rest = value
    if slashless := _NO_SLASHES.match(rest):
        rest = rest[slashless.end() :]
        reasons.append(
            Reason("scheme", f"has {slashless[0]} without //, declare https://host or the host alone")
        )
    elif scheme := _SCHEME.match(rest):
        rest = rest[scheme.end() :]
        if scheme[1].lower() != "https":
            reasons.append(Reason("scheme", f"has scheme {scheme[1].lower()}, WeChat takes https only"))
    rest, hash_, _ = rest.partition("#")
    if hash_:
        reasons.append(Reason("fragment", "has a fragment (#…), declare the host alone"))
    rest, question, _ = rest.partition("?")
    if question:
        reasons.append(Reason("query", "has a query (?…), declare the host alone"))
    rest, slash, path = rest.partition("/")
    if slash and path:
        reasons.append(Reason("path", f"has a path (/{path}), declare the host alone"))
    _, at, after = rest.rpartition("@")
    if at:
        rest = after
        reasons.append(Reason("user-info", "has user info before @, declare the host alone"))
    bracketed = rest.startswith("[")
    if (bracketed or rest.count(":") == 1) and (port := _PORT.search(rest)):
        rest = rest[: port.start()]
        reasons.append(Reason("port", f"has a port ({port[0]}), WeChat takes none"))
    return rest, reasons


def _to_ascii(host: str, reasons: list[Reason]) -> str:
    lowered = host.lower() if host.isascii() else _map_unicode(host)
    lowered = lowered.removesuffix(".")
    labels = lowered.split(".")
    if "" in labels:
        reasons.append(Reason("empty-label", "has an empty label (two dots, or a dot in front)"))
        return ""
    encoded: list[str] = []
    for label in labels:
        if len(label) > _MAX_LABEL and label.isascii():
            reasons.append(
                Reason("label-length", f"has a label of {len(label)} octets, at most {_MAX_LABEL}")
            )
        elif _LDH.fullmatch(label) and label[2:4] != "--":
            encoded.append(label)
        elif _LDH.fullmatch(label) and not label.startswith("xn--"):
            text = f"has hyphens in places 3 and 4 of {label!r}, where only labels in xn-- form have them"
            reasons.append(Reason("hyphens", text))
        else:
            _encode_label(label, encoded, reasons)
    if len(encoded) < len(labels):
        return ""
    ascii_host = ".".join(encoded)
    if len(ascii_host) > _MAX_HOST:
        reasons.append(Reason("host-length", f"has {len(ascii_host)} octets, at most {_MAX_HOST}"))
    return ascii_host


def _map_unicode(host: str) -> str:
    import idna  # noqa: PLC0415 - 10 ms, and most hosts are ASCII

    try:
        return idna.uts46_remap(host, std3_rules=False, transitional=False)
    except idna.IDNAError:
        return host.lower()


def _encode_label(label: str, encoded: list[str], reasons: list[Reason]) -> None:
    import idna  # noqa: PLC0415 - 10 ms, and most hosts are ASCII

    try:
        encoded.append(idna.alabel(label).decode())
    except idna.IDNAError:
        text = f"has characters that a host name may not have ({label!r})"
        if len(label) > _MAX_LABEL // 2 and not label.isascii():
            text += " or is too long as an A-label"
        reasons.append(Reason("characters", text))


def _inspect_ascii(host: str, reasons: list[Reason], *, allow_reserved: bool) -> None:
    labels = host.split(".")
    last = labels[-1]
    if _NUMERIC_LABEL.fullmatch(last):
        reasons.append(Reason("ip-literal", "is an IP address, WeChat takes host names only"))
    elif host == "localhost":
        reasons.append(Reason("localhost", "is this machine, WeChat must reach the host"))
    elif len(labels) == 1:
        reasons.append(Reason("single-label", "has a single label, declare a full host name"))
    elif last in _RESERVED:
        if not allow_reserved:
            text = f"ends in .{last}, a reserved name that WeChat cannot reach"
            reasons.append(Reason("reserved-name", text))
    elif _suffixes(last).publicsuffix(host) == host:
        reasons.append(Reason("public-suffix", "is a public suffix, nobody can own it"))
    if host == _WECHAT or host.endswith("." + _WECHAT):
        reasons.append(Reason("wechat-host", "is a host of WeChat itself"))
