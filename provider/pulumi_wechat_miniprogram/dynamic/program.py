"""What a running program says of its own resources, so that none takes away what another one declares.

The engine checks a resource when the resources it depends on are done, and may have updated another
resource of the same appid long before. The program knows earlier: all constructors of a Python program have
run before its first registration is sent. So each resource carries a note about the others of its appid
(the property `SIBLINGS_KEY`), which check takes out again: it reaches neither the state nor a policy.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard, cast

import pulumi

from pulumi_wechat_miniprogram.lifecycle.state import OTHER_CHANNEL, ListName

IS_UPDATE: Final = "is_update"
"""Whether the engine goes on to do what it asks about: it tells that to programs only."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One resource: what it declares in plain, and whether there is more that other resources compute."""

    name: str
    domains: tuple[str, ...]
    computed: bool


@dataclass(slots=True)
class Program:
    """The resources of one run, by appid; `without_appid` are those whose appid is computed.

    Of these, `anywhere` are the additive ones. `beside` are the resources of the other channel's list.
    """

    by_appid: dict[str, list[_Entry]] = field(default_factory=dict)
    anywhere: list[_Entry] = field(default_factory=list)
    without_appid: list[_Entry] = field(default_factory=list)
    beside: Program | None = None
    names: dict[str, int] = field(default_factory=dict)
    failed: bool = False

    def add(self, name: str, appid: object, domains: object, mode: object) -> _Entry:
        """Take in a resource with its inputs as the program gave them."""
        self.names[name] = self.names.get(name, 0) + 1
        if self.names[name] > 1:  # with another parent
            name = f"{name} ({self.names[name]})"
        plain = tuple(item for item in domains if isinstance(item, str)) if _is_list(domains) else ()
        own = _Entry(name, plain, computed=not _is_list(domains) or len(plain) < len(domains))
        if isinstance(appid, str):
            self.by_appid.setdefault(appid, []).append(own)
        else:
            self.without_appid.append(own)
            if mode != "authoritative":  # several resources of one appid are additive
                self.anywhere.append(own)
        return own

    def note(self, appid: str, own: _Entry) -> Mapping[str, Any]:
        """Return the note for a resource."""
        here = [entry for entry in self._of(appid) if entry is not own]
        return {
            "appid": appid,
            "name": own.name,
            "others": {entry.name: list(entry.domains) for entry in here},
            "computed": [entry.name for entry in (*here, own) if entry.computed],
            "anywhere": [entry.name for entry in self.anywhere if entry is not own],
            "failed": self.failed,
            IS_UPDATE: not pulumi.runtime.is_dry_run(),
            **({"beside": self.beside.of_app(appid)} if self.beside else {}),
        }

    def of_app(self, appid: str) -> Mapping[str, Any]:
        """Return what the other channel's resources hear about these."""
        here = self._of(appid)
        return {
            "others": {entry.name: list(entry.domains) for entry in here},
            "computed": [entry.name for entry in here if entry.computed],
            "anywhere": [entry.name for entry in self.without_appid],
        }

    def _of(self, appid: object) -> Sequence[_Entry]:
        return self.by_appid.get(appid, ()) if isinstance(appid, str) else ()


_programs: weakref.WeakKeyDictionary[pulumi.Resource, dict[ListName, Program]] = weakref.WeakKeyDictionary()
"""By root resource, since the Automation API runs several programs in one process; and by kind of list."""


class _Note:
    """Awaited when the registration is sent; then every constructor of the program has run."""

    def __init__(self, program: Program, appid: str, own: _Entry) -> None:
        self._program, self._appid, self._own = program, appid, own

    def __await__(self) -> Generator[Any, None, Mapping[str, Any]]:
        yield from ()
        return self._program.note(self._appid, self._own)


def announce(
    name: str, appid: pulumi.Input[str], domains: object, mode: object, *, of: ListName = "webview"
) -> pulumi.Input[Mapping[str, Any] | None]:
    """Note a resource of the running program, and return the value of its property `SIBLINGS_KEY`."""
    root = pulumi.runtime.get_root_resource()
    if root is None:
        return None
    programs = _programs.setdefault(root, {})
    program = programs.get(of)
    if program is None:
        program = programs[of] = _follow(root, Program())
        if (other := OTHER_CHANNEL.get(of)) and (beside := programs.get(other)):
            program.beside, beside.beside = beside, program
    own = program.add(name, appid, domains, mode)
    if isinstance(appid, str):
        return _Note(program, appid, own)
    known: pulumi.Output[str] = pulumi.Output.from_input(appid)
    return known.apply(lambda value: program.note(value, own))


def _follow(root: pulumi.Resource, program: Program) -> Program:
    """Learn how the program ends: the SDK then registers the stack's outputs, also while an error passes.

    After an error it still sends the registrations that were made before.
    """
    stack = cast("pulumi.ComponentResource", root)
    register = stack.register_outputs

    def ended(outputs: pulumi.Inputs) -> None:
        program.failed = sys.exc_info()[0] is not None
        register(outputs)

    stack.register_outputs = ended  # type: ignore[method-assign] # the SDK reports the end in no other way
    return program


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
