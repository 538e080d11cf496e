"""When a configured domain is in force: the same for every list, whichever way it was configured."""

from __future__ import annotations

from collections.abc import Iterable

from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.model.values import union


def after_write(
    effective: tuple[str, ...],
    *,
    before: Iterable[str],
    after: Iterable[str],
    named: Iterable[str],
    elsewhere: Iterable[str],
    switches: Switches,
) -> tuple[str, ...]:
    """Give what is in force after one list went from `before` to `after`.

    `named` are the values that the write puts on the list, also those that were on it: they start over.
    What is configured `elsewhere` stays as it is.
    """
    others = set(elsewhere)
    gone = set(before) - set(after) - others if switches.delete_effect == "at-once" else set()
    if switches.new_effect == "at-once":
        return union((value for value in effective if value not in gone), named)
    out = gone | (set(named) - others)
    return tuple(value for value in effective if value not in out)
