"""One `MiniProgramWebviewDomains` as a policy sees it: read once, gaps named, secrets never shown."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, parse_domain, shown
from pulumi_wechat_miniprogram.policy.wire import SEALED, is_unknown, unwrap

__all__ = ["DeclaredDomain", "DeclaredResource", "Gap", "host_of", "read_declared"]

_MODES = ("authoritative", "additive")
_FLAGS = ("overwrite_existing", "allow_mass_removal")
_AFTER_HOST = re.compile(r"[/:?#]")


@dataclass(frozen=True, slots=True)
class DeclaredDomain:
    """One known element of `domains`.

    `shown` is what a message may say: the domain, or its place in the list where it is a secret, and then
    nothing that is read from it may be said. `plain` is false for a live value that the provider's own rules
    refuse, which a refresh brought in.
    """

    index: int
    host: str
    shown: str
    plain: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A property that cannot be judged: known only after an update, or a secret sealed in an export.

    Or it is not what the provider stores, as in a damaged state; then `fault` says how.
    """

    path: str
    sealed: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredResource:
    """Checked inputs in a preview or an update, stored ones in an export."""

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
    """Read whatever the engine sends; what has another type than the provider's check admits is a gap."""
    gaps: list[Gap] = []
    appid, secret = _text("appid", props, gaps)
    mode, _ = _text("mode", props, gaps)
    if mode not in {None, *_MODES}:
        gaps.append(Gap("mode", sealed=False, fault=f"is not one of {' and '.join(_MODES)}"))
        mode = None
    domains = _domains(props.get("domains"), gaps)
    lifted = [flag for flag in _FLAGS if _known(flag, props.get(flag), gaps)[0] is True]
    return DeclaredResource(
        urn=urn,
        name=name,
        appid=appid,
        shown_appid="an appid that is a secret" if secret else (appid or "an unknown appid"),
        mode=mode,
        domains=tuple(domains),
        lifted=tuple(lifted),
        protected=protected,
        gaps=tuple(gaps),
    )


def _known(path: str, value: object, gaps: list[Gap]) -> tuple[object, bool]:
    """Return a known value and whether it is a secret, or note the gap."""
    value, secret = unwrap(value)
    if is_unknown(value) or value == SEALED:
        gaps.append(Gap(path, sealed=value == SEALED))
        return None, secret
    return value, secret


def _text(path: str, props: Mapping[str, object], gaps: list[Gap]) -> tuple[str | None, bool]:
    value, secret = _known(path, props.get(path), gaps)
    if isinstance(value, str) or _has_gap(path, gaps):
        return value if isinstance(value, str) else None, secret
    gaps.append(Gap(path, sealed=False, fault="is missing" if value is None else "is not text"))
    return None, secret


def _has_gap(path: str, gaps: Sequence[Gap]) -> bool:
    return bool(gaps) and gaps[-1].path == path


def _domains(value: object, gaps: list[Gap]) -> list[DeclaredDomain]:
    values, secret_list = _known("domains", value, gaps)
    found: list[DeclaredDomain] = []
    if not isinstance(values, (list, tuple)):
        if not _has_gap("domains", gaps):
            gaps.append(
                Gap("domains", sealed=False, fault="is missing" if values is None else "is not a list")
            )
        return found
    for index, element in enumerate(values):
        path = f"domains[{index}]"
        text, secret = _known(path, element, gaps)
        if isinstance(text, str):
            host, plain = host_of(text)
            hidden = secret or secret_list
            told = f"`{path}`, a secret," if hidden else text if plain else shown(text)
            found.append(DeclaredDomain(index, host, told, plain, hidden))
        elif not _has_gap(path, gaps):
            gaps.append(Gap(path, sealed=False, fault="is not text"))
    return found


@functools.lru_cache(maxsize=10_000)  # every rule and every resource of a stack asks for the same names
def host_of(value: str) -> tuple[str, bool]:
    """Return the host of a value, and whether the provider's rules accept the value."""
    try:
        return parse_domain(value, allow_reserved=True).host, True
    except InvalidDomain:
        authority = value.removeprefix("https://").rpartition("@")[2]
        return _AFTER_HOST.split(authority)[0].lower(), False
