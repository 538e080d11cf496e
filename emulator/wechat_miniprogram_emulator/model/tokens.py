"""Tokens, tickets and secrets: whose they are and how long they live.

Only digests are stored. What WeChat can tell again, the refresh token, the newest ticket and the stable
token, is derived from the data's own key and a number.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from wechat_miniprogram_emulator.model.token_switches import Overlap

Kind = Literal[
    "component_access_token",
    "authorizer_access_token",
    "access_token",
    "stable_access_token",
    "authorizer_refresh_token",
    "component_verify_ticket",
    "authorization_code",
    "appsecret",
]
Standing = Literal["valid", "expired", "invalid"]

OWN_TOKENS: tuple[Kind, ...] = ("access_token", "stable_access_token")
ACCESS_TOKENS: tuple[Kind, ...] = ("authorizer_access_token", "component_access_token", *OWN_TOKENS)
ACCESS_SECONDS = 7200
CODE_SECONDS = 3600
OVERLAP_SECONDS = 300
RENEWAL_SECONDS = 300
"""A stable token is renewed this long before its end."""
TICKET_SECONDS = 12 * 3600
TICKET_PERIOD_SECONDS = 600
MAX_LIST_COUNT = 500

_NAMES: dict[Kind, str] = {
    "authorizer_access_token": "emulator-{}",
    "component_access_token": "emulator-component-{}",
    "authorizer_refresh_token": "emulator-refresh-{}",
    "component_verify_ticket": "emulator-ticket-{}",
    "appsecret": "emulator-secret-{}",
}


@dataclass(frozen=True)
class Credential:
    """What is known of a value: it ends at `expires_at`, or sooner at `invalid_at`."""

    kind: Kind
    owner: str
    expires_at: float | None = None
    invalid_at: float | None = None

    def standing(self, now: float) -> Standing:
        """Return whether it is valid; what was made invalid stays so when its time is over too."""
        if self.invalid_at is not None and self.invalid_at <= now:
            return "invalid"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "valid"


def digest(value: str) -> str:
    """Return what is stored instead of a value."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def first_value(kind: Kind, owner: str) -> str:
    """Give the value under which a seeded app or platform is known, unless it was seeded with another."""
    return _NAMES[kind].format(owner)


def derived_value(key: str, kind: Kind, owner: str, number: int) -> str:
    """Give the value with this number; number 0 is the first value, if the kind has one."""
    if number == 0 and kind in _NAMES:
        return first_value(kind, owner)
    text = f"{kind} {owner} {number}"
    return f"{kind}@@@{hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def end_of_previous(overlap: Overlap, now: float) -> float | None:
    """Tell when the token before a new one ends; None lets it live until it expires."""
    return {"at-once": now, "five-minutes": now + OVERLAP_SECONDS, "until-expiry": None}[overlap]
