"""All that a report on a fleet says, as values: from exports, and what else was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_wechat_miniprogram.exports.changes import AppChange, find_changes
from pulumi_wechat_miniprogram.exports.drift import AppDrift
from pulumi_wechat_miniprogram.exports.inventory import App, Host, by_host, take_inventory
from pulumi_wechat_miniprogram.exports.reader import Export


@dataclass(frozen=True, slots=True)
class StackLine:
    """One stack: when its state was written last, and what it declares."""

    name: str
    time: str
    apps: int
    domains: int


@dataclass(frozen=True, slots=True)
class Report:
    """`drift` and `changes` are None where they were not asked for; `since` is when the older state is of."""

    stacks: tuple[StackLine, ...]
    apps: tuple[App, ...]
    shared_hosts: tuple[Host, ...]
    domains: int
    interrupted: tuple[str, ...]
    drift: tuple[AppDrift, ...] | None
    changes: tuple[AppChange, ...] | None
    since: str

    @property
    def mini_programs(self) -> int:
        """How many of the apps are Mini Programs; the others are platforms."""
        return sum(not app.platform for app in self.apps)

    @property
    def waiting(self) -> tuple[App, ...]:
        """Apps in which a release would change something."""
        return tuple(app for app in self.apps if app.pending or app.undeclared or app.release_required)

    @property
    def crowded(self) -> tuple[Host, ...]:
        """Domains near WeChat's limit of subjects."""
        return tuple(host for host in self.shared_hosts if host.crowded)


def make_report(
    exports: Sequence[Export],
    *,
    since: Sequence[Export] | None = None,
    drift: Sequence[AppDrift] | None = None,
) -> Report:
    """Put a report together; a domain of one app alone is told with its app only."""
    inventory = take_inventory(exports)
    hosts = by_host(inventory)
    return Report(
        stacks=tuple(map(_stack_line, exports)),
        apps=inventory.apps,
        shared_hosts=tuple(host for host in hosts if host.count > 1),
        domains=len(hosts),
        interrupted=tuple(urn for export in exports for urn in export.interrupted),
        drift=None if drift is None else tuple(app for app in drift if app.tells),
        changes=None if since is None else find_changes(take_inventory(since), inventory),
        since=min((export.time for export in since or () if export.time), default=""),
    )


def _stack_line(export: Export) -> StackLine:
    domains = {domain for each in export.all_lists for domain in each.recorded.domains}
    apps = {each.recorded.appid for each in export.all_lists}
    return StackLine(export.stack_name or "an empty stack", export.time, len(apps), len(domains))
