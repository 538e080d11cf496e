"""The properties of one resource, read: checked inputs in a preview, stored inputs and outputs in a state.

Exports, policies and the provider itself read with this. Each decides what a gap means to it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from pulumi_wechat_miniprogram.exports.kinds import Face
from pulumi_wechat_miniprogram.exports.marks import SEALED, is_unknown, unwrap
from pulumi_wechat_miniprogram.exports.state import CHANNELS, MODES, NAMES, WIRE_NAMES
from pulumi_wechat_miniprogram.lifecycle.domain import Listed, read_listed
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES, UNPUBLISHED, read_host, staged
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS, read_entry, read_server
from pulumi_wechat_miniprogram.lifecycle.state import (
    Channel,
    Mode,
    PlatformRecorded,
    Recorded,
    ServerRecorded,
)

MISSING: Final = "is missing"
NO_JSON: Final = "is a secret whose plaintext is not valid JSON"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Gap:
    """A property that cannot be read: known only after an update, or a secret that nobody decrypted here.

    Or it is not what the provider stores, as in a damaged state; then `fault` says how. `path` is spelled as
    the property is.
    """

    path: str
    sealed: bool
    fault: str = ""

    @property
    def spelling(self) -> str:
        """The property in which it is, as that is spelled."""
        return self.path.partition("[")[0]

    @property
    def name(self) -> str:
        """The property in which it is."""
        return NAMES.get(self.spelling, self.spelling)


@dataclass(frozen=True, slots=True)
class Element:
    """One known text of a list."""

    index: int
    text: str
    secret: bool


class Properties:
    """Reads one property after the other, in either face's spelling; what is missing is empty.

    `gaps` are what could not be read so far, `secrets` the names of what the program marked as secret.
    """

    def __init__(
        self, held: Mapping[str, object], required: Collection[str] = (), *, face: Face = "dynamic"
    ) -> None:
        """Take them as the engine sends or stores them; a `required` one that is missing is a gap.

        `face` is whose spelling counts where a property comes in both: what that face's provider obeys.
        """
        self._held = held
        self._required = required
        self._native = face == "native"
        self._listed = functools.cache(read_listed)  # the lists of a state name the same domains
        self.gaps: list[Gap] = []
        self.secrets: set[str] = set()

    def spelling(self, name: str) -> str:
        """Return the name as these properties spell it."""
        both = (WIRE_NAMES[name], name) if self._native else (name, WIRE_NAMES[name])
        return next((each for each in both if self._held.get(each) is not None), both[0])

    def text(self, name: str) -> str | None:
        """Return a text."""
        return self._property(name, str, "is not text")

    def flag(self, name: str) -> bool:
        """Return a switch."""
        return self._property(name, bool, "is not a boolean") or False

    def mode(self) -> Mode | None:
        """Return what a list owns."""
        return self._choice("mode", MODES)

    def channel(self) -> Channel:
        """Return the channel of a list; a state without one was written before there was a choice."""
        return self._choice("channel", CHANNELS) or "direct"

    def _choice(self, name: str, choices: tuple[_T, ...]) -> _T | None:
        text = self.text(name)
        for known in choices:
            if text == known:
                return known
        if text is not None:
            fault = f"is not one of {' and '.join(map(str, choices))}"
            self.gaps.append(Gap(name, sealed=False, fault=fault))
        return None

    def elements(self, name: str) -> list[Element]:
        """Return the known texts of a list."""
        spelled = self._find(name)
        return self._elements(spelled, self._held[spelled]) if spelled else []

    def recorded(self, id_: str) -> Recorded:
        """Return the state of a `MiniProgramWebviewDomains`; its appid is the id where the state has none."""
        return Recorded(
            appid=self.text("appid") or id_.partition("/")[0],
            channel=self.channel(),
            domains=self._domains("domains"),
            mode=self.mode() or "authoritative",
            effective_domains=self._domains("effective_domains"),
            pending_domains=self._domains("pending_domains"),
            release_required=self.flag("release_required"),
            added_domains=self._domains("added_domains"),
            shared_domains=self._shared(self._listed),
            declared_as=self.text("declared_as") or "",
        )

    def recorded_server(self, id_: str) -> ServerRecorded:
        """Return the state of a `MiniProgramServerDomains`, as `recorded` does."""
        return ServerRecorded(
            appid=self.text("appid") or id_.partition("/")[0],
            channel=self.channel(),
            domains=tuple(
                read_server(kind, element.text) for kind in KINDS for element in self.elements(kind)
            ),
            mode=self.mode() or "authoritative",
            effective_domains=self._by_kind("effective"),
            pending_domains=self._by_kind("pending"),
            release_required=self.flag("release_required"),
            added_domains=self._by_kind("added"),
            shared_domains=self._shared(read_entry),
            declared_as=self.text("declared_as") or "",
            managed=tuple(kind for kind in KINDS if self._held.get(kind) is not None),
            writes=int(self._property("writes", (int, float), "is not a number") or 0),
        )

    def recorded_prefetch(self, id_: str) -> Recorded:
        """Return the state of a `MiniProgramPrefetchDomains`, as `recorded` does."""
        hosts = self._hosts("hosts")
        return Recorded(
            appid=self.text("appid") or id_,
            domains=hosts,
            effective_domains=hosts,
            declared_as=self.text("declared_as") or "",
        )

    def recorded_platform(self, id_: str) -> PlatformRecorded:
        """Return the state of a `ThirdPartyPlatform...Domains`, as `recorded` does."""
        stages = STAGES if self._property("publish", bool, "is not a boolean") is not False else UNPUBLISHED
        testing, published = self._hosts("testing_domains"), self._hosts("published_domains")
        shared = self._shared(read_host)
        return PlatformRecorded(
            appid=self.text("component_appid") or id_,
            domains=tuple(staged(self._hosts("domains"), stages)),
            mode=self.mode() or "additive",
            effective_domains=(*staged(testing, STAGES[:1]), *staged(published, STAGES[1:])),
            added_domains=tuple(staged(self._hosts("added_domains"), stages)),
            shared_domains={entry: shared[host] for host in shared for entry in staged([host], stages)},
            declared_as=self.text("declared_as") or "",
            managed=stages,
            writes=int(self._property("writes", (int, float), "is not a number") or 0),
            allow_removal=self.flag("allow_removal"),
        )

    def _hosts(self, name: str) -> tuple[Listed, ...]:
        return tuple(read_host(element.text) for element in self.elements(name))

    def _by_kind(self, name: str) -> tuple[Listed, ...]:
        return tuple(
            read_server(kind, element.text)
            for kind, elements in self._mapped(name)
            if kind in KINDS
            for element in elements
        )

    def _domains(self, name: str) -> tuple[Listed, ...]:
        return tuple(self._listed(element.text) for element in self.elements(name))

    def _shared(self, read: Callable[[str], Listed]) -> dict[Listed, tuple[str, ...]]:
        return {
            read(domain): tuple(element.text for element in elements)
            for domain, elements in self._mapped("shared_domains")
        }

    def _mapped(self, name: str) -> Iterable[tuple[str, list[Element]]]:
        """Return the lists of an object."""
        held: dict[str, object] = self._property(name, dict, "is not an object") or {}
        spelled = self.spelling(name)
        return [(key, self._elements(f"{spelled}[{key}]", value)) for key, value in held.items()]

    def _elements(self, path: str, value: object) -> list[Element]:
        values, hidden = self._open(path, value, list, "is not a list")
        found = []
        for index, item in enumerate(values or ()):
            text, secret = self._open(f"{path}[{index}]", item, str, "is not text")
            if text is not None:
                found.append(Element(index, text, hidden or secret))
        return found

    def _property(self, name: str, kind: type[_T] | tuple[type[_T], ...], fault: str) -> _T | None:
        spelled = self._find(name)
        return self._open(spelled, self._held[spelled], kind, fault)[0] if spelled else None

    def _find(self, name: str) -> str:
        """Return the name as it is spelled here, or nothing if the property is missing."""
        spelled = self.spelling(name)
        if self._held.get(spelled) is not None:
            return spelled
        if name in self._required:
            self.gaps.append(Gap(spelled, sealed=False, fault=MISSING))
        return ""

    def _open(
        self, path: str, value: object, kind: type[_T] | tuple[type[_T], ...], fault: str
    ) -> tuple[_T | None, bool]:
        """Return a known value of a kind and whether it is a secret, or None and note the gap."""
        try:
            value, secret = unwrap(value)
        except ValueError:
            value, secret, fault = None, True, NO_JSON
        if secret:
            self.secrets.add(Gap(path, sealed=False).name)
        if value == SEALED or is_unknown(value):
            self.gaps.append(Gap(path, sealed=value == SEALED))
        elif isinstance(value, kind):
            return value, secret
        else:
            self.gaps.append(Gap(path, sealed=False, fault=fault))
        return None, secret
