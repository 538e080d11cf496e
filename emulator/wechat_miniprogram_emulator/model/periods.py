"""Days, months and minutes by WeChat's clock, which is China's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Literal

CHINA = timezone(timedelta(hours=8))


def minute(now: float) -> int:
    """Number the minute."""
    return int(now // 60)


def day(now: float) -> int:
    """Number the day."""
    return int((now + CHINA.utcoffset(None).total_seconds()) // 86400)


def month(now: float) -> int:
    """Number the month."""
    date = datetime.fromtimestamp(now, CHINA)
    return date.year * 12 + date.month - 1


Unit = Literal["minute", "day", "month"]
_NUMBERS = {"minute": minute, "day": day, "month": month}


def number(unit: Unit, now: float) -> int:
    """Number the minute, day or month."""
    return _NUMBERS[unit](now)
