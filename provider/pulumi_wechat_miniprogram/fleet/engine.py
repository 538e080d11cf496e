"""What the fleet needs of an engine that runs work in slots. Nothing here or in an engine knows Pulumi."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

Say = Callable[[Mapping[str, Any]], None]
"""Sends what a piece of work says while it runs to the process that asked for it."""

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

Work = Callable[[_Task, Say], _Result]
"""What is done for one task. A function at the top of a module, since other machines look it up by name."""


class EngineLost(Exception):
    """The engine has no slot left, or it is gone."""


class Engine(Protocol):
    """Slots on one machine or many."""

    @property
    def slots(self) -> int:
        """How many tasks run at a time."""

    def play(
        self, work: Work[_Task, _Result], tasks: deque[_Task], say: Say
    ) -> Iterator[tuple[_Task, _Result | None]]:
        """Take tasks off the queue while there are free slots, and yield results as they come.

        Never more tasks are asked for than there are slots, so that a queue that is emptied ends the run. The
        caller may append to it. The result is None for a task that was lost with its machine.

        Raises:
            EngineLost: no machine is there.
        """

    def ask(self, question: Callable[[], _Result]) -> Mapping[str, _Result]:
        """Call a function on every machine, and return the answers by machine."""
