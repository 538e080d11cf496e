"""What changed between two inventories, app by app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pulumi_wechat_miniprogram.exports.inventory import App, Inventory
from pulumi_wechat_miniprogram.lifecycle.state import Mode


@dataclass(frozen=True, slots=True)
class AppChange:
    """One Mini Program; `released` are domains that were pending before and are in force now.

    `unknown` means that one of the exports holds its domains encrypted only.
    """

    appid: str
    kind: Literal["new", "gone", "changed"]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    modes_before: tuple[Mode, ...] = ()
    modes_now: tuple[Mode, ...] = ()
    unknown: bool = False

    @property
    def mode_changed(self) -> bool:
        """Return whether an app that stayed is owned in another way now."""
        return self.kind == "changed" and self.modes_before != self.modes_now


def find_changes(before: Inventory, now: Inventory) -> tuple[AppChange, ...]:
    """Return what changed, sorted by appid; an app that is as it was is left out."""
    old, new = _by_appid(before), _by_appid(now)
    changes = [
        *(_first_seen(appid, new[appid]) for appid in new.keys() - old.keys()),
        *(_gone(appid, old[appid]) for appid in old.keys() - new.keys()),
        *(_compare(appid, old[appid], new[appid]) for appid in old.keys() & new.keys()),
    ]
    return tuple(sorted((change for change in changes if change), key=lambda change: change.appid))


@dataclass(slots=True)
class _Side:
    """One app in one inventory: its declared domains, each with whether it is in force."""

    app: App
    declared: dict[str, bool]


def _by_appid(inventory: Inventory) -> dict[str, _Side]:
    sides = {app.appid: _Side(app, {}) for app in inventory.apps}
    for listing in inventory.listings:
        if listing.resources:
            sides[listing.appid].declared[listing.domain] = listing.release == "in-force"
    return sides


def _first_seen(appid: str, now: _Side) -> AppChange:
    return AppChange(appid, "new", added=tuple(now.declared), modes_now=now.app.modes, unknown=now.app.sealed)


def _gone(appid: str, before: _Side) -> AppChange:
    return AppChange(
        appid,
        "gone",
        removed=tuple(before.declared),
        modes_before=before.app.modes,
        unknown=before.app.sealed,
    )


def _compare(appid: str, before: _Side, now: _Side) -> AppChange | None:
    old, new = before.declared, now.declared
    unknown = before.app.sealed or now.app.sealed
    change = AppChange(
        appid,
        "changed",
        added=() if unknown else tuple(domain for domain in new if domain not in old),
        removed=() if unknown else tuple(domain for domain in old if domain not in new),
        released=tuple(domain for domain in new if new[domain] and old.get(domain) is False),
        modes_before=before.app.modes,
        modes_now=now.app.modes,
        unknown=unknown,
    )
    parts = (change.added, change.removed, change.released, change.mode_changed, unknown)
    return change if any(parts) else None
