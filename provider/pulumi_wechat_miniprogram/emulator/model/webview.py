"""The rules of an app's webview domains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pulumi_wechat_miniprogram.emulator.model.apps import AppState
from pulumi_wechat_miniprogram.emulator.model.errors import ApiError, api_error
from pulumi_wechat_miniprogram.emulator.model.switches import Switches
from pulumi_wechat_miniprogram.emulator.model.values import host_of, union, well_formed

MAX_DOMAINS = 300
MAX_APPS_PER_DOMAIN = 100


@dataclass(frozen=True)
class Outcome:
    """The state after a write, and the error it answers with."""

    state: AppState
    error: ApiError | None = None
    applied: bool = True


Refuse = Callable[[str], "ApiError | None"]


def released(state: AppState) -> AppState:
    """Give the state after the app went online: every configured domain is in force."""
    return replace(state, effective=union(state.direct, state.mp, state.third))


def needs_confirm_file(state: AppState, action: str, value: str, switches: Switches) -> bool:
    """Tell whether this value's host must serve the confirm file for the write to pass."""
    if action == "delete":
        return False
    recheck = action == "set" and switches.set_recheck == "recheck"
    return recheck or host_of(value) not in {host_of(stored) for stored in state.direct}


def change(state: AppState, action: str, sent: Sequence[str], switches: Switches, refuse: Refuse) -> Outcome:
    """Carry out `set`, `add` or `delete`.

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

    accepted, error = _accepted(state, action, values, switches, refuse)
    if error is not None and (switches.multi_failure == "atomic" or not accepted):
        return Outcome(state, error, applied=False)
    return Outcome(_changed(state, action, accepted, switches), error)


def _accepted(
    state: AppState, action: str, values: tuple[str, ...], switches: Switches, refuse: Refuse
) -> tuple[tuple[str, ...], ApiError | None]:
    count = 0 if action == "set" else len(state.direct)
    for index, value in enumerate(values):
        exists = value in state.direct
        if action == "delete":
            error = None if exists or switches.delete_missing == "ok" else api_error(89022)
        else:
            count += action == "set" or not exists
            error = _refusal(action, value, count, exists, switches) or refuse(value)
        if error is not None:
            return values[:index], error
    return values, None


def _refusal(action: str, value: str, count: int, exists: bool, switches: Switches) -> ApiError | None:  # noqa: FBT001
    if switches.value_form == "strict" and not well_formed(value):
        return api_error(86100)
    if action == "add" and exists and switches.add_existing == "error":
        return api_error(89019)
    if count > MAX_DOMAINS:
        return api_error(89029)
    return None


def _changed(state: AppState, action: str, values: tuple[str, ...], switches: Switches) -> AppState:
    if action == "delete":
        direct = tuple(value for value in state.direct if value not in values)
    elif action == "set":
        direct = values
    else:
        direct = state.direct + tuple(value for value in values if value not in state.direct)

    elsewhere = {*state.mp, *state.third}
    gone = {value for value in state.direct if value not in direct} - elsewhere
    if switches.delete_effect == "on-release":
        gone = set()
    restarted = set(() if action == "delete" else values) - elsewhere
    if action == "add" and switches.add_existing == "noop":
        restarted -= set(state.direct)

    effective = tuple(value for value in state.effective if value not in gone)
    if switches.new_effect == "at-once":
        effective = union(effective, () if action == "delete" else values)
    else:
        effective = tuple(value for value in effective if value not in restarted)
    return replace(state, direct=direct, effective=effective)
