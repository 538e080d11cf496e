"""Mini Programs by the hundred, and what is declared for each. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

__all__ = ["DOMAINS", "App", "changed", "manifest", "seeds", "sow", "tokens"]

DOMAINS = 10
"""Declared for each app."""


@dataclass(frozen=True, slots=True)
class App:
    """One Mini Program and its declared domains."""

    appid: str
    domains: tuple[str, ...]


def sow(count: int, first: int = 0) -> list[App]:
    """Return apps with domains of their own, numbered from `first`."""
    return [
        App(
            f"wx{number:016x}", tuple(f"https://h{index}.app{number}.example.com" for index in range(DOMAINS))
        )
        for number in range(first, first + count)
    ]


def changed(apps: list[App]) -> list[App]:
    """Return the apps with one more domain of the first one."""
    first = apps[0]
    return [App(first.appid, (*first.domains, f"https://more.{first.appid}.example.com")), *apps[1:]]


def manifest(apps: list[App]) -> str:
    """Return what the programs of the peers read."""
    return json.dumps([{"appid": app.appid, "domains": app.domains} for app in apps])


def tokens(apps: list[App]) -> str:
    """Return the tokens that the emulator takes, as the setting `accessTokens` has them."""
    return json.dumps({app.appid: f"emulator-{app.appid}" for app in apps})


def seeds(apps: list[App], *, live: bool = False) -> list[dict[str, object]]:
    """Return the apps for the emulator, with nothing live or with all that is declared."""
    return [{"appid": app.appid, "live": list(app.domains) if live else []} for app in apps]
