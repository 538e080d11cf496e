"""Every key of the provider: its type, its default and its meaning. The docs' table derives from it."""

from __future__ import annotations

import functools
import ipaddress
import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import SplitResult, urlsplit

import httpx
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from typing_extensions import Self

from pulumi_wechat_miniprogram.safety.files import expand_home
from pulumi_wechat_miniprogram.settings.names import config_name
from pulumi_wechat_miniprogram.settings.parsing import (
    ACCESS_TOKEN,
    ANY,
    APPSECRET,
    COMPONENT_TOKEN,
    REFRESH_TOKEN,
    TICKET,
    SecretKind,
    load_json,
)
from pulumi_wechat_miniprogram.settings.secrets import APPID, NOT_AN_APPID, SecretMap, parse_given

__all__ = ["DEFAULT_ENDPOINT", "EMULATOR", "Settings", "holds_secret", "is_loopback"]

DEFAULT_ENDPOINT: Final = "https://api.weixin.qq.com"
EMULATOR: Final = "emulator:"
_LAST_PORT: Final = 65535
_APPID_PLACE: Final = "{appid}"


def _name(info: ValidationInfo, field: str) -> str:
    """Return another key as the user would write it; the merge of the layers passes the names on."""
    names: Mapping[str, str] = info.context or {}
    return names.get(field) or config_name(field)


def _check_appid(value: str) -> str:
    if not APPID.fullmatch(value):
        message = f"is not a valid appid: {NOT_AN_APPID}"
        raise ValueError(message)
    return value


def _parse_secret(kind: SecretKind, value: SecretStr) -> SecretStr:
    return SecretStr(parse_given(value.get_secret_value(), kind))


def _check_token_url(value: str, info: ValidationInfo) -> str:
    parts = _split_url(value, "https://tokens.example.com/{appid}")
    if parts.username or parts.password:
        bearer = _name(info, "access_token_url_bearer")
        message = f"has a user or password; put the credential into {bearer}"
        raise ValueError(message)
    if _APPID_PLACE not in parts.path + parts.query or "{" in parts.netloc:
        message = "has no {appid} in its path or query: every app would get the same token"
        raise ValueError(message)
    return value


def _check_endpoint(value: str) -> str:
    if value.startswith(EMULATOR):
        path = value.removeprefix(EMULATOR)
        if not path:
            message = "has no path after emulator:"
            raise ValueError(message)
        return f"{EMULATOR}{expand_home(path)}" if path.startswith("~") else value
    parts = _split_url(value, DEFAULT_ENDPOINT)
    if parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        message = "is more than scheme, host and port"
        raise ValueError(message)
    return value.rstrip("/")


def _check_host_map(value: dict[str, str]) -> dict[str, str]:
    for target in value.values():
        address, _, port = target.partition(":")
        if not is_loopback(address) or not port.isdecimal() or int(port) > _LAST_PORT:
            message = "has a target that is not a loopback address and port, such as 127.0.0.1:8443"
            raise ValueError(message)
    return value


_Appid = Annotated[str, AfterValidator(_check_appid)]
_TokenUrl = Annotated[str, AfterValidator(_check_token_url)]
_Endpoint = Annotated[str, AfterValidator(_check_endpoint)]
_HostMap = Annotated[dict[str, str], AfterValidator(_check_host_map)]
_File = Annotated[
    Path, BeforeValidator(lambda given: expand_home(given) if isinstance(given, str) else given)
]
_Bearer = Annotated[SecretStr, AfterValidator(functools.partial(_parse_secret, ANY))]
_AccessToken = Annotated[SecretStr, AfterValidator(functools.partial(_parse_secret, ACCESS_TOKEN))]
_Appsecret = Annotated[SecretStr, AfterValidator(functools.partial(_parse_secret, APPSECRET))]
_Ticket = Annotated[SecretStr, AfterValidator(functools.partial(_parse_secret, TICKET))]
_ComponentToken = Annotated[SecretStr, AfterValidator(functools.partial(_parse_secret, COMPONENT_TOKEN))]
_AccessTokens = Annotated[SecretMap, PlainValidator(functools.partial(SecretMap.parse, kind=ACCESS_TOKEN))]
_RefreshTokens = Annotated[SecretMap, PlainValidator(functools.partial(SecretMap.parse, kind=REFRESH_TOKEN))]


class Settings(BaseModel):
    """Every key of the provider. Secrets also take the form `file:/path`, read when used."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)

    _names: dict[str, str] = PrivateAttr(default_factory=dict)

    access_token: _AccessToken | None = Field(
        default=None, description="an authorizer_access_token; needs `accessTokenAppid`"
    )
    access_token_appid: _Appid | None = Field(
        default=None, description="the appid that `accessToken` belongs to"
    )
    access_tokens: _AccessTokens | None = Field(
        default=None,
        description="JSON object from appid to authorizer_access_token; also one file with the object",
    )
    access_token_command: tuple[str, ...] | None = Field(
        default=None,
        repr=False,  # somebody puts a password among its words
        description="JSON array or shell words of a command that prints the token of `$WECHAT_APPID`, alone "
        "or as JSON with `access_token` or `authorizer_access_token` and `expires_in`",
    )
    access_token_url: _TokenUrl | None = Field(
        default=None,
        repr=False,  # somebody puts a key into its query
        description="URL with `{appid}` that answers a GET as `accessTokenCommand` prints; https, or http to "
        "loopback",
    )
    access_token_url_bearer: _Bearer | None = Field(
        default=None, description="sent to `accessTokenUrl` as `Authorization: Bearer …`"
    )
    component_appid: _Appid | None = Field(
        default=None, description="the third-party platform's appid, for the component flow"
    )
    component_appsecret: _Appsecret | None = Field(default=None, description="the platform's appsecret")
    component_verify_ticket: _Ticket | None = Field(
        default=None, description="the newest component_verify_ticket that WeChat pushed to the platform"
    )
    component_access_token: _ComponentToken | None = Field(
        default=None,
        description="a component_access_token, in place of `componentAppsecret` and `componentVerifyTicket`",
    )
    authorizer_refresh_tokens: _RefreshTokens | None = Field(
        default=None,
        description="JSON object from appid to authorizer_refresh_token; also one file with the object",
    )
    endpoint: _Endpoint = Field(
        default=DEFAULT_ENDPOINT,
        description="WeChat's API; plain http only to loopback; `emulator:PATH` runs the embedded emulator",
    )
    fallback_endpoint: _Endpoint | None = Field(
        default=None,
        description="another address of the API, such as https://api2.weixin.qq.com, used from then on where "
        "no connection to `endpoint` could be made",
    )
    request_timeout: float = Field(
        default=30.0,
        gt=0,
        le=300,
        description="seconds for one call to WeChat, from the name lookup to the last byte of the answer and "
        "including `fallbackEndpoint`, and for one token from a command or URL",
    )
    max_attempts: int = Field(default=4, ge=1, le=10, description="how often one call or write may be tried")
    ca_file: _File | None = Field(
        default=None, description="PEM file of the authorities to trust instead of the usual ones"
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
    probe: bool = Field(
        default=True,
        description="after 86103, ask each new host for the confirm file over HTTPS; `false` turns it off",
    )
    log: Literal["off", "debug"] = Field(
        default="off",
        description="`debug`: one line for each call to WeChat, for support: appid, action, number of "
        "domains, errcode, rid, milliseconds; never a token",
    )
    allow_reserved_hosts: bool = Field(
        default=False,
        description="for tests: admit names such as .test and .internal",
    )
    probe_host_map: _HostMap | None = Field(
        default=None,
        description="for tests: JSON object from host to the loopback `address:port` that stands for it",
    )

    @field_validator("probe_host_map", mode="before")
    @classmethod
    def _parse_host_map(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return load_json(value)
        except json.JSONDecodeError:
            message = "is not a JSON object from host to address:port"
            raise ValueError(message) from None

    @field_validator("access_token_command", mode="before")
    @classmethod
    def _split_command(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if re.match(r"[\"']\s*\[", value):
            message = "is a JSON array with quotes around it; remove them"
            raise ValueError(message)
        try:
            words = load_json(value) if value.lstrip().startswith("[") else shlex.split(value)
        except ValueError:
            words = None
        if not words or not all(isinstance(word, str) and "\0" not in word for word in words):
            message = "is neither a JSON array of words nor words as a shell reads them"
            raise ValueError(message)
        if "=" in words[0]:
            message = 'begins with an assignment, which only a shell knows: use ["sh", "-c", "…"]'
            raise ValueError(message)
        program, *arguments = words
        return (str(expand_home(program)) if program.startswith("~") else program, *arguments)

    @model_validator(mode="after")
    def _check_fallback(self, info: ValidationInfo) -> Self:
        if self.fallback_endpoint and EMULATOR in (self.endpoint + self.fallback_endpoint):
            message = (
                f"{_name(info, 'fallback_endpoint')} does not go with an emulator: what is made for one "
                "never reaches a live Mini Program"
            )
            raise ValueError(message)
        self._names = dict(info.context or {})
        return self

    def name_of(self, field: str) -> str:
        """Return a key as the user set it or would set it: its environment variable, or its config key."""
        return self._names.get(field) or config_name(field)

    @property
    def emulator_path(self) -> str | None:
        """The data file of the embedded emulator, if the endpoint names one."""
        return self.endpoint.removeprefix(EMULATOR) if self.endpoint.startswith(EMULATOR) else None


def holds_secret(field: str) -> bool:
    """Tell whether a key holds a credential."""
    return _holds_secret(Settings.model_fields[field].annotation)


def _holds_secret(annotation: object) -> bool:
    return annotation in {SecretStr, SecretMap} or any(map(_holds_secret, get_args(annotation)))


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split_url(url: str, example: str) -> SplitResult:
    """Return the parts of a URL that a token may be sent to."""
    try:
        parts = urlsplit(url)
        host = _host(url) if parts.port != 0 else ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or parts.scheme not in {"http", "https"}:
        message = f"is not the URL of a server, such as {example}"
        raise ValueError(message)
    if parts.scheme == "http" and not is_loopback(host):
        message = "is plain http to another machine, which would show the token on the way; use https"
        raise ValueError(message)
    return parts


def _host(url: str) -> str:
    """Return the host that httpx would call.

    Raises:
        ValueError: it would call none.
    """
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
