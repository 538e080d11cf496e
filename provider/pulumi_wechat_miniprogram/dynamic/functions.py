"""The functions of a program on the dynamic face, which read from WeChat in the program's own process.

No program can call a function of a dynamic provider. So each reads here, with the settings that the providers
of the stack have, in previews as in updates. One that fails ends the program with its message.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import pulumi

from pulumi_wechat_miniprogram.dynamic.outputs import for_app, refuse_output
from pulumi_wechat_miniprogram.resources.found import (
    GetConfirmFileResult,
    GetServerDomainsResult,
    GetWebviewDomainsResult,
    ListAuthorizersResult,
)
from pulumi_wechat_miniprogram.safety.background import in_background
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.masking import shown

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.resources.session import Session

_Found = TypeVar("_Found")


def list_authorizers() -> list[str]:
    """Return the appids of the Mini Programs that the token source knows.

    With the component flow, these are all apps that authorise the third-party platform; otherwise, the
    configured apps. The function fails if there are none or if the token source cannot list apps. An app that
    leaves the platform drops off the list.
    """
    return _read(ListAuthorizersResult, "list_authorizers").appids


def list_authorizers_output() -> pulumi.Output[list[str]]:
    """Return what `list_authorizers` returns, as an output."""
    return pulumi.Output.from_input(_in_background(list_authorizers))


def get_webview_domains(appid: str) -> GetWebviewDomainsResult:
    """Return the webview domains of one Mini Program, as WeChat holds them now.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
    """
    return _read(GetWebviewDomainsResult, "get_webview_domains", appid)


def get_webview_domains_output(appid: pulumi.Input[str]) -> pulumi.Output[GetWebviewDomainsResult]:
    """Return what `get_webview_domains` returns, as an output.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
            It may be an output.
    """
    return for_app(appid, lambda known: _in_background(partial(get_webview_domains, known)))


def get_server_domains(appid: str) -> GetServerDomainsResult:
    """Return the server domains of one Mini Program, as WeChat holds them now.

    Each value is a map with the keys `request`, `socket`, `upload`, `download`, `udp` and `tcp`.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
    """
    return _read(GetServerDomainsResult, "get_server_domains", appid)


def get_server_domains_output(appid: pulumi.Input[str]) -> pulumi.Output[GetServerDomainsResult]:
    """Return what `get_server_domains` returns, as an output.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
            It may be an output.
    """
    return for_app(appid, lambda known: _in_background(partial(get_server_domains, known)))


def get_confirm_file(appid: str) -> GetConfirmFileResult:
    """Return the confirm file of one Mini Program, as WeChat holds it now.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
    """
    return _read(GetConfirmFileResult, "get_confirm_file", appid)


def get_confirm_file_output(appid: pulumi.Input[str]) -> pulumi.Output[GetConfirmFileResult]:
    """Return what `get_confirm_file` returns, as an output.

    Args:
        appid: The appid of the Mini Program: `wx` followed by 16 hexadecimal digits.
            It may be an output.
    """
    return for_app(appid, lambda known: _in_background(partial(get_confirm_file, known)))


def _read(_found: type[_Found], function: str, *arguments: object) -> _Found:
    from pulumi_wechat_miniprogram.resources import functions  # noqa: PLC0415 - most programs read nothing

    for each in arguments:
        refuse_output(each, function)
    try:
        return cast("_Found", getattr(functions, function)(_session(), *arguments))
    except UserError as error:
        raise pulumi.RunError(shown(error)) from None


async def _in_background(read: Callable[[], _Found]) -> _Found:
    """Read while the program goes on, in a thread that has the config of this stack."""
    context = contextvars.copy_context()
    return await asyncio.wrap_future(in_background(partial(context.run, read)))


def _session() -> Session:
    """Return the session of this program, with the settings of the stack's providers."""
    from pulumi_wechat_miniprogram.dynamic.session import open_session  # noqa: PLC0415 - see `_read`
    from pulumi_wechat_miniprogram.settings import Settings, camel, config_name  # noqa: PLC0415 - see `_read`

    config = {camel(name): pulumi.runtime.get_config(config_name(name)) for name in Settings.model_fields}
    return open_session(
        tuple(sorted((key, str(value)) for key, value in config.items() if value is not None))
    )
