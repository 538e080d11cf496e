"""Pulumi provider for the webview (business) domains and server domains of WeChat Mini Programs.

The names below load on first use, so that the command line, the emulator and the pure core can be
imported without the Pulumi SDK.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.__about__ import __version__

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.dynamic.functions import (
        get_confirm_file,
        get_confirm_file_output,
        get_server_domains,
        get_server_domains_output,
        get_webview_domains,
        get_webview_domains_output,
        list_authorizers,
        list_authorizers_output,
    )
    from pulumi_wechat_miniprogram.dynamic.resources import (
        MiniProgramConfirmFile,
        MiniProgramPrefetchDomains,
        MiniProgramServerDomains,
        MiniProgramWebviewDomains,
        ThirdPartyPlatformConfirmFile,
        ThirdPartyPlatformServerDomains,
        ThirdPartyPlatformWebviewDomains,
    )
    from pulumi_wechat_miniprogram.resources.found import (
        GetConfirmFileResult,
        GetServerDomainsResult,
        GetWebviewDomainsResult,
    )

__all__ = [
    "GetConfirmFileResult",
    "GetServerDomainsResult",
    "GetWebviewDomainsResult",
    "MiniProgramConfirmFile",
    "MiniProgramPrefetchDomains",
    "MiniProgramServerDomains",
    "MiniProgramWebviewDomains",
    "ThirdPartyPlatformConfirmFile",
    "ThirdPartyPlatformServerDomains",
    "ThirdPartyPlatformWebviewDomains",
    "__version__",
    "get_confirm_file",
    "get_confirm_file_output",
    "get_server_domains",
    "get_server_domains_output",
    "get_webview_domains",
    "get_webview_domains_output",
    "list_authorizers",
    "list_authorizers_output",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module(f"{__name__}.{_home(name)}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def _home(name: str) -> str:
    if name.endswith("Result"):
        return "resources.found"
    return "dynamic.functions" if name.islower() else "dynamic.resources"
