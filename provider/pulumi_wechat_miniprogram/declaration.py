"""What is declared: by one resource, and by all that the running process has checked. No I/O."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_wechat_miniprogram.plan import Mode

__all__ = ["Declaration", "Declared"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """The checked inputs of one resource; `domains` canonical, in the user's order."""

    appid: str
    domains: tuple[str, ...]
    mode: Mode = "authoritative"
    overwrite_existing: bool = False
    allow_mass_removal: bool = False
    confirm_file_timeout: float = 0.0


class Declared:
    """The domains that checks of the running operation declared, so that no removal takes them away.

    Safe for concurrent use.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._guard = threading.Lock()
        self._domains: dict[str, frozenset[str]] = {}

    def add(self, appid: str, domains: Sequence[str]) -> None:
        """Remember what a check declared."""
        with self._guard:
            self._domains[appid] = self._domains.get(appid, frozenset()) | frozenset(domains)

    def of(self, appid: str) -> frozenset[str]:
        """Return what any resource of this process declares for an appid."""
        with self._guard:
            return self._domains.get(appid, frozenset())
