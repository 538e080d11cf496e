"""When a configured domain is in force: the same for every list, whichever way it was configured."""

from __future__ import annotations

from collections.abc import Collection

from pulumi_wechat_miniprogram.emulator.model.switches import Switches
from pulumi_wechat_miniprogram.emulator.model.values import union


def after_write(
    effective: tuple[str, ...],
    *,
    before: Collection[str],
    after: Collection[str],
    named: Collection[str],
    elsewhere: Collection[str],
    switches: Switches,
) -> tuple[str, ...]:
    """Give what is in force after one list went from `before` to `after`.

    `named` are the values that the write puts on the list, also those that were on it: they start over.
    What is configured `elsewhere` stays as it is.
    """
    gone = {value for value in before if value not in after and value not in elsewhere}
    if switches.delete_effect == "on-release":
        gone = set()
    left = tuple(value for value in effective if value not in gone)
    if switches.new_effect == "at-once":
        return union(left, named)
    return tuple(value for value in left if value not in named or value in elsewhere)
