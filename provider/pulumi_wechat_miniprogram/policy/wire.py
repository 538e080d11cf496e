"""Property values as the engine sends them to a policy pack: plain JSON, with marks for unknowns and secrets.

Sources: `sdk/go/common/resource/plugin/rpc.go` and `properties.go` of pulumi/pulumi.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["SEALED", "UNKNOWNS", "has_unknowns", "is_unknown", "texts", "unwrap"]

UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""What stands in a preview for a value that only the update will know."""

SEALED: Final = "[secret]"
"""What `pulumi policy analyze` puts for a secret that it cannot decrypt, whatever its type."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one


def unwrap(value: object) -> tuple[object, bool]:
    """Return what a secret holds and true, or the value itself and false."""
    secret = False
    while isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET:
        value, secret = value.get("value", SEALED), True  # an export has `ciphertext` in its place
    return value, secret


def is_unknown(value: object) -> bool:
    """Tell whether a value is known only after an update."""
    return isinstance(value, str) and value in UNKNOWNS


def texts(value: object) -> Iterator[str]:
    """Yield every text inside a value that is no secret."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if _SIGNATURE not in value:
            for item in value.values():
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def has_unknowns(value: object) -> bool:
    """Tell whether a value, or anything inside it that is no secret, is unknown."""
    return any(text in UNKNOWNS for text in texts(value))
