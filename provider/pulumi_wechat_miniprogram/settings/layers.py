"""The two layers of settings: what wins, which token source counts, and what is wrong with either.

A key is camelCase in stack config (`wechat-miniprogram:requestTimeout`) and SCREAMING_SNAKE_CASE in the
environment (`WECHAT_MINIPROGRAM_REQUEST_TIMEOUT`). The environment wins: refresh and destroy see the stack
config that was stored with the state, and the environment as it is now.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from pulumi_wechat_miniprogram.safety.text import one_line
from pulumi_wechat_miniprogram.settings.model import EMULATOR, Settings
from pulumi_wechat_miniprogram.settings.names import (
    ENV_PREFIX,
    NAMESPACE,
    Spell,
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
_NEAR: Final = 0.85
"""How similar to a known name a variable must be to count as misspelt. The variables of a Mini Program's own
server are less similar: `WECHAT_MINIPROGRAM_APPID`, `…_APP_SECRET`, `…_TOKEN`, `…_COMPONENT_AES_KEY`."""


@dataclass(frozen=True, slots=True)
class _Environment:
    """This provider's part of the environment: value by field, and each variable as it is spelt there."""

    values: Mapping[str, str]
    spelt: Mapping[str, str]
    problems: tuple[str, ...] = ()

    def name_of(self, field: str) -> str:
        """Return the variable of a field, as it is spelt or should be."""
        return self.spelt.get(field) or env_name(field)


def load_settings(stack_config: Mapping[str, str]) -> Settings:
    """Merge the process's environment over the stack config.

    `stack_config` holds this provider's keys without namespace, in camelCase.

    Raises:
        SettingsError: misspelt environment keys, wrong types, two token sources in one layer or half of
            one, an emulator endpoint beside another one. Values are never shown.
    """
    stored = {snake(key): _stripped(value) for key, value in stack_config.items() if key in _KEYS}
    environment = _read_environment()
    given = environment.values
    problems = [*environment.problems, *_misspelt(environment)]
    aside = ""
    if any(source.keys & given.keys() for source in SOURCES):
        put_aside = [key for key in stored if any(key in source.keys for source in SOURCES)]
        stored = {key: value for key, value in stored.items() if key not in put_aside}
        if put_aside:
            keys = ", ".join(map(config_name, put_aside))
            aside = f" (a source in the environment puts that of the stack config aside: {keys})"
    problems += [line + aside for line in _source_problems(given, "the environment", environment.name_of)]
    problems += _source_problems(stored, "stack config", config_name)
    problems += _other_endpoint(stored, environment)
    names = _names(stored, environment)
    if problems:
        raise SettingsError("\n".join(problems))
    try:
        known = {field: value for field, value in given.items() if field in Settings.model_fields}
        return Settings.model_validate({**stored, **known}, context=names)
    except ValidationError as error:
        raise SettingsError("\n".join(_describe(error, names))) from None


def unknown_config_keys(keys: Iterable[str]) -> list[str]:
    """Return a warning for each stack config key that no setting has, and one for all such variables."""
    warnings = [
        f"{NAMESPACE}:{one_line(key)} is not a setting of this provider{_nearest(snake(key), camel)}"
        for key in sorted(keys)
        if key not in _KEYS
    ]
    environment = _read_environment()
    if foreign := sorted(map(environment.name_of, _unknown(environment))):
        form = "is not a setting" if len(foreign) == 1 else "are not settings"
        warnings.append(f"{', '.join(foreign)} {form} of this provider and ignored")
    return warnings


def _read_environment() -> _Environment:
    values: dict[str, str] = {}
    spelt: dict[str, str] = {}
    problems = []
    for name, value in sorted(os.environ.items()):
        field, shown = name.upper().removeprefix(ENV_PREFIX).lower(), one_line(name)
        if not name.upper().startswith(ENV_PREFIX) or not value:
            continue
        if values.setdefault(field, _stripped(value)) != _stripped(value):
            problems.append(f"{spelt[field]} and {shown} are one setting with two values; unset one of them")
        spelt.setdefault(field, shown)
    return _Environment(values, spelt, tuple(problems))


def _stripped(value: str) -> str:
    """Return a value without the line break or byte order mark that an `.env` file or a script adds."""
    return value.strip().strip("\ufeff").strip()


def _names(stored: Collection[str], environment: _Environment) -> dict[str, str]:
    """Return each setting's name: where it is set, else where its token source is, else in the only layer.

    Where its source is not set, another one may be: what would replace that has to be set in the same layer.
    """
    given, names = environment.values.keys(), {}
    of_sources = frozenset().union(*(source.keys for source in SOURCES))
    for field in Settings.model_fields:
        beside = frozenset().union(*(source.keys for source in SOURCES if field in source.keys))
        in_environment = not stored
        for keys in (frozenset({field}), beside, of_sources if beside else beside):
            if keys.intersection(given) or keys.intersection(stored):
                in_environment = bool(keys.intersection(given))
                break
        names[field] = environment.name_of(field) if in_environment else config_name(field)
    return names


def _other_endpoint(stored: Mapping[str, str], environment: _Environment) -> list[str]:
    """Refuse an emulator in stack config beside another endpoint in the environment."""
    there, here = stored.get("endpoint", ""), environment.values.get("endpoint", "")
    if not there.startswith(EMULATOR) or here in {"", there}:
        return []
    variable = environment.name_of("endpoint")
    return [
        f"{config_name('endpoint')} is an emulator and {variable} names another endpoint; remove one of "
        "them, so that a stack made for the emulator never reaches a live Mini Program"
    ]


def _unknown(environment: _Environment) -> list[str]:
    return sorted(environment.values.keys() - Settings.model_fields.keys())


def _misspelt(environment: _Environment) -> list[str]:
    lines = []
    for field in _unknown(environment):
        if near := _nearest(field, env_name, _NEAR):
            name = environment.name_of(field)
            way_out = f" If it belongs to another program, run `env -u {name} pulumi …`."
            lines.append(f"{name} is not a setting of this provider{near}{way_out}")
    return lines


def _nearest(field: str, spell: Spell, cutoff: float = 0.6) -> str:
    near = difflib.get_close_matches(field, sorted(Settings.model_fields), n=1, cutoff=cutoff)
    return f"; did you mean {spell(near[0])}?" if near else ""


def _source_problems(present: Collection[str], layer: str, spell: Spell) -> list[str]:
    found = [source for source in SOURCES if source.keys & set(present)]
    if len(found) > 1:
        keys = " and ".join(spell(min(source.keys & set(present), key=_order)) for source in found)
        return [f"{layer} has {_NUMBERS[len(found)]} token sources, {keys}; keep one"]
    return [problem for source in found if (problem := _half_source(source, set(present), spell))]


_NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five"}


def _order(field: str) -> int:
    return list(Settings.model_fields).index(field)


def _half_source(source: TokenKeys, present: set[str], spell: Spell) -> str:
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


def _describe(error: ValidationError, names: Mapping[str, str]) -> list[str]:
    lines = []
    for detail in error.errors(include_input=False, include_url=False):
        text = detail["msg"].removeprefix("Value error, ")
        place = f"{names[str(detail['loc'][0])]} " if detail["loc"] else ""
        lines.append(place + text)
    return lines
