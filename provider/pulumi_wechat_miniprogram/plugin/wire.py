"""Property maps between the engine's messages and plain values: names, secrets, unknowns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf import json_format, struct_pb2

from pulumi_wechat_miniprogram.exports.marks import SECRET, SIGNATURE, texts, unwrap
from pulumi_wechat_miniprogram.exports.state import from_wire, to_wire
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.safety.masking import remember_word

_DECLARED: Final = ("domains", "hosts", *KINDS)
_LISTS: Final = (
    *("effective_domains", "pending_domains", "added_domains", "shared_domains"),
    *("testing_domains", "published_domains"),
    *("effective", "pending", "added"),
)
"""The outputs that name domains: secret where a declared list is."""


_ENGINES: Final = frozenset({"version", "pluginDownloadURL", "__internal"})
"""Arguments of a provider that the engine reads itself."""


class Received:
    """Properties as the engine sent them: in plain, those of a resource with the names of this package.

    `secrets` are the names of those that hold a secret, at any depth; no text for the user shows one of a
    resource.
    """

    def __init__(self, struct: struct_pb2.Struct, *, of_provider: bool = False) -> None:
        self.secrets: set[str] = set()
        self._masked = not of_provider
        held = json_format.MessageToDict(struct)
        held = held if of_provider else from_wire(held)
        self.props: dict[str, Any] = {name: self._open(name, value) for name, value in held.items()}

    def _open(self, name: str, value: object) -> object:
        opened, secret = unwrap(value)
        if secret:
            self.secrets.add(name)
            for text in texts(opened) if self._masked else ():
                remember_word(text)
        if isinstance(opened, list):
            return [self._open(name, item) for item in opened]
        if isinstance(opened, dict):
            return {key: self._open(name, item) for key, item in opened.items()}
        return opened


def sent(props: Mapping[str, Any], secrets: Iterable[str] = ()) -> struct_pb2.Struct:
    """Return properties as the engine reads them; `secrets` and what depends on them are secret."""
    declared = frozenset(secrets)
    sealed = {*secrets, *(_LISTS if not declared.isdisjoint(_DECLARED) else ())}
    marked = {
        name: {SIGNATURE: SECRET, "value": value} if name in sealed else value
        for name, value in props.items()
    }
    return json_format.ParseDict(to_wire(marked), struct_pb2.Struct())


def as_settings(struct: struct_pb2.Struct) -> dict[str, str]:
    """Return a provider's arguments as stack config has them: text or JSON. Null and "" are absent.

    Credentials are masked where they are used; what else a user calls secret, such as an appid, is shown.
    """
    props = Received(struct, of_provider=True).props
    given = {key: value for key, value in props.items() if key not in _ENGINES}
    texts = {key: value if isinstance(value, str) else _as_text(value) for key, value in given.items()}
    return {key: text for key, text in texts.items() if text and given[key] is not None}


def _as_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else json.dumps(value)
