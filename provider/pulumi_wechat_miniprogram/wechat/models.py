"""WeChat's replies, and which JSON objects are replies of WeChat at all. Unknown fields are ignored."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from pulumi_wechat_miniprogram.safety.text import one_line

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

_CODE: Final = re.compile(r"-?[0-9]{1,10}")
_RID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}")
_BARE_SUCCESS: Final = {"errmsg": "ok"}
_MAX_ERRMSG: Final = 1000
"""Characters of an errmsg that are kept; those of WeChat have at most some 200."""


def _code(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str) or not _CODE.fullmatch(str(value)):
        raise ValueError("neither an integer nor a numeral")
    return value


def _none_as_empty(value: object) -> object:
    return () if value is None else value


def _file_name(value: str) -> str:
    if value in {".", ".."}:
        raise ValueError("a folder")
    return value


def _secret(value: SecretStr) -> SecretStr:
    value.get_secret_value().encode()  # a lone surrogate has no form in UTF-8
    return value


Domains = Annotated[tuple[str, ...], BeforeValidator(_none_as_empty)]
FileName = Annotated[str, Field(pattern=r"^[!-.0-\[\]-~]{1,64}$"), AfterValidator(_file_name)]
"""One segment of a path: WeChat's are ten letters and digits, and `.txt`."""
FileContent = Annotated[str, Field(pattern=r"^[ -~]{1,128}$")]
"""One line: WeChat's are 32 hex digits."""
Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_secret)]


class Reply(BaseModel):
    """What every answer has: success is an `errcode` of 0, an integer or a numeral."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    errcode: Annotated[int, BeforeValidator(_code)] = 0
    errmsg: str = ""

    @classmethod
    def is_wechats(cls, document: dict[str, Any]) -> bool:
        """Tell whether a JSON object is WeChat's answer to the call that this model is for.

        It has an `errcode`, or a field that is documented for this very call. Where none is, as for a write,
        nothing but `errmsg` "ok" may stand alone.
        """
        if "errcode" in document:
            return True
        own = {
            field.alias or name for name, field in cls.model_fields.items() if name not in Reply.model_fields
        }
        if not own:
            return document == _BARE_SUCCESS
        return any(document.get(name) is not None for name in own)


class LiveList(Reply):
    """Answer of `get`. None: the answer has no list, which may mean an empty one; `()` is proven empty."""

    webviewdomain: tuple[str, ...] | None = None


class EffectiveLists(Reply):
    """Answer of `get_effective_webviewdomain`: one list for each way of configuring, and what is in force."""

    mp_webviewdomain: Domains = ()
    third_webviewdomain: Domains = ()
    direct_webviewdomain: Domains = ()
    effective_webviewdomain: Domains = ()

    @classmethod
    def is_wechats(cls, document: dict[str, Any]) -> bool:
        """As for every reply, but success has at least one list: WeChat sends all four, also empty ones."""
        names = cls.model_fields.keys() - Reply.model_fields.keys()
        has_lists = any(document.get(name) is not None for name in names)
        return has_lists or (super().is_wechats(document) and str(document["errcode"]) != "0")


class ConfirmFile(Reply):
    """Answer of `get_webviewdomain_confirmfile`: what each host serves at its root."""

    file_name: FileName
    file_content: FileContent


class ComponentToken(Reply):
    """Answer of `api_component_token`: the platform's own token, and its life in seconds."""

    component_access_token: Secret
    expires_in: float | None = Field(default=None, gt=0)


class AuthorizerToken(Reply):
    """Answer of `api_authorizer_token`; the refresh token is as a rule the one that was sent."""

    authorizer_access_token: Secret
    expires_in: float | None = Field(default=None, gt=0)
    authorizer_refresh_token: Secret | None = None


class Authorizer(BaseModel):
    """One account that authorises the third-party platform, with the refresh token it granted."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    authorizer_appid: str
    refresh_token: Secret


class AuthorizerPage(Reply):
    """Answer of `api_get_authorizer_list`: some of the accounts, and how many there are."""

    total_count: int
    authorizers: tuple[Authorizer, ...] = Field(alias="list")


def split_rid(errmsg: str) -> tuple[str, str | None]:
    """Part an errmsg from the `rid` that ends it, the reference for WeChat's support."""
    text, found, rid = errmsg.rpartition("rid:")
    if not found or not _RID.fullmatch(rid.strip()):
        return _shown(errmsg), None
    return _shown(text), rid.strip()


def _shown(errmsg: str) -> str:
    return one_line(errmsg.strip()[:_MAX_ERRMSG])
