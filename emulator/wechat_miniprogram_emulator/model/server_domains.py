"""An app's server domains: six kinds, each configured in three ways, and what is in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from wechat_miniprogram_emulator.model.in_force import after_write
from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.values import host_of, is_under, union, well_formed_server
from wechat_miniprogram_emulator.model.webview import changed_list

ServerKind = Literal[
    "requestdomain", "wsrequestdomain", "uploaddomain", "downloaddomain", "udpdomain", "tcpdomain"
]
SCHEMES: dict[ServerKind, str] = {
    "requestdomain": "https",
    "wsrequestdomain": "wss",
    "uploaddomain": "https",
    "downloaddomain": "https",
    "udpdomain": "udp",
    "tcpdomain": "tcp",
}
KINDS: tuple[ServerKind, ...] = tuple(SCHEMES)
MAX_OF_A_KIND = 200
MAX_TOTAL = 1000
MONTHLY_CHANGES = 50
OWN_HOSTS = ("api.weixin.qq.com",)

Lists = Mapping[ServerKind, tuple[str, ...]]
"""The values of each kind; a kind that is not there is empty."""


@dataclass(frozen=True)
class ServerState:
    """What is configured in mode two, in the console and in mode one, and what is in force."""

    direct: Lists = field(default_factory=dict)
    mp: Lists = field(default_factory=dict)
    third: Lists = field(default_factory=dict)
    effective: Lists = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """The state after a write, or the code that refuses it, and the values that were left out."""

    state: ServerState
    errcode: int = 0
    invalid: Lists = field(default_factory=dict)
    no_icp: tuple[str, ...] = ()


def full(lists: Lists) -> dict[ServerKind, tuple[str, ...]]:
    """Give all six kinds."""
    return {kind: tuple(lists.get(kind, ())) for kind in KINDS}


def change_directly(
    state: ServerState, action: str, sent: Lists, switches: Switches, unfiled: Collection[str]
) -> Change:
    """Carry out a write in mode two: all of it or nothing."""
    if not any(sent.values()):
        return Change(state, 85017)
    if _has_duplicates(sent, switches):
        return Change(state, 40097)
    if action != "delete":
        for kind, values in sent.items():
            for value in values:
                if errcode := _refusal(kind, value, unfiled):
                    return Change(state, errcode)
    direct = _changed(state.direct, action, sent)
    if _too_many(direct):
        return Change(state, 85016)
    effective = _in_force(state, "direct", direct, action, sent, switches)
    return Change(replace(state, direct=direct, effective=effective))


def change_listed(
    state: ServerState,
    action: str,
    sent: Lists,
    listed: Collection[str],
    switches: Switches,
    unfiled: Collection[str],
) -> Change:
    """Carry out a write in mode one: what is invalid, unfiled or not on the platform's list is left out."""
    if not any(sent.values()):
        return Change(state, 85017)
    if _has_duplicates(sent, switches):
        return Change(state, 40097)
    invalid: dict[ServerKind, tuple[str, ...]] = {}
    no_icp: tuple[str, ...] = ()
    left = dict(sent)
    if action != "delete":
        for kind, values in sent.items():
            bad = [value for value in values if not _is_listed(kind, value, listed)]
            without = [value for value in values if value not in bad and is_under(host_of(value), unfiled)]
            invalid[kind] = tuple(_as_invalid(kind, value) for value in bad)
            no_icp += tuple(without)
            left[kind] = tuple(value for value in values if value not in {*bad, *without})
    third = _changed(state.third, action, left)
    if full(third) == full(state.third):
        reasons = (any(invalid.values()), bool(no_icp))
        nothing = int(switches.server_nothing_left)
        return Change(
            state, {(True, True): 85303, (False, True): 85302}.get(reasons, nothing), invalid, no_icp
        )
    if _too_many(third):
        return Change(state, 85016, invalid, no_icp)
    effective = _in_force(state, "third", third, action, left, switches)
    return Change(replace(state, third=third, effective=effective), 0, invalid, no_icp)


def released(state: ServerState, listed: Collection[str], switches: Switches) -> ServerState:
    """Give the state after the app went online; see `mode_one.released`."""
    if any(state.third.values()) and switches.release_filter == "drop":
        state = replace(state, third=_only_listed(state.third, listed), mp=_only_listed(state.mp, listed))
    return all_in_force(state)


def all_in_force(state: ServerState) -> ServerState:
    """Give the state with every configured domain in force."""
    ways = (state.direct, state.mp, state.third)
    return replace(state, effective={kind: union(*(way.get(kind, ()) for way in ways)) for kind in KINDS})


def _only_listed(lists: Lists, listed: Collection[str]) -> Lists:
    return {
        kind: tuple(value for value in values if is_under(host_of(value), listed))
        for kind, values in lists.items()
    }


def _is_listed(kind: ServerKind, value: str, listed: Collection[str]) -> bool:
    return well_formed_server(SCHEMES[kind], value) and is_under(host_of(value), listed)


def _as_invalid(kind: ServerKind, value: str) -> str:
    """Give a value as it is named invalid: users saw `wss://https://host` where they had sent `https://host`."""
    scheme = f"{SCHEMES[kind]}://"
    return scheme + value if kind == "wsrequestdomain" and not value.startswith(scheme) else value


def _refusal(kind: ServerKind, value: str, unfiled: Collection[str]) -> int:
    if not well_formed_server(SCHEMES[kind], value):
        return 86100
    if host_of(value) in OWN_HOSTS:
        return 86101
    return 45082 if is_under(host_of(value), unfiled) else 0


def _has_duplicates(sent: Lists, switches: Switches) -> bool:
    return switches.duplicates == "error" and any(len(set(v)) < len(v) for v in sent.values())


def _changed(stored: Lists, action: str, sent: Lists) -> Lists:
    """Change the kinds that are sent; `set` leaves the others as they are."""
    return {
        kind: changed_list(tuple(stored.get(kind, ())), action, union(sent[kind]))
        if kind in sent
        else tuple(stored.get(kind, ()))
        for kind in KINDS
    }


def _too_many(lists: Lists) -> bool:
    sizes = [len(values) for values in lists.values()]
    return max(sizes) > MAX_OF_A_KIND or sum(sizes) > MAX_TOTAL


def _in_force(
    state: ServerState,
    way: Literal["direct", "third"],
    after: Lists,
    action: str,
    sent: Lists,
    switches: Switches,
) -> Lists:
    others = [getattr(state, name) for name in ("direct", "mp", "third") if name != way]
    return {
        kind: after_write(
            tuple(state.effective.get(kind, ())),
            before=getattr(state, way).get(kind, ()),
            after=after[kind],
            named=() if action == "delete" else sent.get(kind, ()),
            elsewhere=[value for lists in others for value in lists.get(kind, ())],
            switches=switches,
        )
        for kind in KINDS
    }
