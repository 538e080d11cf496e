"""Which Mini Programs use a host of their platform's list: before it goes, a user should know."""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Final

from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable
from pulumi_wechat_miniprogram.exports.sources import read_exports
from pulumi_wechat_miniprogram.lifecycle.hosts import is_used
from pulumi_wechat_miniprogram.lifecycle.state import PLATFORM, ListName, list_name
from pulumi_wechat_miniprogram.resources.session import Session

_NAMED: Final = 5
"""Appids that a line gives; the number of the others follows."""


def about_usage(session: Session, lists: ListName, hosts: Collection[str]) -> list[str]:
    """Say how many apps use these hosts of a platform's list, if known here."""
    of = PLATFORM[lists]
    used_by = list_name(of, "registered")
    lines = []
    if here := session.declarations.of(used_by).users(hosts):
        lines.append(f"In this program {_apps(here)} {_use(here)} one of them.")
    if given := session.settings.stack_exports:
        name = session.settings.name_of("stack_exports")
        try:
            exports = read_exports([str(given)], (), io.BytesIO())
        except ExportUnreadable as error:
            return [*lines, f"{name} cannot be read, so other stacks were not checked: {error}"]
        stored = [
            each
            for export in exports
            for each in (export.domains if of == "webview" else export.server_domains)
        ]
        there = {
            each.recorded.appid
            for each in stored
            if each.recorded.channel == "registered"
            and any(is_used(domain, hosts) for domain in each.recorded.domains)
        }
        stacks = "stack" if len(exports) == 1 else f"{len(exports)} stacks"
        lines.append(f"In the {stacks} of {name} {_apps(there)} {_use(there)} one of them.")
    return lines


def _apps(appids: Collection[str]) -> str:
    if not appids:
        return "no Mini Program"
    named = sorted(appids)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"{len(named)} Mini Program{'s' if named[1:] else ''} ({', '.join(named[:_NAMED])}{more})"


def _use(appids: Collection[str]) -> str:
    return "use" if len(appids) > 1 else "uses"
