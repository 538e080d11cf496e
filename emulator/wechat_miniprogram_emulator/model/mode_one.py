"""The rules of an app's webview domains in mode one, where the platform's list comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wechat_miniprogram_emulator.model.apps import AppState
from wechat_miniprogram_emulator.model.errors import ApiError, api_error
from wechat_miniprogram_emulator.model.in_force import after_write
from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.values import host_of, is_under, union, well_formed
from wechat_miniprogram_emulator.model.webview import Outcome, changed_list


def change(
    state: AppState, action: str | None, sent: Sequence[str], listed: Sequence[str], switches: Switches
) -> Outcome:
    """Carry out `set`, `add` or `delete`; no action adds all that the platform lists.

    `listed` are the bare hosts of the platform's list.
    """
    values = union(sent) if action else tuple(f"https://{host}" for host in listed)
    third = changed_list(state.third, action or "add", values)
    if error := _refusal(state, action, sent, values, third, listed, switches):
        return Outcome(state, error, applied=False)
    effective = after_write(
        state.effective,
        before=state.third,
        after=third,
        named=() if action == "delete" else values if action == "set" else set(third) - set(state.third),
        elsewhere=(*state.direct, *state.mp),
        switches=switches,
    )
    changes = len({*state.third} ^ {*third})
    return Outcome(replace(state, third=third, effective=effective), changes=changes)


def _refusal(
    state: AppState,
    action: str | None,
    sent: Sequence[str],
    values: tuple[str, ...],
    third: tuple[str, ...],
    listed: Sequence[str],
    switches: Switches,
) -> ApiError | None:
    if not listed:
        return api_error(89020)
    if action and len(values) < len(sent) and switches.duplicates == "error":
        return api_error(40097)
    if action == "set" and not values and switches.third_set_empty == "error":
        return api_error(85017)
    if action == "delete":
        missing = not set(values) <= set(state.third)
        return api_error(89022) if missing and switches.third_delete_missing == "error" else None
    if not all(well_formed(value) and is_under(host_of(value), listed) for value in values):
        return api_error(89021)
    if set(third) == set(state.third):
        return api_error(89019)
    return api_error(89029) if len(third) > int(switches.domain_limit) else None


def released(state: AppState, listed: Sequence[str], switches: Switches) -> AppState:
    """Give the state after the app went online: every configured domain is in force.

    Where an app uses mode one, those of mode one and of the console go if the platform lists them no more.
    """
    if state.third and switches.release_filter == "drop":
        state = replace(
            state,
            third=tuple(value for value in state.third if is_under(host_of(value), listed)),
            mp=tuple(value for value in state.mp if is_under(host_of(value), listed)),
        )
    return replace(state, effective=union(state.direct, state.mp, state.third))
