"""What the emulator does where WeChat's behaviour is not documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from wechat_miniprogram_emulator.model.list_switches import ListSwitches
from wechat_miniprogram_emulator.model.open_point import Open, Profile
from wechat_miniprogram_emulator.model.token_switches import TokenSwitches
from wechat_miniprogram_emulator.model.webview_switches import WebviewSwitches


class Switches(TokenSwitches, ListSwitches, WebviewSwitches):
    """The position of every switch. docs/reference/emulator/switches.md has them as a table."""


def profile_switches(profile: Profile) -> Switches:
    """Give every switch in the position of a profile."""
    return Switches.model_validate(
        {switch: getattr(open_point(switch), profile) for switch in Switches.model_fields}
    )


def starting_switches(profile: Profile | None, positions: Mapping[str, str]) -> Switches:
    """Return the switches of a profile, or the defaults, except for some.

    Raises:
        ValueError: a profile, a switch or its position is unknown.
    """
    if profile not in {None, *get_args(Profile)}:
        raise ValueError(f"profile: {profile} is unknown; there are {' and '.join(get_args(Profile))}")
    start = profile_switches(profile) if profile else Switches()
    return Switches.model_validate({**start.model_dump(), **positions})


def open_point(switch: str) -> Open:
    """Give what a switch is about."""
    return next(item for item in Switches.model_fields[switch].metadata if isinstance(item, Open))
