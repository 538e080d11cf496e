"""How often an endpoint may be called: in a day, in a minute; and how often quotas may be cleared."""

from __future__ import annotations

from dataclasses import dataclass

DAILY = {
    "/cgi-bin/component/api_component_token": 10_000,
    "/cgi-bin/token": 2_000,
    "/cgi-bin/stable_token": 500_000,
}
MINUTELY = {"/cgi-bin/stable_token": 10_000}
UNDOCUMENTED_DAILY = 1_000_000
"""WeChat prints no number for the other endpoints: enough for a load test, and a number to show."""
ALL_CALLS = "calls of a platform and its apps"
CLEARS_A_MONTH = 10
FORCED_A_DAY = 20
FORCED_SECONDS_APART = 30


@dataclass(frozen=True)
class Limit:
    """An endpoint's limits for one account; `minutely` None means unlimited."""

    daily: int
    minutely: int | None = None


def documented(path: str) -> Limit:
    """Give the limits that WeChat documents, and else the emulator's own."""
    return Limit(DAILY.get(path, UNDOCUMENTED_DAILY), MINUTELY.get(path))
