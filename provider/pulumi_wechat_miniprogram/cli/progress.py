"""How far long work has come, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pulumi_wechat_miniprogram.cli.console import tell

_LINES: Final = 10
"""How many lines are printed without a terminal."""
_QUIET: Final = 50
"""Fewer items than this are done before anybody asks."""

_Item = TypeVar("_Item")


def watched(items: Iterable[_Item], total: int, doing: str) -> Iterator[_Item]:
    """Yield the items while showing how many of `total` came; `doing` is such as "Comparing"."""
    with _bar() as bar:
        if not bar:
            yield from _counted(items, total, doing)
            return
        task = bar.add_task(doing, total=total)
        for item in items:
            bar.advance(task)
            yield item


def _counted(items: Iterable[_Item], total: int, doing: str) -> Iterator[_Item]:
    for count, item in enumerate(items, 1):
        yield item
        if total >= _QUIET and count * _LINES // total > (count - 1) * _LINES // total:
            tell(f"{doing}: {count} of {total}")


class Counted:
    """Counts the stacks and apps that a run is done with. Safe for concurrent use."""

    def __init__(self, doing: str, stacks: int, apps: int, bar: Progress | None) -> None:
        self._doing = doing
        self._totals = (stacks, apps)
        self._bar = bar
        self._task = bar.add_task(doing, total=apps or stacks) if bar else None
        self._guard = threading.Lock()
        self._stacks = self._apps = self._counted = 0

    def apps(self, count: int) -> None:
        with self._guard:
            self._apps += count
            self._show()

    def stack(self) -> None:
        with self._guard:
            self._stacks += 1
            self._show()

    def _show(self) -> None:
        stacks, apps = self._totals
        seen, total = (min(self._apps, apps), apps) if apps else (self._stacks, stacks)
        text = f"{self._stacks} of {stacks} stacks"
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=seen, description=f"{self._doing}: {text}")
        elif total >= _QUIET and seen * _LINES // total > self._counted:
            self._counted = seen * _LINES // total
            tell(f"{self._doing}: {f'{seen} of {apps} apps, ' if apps else ''}{text}")


@contextmanager
def counting(doing: str, stacks: int, apps: int) -> Iterator[Counted]:
    """Show how many of the stacks and of their apps are done, with an estimate on a terminal."""
    with _bar() as bar:
        yield Counted(doing, stacks, apps, bar)


@contextmanager
def _bar() -> Iterator[Progress | None]:
    """Give a bar on a terminal, else None."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield bar
