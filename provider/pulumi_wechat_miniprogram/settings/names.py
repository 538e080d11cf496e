"""One name in three spellings: a field, its key in stack config, its variable in the environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["ENV_PREFIX", "NAMESPACE", "Spell", "camel", "config_name", "env_name", "snake"]

NAMESPACE: Final = "wechat-miniprogram"
ENV_PREFIX: Final = "WECHAT_MINIPROGRAM_"
Spell = Callable[[str], str]
"""Gives the name of a field as messages use it."""


def snake(key: str) -> str:
    """Return the field of a stack config key: `requestTimeout` is `request_timeout`."""
    return re.sub(r"(?<!^)([A-Z])", lambda match: "_" + match[1].lower(), key)


def camel(field: str) -> str:
    """Return the stack config key of a field, without namespace."""
    head, *tail = field.split("_")
    return head + "".join(word.capitalize() for word in tail)


def config_name(field: str) -> str:
    """Return a field as it stands in stack config: `wechat-miniprogram:requestTimeout`."""
    return f"{NAMESPACE}:{camel(field)}"


def env_name(field: str) -> str:
    """Return a field as it stands in the environment: `WECHAT_MINIPROGRAM_REQUEST_TIMEOUT`."""
    return ENV_PREFIX + field.upper()
