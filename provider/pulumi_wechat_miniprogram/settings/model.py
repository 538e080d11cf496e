"""Every setting of the provider: its names, type, default and meaning, and how it is shown.

docs/reference/configuration.md is generated from it.
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
        default=None, description="An authorizer_access_token of one app. Needs `accessTokenAppid`."
    )
    access_token_appid: _Appid | None = Field(
        default=None, description="The appid that `accessToken` belongs to."
    )
    access_tokens: Annotated[SecretMap, _secrets(ACCESS_TOKEN)] | None = Field(
        default=None,
        description="JSON object from appid to authorizer_access_token. For a third-party platform's appid "
        "the value is its component_access_token. The whole object can be in one file.",
    )
    access_token_command: tuple[str, ...] | None = Field(
        default=None,
        repr=False,  # its words may include a password
        description="Command that prints the token of the app in `$WECHAT_APPID`. Give it as a JSON array or "
        "as shell words. It prints the token alone, or JSON with `expires_in` and one of "
        "`access_token`, `authorizer_access_token` and, for a third-party platform's appid, "
        "`component_access_token`.",
    )
    access_token_url: _TokenUrl | None = Field(
        default=None,
        repr=False,  # its query may include a key
        description="URL with `{appid}` that answers a GET request with a token. The answer has the format "
        "that `accessTokenCommand` prints. The URL uses https, or http to a loopback address.",
    )
    access_token_url_bearer: Annotated[SecretStr, _secret(ANY)] | None = Field(
        default=None, description="Credential sent to `accessTokenUrl` as `Authorization: Bearer …`."
    )
    component_appid: _Appid | None = Field(
        default=None,
        description="The third-party platform's appid. Needed for the component flow and for the platform's "
        "own lists.",
    )
    component_appsecret: Annotated[SecretStr, _secret(APPSECRET)] | None = Field(
        default=None, description="The third-party platform's appsecret."
    )
    component_verify_ticket: Annotated[SecretStr, _secret(TICKET)] | None = Field(
        default=None, description="The newest component_verify_ticket that WeChat pushed to the platform."
    )
    component_access_token: Annotated[SecretStr, _secret(COMPONENT_TOKEN)] | None = Field(
        default=None,
        description="A component_access_token of the platform. Use it instead of `componentAppsecret` and "
        "`componentVerifyTicket`.",
    )
    authorizer_refresh_tokens: Annotated[SecretMap, _secrets(REFRESH_TOKEN)] | None = Field(
        default=None,
        description="JSON object from appid to authorizer_refresh_token. The whole object can be in one "
        "file. Not needed for the platform's own lists.",
    )
    endpoint: _Endpoint = Field(
        default=DEFAULT_ENDPOINT,
        description="Address of WeChat's API. Plain http is allowed to a loopback address only. "
        "`emulator:PATH` runs the embedded emulator with its data in that file.",
    )
    fallback_endpoint: _Endpoint | None = Field(
        default=None,
        description="Second address of the API, such as https://api2.weixin.qq.com. The provider uses it for "
        "the rest of the run once it cannot connect to `endpoint`.",
    )
    request_timeout: float = Field(
        default=30.0,
        gt=0,
        le=300,
        description="Seconds that one call to WeChat may take. The time runs from the name lookup to the "
        "last byte of the answer and includes `fallbackEndpoint`. The limit also applies to one "
        "token from a command or URL.",
    )
    max_attempts: int = Field(
        default=4, ge=1, le=10, description="Number of times that the provider may try one call or write."
    )
    max_concurrent_calls: int = Field(
        default=16,
        ge=1,
        le=64,
        description="Calls to WeChat that the plugin makes at the same time. The engine's "
        "`--parallel` limits it further. Plugin only.",
    )
    max_calls_per_minute: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="Calls to WeChat that one process starts in a minute, evenly spaced. No limit "
        "if not set.",
    )
    ca_file: _File | None = Field(
        default=None,
        description="PEM file of the certificate authorities to trust instead of the usual ones.",
    )
    live_diff: bool = Field(
        default=False,
        description="Compare every resource with the live list in every preview. Costs one `get` for each "
        "Mini Program.",
    )
    preview_reads: bool = Field(
        default=True,
        description="Compare each create and update of a preview with the live list. If `false`, refusals "
        "that depend on the live list come in the update. Plugin only.",
    )
    on_unauthorized: Literal["error", "keep"] = Field(
        default="error",
        description="What to do with an app that has left the third-party platform. With `keep`, refresh and "
        "delete leave it unchanged and warn; with `error`, they fail.",
    )
    released: Annotated[tuple[_Appid, ...], BeforeValidator(_split_appids)] = Field(
        default=(),
        description="Appids of Mini Programs that you released after you declared their domains in the other "
        "channel. Those domains may then leave the first channel. Environment only, for one run.",
    )
    stack_exports: _File | None = Field(
        default=None,
        description="A stack export, a folder of exports, or the folder of a self-managed backend. Refusals "
        "to remove a host from a platform's list then say which apps use the host.",
    )
    probe: bool = Field(
        default=True,
        description="Request the confirm file from each new host over HTTPS after errcode 86103. `false` "
        "turns this off.",
    )
    alert_url: Annotated[SecretStr, _secret(ANY)] | None = Field(
        default=None,
        description="Webhook to which the command `drift` posts an alert. It uses https, or http to a "
        "loopback address. Environment only.",
    )
    alert_secret: Annotated[SecretStr, _secret(ANY)] | None = Field(
        default=None,
        description="Secret with which the command `drift` signs alerts to Feishu or DingTalk. Environment "
        "only.",
    )
    log: Literal["off", "debug"] = Field(
        default="off",
        description="With `debug`, show one line for each call to WeChat. The line has the appid, action, "
        "number of domains, errcode, rid and milliseconds, and never a token.",
    )
    audit_log: _File | None = Field(
        default=None,
        description="File to which each write to WeChat adds a line of JSON. If the file cannot be written, "
        "nothing is written to WeChat.",
    )
    allow_reserved_hosts: bool = Field(
        default=False,
        description="Accept reserved names such as .test and .internal. For tests.",
    )
    probe_host_map: _HostMap | None = Field(
        default=None,
        description="JSON object from host to the loopback `address:port` to probe instead. For tests.",
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
