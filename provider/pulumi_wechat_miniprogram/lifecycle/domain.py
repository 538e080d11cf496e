"""One webview domain: its canonical form, and every reason why a value is refused.

Sources: WeChat's network rules for Mini Programs (https only, no IP, no port, at most 300), RFC 1035
(lengths), RFC 5891 (IDNA 2008), RFC 6761 and RFC 6762 (special-use names), the Public Suffix List.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import idna
from publicsuffixlist import PublicSuffixList

from pulumi_wechat_miniprogram.safety.problems import as_given
from pulumi_wechat_miniprogram.safety.text import escape

MAX_DOMAINS = 300
"""Webview domains that one Mini Program may have (WeChat's framework page on domains)."""

MAX_SUBJECTS = 100
"""Subjects whose Mini Programs may list one domain (same page); beyond it: errcode 506015."""

_ABSURD = 10 * MAX_DOMAINS
"""A list beyond this is refused for its length alone: a message of megabytes helps nobody."""
_MAX_HOST = 253
_MAX_LABEL = 63
_ABSURD_HOST = 4 * _MAX_HOST
"""Mapping Unicode takes time that grows with the square of a label's length."""
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
ATS = str.maketrans("\uff20\ufe6b", "@@")
"""Other forms of @, which would hide user info from what looks for it."""
_AFTER_HOST = re.compile(r"[/?#]")
_IP_LITERAL = re.compile(r"\[[0-9a-f.%]{0,50}:[0-9a-f.%]{0,50}:[0-9a-f:.%]{0,50}\]", re.IGNORECASE)
_TYPED = re.compile(r"[A-Za-z0-9.:/_-]*")
"""The characters of most domains, none of them a mark. Asking first saves 3 % of an `up` without changes."""
_MARKS = {
    **dict.fromkeys("\"'`\u00b4\u00ab\u00bb\u2039\u203a\uff02\uff07", "quotation marks"),
    **dict.fromkeys("\u300c\u300d\u300e\u300f", "quotation marks"),
    **dict.fromkeys(map(chr, range(0x2018, 0x2020)), "quotation marks"),
    **dict.fromkeys("[](){}<>\uff3b\uff3d\uff08\uff09\uff5b\uff5d\uff1c\uff1e", "brackets"),
    **dict.fromkeys("\u3008\u3009\u300a\u300b\u3010\u3011", "brackets"),
    **dict.fromkeys(",\uff0c\u3001", "a comma"),
    **dict.fromkeys(";\uff1b", "a semicolon"),
    **dict.fromkeys("\u034f\u115f\u1160\u2800\u3164\uffa0", "invisible characters"),
    **dict.fromkeys(map(chr, range(0xFE00, 0xFE10)), "invisible characters"),
}
_BETWEEN = frozenset({"brackets", "a comma", "a semicolon"})
"""Marks that a path or a query may hold."""
_JOINERS = "\u200c\u200d"
"""Invisible, but some scripts need them inside a label (RFC 5892, A.1 and A.2)."""
_MAX_SHOWN = 500
"""Characters of a refused value that a message repeats."""


class Domain(str):
    """A checked webview domain: `https://` and a lower-case A-label host, the one spelling that is sent."""

    __slots__ = ()

    @property
    def host(self) -> str:
        """The host without its scheme."""
        return self.removeprefix("https://")


class Undeclarable(str):
    """A live value that the rules refuse: it is kept and compared as WeChat spells it, escaped."""

    __slots__ = ()


Listed = Domain | Undeclarable
"""What may stand on a live list, as it is compared."""

_Parsed = TypeVar("_Parsed", bound=Domain)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value is refused: a stable id and a sentence for the user."""

    id: str
    text: str


class InvalidDomain(ValueError):
    """One value is not a webview domain."""

    def __init__(self, value: object, reasons: Sequence[Reason]) -> None:
        """Keep every reason that applies, and the value as it may be shown: without user info."""
        self.shown = repr(_cut(_mask(value))) if isinstance(value, str) else _cut(_mask(repr(value)))
        self.reasons = tuple(reasons)
        super().__init__(f"{self.shown}: " + "; ".join(reason.text for reason in reasons))


class InvalidDomains(ValueError):
    """A declared list is refused: each value with its reasons, then the reasons of the list itself."""

    def __init__(
        self, values: Sequence[InvalidDomain], reasons: Sequence[Reason], *, name: str = "domains"
    ) -> None:
        """Keep the refused values and the reasons that concern the whole list, which is an input's."""
        self.values = tuple(values)
        self.reasons = tuple(reasons)
        lines = [str(value) for value in values] + [reason.text for reason in reasons]
        count = len(lines)
        super().__init__(f"`{name}` has {count} problem{'s' if count > 1 else ''}:\n  " + "\n  ".join(lines))


def _mask(text: str) -> str:
    """Hide all before the last @: a password may hold any character, also one that ends it in a URL."""
    before, at, host = text.translate(ATS).rpartition("@")
    if not at:
        return text
    scheme = _SCHEME.match(before) or _NO_SLASHES.match(before)
    return f"{scheme[0] if scheme else ''}***@{host}"


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def shown(value: str) -> str:
    """Return a value that may not be a domain as a message shows it: without user info, in one line."""
    return _cut(escape(_mask(value)))


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def parse_domain(value: object, *, allow_reserved: bool = False) -> Domain:
    """Bring a declared webview domain to the one spelling that is compared and sent.

    `value` is `https://host` or `host`: any case, Unicode or A-label, one final dot and one final slash.
    The result is `https://` and a lower-case A-label host of 1 to 253 octets, nothing after.
    `allow_reserved` admits reserved names such as `.test` and `.internal`, for tests.

    Raises:
        InvalidDomain: with every reason that applies, each under its stable id. White space, quotation marks
            and what else a copied list leaves around or inside a value is looked for first, and is then the
            only reason.
    """
    if not isinstance(value, str):
        plain = as_given(value)
        raise InvalidDomain(plain, [Reason("not-text", f"is {_type_of(plain)}, not text")])
    text = value.translate(ATS)
    if marks := find_marks(text, functools.partial(_is_accepted, allow_reserved=allow_reserved)):
        raise InvalidDomain(value, [marks])
    host, reasons = inspect_host(text, allow_reserved=allow_reserved)
    if reasons:
        raise InvalidDomain(value, reasons)
    return Domain(f"https://{host}")


def _type_of(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), f"of type {type(value).__name__}")


def parse_domains(values: Sequence[object], *, allow_reserved: bool = False) -> tuple[Domain, ...]:
    """Bring a declared list to canonical form and keep its order.

    Raises:
        InvalidDomains: with all reasons of all values, duplicates and a list that is too long.
    """
    parse = functools.partial(parse_domain, allow_reserved=allow_reserved)
    return parse_list(values, parse, name="domains", most=MAX_DOMAINS)


def parse_list(
    values: Sequence[object], parse: Callable[[object], _Parsed], *, name: str, most: int
) -> tuple[_Parsed, ...]:
    """Bring the list of an input to canonical form, value by value. Raises as `parse_domains` does."""
    if len(values) > _ABSURD:
        raise InvalidDomains([], [_too_many(values, most)], name=name)
    parsed: list[_Parsed] = []
    refused: list[InvalidDomain] = []
    first_at: dict[_Parsed, object] = {}
    for value in values:
        try:
            domain = parse(value)
        except InvalidDomain as error:
            refused.append(error)
            continue
        if domain in first_at:
            text = f"is the same domain as {first_at[domain]!r}: keep one of them"
            refused.append(InvalidDomain(value, [Reason("duplicate", text)]))
            continue
        first_at[domain] = value
        parsed.append(domain)
    reasons = []
    if len(values) > most:
        reasons.append(_too_many(values, most))
    if refused or reasons:
        raise InvalidDomains(refused, reasons, name=name)
    return tuple(parsed)


def _too_many(values: Sequence[object], most: int) -> Reason:
    text = f"{len(values)} domains are declared, but a Mini Program can have at most {most}"
    return Reason("too-many", text)


def read_listed(value: str) -> Listed:
    """Return a live or stored value as it is compared.

    Live values were not written by us alone: one that the rules refuse is compared verbatim, and
    reserved names count as good, since the rules of this process did not apply to whoever wrote them.
    The result goes into the state and to terminals, so what neither can hold is escaped.
    """
    try:
        return parse_domain(value, allow_reserved=True)
    except InvalidDomain:
        return Undeclarable(escape(value))


def host_of_listed(domain: str) -> str:
    """Return the host of an entry of a list, or the text without its scheme if the rules refuse it."""
    return domain.host if isinstance(domain, Domain) else domain.removeprefix("https://")


def find_marks(value: str, accepts: Callable[[str], bool]) -> Reason | None:
    """Find characters that are not part of a host or URL: white space, a BOM, quotes and commas of a list.

    `accepts` says whether a value without them would do.
    """
    if _TYPED.fullmatch(value):
        return None
    kinds = [_kind(character) for character in value]
    for literal in _IP_LITERAL.finditer(value):
        kinds[literal.start()] = kinds[literal.end() - 1] = ""
    if not any(kinds):
        return None
    first = next((at for at, kind in enumerate(kinds) if not kind), len(value))
    last = next((at for at in range(len(value), first, -1) if not kinds[at - 1]), first)
    core = value[first:last]
    if not core:
        return Reason("empty", f"contains only {_listed(kinds)}; declare a host")
    inside = _kinds_inside(core, kinds[first:last])
    if not any(inside):
        return _marks_around(core, kinds[:first], kinds[last:], accepts)
    pieces = "".join(" " if kind else c for c, kind in zip(core, inside, strict=True)).split(" ")
    whole = "".join(pieces)
    if set(inside) == {"", "invisible characters"} and accepts(whole):
        cure = f"write {whole!r}"
    elif all(accepts(piece) for piece in pieces if piece):
        cure = "declare each domain as a separate value"
    else:
        cure = "declare only the host"
    return Reason("marks-inside", f"contains {_listed([*kinds[:first], *inside, *kinds[last:]])}; {cure}")


def _kind(character: str) -> str:
    """Name the kind of mark that a character is; empty for one that a value may hold."""
    if kind := _MARKS.get(character):
        return kind
    category = unicodedata.category(character)
    if character.isspace() or category.startswith("Z"):
        return "white space"
    return "invisible characters" if category in {"Cc", "Cf"} else ""


def _kinds_inside(core: str, kinds: Sequence[str]) -> list[str]:
    """Keep the marks that split a value or hide in it. User info is not searched: it is never described."""
    scheme = _SCHEME.match(core)
    authority = _AFTER_HOST.search(core, scheme.end() if scheme else 0)
    end = len(core) if authority is None or core.count("://") > 1 else authority.start()
    start = core.rfind("@") + 1
    return [
        "" if at < start or core[at] in _JOINERS or (kind in _BETWEEN and at >= end) else kind
        for at, kind in enumerate(kinds)
    ]


def _marks_around(
    core: str, before: Sequence[str], after: Sequence[str], accepts: Callable[[str], bool]
) -> Reason | None:
    if not before and not after:
        return None
    if set(before) == set(after):
        text = f"has {_listed(before)} around it"
    else:
        sides = ((before, "before it"), (after, "after it"))
        text = "has " + " and ".join(f"{_listed(kinds)} {place}" for kinds, place in sides if kinds)
    cure = f"write {core!r}" if accepts(core) else "remove it"
    return Reason("marks-around", f"{text}; {cure}")


def _listed(kinds: Iterable[str]) -> str:
    *most, last = dict.fromkeys(kind for kind in kinds if kind)
    return f"{', '.join(most)} and {last}" if most else last


def _is_accepted(value: str, *, allow_reserved: bool) -> bool:
    return not inspect_host(value, allow_reserved=allow_reserved)[1]


def inspect_host(value: str, *, allow_reserved: bool) -> tuple[str, list[Reason]]:
    """Return the A-label host of a value, as far as it has one, and what is wrong with the value."""
    host, reasons = _strip_to_host(value)
    if not host:
        if not reasons:
            reasons.append(Reason("empty", "has no host"))
        return "", reasons
    if "[" in host or "]" in host or host.count(":") > 1:
        reasons.append(Reason("ip-literal", "is an IP address, but WeChat accepts only host names"))
        return "", reasons
    if "*" in host:
        text = (
            "has a wildcard; a configured domain already covers its subdomains, so declare the domain itself"
        )
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
            Reason("scheme", f"has {slashless[0]} without //: declare https://host or only the host")
        )
    elif scheme := _SCHEME.match(rest):
        rest = rest[scheme.end() :]
        if scheme[1].lower() != "https":
            reasons.append(
                Reason("scheme", f"uses the scheme {scheme[1].lower()}, but WeChat accepts only https")
            )
    if _AFTER_HOST.search(rest.rpartition("@")[0]):
        text = "has user info or a path before @: declare only the host"
        return "", [*reasons, Reason("user-info", text)]
    rest, hash_, _ = rest.partition("#")
    if hash_:
        reasons.append(Reason("fragment", "has a fragment (#…): declare only the host"))
    rest, question, _ = rest.partition("?")
    if question:
        reasons.append(Reason("query", "has a query (?…): declare only the host"))
    rest, slash, path = rest.partition("/")
    if slash and path:
        reasons.append(Reason("path", f"has a path (/{shown(path)}): declare only the host"))
    _, at, after = rest.rpartition("@")
    if at:
        rest = after
        reasons.append(Reason("user-info", "has user info before @: declare only the host"))
    bracketed = rest.startswith("[")
    if (bracketed or rest.count(":") == 1) and (port := _PORT.search(rest)):
        rest = rest[: port.start()]
        reasons.append(Reason("port", f"has a port ({shown(port[0])}), but WeChat accepts none"))
    return rest, reasons


def _to_ascii(host: str, reasons: list[Reason]) -> str:
    if len(host) > _ABSURD_HOST:
        reasons.append(Reason("host-length", f"has {len(host)} characters: at most {_MAX_HOST} are allowed"))
        return ""
    lowered = host.lower() if host.isascii() else _map_unicode(host)
    lowered = lowered.removesuffix(".")
    labels = lowered.split(".")
    if "" in labels:
        reasons.append(Reason("empty-label", "has an empty label (two consecutive dots, or a leading dot)"))
        return ""
    encoded: list[str] = []
    for label in labels:
        if len(label) > _MAX_LABEL and label.isascii():
            reasons.append(
                Reason(
                    "label-length", f"has a label of {len(label)} octets: at most {_MAX_LABEL} are allowed"
                )
            )
        elif _LDH.fullmatch(label) and label[2:4] != "--":
            encoded.append(label)
        elif _LDH.fullmatch(label) and not label.startswith("xn--"):
            text = f"has hyphens in positions 3 and 4 of {label!r}, which only xn-- labels may have"
            reasons.append(Reason("hyphens", text))
        else:
            _encode_label(label, encoded, reasons)
    if len(encoded) < len(labels):
        return ""
    ascii_host = ".".join(encoded)
    if len(ascii_host) > _MAX_HOST:
        reasons.append(
            Reason("host-length", f"has {len(ascii_host)} octets: at most {_MAX_HOST} are allowed")
        )
    return ascii_host


def _map_unicode(host: str) -> str:
    try:
        return idna.uts46_remap(host, std3_rules=False, transitional=False)
    except idna.IDNAError:
        return host.lower()


def _encode_label(label: str, encoded: list[str], reasons: list[Reason]) -> None:
    try:
        encoded.append(idna.alabel(label).decode())
    except idna.IDNAError:
        text = f"has characters that are not allowed in a host name ({label!r})"
        if len(label) > _MAX_LABEL // 2 and not label.isascii():
            text += " or is too long as an A-label"
        reasons.append(Reason("characters", text))


def _inspect_ascii(host: str, reasons: list[Reason], *, allow_reserved: bool) -> None:
    labels = host.split(".")
    last = labels[-1]
    if _NUMERIC_LABEL.fullmatch(last):
        reasons.append(Reason("ip-literal", "is an IP address, but WeChat accepts only host names"))
    elif host == "localhost":
        reasons.append(Reason("localhost", "is this machine, but WeChat must be able to reach the host"))
    elif len(labels) == 1:
        reasons.append(Reason("single-label", "has a single label: declare a full host name"))
    elif last in _RESERVED:
        if not allow_reserved:
            text = f"ends in .{last}, a reserved name that WeChat cannot reach"
            reasons.append(Reason("reserved-name", text))
    elif _suffixes().publicsuffix(host) == host:
        reasons.append(Reason("public-suffix", "is a public suffix, which nobody can own"))
    if host == _WECHAT or host.endswith("." + _WECHAT):
        reasons.append(Reason("wechat-host", "is a host of WeChat itself"))
