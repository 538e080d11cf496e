"""Durations as people write them: `90s`, `1h30m`, `7d`."""

from __future__ import annotations

import re
from typing import Final

_DURATION: Final = re.compile(
    r"(?=\d)(?:(\d{1,4})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s?)?", re.ASCII
)


def seconds_in(text: str) -> int | None:
    """Return a duration in seconds, the unit of a number alone; None if it is none."""
    if not (found := _DURATION.fullmatch(text)):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 86_400 * days + 3_600 * hours + 60 * minutes + seconds
