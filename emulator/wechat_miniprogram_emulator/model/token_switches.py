"""Switches of tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from wechat_miniprogram_emulator.model.open_point import Number, Open
from wechat_miniprogram_emulator.strict import Strict

Overlap = Literal["at-once", "five-minutes", "until-expiry"]


class TokenSwitches(Strict):
    """Tokens."""

    previous_authorizer_token: Annotated[
        Overlap,
        Open(
            "how long the authorizer's access token before the newest one lives",
            "shows immediately which client disturbs which; staff say: replace it before it expires",
            strict="at-once",
            lenient="until-expiry",
        ),
    ] = "at-once"
    previous_component_token: Annotated[
        Overlap,
        Open(
            "how long the component's access token before the newest one lives",
            "as for the authorizer's",
            strict="at-once",
            lenient="until-expiry",
        ),
    ] = "at-once"
    refresh_token_rotation: Annotated[
        Literal["same", "five-minutes", "at-once"],
        Open(
            "whether a refresh gives a new refresh token, and how long the old one then lives",
            "users and Tencent's own tool know one that stays; one staff answer speaks of five minutes",
            strict="five-minutes",
            lenient="same",
        ),
    ] = "same"
    expired_component_token: Annotated[
        Literal["42001", "42006"],
        Number,
        Open(
            "the code for an expired component access token",
            "SDKs fetch a new one after 42001; 42006 is in the list of codes",
            strict="42006",
            lenient="42001",
        ),
    ] = "42001"
    wrong_secret: Annotated[
        Literal["40125", "61006"],
        Number,
        Open(
            "the code for a platform's wrong appsecret",
            "the list of codes; users saw 61006",
            strict="61006",
            lenient="40125",
        ),
    ] = "40125"
    own_token: Annotated[
        Literal["48001", "86000"],
        Number,
        Open(
            "the code for an account's own token where only third-party platforms may call",
            "the page on troubleshooting names it",
            strict="86000",
            lenient="48001",
        ),
    ] = "48001"
