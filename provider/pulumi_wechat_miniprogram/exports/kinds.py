"""Which resource of this provider an entry is, by its type, its provider or its properties.

A subclass of one of our resources is registered under the SDK's own type, `pulumi-python:dynamic:Resource`.
It is ours all the same: its `__provider` is one of the pinned constants. The engine keeps that property from
policies, which see it in `Remediate` only; there the names of the inputs decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pulumi_wechat_miniprogram.exports.pinned import CONFIRM_FILE_PROVIDER, WEBVIEW_DOMAINS_PROVIDER
from pulumi_wechat_miniprogram.exports.type_tokens import CONFIRM_FILE, WEBVIEW_DOMAINS

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


_DYNAMIC: Final = "pulumi-python:dynamic"
_BY_NAMES: Final[Mapping[Kind, frozenset[str]]] = {
    "webview-domains": frozenset(
        {
            *("appid", "domains", "mode"),
            *("overwrite_existing", "confirm_file_timeout", "allow_mass_removal"),
        }
    ),
    "confirm-file": frozenset({"appid", "file_name", "file_content"}),
}


def kind_of(type_: str, *props: Mapping[str, object]) -> Kind | None:
    """Return the kind of a resource, or None for another provider's; `props` are its inputs, its outputs."""
    if kind := _BY_TYPE.get(type_):
        return kind
    named = [held[PROVIDER_KEY] for held in props if PROVIDER_KEY in held]
    if named:
        known = (_BY_PROVIDER[name] for name in named if isinstance(name, str) and name in _BY_PROVIDER)
        return next(known, None)
    if not type_.startswith(_DYNAMIC):
        return None
    return next(
        (kind for kind, names in _BY_NAMES.items() if any(names <= held.keys() for held in props)), None
    )
