"""WeChat's replies, and which JSON objects are such replies. Unknown fields are ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from pulumi_wechat_miniprogram.safety.text import one_line

_CODE: Final = re.compile(r"-?[0-9]{1,10}")
_RID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}")
_BETWEEN_HOSTS: Final = re.compile(r"[;\s]+")
_MAX_ERRMSG: Final = 1000
"""Characters of an errmsg that are kept; WeChat's have at most about 200."""


def _code(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str) or not _CODE.fullmatch(str(value)):
        raise ValueError("neither an integer nor a numeral")
    return value


def _file_name(value: str) -> str:
    if value in {".", ".."}:
        raise ValueError("a folder")
    return value


def _secret(value: SecretStr) -> SecretStr:
    value.get_secret_value().encode()  # a lone surrogate has no form in UTF-8
    return value


Domains = Annotated[tuple[str, ...], BeforeValidator(lambda value: () if value is None else value)]
FileName = Annotated[str, Field(pattern=r"^[!-.0-\[\]-~]{1,64}$"), AfterValidator(_file_name)]
"""One path segment. WeChat's names are ten letters or digits and `.txt`."""
FileContent = Annotated[str, Field(pattern=r"^[ -~]{1,128}$")]
"""One line. WeChat's contents are 32 hexadecimal digits."""
Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_secret)]


class Reply(BaseModel):
    """What every answer has. Success is an `errcode` of 0, as a number or a string."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    errcode: Annotated[int, BeforeValidator(_code)] = 0
    errmsg: str = ""

    @property
    def refused(self) -> tuple[str, ...]:
        """The values that the answer blames for an error, or leaves out of a success."""
        return ()

    @classmethod
    def is_wechats(cls, document: dict[str, Any]) -> bool:
        """Return whether a JSON object is WeChat's answer to this model's call.

        It has an `errcode`, or a field that is documented for this call. If no field is, as for a write,
        it may also be `errmsg` "ok" alone.
        """
        return "errcode" in document or (
            cls.has_own_field(document) if cls.own_fields() else document == {"errmsg": "ok"}
        )

    @classmethod
    def own_fields(cls) -> set[str]:
        return {
            field.alias or name for name, field in cls.model_fields.items() if name not in Reply.model_fields
        }

    @classmethod
    def has_own_field(cls, document: dict[str, Any]) -> bool:
        return any(document.get(name) is not None for name in cls.own_fields())


class LiveList(Reply):
    """Answer of `get`. None: the answer has no list, which may mean an empty one. `()`: an empty list."""

    webviewdomain: tuple[str, ...] | None = None


class _WithLists(Reply):
    @classmethod
    def is_wechats(cls, document: dict[str, Any]) -> bool:
        """As for every reply, but success includes at least one list: WeChat sends even empty ones."""
        return cls.has_own_field(document) or str(document.get("errcode", "0")) != "0"


class EffectiveLists(_WithLists):
    """Answer of `get_effective_webviewdomain`: a list for each way to configure domains, and one in force."""

    mp_webviewdomain: Domains = ()
    third_webviewdomain: Domains = ()
    direct_webviewdomain: Domains = ()
    effective_webviewdomain: Domains = ()


SERVER_FIELDS: Final[Mapping[str, str]] = {
    "request": "requestdomain",
    "socket": "wsrequestdomain",
    "upload": "uploaddomain",
    "download": "downloaddomain",
    "udp": "udpdomain",
    "tcp": "tcpdomain",
}
"""The kinds of server domains, and the field of each in WeChat's requests and answers."""


class ServerLists(BaseModel):
    """The server domains of each kind, in one way of configuring them. What is missing is empty."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    requestdomain: Domains = ()
    wsrequestdomain: Domains = ()
    uploaddomain: Domains = ()
    downloaddomain: Domains = ()
    udpdomain: Domains = ()
    tcpdomain: Domains = ()

    def by_kind(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the values of each kind, by the name of the kind."""
        return [(kind, getattr(self, name)) for kind, name in SERVER_FIELDS.items()]


def _no_lists(value: object) -> object:
    return {} if value is None else value


OneWay = Annotated[ServerLists, BeforeValidator(_no_lists)]


class EffectiveServerLists(_WithLists):
    """Answer of `get_effective_domain`: as `EffectiveLists`, for each kind of server domains."""

    mp_domain: OneWay = ServerLists()
    third_domain: OneWay = ServerLists()
    direct_domain: OneWay = ServerLists()
    effective_domain: OneWay = ServerLists()


class AppInfo(ServerLists, Reply):
    """Answer of `getwxadevinfo`: the server domains, and the webview domains as `bizdomain`."""

    bizdomain: Domains = ()


class ServerWrite(ServerLists, Reply):
    """Answer to a write of server domains: the lists, and what was left out of it although the errcode is 0.

    WeChat's page names neither, so an answer may also have none of them.
    """

    invalid_requestdomain: Domains = ()
    invalid_wsrequestdomain: Domains = ()
    invalid_uploaddomain: Domains = ()
    invalid_downloaddomain: Domains = ()
    invalid_udpdomain: Domains = ()
    invalid_tcpdomain: Domains = ()
    no_icp_domain: Domains = ()

    @property
    def refused(self) -> tuple[str, ...]:
        values = [value for _, values in self.invalid() for value in values]
        return tuple(dict.fromkeys([*values, *self.no_icp_domain]))

    def invalid(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the invalid values of each kind, by the name of the kind."""
        return [(kind, getattr(self, f"invalid_{name}")) for kind, name in SERVER_FIELDS.items()]


def _split(value: object) -> object:
    return tuple(filter(None, _BETWEEN_HOSTS.split(value))) if isinstance(value, str) else value


def _of_list(field: str) -> Callable[[str], str]:
    return lambda name: name if name in Reply.model_fields else f"{name}_{field}"


Hosts = Annotated[Domains, BeforeValidator(_split)]
"""Hosts in one text. WeChat puts `;` between them; vendors saw blanks and line breaks too."""


class PlatformHosts(_WithLists):
    """A third-party platform's own list, each host as WeChat spells it: bare or as a URL.

    `published` is None if the platform is not published. `invalid` is what a write left out.
    """

    testing: Hosts = ()
    published: Annotated[tuple[str, ...] | None, BeforeValidator(_split)] = None
    invalid: Hosts = ()

    @property
    def refused(self) -> tuple[str, ...]:
        return self.invalid


class PlatformWebviewHosts(PlatformHosts):
    """Answer of `modify_wxa_jump_domain`."""

    model_config = ConfigDict(alias_generator=_of_list("wxa_jump_h5_domain"))


class PlatformServerHosts(PlatformHosts):
    """Answer of `modify_wxa_server_domain`."""

    model_config = ConfigDict(alias_generator=_of_list("wxa_server_domain"))


def _urls(value: object) -> object:
    items = value if isinstance(value, list) else ()
    return [item.get("url") if isinstance(item, dict) else item for item in items] or value


class PrefetchHosts(_WithLists):
    """Answer of `get_prefetchdnsdomain`: the hosts whose DNS is looked up in advance, and how many fit."""

    hosts: Annotated[Domains, BeforeValidator(_urls)] = Field(default=(), alias="prefetch_dns_domain")
    size_limit: int = 5


class ConfirmFile(Reply):
    """Answer of `get_webviewdomain_confirmfile`: the file that each host serves at its root.

    `get_domain_confirmfile` answers alike for a third-party platform.
    """

    file_name: FileName
    file_content: FileContent


class ComponentToken(Reply):
    """Answer of `api_component_token`: the platform's own token, and its lifetime in seconds."""

    component_access_token: Secret
    expires_in: float | None = Field(default=None, gt=0)


class AuthorizerToken(Reply):
    """Answer of `api_authorizer_token`. The refresh token is usually the one that was sent."""

    authorizer_access_token: Secret
    expires_in: float | None = Field(default=None, gt=0)
    authorizer_refresh_token: Secret | None = None


class Authorizer(BaseModel):
    """An account that authorises the third-party platform, with the refresh token it granted."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    authorizer_appid: str
    refresh_token: Secret


class AuthorizerPage(Reply):
    """Answer of `api_get_authorizer_list`: some accounts, and the number of all."""

    total_count: int
    authorizers: tuple[Authorizer, ...] = Field(alias="list")


def split_rid(errmsg: str) -> tuple[str, str | None]:
    """Split an errmsg from the `rid` that ends it, the reference for WeChat's support."""
    text, _, end = errmsg.rpartition("rid:")
    rid = end.strip() if _RID.fullmatch(end.strip()) else None
    return one_line((text if rid else errmsg).strip()[:_MAX_ERRMSG]), rid
