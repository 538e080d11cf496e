"""Domain values as they are sent and stored."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def union(*lists: Iterable[str]) -> tuple[str, ...]:
    """Join lists, first spelling first, each value once."""
    return tuple(dict.fromkeys(value for values in lists for value in values))


def host_of(value: str) -> str:
    """Give the lower-case host of a stored value; a value without one is its own host."""
    try:
        host = urlsplit(value).hostname
    except ValueError:
        host = None
    return host or value.lower()


def well_formed(value: str) -> bool:
    """Tell whether a value is `https://host`, with at most one slash at its end and no IP address."""
    if not value.startswith("https://"):
        return False
    host = value.removeprefix("https://").removesuffix("/")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and all(_HOST_LABEL.fullmatch(label) for label in host.split("."))
    return False
