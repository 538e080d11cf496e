"""Every setting of the provider: its names, type, default and meaning, and how it is shown.

docs/configuration.md is generated from it.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import SplitResult, urlsplit

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
from pulumi_wechat_miniprogram.safety.masking import MASK
from pulumi_wechat_miniprogram.safety.text import some
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
from pulumi_wechat_miniprogram.settings.secrets import (
    APPID,
    FILE,
    NOT_AN_APPID,
    SecretMap,
    parse_given,
    reveal,
)

NAMESPACE: Final = "wechat-miniprogram"
ENV_PREFIX: Final = "WECHAT_MINIPROGRAM_"
Spell = Callable[[str], str]
"""Returns the name of a field as messages use it."""
DEFAULT_ENDPOINT: Final = "https://api.weixin.qq.com"
EMULATOR: Final = "emulator:"
_LAST_PORT: Final = 65535
_APPID_PLACE: Final = "{appid}"


def snake(key: str) -> str:
    """Return the field of a stack config key: `requestTimeout` is `request_timeout`."""
    return re.sub(r"(?<!^)([A-Z])", lambda match: "_" + match[1].lower(), key)


def camel(field: str) -> str:
    """Return the stack config key of a field, without namespace."""
    head, *tail = field.split("_")
    return head + "".join(word.capitalize() for word in tail)


def config_name(field: str) -> str:
    """Return the full stack config key of a field: `wechat-miniprogram:requestTimeout`."""
    return f"{NAMESPACE}:{camel(field)}"


def env_name(field: str) -> str:
    """Return the environment variable of a field: `WECHAT_MINIPROGRAM_REQUEST_TIMEOUT`."""
    return ENV_PREFIX + field.upper()


def _check_appid(value: str) -> str:
    if not APPID.fullmatch(value):
        raise ValueError(f"is not a valid appid: {NOT_AN_APPID}")
    return value


def _check_token_url(value: str, info: ValidationInfo) -> str:
    parts = _split_url(value, "https://tokens.example.com/{appid}")
    if parts.username or parts.password:
        names: Mapping[str, str] = info.context or {}
        bearer = names.get("access_token_url_bearer") or config_name("access_token_url_bearer")
        raise ValueError(f"has a user or password; put the credential into {bearer}")
    if _APPID_PLACE not in parts.path + parts.query or "{" in parts.netloc:
        raise ValueError("has no {appid} in its path or query: every app would get the same token")
    return value


def _check_endpoint(value: str) -> str:
    if value.startswith(EMULATOR):
        path = value.removeprefix(EMULATOR)
        if not path:
            raise ValueError("has no path after emulator:")
        return f"{EMULATOR}{expand_home(path)}" if path.startswith("~") else value
    parts = _split_url(value, DEFAULT_ENDPOINT)
    if parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("must consist of scheme, host and port only")
    return value.rstrip("/")


def _check_host_map(value: dict[str, str]) -> dict[str, str]:
    for target in value.values():
        address, _, port = target.partition(":")
        if not is_loopback(address) or not port.isdecimal() or int(port) > _LAST_PORT:
            raise ValueError("has a target that is not a loopback address and port, such as 127.0.0.1:8443")
    return value


def _split_appids(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


_Appid = Annotated[str, AfterValidator(_check_appid)]
_TokenUrl = Annotated[str, AfterValidator(_check_token_url)]
_Endpoint = Annotated[str, AfterValidator(_check_endpoint)]
_HostMap = Annotated[dict[str, str], AfterValidator(_check_host_map)]
_File = Annotated[
    Path, BeforeValidator(lambda given: expand_home(given) if isinstance(given, str) else given)
]


def _secret(kind: SecretKind) -> AfterValidator:
    return AfterValidator(lambda secret: SecretStr(parse_given(secret.get_secret_value(), kind)))


def _secrets(kind: SecretKind) -> PlainValidator:
    return PlainValidator(functools.partial(SecretMap.parse, kind=kind))


class Settings(BaseModel):
    """Every setting of the provider. A secret may also be `file:/path`, which is read when it is used."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)

    _names: dict[str, str] = PrivateAttr(default_factory=dict)

    access_token: Annotated[SecretStr, _secret(ACCESS_TOKEN)] | None = Field(
        default=None, description="an authorizer_access_token; requires `accessTokenAppid`"
    )
    access_token_appid: _Appid | None = Field(
        default=None, description="the appid that `accessToken` belongs to"
    )
    access_tokens: Annotated[SecretMap, _secrets(ACCESS_TOKEN)] | None = Field(
        default=None,
        description=(
            "JSON object that maps each appid to its authorizer_access_token, or the appid of a third-party "
            "platform to its component_access_token; one file may hold the whole object"
        ),
    )
    access_token_command: tuple[str, ...] | None = Field(
        default=None,
        repr=False,  # its words may include a password
        description=(
            "command, as a JSON array or shell words, that prints the token of `$WECHAT_APPID`, either "
            "alone or as JSON with `access_token`, `authorizer_access_token` or, for a third-party "
            "platform's appid, `component_access_token`, and `expires_in`"
        ),
    )
    access_token_url: _TokenUrl | None = Field(
        default=None,
        repr=False,  # its query may include a key
        description=(
            "URL with `{appid}` that answers a GET request in the format that `accessTokenCommand` prints; "
            "https, or http to a loopback address"
        ),
    )
    access_token_url_bearer: Annotated[SecretStr, _secret(ANY)] | None = Field(
        default=None, description="sent to `accessTokenUrl` as `Authorization: Bearer …`"
    )
    component_appid: _Appid | None = Field(
        default=None,
        description="the third-party platform's appid, for the component flow and the platform's own lists",
    )
    component_appsecret: Annotated[SecretStr, _secret(APPSECRET)] | None = Field(
        default=None, description="the platform's appsecret"
    )
    component_verify_ticket: Annotated[SecretStr, _secret(TICKET)] | None = Field(
        default=None, description="the newest component_verify_ticket that WeChat pushed to the platform"
    )
    component_access_token: Annotated[SecretStr, _secret(COMPONENT_TOKEN)] | None = Field(
        default=None,
        description="a component_access_token, instead of `componentAppsecret` and `componentVerifyTicket`",
    )
    authorizer_refresh_tokens: Annotated[SecretMap, _secrets(REFRESH_TOKEN)] | None = Field(
        default=None,
        description=(
            "JSON object that maps each appid to its authorizer_refresh_token; one file may hold the whole "
            "object; not needed for the platform's own lists"
        ),
    )
    endpoint: _Endpoint = Field(
        default=DEFAULT_ENDPOINT,
        description=(
            "WeChat's API; plain http only to a loopback address; `emulator:PATH` runs the embedded emulator"
        ),
    )
    fallback_endpoint: _Endpoint | None = Field(
        default=None,
        description="another address of the API, such as https://api2.weixin.qq.com, used for the rest of "
        "the run once no connection to `endpoint` can be made",
    )
    request_timeout: float = Field(
        default=30.0,
        gt=0,
        le=300,
        description="seconds for one call to WeChat, from the name lookup to the last byte of the answer and "
        "including `fallbackEndpoint`, and for one token from a command or URL",
    )
    max_attempts: int = Field(
        default=4, ge=1, le=10, description=("how many times one call or write may be attempted")
    )
    max_concurrent_calls: int = Field(
        default=16,
        ge=1,
        le=64,
        description=(
            "plugin only: maximum number of concurrent calls to WeChat, within the engine's `--parallel`"
        ),
    )
    max_calls_per_minute: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description=(
            "maximum number of calls to WeChat that one process starts in a minute, evenly spaced; "
            "unlimited if not set"
        ),
    )
    ca_file: _File | None = Field(
        default=None,
        description=("PEM file of the certificate authorities to trust instead of the default ones"),
    )
    live_diff: bool = Field(
        default=False,
        description="compare with the live list in every preview: one `get` for each Mini Program",
    )
    preview_reads: bool = Field(
        default=True,
        description="plugin only: compare each create and update of a preview with the live list; `false` "
        "leaves refusals that depend on it to the update",
    )
    on_unauthorized: Literal["error", "keep"] = Field(
        default="error",
        description="`keep`: refresh and delete leave an app unchanged, with a warning, once it has left the "
        "third-party platform",
    )
    released: Annotated[tuple[_Appid, ...], BeforeValidator(_split_appids)] = Field(
        default=(),
        description=(
            "environment only, for one run: appids of Mini Programs that were released after their domains "
            "were added to the other channel, so that the domains may leave the first one"
        ),
    )
    stack_exports: _File | None = Field(
        default=None,
        description=(
            "a stack export, a folder of exports, or the folder of a self-managed backend; shows which apps "
            "use a host that would leave a platform's list"
        ),
    )
    probe: bool = Field(
        default=True,
        description="after 86103, ask each new host for the confirm file over HTTPS; `false` turns it off",
    )
    alert_url: Annotated[SecretStr, _secret(ANY)] | None = Field(
        default=None,
        description="environment only, for the command `drift`: the webhook to post an alert to; https, or "
        "http to loopback",
    )
    alert_secret: Annotated[SecretStr, _secret(ANY)] | None = Field(
        default=None,
        description=(
            "environment only, for the command `drift`: the secret that signs alerts to Feishu or DingTalk"
        ),
    )
    log: Literal["off", "debug"] = Field(
        default="off",
        description="`debug`: one line for each call to WeChat, for support: appid, action, number of "
        "domains, errcode, rid, milliseconds; never a token",
    )
    audit_log: _File | None = Field(
        default=None,
        description=(
            "file to which each write to WeChat appends a line of JSON; if the file cannot be written, "
            "nothing is written to WeChat"
        ),
    )
    allow_reserved_hosts: bool = Field(
        default=False,
        description="for tests: accept names such as .test and .internal",
    )
    probe_host_map: _HostMap | None = Field(
        default=None,
        description="for tests: JSON object that maps a host to the loopback `address:port` to probe instead",
    )

    @field_validator("probe_host_map", mode="before")
    @classmethod
    def _parse_host_map(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return load_json(value)
        except json.JSONDecodeError:
            raise ValueError("is not a JSON object that maps hosts to address:port") from None

    @field_validator("access_token_command", mode="before")
    @classmethod
    def _split_command(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if re.match(r"[\"']\s*\[", value):
            raise ValueError("is a JSON array with quotes around it; remove them")
        try:
            words = load_json(value) if value.lstrip().startswith("[") else shlex.split(value)
        except ValueError:
            words = None
        if not words or not all(isinstance(word, str) and "\0" not in word for word in words):
            raise ValueError("is neither a JSON array of words nor words as a shell reads them")
        if "=" in words[0]:
            raise ValueError('begins with an assignment, which only a shell knows: use ["sh", "-c", "…"]')
        program, *arguments = words
        return (str(expand_home(program)) if program.startswith("~") else program, *arguments)

    @model_validator(mode="after")
    def _check_fallback(self, info: ValidationInfo) -> Self:
        self._names = dict(info.context or {})
        if self.fallback_endpoint and EMULATOR in (self.endpoint + self.fallback_endpoint):
            raise ValueError(
                f"{self.name_of('fallback_endpoint')} cannot be combined with an emulator, so that nothing "
                "made for an emulator reaches a live Mini Program"
            )
        return self

    def name_of(self, field: str) -> str:
        """Return a setting's name the way the user set it or would set it: a variable or a config key."""
        return self._names.get(field) or config_name(field)

    @property
    def emulator_path(self) -> str | None:
        """The data file of the embedded emulator, None if the endpoint is a server."""
        return self.endpoint.removeprefix(EMULATOR) if self.endpoint.startswith(EMULATOR) else None


OF_ONE_RUN: Final = frozenset({"released", "alert_url", "alert_secret"})
"""Settings that say something about one run: they are read from the environment alone, and never stored."""
ARGUMENTS: Final = tuple(field for field in Settings.model_fields if field not in OF_ONE_RUN)
"""The settings that stack config and a provider resource may have."""


def holds_secret(field: str) -> bool:
    """Return whether a setting holds a credential."""
    return _holds_secret(Settings.model_fields[field].annotation)


def _holds_secret(annotation: object) -> bool:
    return annotation in {SecretStr, SecretMap} or any(map(_holds_secret, get_args(annotation)))


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown_settings(settings: Settings) -> list[str]:
    """Return `NAME  value` for every setting that is set; of a secret, only the file that holds it.

    Every secret is read, so that a missing file is found here.

    Raises:
        SettingsError: a secret's file cannot be read, or does not hold what it should.
    """
    return [
        f"{settings.name_of(field)}  {_shown(field, getattr(settings, field))}"
        for field in Settings.model_fields
        if field in settings.model_fields_set
    ]


def _shown(field: str, value: object) -> str:
    if isinstance(value, SecretMap):
        appids = value.read()
        place = f"{FILE}{value.source}" if isinstance(value.source, Path) else MASK
        return f"{place} for {len(appids)}: {some(appids)}"
    if isinstance(value, SecretStr):
        reveal(value)
        place = value.get_secret_value()
        return place if place.startswith(FILE) else MASK
    return str(value) if Settings.model_fields[field].repr else MASK


def check_webhook(url: str) -> None:
    """Raise ValueError, which shows nothing of it, unless a URL is one that alerts may be posted to."""
    parts = _split_url(url, "https://hooks.slack.com/services/…", shows="its key")
    if parts.username or parts.password:
        raise ValueError("has a user or password, which no kind of webhook accepts")


def _split_url(url: str, example: str, *, shows: str = "the token") -> SplitResult:
    """Return the parts of a URL, or raise ValueError unless a token may be sent to it."""
    import httpx  # noqa: PLC0415 - most programs set no URL, and it is slow to load

    try:
        parts = urlsplit(url)
        host = httpx.URL(url).host if parts.port != 0 else ""
    except (ValueError, httpx.InvalidURL):
        parts, host = urlsplit(""), ""
    if not host or parts.scheme not in {"http", "https"}:
        raise ValueError(f"is not the URL of a server, such as {example}")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(f"is plain http to another machine, which would show {shows} on the way; use https")
    return parts
