"""Which resource of this provider an entry is: told by its type, or by the provider that it names.

A subclass of one of our resources is registered under the SDK's own type, `pulumi-python:dynamic:Resource`.
What it holds is ours all the same: its `__provider` is one of the pinned constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pulumi_wechat_miniprogram.pinned import CONFIRM_FILE_PROVIDER, WEBVIEW_DOMAINS_PROVIDER
from pulumi_wechat_miniprogram.type_tokens import CONFIRM_FILE, WEBVIEW_DOMAINS

__all__ = ["PROVIDER_KEY", "Kind", "kind_of"]

Kind = Literal["webview-domains", "confirm-file"]

PROVIDER_KEY: Final = "__provider"
_BY_TYPE: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(WEBVIEW_DOMAINS, "webview-domains"),
    **dict.fromkeys(CONFIRM_FILE, "confirm-file"),
}
_BY_PROVIDER: Final[Mapping[object, Kind]] = {
    WEBVIEW_DOMAINS_PROVIDER: "webview-domains",
    CONFIRM_FILE_PROVIDER: "confirm-file",
}


def kind_of(type_: str, *props: Mapping[str, object]) -> Kind | None:
    """Return the kind of a resource, or None for another provider's; `props` are its inputs, its outputs."""
    if kind := _BY_TYPE.get(type_):
        return kind
    named = (held.get(PROVIDER_KEY) for held in props)
    return next(
        (_BY_PROVIDER[name] for name in named if isinstance(name, str) and name in _BY_PROVIDER), None
    )
