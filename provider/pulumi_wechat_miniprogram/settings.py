"""Settings of the provider: the environment over the stack config, read once per process.

A key is camelCase in stack config (`wechat-miniprogram:requestTimeout`) and SCREAMING_SNAKE_CASE in the
environment (`WECHAT_MINIPROGRAM_REQUEST_TIMEOUT`). The environment wins.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

__all__ = [
    "DEFAULT_ENDPOINT",
    "ENV_PREFIX",
    "NAMESPACE",
    "Settings",
    "SettingsError",
    "load_settings",
    "reveal",
    "unknown_config_keys",
]

NAMESPACE = "wechat-miniprogram"
ENV_PREFIX = "WECHAT_MINIPROGRAM_"
DEFAULT_ENDPOINT = "https://api.weixin.qq.com"
EMULATOR = "emulator:"
_LAST_PORT = 65535

_Source = tuple[str, ...]
_SOURCES: tuple[_Source, ...] = (("access_token", "access_token_appid"), ("access_tokens",))


class SettingsError(Exception):
    """The configuration is wrong; the text names each key in the form the user wrote it."""


class Settings(BaseSettings):
    """Every key of the provider. Secrets also take the form `file:/path`, read when used."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, extra="forbid", hide_input_in_errors=True
    )

    endpoint: str = Field(
        default=DEFAULT_ENDPOINT,
        description="WeChat's API; plain http only to loopback; `emulator:PATH` runs the embedded emulator",
    )
    access_token: SecretStr | None = Field(
        default=None, description="an authorizer_access_token; needs `accessTokenAppid`; also `file:/path`"
    )
    access_token_appid: str | None = Field(
        default=None, description="the appid that `accessToken` belongs to"
    )
    access_tokens: Annotated[dict[str, SecretStr], NoDecode] | None = Field(
        default=None,
        description="JSON object from appid to authorizer_access_token; each value also `file:/path`",
    )
    request_timeout: float = Field(
        default=30.0,
        gt=0,
        le=300,
        description="seconds for one call to WeChat, from sending to the whole answer",
    )
    max_attempts: int = Field(default=4, ge=1, le=10, description="how often one call or write may be tried")
    allow_reserved_hosts: bool = Field(
        default=False,
        description="for tests: admit names such as .test and .internal",
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities to trust instead of the usual ones"
    )

    probe: bool = Field(
        default=True,
        description="after 86103, ask each new host for the confirm file over HTTPS; `false` turns it off",
    )
    probe_host_map: Annotated[dict[str, str], NoDecode] | None = Field(
        default=None,
        description="for tests: JSON object from host to the loopback `address:port` that stands for it",
    )
    live_diff: bool = Field(
        default=False,
        description="compare with the live list in every preview: one `get` for each Mini Program",
    )
    on_unauthorized: Literal["error", "keep"] = Field(
        default="error",
        description="`keep`: refresh and delete leave an app as it is, with a warning, once it has left the "
        "third-party platform",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment before the stack config."""
        return env_settings, init_settings

    @field_validator("access_tokens", "probe_host_map", mode="before")
    @classmethod
    def _parse_object(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            of = "appid to token" if info.field_name == "access_tokens" else "host to address:port"
            message = f"is not a JSON object from {of}"
            raise ValueError(message) from None

    @field_validator("probe_host_map")
    @classmethod
    def _check_host_map(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        for target in (value or {}).values():
            address, _, port = target.partition(":")
            if not _is_loopback(address) or not port.isdecimal() or int(port) > _LAST_PORT:
                message = f"names {target!r}, which is no loopback address and port, such as 127.0.0.1:8443"
                raise ValueError(message)
        return value

    @field_validator("endpoint")
    @classmethod
    def _check_endpoint(cls, value: str) -> str:
        if value.startswith(EMULATOR):
            if value == EMULATOR:
                message = "names no path after emulator:"
                raise ValueError(message)
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = f"is no URL of a server, such as {DEFAULT_ENDPOINT}"
            raise ValueError(message)
        if parts.username or parts.query or parts.fragment or parts.path.strip("/"):
            message = "is more than scheme, host and port"
            raise ValueError(message)
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            message = "is plain http to another machine, which would show the token on the way; use https"
            raise ValueError(message)
        return value.rstrip("/")

    @property
    def emulator_path(self) -> str | None:
        """The data file of the embedded emulator, if the endpoint names one."""
        return self.endpoint.removeprefix(EMULATOR) if self.endpoint.startswith(EMULATOR) else None


def load_settings(stack_config: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Settings:
    """Merge the environment over the stack config.

    `stack_config` holds this provider's keys without namespace, in camelCase. `environ` only tells which
    keys are set; pydantic reads their values from the process's environment.

    Raises:
        SettingsError: unknown environment keys, wrong types, two token sources in one layer, an emulator
            endpoint beside another one. Values are never shown.
    """
    environ = os.environ if environ is None else environ
    stored = {
        _snake(key): value for key, value in stack_config.items() if _snake(key) in Settings.model_fields
    }
    from_env = {
        key.removeprefix(ENV_PREFIX).lower()
        for key, value in environ.items()
        if key.startswith(ENV_PREFIX) and value
    }
    problems = _unknown_environment(from_env)
    in_env = [source for source in _SOURCES if from_env.intersection(source)]
    in_config = [source for source in _SOURCES if stored.keys() & set(source)]
    if in_env:
        stored = {k: v for k, v in stored.items() if not any(k in source for source in _SOURCES)}
        in_config = []
    problems += _two_sources(in_env, "the environment", _env_name)
    problems += _two_sources(in_config, "stack config", _config_name)
    problems += _half_source(in_env or in_config, {*from_env, *stored})
    if stored.get("endpoint", "").startswith(EMULATOR) and "endpoint" in from_env:
        problems.append(
            f"{_config_name('endpoint')} is an emulator and {_env_name('endpoint')} names another endpoint; "
            "remove one of them, so that a stack made for the emulator never reaches a live Mini Program"
        )
    if problems:
        raise SettingsError("\n".join(problems))
    try:
        return Settings.model_validate(stored)
    except ValidationError as error:
        raise SettingsError("\n".join(_describe(error, from_env))) from None


def reveal(secret: SecretStr) -> str:
    """Return a secret's value, reading `file:/path` afresh.

    Raises:
        SettingsError: the file cannot be read or is empty.
    """
    value = secret.get_secret_value()
    if not value.startswith("file:"):
        return value
    path = Path(value.removeprefix("file:"))
    try:
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        message = f"the secret file {path} cannot be read: {reason}"
        raise SettingsError(message) from None
    if not content:
        message = f"the secret file {path} is empty"
        raise SettingsError(message)
    return content


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _snake(key: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", lambda match: "_" + match[1].lower(), key)


def _camel(field: str) -> str:
    head, *tail = field.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _config_name(field: str) -> str:
    return f"{NAMESPACE}:{_camel(field)}"


def _env_name(field: str) -> str:
    return ENV_PREFIX + field.upper()


def unknown_config_keys(keys: Mapping[str, str]) -> list[str]:
    """Return one warning for each stack config key that no setting has, with the nearest known one."""
    known = {_camel(field) for field in Settings.model_fields}
    return [
        f"{NAMESPACE}:{key} is no setting of this provider{_nearest(_snake(key), _camel)}"
        for key in sorted(keys)
        if key not in known
    ]


def _unknown_environment(fields: set[str]) -> list[str]:
    unknown = sorted(fields - Settings.model_fields.keys())
    return [
        f"{_env_name(field)} is no setting of this provider{_nearest(field, _env_name)}" for field in unknown
    ]


def _nearest(field: str, spell: Callable[[str], str]) -> str:
    near = difflib.get_close_matches(field, sorted(Settings.model_fields), n=1)
    return f"; did you mean {spell(near[0])}?" if near else ""


def _two_sources(sources: list[_Source], layer: str, spell: Callable[[str], str]) -> list[str]:
    if len(sources) == 1 or not sources:
        return []
    keys = " and ".join(spell(source[0]) for source in sources)
    return [f"{layer} has two token sources, {keys}; keep one"]


def _half_source(sources: list[_Source], present: set[str]) -> list[str]:
    if _SOURCES[0] not in sources or present.issuperset(_SOURCES[0]):
        return []
    problem = (
        f"{_config_name('access_token')} and {_config_name('access_token_appid')} "
        f"({_env_name('access_token')}, {_env_name('access_token_appid')}) go together: a token selects the "
        "Mini Program by itself, so it is used for that appid alone"
    )
    return [problem]


def _describe(error: ValidationError, from_env: set[str]) -> list[str]:
    lines = []
    for detail in error.errors(include_input=False, include_url=False):
        field = str(detail["loc"][0])
        name = _env_name(field) if field in from_env else _config_name(field)
        lines.append(f"{name} {detail['msg'].removeprefix('Value error, ')}")
    return lines
