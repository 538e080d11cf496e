"""An app's server domains: six kinds, each configured in three ways, and what is in force."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
    """Carry out a write in mode two: all of it or nothing, unless bad values are left out and named."""
    sent = _prefixed(sent, switches)
    if not any(sent.values()):
        return Change(state, 85017)
    if _has_duplicates(sent, switches):
        return Change(state, 40097)
    if switches.server_partial == "listed":
        change = _change_in_part(state, "direct", action, sent, _refused_form, switches, unfiled)
        if any(change.invalid.values()) or change.no_icp or change.state != state:
            return change
    elif action != "delete":
        for kind, values in sent.items():
            for value in values:
                if errcode := _refusal(kind, value, unfiled):
                    return Change(state, errcode)
    direct = _changed(state.direct, action, sent, switches)
    nothing = {"add": switches.server_add_existing, "delete": switches.server_delete_missing}.get(
        action, "ok"
    )
    if nothing != "ok" and full(direct) == full(state.direct):
        return Change(state, int(nothing))
    return _written(state, "direct", direct, action, sent, switches)


def change_listed(
    state: ServerState,
    action: str,
    sent: Lists,
    listed: Collection[str],
    switches: Switches,
    unfiled: Collection[str],
) -> Change:
    """Carry out a write in mode one: what is invalid, unfiled or not on the platform's list is left out.

    Staff: what is there twice is sent once.
    """
    sent = _prefixed(sent, switches)
    if not any(sent.values()):
        return Change(state, 85017)

    def refused(kind: ServerKind, value: str) -> bool:
        return not _is_listed(kind, value, listed)

    change = _change_in_part(state, "third", action, sent, refused, switches, unfiled)
    if action == "delete" and change.state == state and switches.server_third_delete_missing == "ok":
        return Change(state)
    return change


def _change_in_part(
    state: ServerState,
    way: Literal["direct", "third"],
    action: str,
    sent: Lists,
    refused: Callable[[ServerKind, str], bool],
    switches: Switches,
    unfiled: Collection[str],
) -> Change:
    """Carry out what is neither refused nor unfiled."""
    invalid: dict[ServerKind, tuple[str, ...]] = {}
    no_icp: tuple[str, ...] = ()
    left = dict(sent)
    if action != "delete":
        for kind, values in sent.items():
            bad = [value for value in values if refused(kind, value)]
            without = [value for value in values if value not in bad and is_under(host_of(value), unfiled)]
            invalid[kind] = tuple(_as_invalid(kind, value) for value in bad)
            no_icp += tuple(without)
            left[kind] = tuple(value for value in values if value not in {*bad, *without})
    before: Lists = getattr(state, way)
    after = _changed(before, action, left, switches)
    if full(after) == full(before):
        reasons = (any(invalid.values()), bool(no_icp))
        nothing = int(switches.server_nothing_left)
        return Change(
            state, {(True, True): 85303, (False, True): 85302}.get(reasons, nothing), invalid, no_icp
        )
    return replace(_written(state, way, after, action, left, switches), invalid=invalid, no_icp=no_icp)


def _written(
    state: ServerState,
    way: Literal["direct", "third"],
    after: Lists,
    action: str,
    sent: Lists,
    switches: Switches,
) -> Change:
    if _too_many(after):
        return Change(state, 85016)
    effective = _in_force(state, way, after, action, sent, switches)
    if way == "direct":
        return Change(replace(state, direct=after, effective=effective))
    return Change(replace(state, third=after, effective=effective))


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


def _refused_form(kind: ServerKind, value: str) -> bool:
    return _refusal(kind, value, ()) != 0


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


def _changed(stored: Lists, action: str, sent: Lists, switches: Switches) -> Lists:
    """Change the kinds that are sent. What a `set` does to the others, and to empty ones, is open."""
    after: dict[ServerKind, tuple[str, ...]] = {}
    for kind in KINDS:
        before, values = tuple(stored.get(kind, ())), tuple(sent.get(kind, ()))
        switch = switches.server_set_empty if kind in sent else switches.server_set_absent
        if values:
            after[kind] = changed_list(before, action, union(values))
        else:
            after[kind] = () if action == "set" and switch == "clear" else before
    return after


def _prefixed(sent: Lists, switches: Switches) -> Lists:
    if switches.server_socket == "keep" or "wsrequestdomain" not in sent:
        return sent
    return {
        **sent,
        "wsrequestdomain": tuple(_as_invalid("wsrequestdomain", v) for v in sent["wsrequestdomain"]),
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
