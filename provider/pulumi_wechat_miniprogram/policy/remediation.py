"""A remedy, applied to inputs in the form in which the engine sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_wechat_miniprogram.policy.rule import Remedy

__all__ = ["remediate"]


def remediate(props: Mapping[str, Any], remedy: Remedy) -> dict[str, Any]:
    """Return the inputs with the remedy applied; unknowns, secrets and `__provider` stay as they are."""
    changed = {**props, **dict.fromkeys(remedy.turn_off, False)}
    if remedy.drop:
        changed["domains"] = _without(props["domains"], remedy.drop)
    return changed


def _without(value: Any, drop: frozenset[int]) -> Any:
    if isinstance(value, Mapping):  # a list that is a secret
        return {**value, "value": _without(value["value"], drop)}
    return [element for index, element in enumerate(value) if index not in drop]
