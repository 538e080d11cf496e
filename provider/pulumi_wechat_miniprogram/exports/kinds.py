"""How a state tells our resources from others: type token, provider, and names of properties. Frozen.

Each resource has two types: that of the dynamic provider and that of the native plugin, its two faces.

A subclass of a dynamic resource is registered under the SDK's own type, `pulumi-python:dynamic:Resource`. It
is ours anyway: its `__provider` is one of the constants here. The engine keeps that property from
policies, which see it in `Remediate` only; there the names of the properties decide.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal[
    "webview-domains",
    "server-domains",
    "confirm-file",
    "prefetch-domains",
    "platform-webview-domains",
    "platform-server-domains",
    "platform-confirm-file",
]
Face = Literal["dynamic", "native"]

MODULE: Final = "wechat-miniprogram"
CLASSES: Final[Mapping[Kind, str]] = {
    "webview-domains": "MiniProgramWebviewDomains",
    "server-domains": "MiniProgramServerDomains",
    "confirm-file": "MiniProgramConfirmFile",
    "prefetch-domains": "MiniProgramPrefetchDomains",
    "platform-webview-domains": "ThirdPartyPlatformWebviewDomains",
    "platform-server-domains": "ThirdPartyPlatformServerDomains",
    "platform-confirm-file": "ThirdPartyPlatformConfirmFile",
}
"""The class of each resource, in a program and in its type token."""
TOKENS: Final[Mapping[Face, Mapping[Kind, str]]] = {
    "dynamic": {kind: f"pulumi-python:dynamic/{MODULE}:{name}" for kind, name in CLASSES.items()},
    "native": {kind: f"{MODULE}:index:{name}" for kind, name in CLASSES.items()},
}
CONFIG_HOLDERS: Final = frozenset({"pulumi:providers:pulumi-python", f"pulumi:providers:{MODULE}"})
"""The provider resource of each face. Its properties may be credentials, in clear to every policy pack: those
of the first are the whole stack config, those of the second its own arguments, without a namespace.
"""

PROVIDER_KEY: Final = "__provider"
NAME_KEY: Final = "__name"
"""The input with the name of a resource in its program. Check adds it; the engine shows it to nobody."""
SIBLINGS_KEY: Final = "__siblings"
"""The input with what a program says of its other resources. Check takes it out."""


def _pin(name: str) -> str:
    """Return a pickle, in base64, that makes an object of a provider class, which it names by reference.

    The SDK's `serialize_provider` wraps pickle anew at each call and fails with RecursionError after some
    hundred resources; its bytes also change with file paths and Python versions.
    """
    module = "pulumi_wechat_miniprogram.dynamic.provider"
    texts = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    return base64.b64encode(b"\x80\x04" + texts + b"\x93)\x81.").decode()


PROVIDERS: Final[Mapping[Kind, str]] = {
    "webview-domains": _pin("WebviewDomainsProvider"),
    "server-domains": _pin("ServerDomainsProvider"),
    "confirm-file": _pin("ConfirmFileProvider"),
    "prefetch-domains": _pin("PrefetchDomainsProvider"),
    "platform-webview-domains": _pin("PlatformWebviewDomainsProvider"),
    "platform-server-domains": _pin("PlatformServerDomainsProvider"),
    "platform-confirm-file": _pin("PlatformConfirmFileProvider"),
}

_DYNAMIC: Final = "pulumi-python:dynamic"
_BY_TYPE: Final[Mapping[str, Kind]] = {
    token: kind for tokens in TOKENS.values() for kind, token in tokens.items()
}
_BY_PROVIDER: Final[Mapping[object, Kind]] = {pinned: kind for kind, pinned in PROVIDERS.items()}
_BY_NAMES: Final[Mapping[Kind, frozenset[str]]] = {
    "webview-domains": frozenset(
        {"appid", "domains", "mode", "overwrite_existing", "confirm_file_timeout", "allow_mass_removal"}
    ),
    "server-domains": frozenset({"appid", "mode", "overwrite_existing", "allow_mass_removal"}),
    "confirm-file": frozenset({"appid", "file_name", "file_content"}),
    "prefetch-domains": frozenset({"appid", "hosts", "overwrite_existing"}),
    "platform-confirm-file": frozenset({"component_appid", "file_name", "file_content"}),
}
"""The properties that every version of a resource has. Never add one: an older program lacks it.

The first that fits counts: webview domains have those of server domains too. The two lists of a
platform have the same properties, so these do not tell their subclasses apart.
"""


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


def face_of(type_: str) -> Face:
    """Return the face whose resource this is, of a type that `kind_of` knows."""
    return "native" if type_ in TOKENS["native"].values() else "dynamic"
