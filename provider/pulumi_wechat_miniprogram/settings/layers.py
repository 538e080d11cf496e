"""The two layers of settings: what wins, which token source counts, and what is wrong with either.

A key is camelCase in stack config (`wechat-miniprogram:requestTimeout`) and SCREAMING_SNAKE_CASE in the
environment (`WECHAT_MINIPROGRAM_REQUEST_TIMEOUT`). The environment wins: refresh and destroy see the stack
config that was stored with the state, and the environment as it is now.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from pulumi_wechat_miniprogram.settings.model import EMULATOR, Settings
from pulumi_wechat_miniprogram.settings.names import (
    ENV_PREFIX,
    NAMESPACE,
    camel,
    config_name,
    env_name,
    snake,
)
from pulumi_wechat_miniprogram.settings.secrets import SettingsError

__all__ = ["SOURCES", "TokenKeys", "load_settings", "unknown_config_keys"]


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The keys of one token source: `first` names it, `needs` must be there, and one way of `either`.

    The first key of a way is its mark: two marks together are an error.
    """

    first: str
    needs: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()
    why: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """Every key that configures this source."""
        ways = (key for way in self.either for key in way)
        return frozenset({self.first, *self.needs, *ways, *self.optional})


SOURCES: Final = (
    TokenKeys(
        "access_token",
        needs=("access_token_appid",),
        why="a token selects the Mini Program by itself, so it is used for that appid alone",
    ),
    TokenKeys("access_tokens"),
    TokenKeys("access_token_command"),
    TokenKeys("access_token_url", optional=("access_token_url_bearer",)),
    TokenKeys(
        "component_appid",
        needs=("authorizer_refresh_tokens",),
        either=(("component_access_token",), ("component_verify_ticket", "component_appsecret")),
        why="the component flow turns a refresh token into an access token by a component_access_token, and "
        "that comes ready or from appsecret and ticket",
    ),
)
"""The token sources, of which exactly one counts."""

_KEYS: Final = frozenset(map(camel, Settings.model_fields))
_Spell = Callable[[str], str]


def load_settings(stack_config: Mapping[str, str]) -> Settings:
    """Merge the process's environment over the stack config.

    `stack_config` holds this provider's keys without namespace, in camelCase.

    Raises:
        SettingsError: unknown environment keys, wrong types, two token sources in one layer or half of
            one, an emulator endpoint beside another one. Values are never shown.
    """
    stored = {snake(key): value for key, value in stack_config.items() if key in _KEYS}
    from_env = {
        key.upper().removeprefix(ENV_PREFIX).lower(): value
        for key, value in os.environ.items()
        if key.upper().startswith(ENV_PREFIX) and value
    }
    problems = _unknown_environment(from_env.keys())
    aside = ""
    if any(source.keys & from_env.keys() for source in SOURCES):
        put_aside = [key for key in stored if any(key in source.keys for source in SOURCES)]
        stored = {key: value for key, value in stored.items() if key not in put_aside}
        if put_aside:
            names = ", ".join(map(config_name, put_aside))
            aside = f" (a source in the environment puts that of the stack config aside: {names})"
    problems += [line + aside for line in _source_problems(from_env, "the environment", env_name)]
    problems += _source_problems(stored, "stack config", config_name)
    stored_endpoint = stored.get("endpoint", "")
    if stored_endpoint.startswith(EMULATOR) and os.environ.get(env_name("endpoint")) not in {
        None,
        "",
        stored_endpoint,
    }:
        problems.append(
            f"{config_name('endpoint')} is an emulator and {env_name('endpoint')} names another endpoint; "
            "remove one of them, so that a stack made for the emulator never reaches a live Mini Program"
        )
    if problems:
        raise SettingsError("\n".join(problems))
    try:
        return Settings.model_validate({**stored, **from_env})
    except ValidationError as error:
        raise SettingsError("\n".join(_describe(error, from_env))) from None


def unknown_config_keys(keys: Iterable[str]) -> list[str]:
    """Return one warning for each stack config key that no setting has, with the nearest known one."""
    return [
        f"{NAMESPACE}:{key} is no setting of this provider{_nearest(snake(key), camel)}"
        for key in sorted(keys)
        if key not in _KEYS
    ]


def _unknown_environment(fields: Collection[str]) -> list[str]:
    return [
        f"{env_name(field)} is no setting of this provider{_nearest(field, env_name)}"
        for field in sorted(set(fields) - Settings.model_fields.keys())
    ]


def _nearest(field: str, spell: _Spell) -> str:
    import difflib  # noqa: PLC0415 - only a misspelt key needs it

    near = difflib.get_close_matches(field, sorted(Settings.model_fields), n=1)
    return f"; did you mean {spell(near[0])}?" if near else ""


def _source_problems(present: Collection[str], layer: str, spell: _Spell) -> list[str]:
    found = [source for source in SOURCES if source.keys & set(present)]
    if len(found) > 1:
        keys = " and ".join(spell(min(source.keys & set(present), key=_order)) for source in found)
        return [f"{layer} has {_NUMBERS[len(found)]} token sources, {keys}; keep one"]
    return [problem for source in found if (problem := _half_source(source, set(present), spell))]


_NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five"}


def _order(field: str) -> int:
    return list(Settings.model_fields).index(field)


def _half_source(source: TokenKeys, present: set[str], spell: _Spell) -> str:
    missing = [key for key in (source.first, *source.needs) if key not in present]
    ways = [way for way in source.either if way[0] in present]
    if len(ways) > 1:
        return f"{' and '.join(spell(way[0]) for way in ways)} are two ways to the same token; keep one"
    ways += [way for way in source.either if present.intersection(way)]
    for way in (ways or source.either)[:1]:
        missing += [key for key in way if key not in present]
    if not missing:
        return ""
    have = ", ".join(spell(key) for key in sorted(present & source.keys, key=_order))
    lacks = " and ".join(map(spell, missing))
    reason = f": {source.why}" if source.why else ""
    return f"{have} needs {lacks}{reason}"


def _describe(error: ValidationError, from_env: Collection[str]) -> list[str]:
    lines = []
    for detail in error.errors(include_input=False, include_url=False):
        text = detail["msg"].removeprefix("Value error, ")
        if not detail["loc"]:
            lines.append(text)
            continue
        field = str(detail["loc"][0])
        lines.append(f"{env_name(field) if field in from_env else config_name(field)} {text}")
    return lines
