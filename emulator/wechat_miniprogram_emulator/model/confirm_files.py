"""Confirm files: what every host of an app, or of a platform, serves at its root."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wechat_miniprogram_emulator.model.periods import day
from wechat_miniprogram_emulator.model.switches import Switches

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class ConfirmFile:
    """Name and content."""

    name: str
    content: str


def derived_file(seed: str) -> ConfirmFile:
    """Derive a file: 10 alphanumerics and `.txt`, 32 lower-case hex digits."""
    digest = hashlib.sha256(f"confirm file of {seed}".encode()).digest()
    name = "".join(_ALPHANUMERIC[byte % len(_ALPHANUMERIC)] for byte in digest[:10])
    return ConfirmFile(f"{name}.txt", digest[16:].hex())


def file_of_the_day(first: ConfirmFile, switches: Switches, now: float) -> ConfirmFile:
    """Give the file that counts now: the first one, or another one each day."""
    if switches.confirm_file_life == "for-ever":
        return first
    return derived_file(f"{first.content} on day {day(now)}")
