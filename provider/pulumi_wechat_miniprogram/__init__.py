"""Pulumi provider for the webview (business) domains and server domains of WeChat Mini Programs.

The names below load on first use, so that the command line, the emulator and the pure core can be
imported without the Pulumi SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.__about__ import __version__

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.dynamic.resources import (
        MiniProgramConfirmFile,
        MiniProgramPrefetchDomains,
        MiniProgramServerDomains,
        MiniProgramWebviewDomains,
        ThirdPartyPlatformConfirmFile,
        ThirdPartyPlatformServerDomains,
        ThirdPartyPlatformWebviewDomains,
    )

__all__ = [
    "MiniProgramConfirmFile",
    "MiniProgramPrefetchDomains",
    "MiniProgramServerDomains",
    "MiniProgramWebviewDomains",
    "ThirdPartyPlatformConfirmFile",
    "ThirdPartyPlatformServerDomains",
    "ThirdPartyPlatformWebviewDomains",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        from pulumi_wechat_miniprogram.dynamic import resources  # noqa: PLC0415 - see the docstring

        return getattr(resources, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
