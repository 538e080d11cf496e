"""Pulumi's marks in property values: those of a secret, and of a value that only an update will know.

Sources: `sdk/go/common/resource/plugin/rpc.go` and `properties.go`, `sdk/go/common/apitype/core.go` of
pulumi/pulumi.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The mark of an unknown text, which the engine takes for any unknown value."""
UNKNOWNS: Final = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""The mark in a preview of a value that only the update will know."""

SEALED: Final = "[secret]"
"""What the CLI puts for a secret that it does not decrypt, whatever its type."""

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key that tells an object of Pulumi's own from a user's."""
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one


def unwrap(value: object) -> tuple[object, bool]:
    """Return what a secret holds and true, or the value itself and false.

    The engine sends a secret with its `value`; an export holds its `plaintext`, as JSON, or its `ciphertext`,
    which nobody can read here: that is `SEALED`.

    Raises:
        ValueError: the plaintext is not JSON.
    """
    secret = value == SEALED
    while isinstance(value, Mapping) and value.get(SIGNATURE) == SECRET:
        secret, plaintext = True, value.get("plaintext")
        value = json.loads(plaintext) if isinstance(plaintext, str) else value.get("value", SEALED)
    return value, secret


def is_unknown(value: object) -> bool:
    """Return whether a value is known only after an update."""
    return isinstance(value, str) and value in UNKNOWNS


def texts(value: object) -> Iterator[str]:
    """Yield every text inside a value that is not a secret."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if SIGNATURE not in value:
            for item in value.values():
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def has_unknowns(value: object) -> bool:
    """Return whether a value, or anything inside it that is not a secret, is unknown."""
    return any(text in UNKNOWNS for text in texts(value))
