"""A third-party platform's own lists of hosts: one for testing, one that is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.values import host_of, is_host, union
from wechat_miniprogram_emulator.model.webview import changed_list

MAX_SERVER_HOSTS = 1000
MONTHLY_CHANGES = 50


@dataclass(frozen=True)
class PlatformLists:
    """The hosts of one kind, as they were sent."""

    testing: tuple[str, ...] = ()
    published: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListChange:
    """The lists after a write, or the code that refuses it, and the hosts that were left out."""

    lists: PlatformLists
    errcode: int = 0
    invalid: tuple[str, ...] = ()


def split(text: str) -> tuple[str, ...]:
    """Read hosts that are separated by semicolons. Users saw that nothing after a line break counts."""
    first, *_ = text.strip().splitlines() or [""]
    return tuple(part.strip() for part in first.split(";") if part.strip())


def is_platform_host(value: str, switches: Switches) -> bool:
    """Return whether a value is a host, bare or, by a switch, after `https://`."""
    bare = value.removeprefix("https://") if switches.platform_scheme == "accept" else value
    return is_host(bare.removesuffix("/"))


def change_lists(
    lists: PlatformLists,
    action: str,
    sent: Sequence[str],
    switches: Switches,
    *,
    published_too: bool,
    limit: tuple[int, int],
    missing_file: Callable[[str], bool],
) -> ListChange:
    """Carry out `set`, `add` or `delete`, on the list for testing and perhaps on the published one.

    `limit` is how many hosts there may be, and the code for more.
    """
    values = union(sent)
    if len(values) < len(sent) and switches.duplicates == "error":
        return ListChange(lists, 40097)
    if action == "set" and not values and switches.platform_set_empty == "error":
        return ListChange(lists, 85017)
    if action == "add" and switches.platform_add_existing == "error" and set(values) & set(lists.testing):
        return ListChange(lists, 89019)
    invalid: tuple[str, ...] = ()
    if action != "delete":
        invalid = tuple(value for value in values if not is_platform_host(value, switches))
        absent = [value for value in values if value not in invalid and missing_file(host_of(value))]
        if absent and switches.platform_missing_file == "-1":
            return ListChange(lists, -1)
        invalid += tuple(absent)
        values = tuple(value for value in values if value not in invalid)
        if invalid and (not values or switches.platform_invalid == "error"):
            return ListChange(lists, 9410016, invalid)
    testing = changed_list(lists.testing, action, values)
    published = changed_list(lists.published, action, values) if published_too else lists.published
    if max(len(testing), len(published)) > limit[0]:
        return ListChange(lists, limit[1])
    return ListChange(PlatformLists(testing, published), 0, invalid)


def binding_hosts(lists: PlatformLists, *, published: bool) -> tuple[str, ...]:
    """Give the hosts that an app of the platform may have in mode one, or hosts below them."""
    return tuple(host_of(value) for value in (lists.published if published else lists.testing))
