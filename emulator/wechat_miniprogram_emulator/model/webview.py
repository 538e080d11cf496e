"""The rules of an app's webview domains in mode two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wechat_miniprogram_emulator.model.apps import AppState
from wechat_miniprogram_emulator.model.errors import ApiError, api_error
from wechat_miniprogram_emulator.model.in_force import after_write
from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.values import host_of, normalised, union, well_formed

MAX_HOLDERS = 100
"""A host may be on the lists of so many others, see the switch `fanout_counts`."""


@dataclass(frozen=True)
class Outcome:
    """The state after a write, the error it answers with, and how many domains it changed."""

    state: AppState
    error: ApiError | None = None
    applied: bool = True
    changes: int = 0


Refuse = Callable[[str], "ApiError | None"]
Change = Callable[[AppState, str, Sequence[str], Switches, Refuse], Outcome]


def shown(state: AppState, switches: Switches) -> tuple[str, ...]:
    """Give what `get` shows."""
    lists = (state.direct,) if switches.get_returns == "direct" else (state.direct, state.mp, state.third)
    live = union(*lists)
    if switches.get_state == "configured":
        return live
    return tuple(value for value in live if value in state.effective)


def as_stored(values: Sequence[str], switches: Switches) -> tuple[str, ...]:
    """Give values in the spelling in which they are stored."""
    return tuple(map(normalised, values)) if switches.value_form == "normalise" else tuple(values)


def hosts_to_confirm(state: AppState, action: str, values: Sequence[str], switches: Switches) -> set[str]:
    """Give the hosts of values that must serve the confirm file for a write to pass."""
    if action == "delete":
        return set()
    hosts = set(map(host_of, values))
    if action == "set" and switches.set_recheck == "recheck":
        return hosts
    return hosts - set(map(host_of, state.direct))


def change(state: AppState, action: str, sent: Sequence[str], switches: Switches, refuse: Refuse) -> Outcome:
    """Carry out `set`, `add` or `delete` of values as they are stored.

    `refuse` gives the error of a value for reasons outside this app's lists: another app's domains,
    a confirm file that is not served.
    """
    values = union(sent)
    if len(values) < len(sent) and switches.duplicates == "error":
        return Outcome(state, api_error(40097), applied=False)
    if switches.duplicates == "keep" and action != "delete":
        values = tuple(sent)
    if action == "set" and not values and switches.set_empty == "error":
        return Outcome(state, api_error(85017), applied=False)
    if action == "set" and set(values) == set(state.direct) and switches.set_unchanged == "error":
        return Outcome(state, api_error(89019), applied=False)

    accepted, error = _accepted(state, action, values, switches, refuse)
    if error is not None and (switches.multi_failure == "atomic" or not accepted):
        return Outcome(state, error, applied=False)
    direct = changed_list(state.direct, action, accepted)
    effective = after_write(
        state.effective,
        before=state.direct,
        after=direct,
        named=() if action == "delete" else _restarted(state, action, accepted, switches),
        elsewhere=(*state.mp, *state.third),
        switches=switches,
    )
    changes = len({*state.direct} ^ {*direct})
    return Outcome(replace(state, direct=direct, effective=effective), error, changes=changes)


def change_in_console(
    state: AppState, action: str, sent: Sequence[str], switches: Switches, refuse: Refuse
) -> Outcome:
    """Carry out a write in the console: on its own list, by the rules of mode two; no source has others."""
    outcome = change(_seen_from_console(state), action, sent, switches, refuse)
    return replace(outcome, state=_seen_from_console(outcome.state))


def _seen_from_console(state: AppState) -> AppState:
    return replace(state, direct=state.mp, mp=state.direct)


def changed_list(stored: tuple[str, ...], action: str, values: Sequence[str]) -> tuple[str, ...]:
    """Give a list after `set`, `add` or `delete`."""
    if action == "set":
        return tuple(values)
    if action == "delete":
        gone = set(values)
        return tuple(value for value in stored if value not in gone)
    there = set(stored)
    return stored + tuple(value for value in values if value not in there)


def _accepted(
    state: AppState, action: str, values: tuple[str, ...], switches: Switches, refuse: Refuse
) -> tuple[tuple[str, ...], ApiError | None]:
    count = 0 if action == "set" else len(state.direct)
    there = set(state.direct)
    for index, value in enumerate(values):
        exists = value in there
        if action == "delete":
            error = None if exists or switches.delete_missing == "ok" else api_error(89022)
        else:
            count += action == "set" or not exists
            error = _refusal(action, value, count, exists, switches) or refuse(value)
        if error is not None:
            return values[:index], error
    return values, None


def _refusal(action: str, value: str, count: int, exists: bool, switches: Switches) -> ApiError | None:  # noqa: FBT001
    if switches.value_form != "echo" and not well_formed(value):
        return api_error(int(switches.bad_value))
    if action == "add" and exists and switches.add_existing == "error":
        return api_error(89019)
    if count > int(switches.domain_limit):
        return api_error(int(switches.limit_code))
    return None


def _restarted(state: AppState, action: str, values: tuple[str, ...], switches: Switches) -> tuple[str, ...]:
    if action == "add" and switches.add_existing == "noop":
        return tuple(value for value in values if value not in state.direct)
    return values
