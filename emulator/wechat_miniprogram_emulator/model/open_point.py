"""One point that WeChat leaves open: every switch of the emulator has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BeforeValidator

Profile = Literal["strict", "lenient"]


@dataclass(frozen=True)
class Open:
    """What WeChat leaves open, the reason of the default, and the position in each profile.

    `strict` refuses whatever may be refused, `lenient` accepts whatever may be accepted.
    """

    question: str
    reason: str
    strict: str
    lenient: str


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


Number = BeforeValidator(_as_text)
"""Lets a position that is a number be given as one."""
