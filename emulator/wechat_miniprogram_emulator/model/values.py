"""Domain values as they are sent and stored."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_PORT = re.compile(r":[0-9]{1,5}")


def union(*lists: Iterable[str]) -> tuple[str, ...]:
    """Join lists, first spelling first, each value once."""
    return tuple(dict.fromkeys(value for values in lists for value in values))


@lru_cache(maxsize=4096)
def host_of(value: str) -> str:
    """Give the lower-case host of a stored value; a value without one is its own host."""
    try:
        host = urlsplit(value).hostname
    except ValueError:
        host = None
    return host or value.lower()


def is_host(text: str) -> bool:
    """Return whether a text is a host name, and no IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return all(_HOST_LABEL.fullmatch(label) for label in text.split("."))
    return False


def well_formed(value: str) -> bool:
    """Return whether a webview domain is `https://host`, with at most one slash at its end."""
    return value.startswith("https://") and is_host(value.removeprefix("https://").removesuffix("/"))


def well_formed_server(scheme: str, value: str) -> bool:
    """Return whether a server domain is `scheme://host`, with or without a port."""
    prefix = f"{scheme}://"
    host, colon, port = value.removeprefix(prefix).partition(":")
    return value.startswith(prefix) and is_host(host) and (not colon or bool(_PORT.fullmatch(f":{port}")))


def normalised(value: str) -> str:
    """Bring `host`, `HTTPS://Host` and `https://host/` to `https://host`; leave anything else as it is."""
    candidate = value if "://" in value else f"https://{value}"
    candidate = candidate.lower().removesuffix("/")
    return candidate if well_formed(candidate) else value


def is_under(host: str, parents: Iterable[str]) -> bool:
    """Return whether a host is one of these, or below one."""
    return any(host == parent or host.endswith(f".{parent}") for parent in parents)
