"""Property maps between the engine's messages and plain values: names, secrets, unknowns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf import json_format, struct_pb2

from pulumi_wechat_miniprogram.exports.marks import SECRET, SIGNATURE, unwrap
from pulumi_wechat_miniprogram.exports.state import from_wire, to_wire

_LISTS: Final = ("effective_domains", "pending_domains", "added_domains", "shared_domains")
"""The outputs that name domains: secret where `domains` is."""


_ENGINES: Final = frozenset({"version", "pluginDownloadURL", "__internal"})
"""Arguments of a provider that the engine reads itself."""


class Received:
    """Properties as the engine sent them: in plain, with the names of this package.

    `secrets` are the names of those that hold a secret, at any depth.
    """

    def __init__(self, *structs: struct_pb2.Struct) -> None:
        """Take the properties of the last message; names of secrets are gathered from all of them."""
        self.props: dict[str, Any] = {}
        self.secrets: set[str] = set()
        for struct in structs:
            held = from_wire(json_format.MessageToDict(struct))
            self.props = {name: self._open(name, value) for name, value in held.items()}

    def _open(self, name: str, value: object) -> object:
        opened, secret = unwrap(value)
        if secret:
            self.secrets.add(name)
        if isinstance(opened, list):
            return [self._open(name, item) for item in opened]
        if isinstance(opened, dict):
            return {key: self._open(name, item) for key, item in opened.items()}
        return opened


def sent(props: Mapping[str, Any], secrets: Iterable[str] = ()) -> struct_pb2.Struct:
    """Return properties as the engine reads them. Those in `secrets`, and what tells of them, are secret."""
    sealed = {*secrets, *(_LISTS if "domains" in secrets else ())}
    marked = {
        name: {SIGNATURE: SECRET, "value": value} if name in sealed else value
        for name, value in props.items()
    }
    return json_format.ParseDict(to_wire(marked), struct_pb2.Struct())


def as_settings(struct: struct_pb2.Struct) -> dict[str, str]:
    """Return a provider's arguments as stack config has them: text or JSON. Null and "" are absent."""
    given = {key: value for key, value in Received(struct).props.items() if key not in _ENGINES}
    texts = {key: value if isinstance(value, str) else _as_text(value) for key, value in given.items()}
    return {key: text for key, text in texts.items() if text and given[key] is not None}


def _as_text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else json.dumps(value)
