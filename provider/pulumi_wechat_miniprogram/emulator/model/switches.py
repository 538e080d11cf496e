"""What the emulator does where WeChat's behaviour is not documented.

Each switch says what is open, why its default was chosen, and where the two profiles put it: `strict` refuses
whatever may be refused, `lenient` accepts whatever may be accepted. docs/emulator.md has the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

from pulumi_wechat_miniprogram.emulator.model.tokens import Overlap
from pulumi_wechat_miniprogram.emulator.strict import Strict

Profile = Literal["strict", "lenient"]


@dataclass(frozen=True)
class Open:
    """What WeChat leaves open, the reason of the default, and the position in each profile."""

    question: str
    reason: str
    strict: str
    lenient: str


def _code_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


_AnyCode = BeforeValidator(_code_as_text)


class Switches(Strict):
    """The position of every switch."""

    get_returns: Annotated[
        Literal["direct", "all"],
        Open(
            "whether `get` shows domains configured by other ways",
            "the page speaks of this API's own domains",
            strict="direct",
            lenient="all",
        ),
    ] = "direct"
    add_existing: Annotated[
        Literal["reset", "noop", "error"],
        Open(
            "an `add` of what is there: out of force again, nothing, or 89019",
            "costs most, so that it is seen",
            strict="error",
            lenient="noop",
        ),
    ] = "reset"
    delete_missing: Annotated[
        Literal["ok", "error"],
        Open(
            "a `delete` of what is not there: nothing, or 89022",
            "the platform's endpoints document success",
            strict="error",
            lenient="ok",
        ),
    ] = "ok"
    set_empty: Annotated[
        Literal["clear", "error"],
        Open(
            "a `set` of nothing: an empty list, or 85017",
            "loses the list, so that it is seen",
            strict="error",
            lenient="clear",
        ),
    ] = "clear"
    duplicates: Annotated[
        Literal["dedupe", "keep", "error"],
        Open(
            "one value twice in a call; `error` is 40097",
            "the least surprising",
            strict="error",
            lenient="dedupe",
        ),
    ] = "dedupe"
    multi_failure: Annotated[
        Literal["atomic", "non-atomic"],
        Open(
            "whether values before a refused one are kept",
            "an errcode reads as: nothing was done",
            strict="atomic",
            lenient="non-atomic",
        ),
    ] = "atomic"
    new_effect: Annotated[
        Literal["on-release", "at-once"],
        Open(
            "when a new domain is in force",
            "the newest page says so",
            strict="on-release",
            lenient="at-once",
        ),
    ] = "on-release"
    delete_effect: Annotated[
        Literal["at-once", "on-release"],
        Open(
            "when a deleted domain no longer is in force",
            "breaks pages at once, so that it is seen",
            strict="at-once",
            lenient="on-release",
        ),
    ] = "at-once"
    empty_get: Annotated[
        Literal["list", "omit"],
        Open(
            "whether an empty list is in the answer",
            "the effective lists were seen empty",
            strict="omit",
            lenient="list",
        ),
    ] = "list"
    value_form: Annotated[
        Literal["strict", "echo"],
        Open(
            "a value that is not `https://host`: 86100, or stored as it is",
            "the rules of domains forbid it",
            strict="strict",
            lenient="echo",
        ),
    ] = "strict"
    set_recheck: Annotated[
        Literal["recheck", "new-only"],
        Open(
            "whether `set` checks confirm files of domains already there",
            "the platform's page was seen to do it",
            strict="recheck",
            lenient="new-only",
        ),
    ] = "recheck"
    missing_file: Annotated[
        Literal["86103", "-1"],
        _AnyCode,
        Open(
            "the code for a confirm file that is not served",
            "seen; -1 was seen on the platform's endpoint",
            strict="86103",
            lenient="86103",
        ),
    ] = "86103"
    previous_authorizer_token: Annotated[
        Overlap,
        Open(
            "how long the authorizer's access token before the newest one lives",
            "shows at once who disturbs whom; staff say: replace it before it expires",
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
        _AnyCode,
        Open(
            "the code for an expired component access token",
            "SDKs fetch a new one after 42001; 42006 stands in the list of codes",
            strict="42006",
            lenient="42001",
        ),
    ] = "42001"
    wrong_secret: Annotated[
        Literal["40125", "61006"],
        _AnyCode,
        Open(
            "the code for a platform's wrong appsecret",
            "the list of codes; users saw 61006",
            strict="61006",
            lenient="40125",
        ),
    ] = "40125"
    own_token: Annotated[
        Literal["48001", "86000"],
        _AnyCode,
        Open(
            "the code for an account's own token where only third-party platforms may call",
            "the page on troubleshooting names it",
            strict="86000",
            lenient="48001",
        ),
    ] = "48001"


def profile_switches(profile: Profile) -> Switches:
    """Give every switch in the position of a profile."""
    return Switches.model_validate(
        {switch: getattr(open_point(switch), profile) for switch in Switches.model_fields}
    )


def starting_switches(profile: Profile | None, positions: Mapping[str, str]) -> Switches:
    """Give the switches of a profile, or the defaults, but for some.

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
