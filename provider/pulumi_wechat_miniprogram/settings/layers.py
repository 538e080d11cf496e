"""The two layers of settings: which one wins, which token source counts, and what is wrong with either.

The environment (`WECHAT_MINIPROGRAM_REQUEST_TIMEOUT`) wins over stack config
(`wechat-miniprogram:requestTimeout`): refresh and destroy see the stack config that was stored with the
state, but the current environment. The arguments of a provider resource win over both.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from pulumi_wechat_miniprogram.__about__ import docs_page
from pulumi_wechat_miniprogram.safety.problems import said
from pulumi_wechat_miniprogram.safety.text import one_line, some
from pulumi_wechat_miniprogram.settings.model import (
    DEFAULT_ENDPOINT,
    EMULATOR,
    ENV_PREFIX,
    NAMESPACE,
    OF_ONE_RUN,
    Settings,
    Spell,
    camel,
    config_name,
    env_name,
    snake,
)
from pulumi_wechat_miniprogram.settings.secrets import SettingsError


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """The keys of one token source: `first` names it, and it needs `needs` and all keys of one of `either`.

    The first key of each alternative selects it. Two selected alternatives are an error.
    """

    first: str
    needs: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()
    why: str = ""

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(
            {self.first, *self.needs, *(key for way in self.either for key in way), *self.optional}
        )


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
        either=(("component_access_token",), ("component_verify_ticket", "component_appsecret")),
        optional=("authorizer_refresh_tokens",),
        why="the component flow exchanges a refresh token for an access token with a component_access_token, "
        "which is configured or fetched with appsecret and ticket",
    ),
)
"""The token sources. Exactly one is used."""
NO_SOURCE: Final = (
    "no access token is configured. Set one of "
    + ", ".join(env_name(source.first) for source in SOURCES)
    + f" (in stack config {config_name(SOURCES[0].first)} and so on): {docs_page('guides/credentials')}"
)
_OF_SOURCES: Final = frozenset().union(*(source.keys for source in SOURCES))

_KEYS: Final = frozenset(map(camel, Settings.model_fields))
_NEAR: Final = 0.85
"""A variable this similar to a known one counts as misspelled. Those of a Mini Program's own server, such as
`WECHAT_MINIPROGRAM_APPID`, `…_APP_SECRET`, `…_TOKEN` and `…_COMPONENT_AES_KEY`, are less similar."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """Values by field, and how this layer is named and spells its keys."""

    title: str
    values: Mapping[str, str]
    name_of: Spell


@dataclass(frozen=True, slots=True)
class _Environment:
    """This provider's variables: value by field, and the spelling of each name."""

    values: Mapping[str, str]
    spelled: Mapping[str, str]
    problems: tuple[str, ...] = ()

    @property
    def unknown(self) -> list[str]:
        return sorted(self.values.keys() - Settings.model_fields.keys())

    def name_of(self, field: str) -> str:
        return self.spelled.get(field) or env_name(field)


def not_among(known: Sequence[str]) -> str:
    """Say that the configured tokens are of other accounts."""
    if not known:
        return "the access tokens are an empty map; add one for this appid"
    return f"the configured access tokens belong to {some(known)}; add one for this appid"


def token_source(settings: Settings) -> str:
    """Return the field that selects the configured token source; empty if there is none."""
    return next((source.first for source in SOURCES if getattr(settings, source.first)), "")


def lacks_token(settings: Settings, account: str) -> str:
    """Say why an account has no token, as far as the settings tell without asking anybody; else nothing."""
    if settings.emulator_path:
        return ""
    if not token_source(settings):
        return NO_SOURCE
    try:
        known = settings.access_tokens.appids() if settings.access_tokens else (account,)
    except SettingsError as error:
        return str(error)
    return "" if account in known else not_among(known)


def load_settings(given: Mapping[str, str], *, provider: str = "", stack_endpoint: str = "") -> Settings:
    """Merge the process's environment over the stack config that is `given`.

    Its keys are this provider's, without namespace, in camelCase. With a `provider`, they are the arguments
    of the provider resource of that name in the program. These win over the environment, which is the same
    for all provider resources. Such a provider has to name an endpoint if stack config names one, which it
    does not read: `stack_endpoint`.

    Raises:
        SettingsError: with every problem, one a line. Values are never shown.
    """
    stored = {snake(key): _stripped(value) for key, value in given.items() if key in _KEYS}
    environment = _read_environment()
    variables = {key: value for key, value in environment.values.items() if key in Settings.model_fields}
    around = _Layer("the environment", variables, environment.name_of)
    if provider:
        upper, lower = _Layer("the program", stored, _argument_of(provider)), around
    else:
        upper, lower = around, _Layer("stack config", stored, config_name)
    problems = [*environment.problems, *_misspelled(environment)]
    problems += [
        f"{(upper if provider else lower).name_of(field)} applies to one run only: set {env_name(field)} for "
        "that command instead"
        for field in sorted(OF_ONE_RUN & stored.keys())
    ]
    aside = ""
    below = lower.values
    if _OF_SOURCES & upper.values.keys() and (put_aside := [key for key in below if key in _OF_SOURCES]):
        below = {key: value for key, value in below.items() if key not in _OF_SOURCES}
        keys = ", ".join(map(lower.name_of, put_aside))
        aside = f" (a token source in {upper.title} overrides the one in {lower.title}: {keys})"
    lower = _Layer(lower.title, below, lower.name_of)
    problems += [line + aside for line in _source_problems(upper)]
    problems += _source_problems(lower)
    if not provider:
        problems += _other_endpoint(stored, environment)
    elif stack_endpoint and "endpoint" not in {*stored, *variables}:
        problems.append(
            f"the provider {provider} needs an endpoint: it does not read {config_name('endpoint')} of stack "
            f"config. Give it {one_line(stack_endpoint)} too, or {DEFAULT_ENDPOINT} for WeChat's API"
        )
    names = _names(lower, upper)
    if problems:
        raise SettingsError("\n".join(problems))
    try:
        return Settings.model_validate({**lower.values, **upper.values}, context=names)
    except ValidationError as error:
        raise SettingsError(
            "\n".join(
                (f"{names[str(detail['loc'][0])]} " if detail["loc"] else "") + said(detail)
                for detail in error.errors(include_input=False, include_url=False)
            )
        ) from None


def _argument_of(provider: str) -> Spell:
    return lambda field: f"{camel(field)} of the provider {provider}"


def unknown_config_keys(keys: Iterable[str]) -> list[str]:
    """Return a warning for each unknown stack config key, and one for all unknown variables."""
    warnings = [
        f"{NAMESPACE}:{one_line(key)} is not a setting of this provider{_nearest(snake(key), camel)}"
        for key in sorted(keys)
        if key not in _KEYS
    ]
    environment = _read_environment()
    if foreign := sorted(map(environment.name_of, environment.unknown)):
        form = "is not a setting" if len(foreign) == 1 else "are not settings"
        warnings.append(f"{', '.join(foreign)} {form} of this provider; ignored")
    return warnings


def _read_environment() -> _Environment:
    values: dict[str, str] = {}
    spelled: dict[str, str] = {}
    problems = []
    for name, value in sorted(os.environ.items()):
        field, shown = name.upper().removeprefix(ENV_PREFIX).lower(), one_line(name)
        if not name.upper().startswith(ENV_PREFIX) or not value:
            continue
        if values.setdefault(field, _stripped(value)) != _stripped(value):
            problems.append(
                f"{spelled[field]} and {shown} give one key two different values; unset one of them"
            )
        spelled.setdefault(field, shown)
    return _Environment(values, spelled, tuple(problems))


def _stripped(value: str) -> str:
    """Return a value without the line breaks or byte order mark that an `.env` file or a script adds."""
    return value.strip().strip("\ufeff").strip()


def _names(lower: _Layer, upper: _Layer) -> dict[str, str]:
    """Return each setting's name, in the layer where the setting, its token source or any source is set.

    If none is, it is the name in the lower layer, unless that is empty.
    """
    above, below, names = upper.values.keys(), lower.values.keys(), {}
    for field in Settings.model_fields:
        beside = frozenset().union(*(source.keys for source in SOURCES if field in source.keys))
        scopes = ({field}, beside, _OF_SOURCES if beside else beside)
        deciding = next((keys for keys in scopes if keys & {*above, *below}), None)
        is_above = bool(deciding & above) if deciding else not below
        names[field] = upper.name_of(field) if is_above else lower.name_of(field)
    return names


def _other_endpoint(stored: Mapping[str, str], environment: _Environment) -> list[str]:
    there, here = stored.get("endpoint", ""), environment.values.get("endpoint", "")
    if not there.startswith(EMULATOR) or here in {"", there}:
        return []
    variable = environment.name_of("endpoint")
    return [
        f"{config_name('endpoint')} is an emulator and {variable} names another endpoint; remove one of "
        "them, so that a stack made for the emulator never reaches a live Mini Program"
    ]


def _misspelled(environment: _Environment) -> list[str]:
    lines = []
    for field in environment.unknown:
        if near := _nearest(field, env_name, _NEAR):
            name = environment.name_of(field)
            lines.append(
                f"{name} is not a setting of this provider{near} "
                f"If it belongs to another program, run `env -u {name} pulumi …`."
            )
    return lines


def _nearest(field: str, spell: Spell, cutoff: float = 0.6) -> str:
    near = difflib.get_close_matches(field, sorted(Settings.model_fields), n=1, cutoff=cutoff)
    return f"; did you mean {spell(near[0])}?" if near else ""


def _source_problems(layer: _Layer) -> list[str]:
    present, spell = set(layer.values), layer.name_of
    found = [source for source in SOURCES if source.keys & present]
    if len(found) > 1:
        keys = " and ".join(spell(min(source.keys & present, key=_order)) for source in found)
        return [f"{layer.title} has more than one token source, {keys}; keep one"]
    return [problem for source in found if (problem := _half_source(source, present, spell))]


def _order(field: str) -> int:
    return list(Settings.model_fields).index(field)


def _half_source(source: TokenKeys, present: set[str], spell: Spell) -> str:
    selected = [way[0] for way in source.either if way[0] in present]
    if len(selected) > 1:
        return f"{' and '.join(map(spell, selected))} both provide the same token; keep one"
    begun = [way for way in source.either if present.intersection(way)] or source.either
    needed = (source.first, *source.needs, *(key for way in begun[:1] for key in way))
    missing = [key for key in needed if key not in present]
    if not missing:
        return ""
    have = ", ".join(spell(key) for key in sorted(present & source.keys, key=_order))
    lacks = " and ".join(map(spell, missing))
    reason = f": {source.why}" if source.why else ""
    return f"{have} needs {lacks}{reason}"
