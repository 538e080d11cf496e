"""WeChat's replies. Unknown fields are ignored; `errcode` may be absent, a number or a numeral."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

__all__ = [
    "Authorizer",
    "AuthorizerPage",
    "AuthorizerToken",
    "ComponentToken",
    "ConfirmFile",
    "EffectiveLists",
    "LiveList",
    "Reply",
    "split_rid",
]

_RID = re.compile(r"\s*rid:\s*([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})\s*$")


def _none_as_empty(value: object) -> object:
    return () if value is None else value


Domains = Annotated[tuple[str, ...], BeforeValidator(_none_as_empty)]


class Reply(BaseModel):
    """What every answer has: success is an `errcode` that is absent or 0."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    errcode: int = 0
    errmsg: str = ""


class LiveList(Reply):
    """Answer of `get`; the list may be absent when it is empty."""

    webviewdomain: Domains = ()


class EffectiveLists(Reply):
    """Answer of `get_effective_webviewdomain`: one list for each way of configuring, and what is in force."""

    mp_webviewdomain: Domains = ()
    third_webviewdomain: Domains = ()
    direct_webviewdomain: Domains = ()
    effective_webviewdomain: Domains = ()


class ConfirmFile(Reply):
    """Answer of `get_webviewdomain_confirmfile`: what each host serves at its root."""

    file_name: str
    file_content: str


class ComponentToken(Reply):
    """Answer of `api_component_token`: the platform's own token, and its life in seconds."""

    component_access_token: SecretStr
    expires_in: float | None = Field(default=None, gt=0)


class AuthorizerToken(Reply):
    """Answer of `api_authorizer_token`; the refresh token is as a rule the one that was sent."""

    authorizer_access_token: SecretStr
    expires_in: float | None = Field(default=None, gt=0)
    authorizer_refresh_token: SecretStr | None = None


class Authorizer(BaseModel):
    """One account that authorises the third-party platform, with the refresh token it granted."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    authorizer_appid: str
    refresh_token: SecretStr


class AuthorizerPage(Reply):
    """Answer of `api_get_authorizer_list`: some of the accounts, and how many there are."""

    total_count: int
    authorizers: tuple[Authorizer, ...] = Field(alias="list")


def split_rid(errmsg: str) -> tuple[str, str | None]:
    """Part an errmsg from the `rid` that ends it, the reference for WeChat's support."""
    if not (match := _RID.search(errmsg)):
        return errmsg.strip(), None
    return errmsg[: match.start()].strip(), match[1]
