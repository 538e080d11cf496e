"""How far long work has come, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pulumi_wechat_miniprogram.cli.console import tell

_LINES: Final = 10
"""How often something is said where there is no terminal."""
_QUIET: Final = 50
"""Fewer items than this are done before anybody asks."""

_Item = TypeVar("_Item")


def watched(items: Iterable[_Item], total: int, doing: str) -> Iterator[_Item]:
    """Yield the items while showing how many of `total` came; `doing` is such as "Comparing"."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from _told(items, total, doing)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(doing, total=total)
        for item in items:
            bar.advance(task)
            yield item


def _told(items: Iterable[_Item], total: int, doing: str) -> Iterator[_Item]:
    for count, item in enumerate(items, 1):
        yield item
        if total >= _QUIET and count * _LINES // total > (count - 1) * _LINES // total:
            tell(f"{doing}: {count} of {total}")
