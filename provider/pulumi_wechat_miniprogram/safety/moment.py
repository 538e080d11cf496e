"""Points in time, as machines and people read them: `2026-01-31T06:00:00Z`, always in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"


def moment(away: timedelta = timedelta()) -> str:
    """Return the current time, or one that is `away` from it."""
    return (datetime.now(timezone.utc) + away).strftime(_FORM)


def seconds_since_1970(text: str) -> float:
    """Return what `moment` returned, as a number."""
    return datetime.strptime(text, _FORM).replace(tzinfo=timezone.utc).timestamp()
