"""One run over many stacks: what is asked, what is asked again, and when the rest is not asked any more."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Final, TypeVar

from pulumi_wechat_miniprogram.fleet.attempt import cut, perform
from pulumi_wechat_miniprogram.fleet.engine import Engine, EngineLost, Say
from pulumi_wechat_miniprogram.fleet.journal import Entry, Journal, agreed, read_journals
from pulumi_wechat_miniprogram.fleet.locks import Holder, Verdict, judge, together
from pulumi_wechat_miniprogram.fleet.manifest import qualified
from pulumi_wechat_miniprogram.fleet.work import AppFailure, Outcome, Request, Status
from pulumi_wechat_miniprogram.safety.text import some

_Task = TypeVar("_Task")

_MOST_FAILED: Final = 5
"""Apps that fail in the preview of a stack until the others wait: each costs one more preview."""
_ENOUGH: Final = 3
"""After this many stacks without one app that worked, all for one reason, the rest is not tried."""
_OF_THE_STACK: Final = 1
"""What the engine counts beside the apps."""


@dataclass
class Crew:
    """The slots that a run has, and whether it goes on."""

    engine: Engine
    say: Say
    run: str = field(default_factory=lambda: uuid.uuid4().hex)
    stopped: str = ""
    """Why nothing new starts."""
    _waiting: dict[str, Request] = field(default_factory=dict)
    _queue: deque[Request] = field(default_factory=deque)
    _first: dict[str, Outcome] = field(default_factory=dict)

    def stop(self, why: str) -> None:
        """Let running stacks end, and start no other."""
        self.stopped = self.stopped or why

    def cut(self) -> None:
        """Interrupt the stacks that run; each gives its lock back."""
        self.engine.ask(partial(cut, self.run))

    def play(self, requests: Iterable[Request]) -> Iterator[Outcome]:
        """Yield what becomes of each stack, as it ends.

        A stack that was lost with its machine is tried once more, and so is one whose lock a dead process
        left, as far as the host that the lock names proves it. A preview, which the engine ends at the first
        app that fails, is tried again without this app.
        """
        self._waiting = waiting = {request.stack: request for request in requests}
        self._queue = tasks = Queue(self, waiting.values())
        self._first = first = {}
        without: dict[str, tuple[AppFailure, ...]] = {}
        failed = _Failures()
        try:
            for request, found in self.engine.play(partial(perform, self.run), tasks, self.say):
                lost = Outcome(request.stack, "lost", len(request.apps), message="its machine was lost")
                outcome = found or lost
                gone = self._proven(outcome.holders)
                if request.stack not in first and not self.stopped and (outcome.status == "lost" or gone):
                    first[request.stack] = outcome
                    tasks.append(replace(request, gone=gone, journal=self._left_by(request)))
                    continue
                if request.operation == "preview" and outcome.failures:
                    known = without[request.stack] = (*without.get(request.stack, ()), *outcome.failures)
                    excluded = [each.appid for each in known]
                    if len(known) < _MOST_FAILED and not self.stopped:
                        tasks.append(replace(request, excluded=excluded))
                        continue
                    outcome = replace(outcome, failures=(), message=_waiting(request, excluded))
                outcome = outcome.beside(without.get(request.stack, ()))
                if common := failed.take(outcome):
                    self.stop(f"every stack so far failed for the same reason: {common}")
                locked = outcome.status == "locked"
                yield outcome.because(way_out(outcome, request.project)) if locked else outcome
                del waiting[request.stack]  # now it is taken; the taker may have been interrupted
        except EngineLost as error:
            self.stop(str(error))
        yield from self.left("lost", "it was running when the engine was lost; what it did is in its state")

    def left(self, status: Status, message: str) -> Iterator[Outcome]:
        """Yield the stacks that have no outcome: not run, or with this status those that were asked.

        A preview does nothing, so it was not run in any case.
        """
        queued = {request.stack for request in self._queue}
        for stack, request in self._waiting.items():
            first = self._first.get(stack)
            if request.operation != "preview" and stack not in queued:
                yield Outcome(stack, status, len(request.apps), message=message)
            elif first and first.status == "lost":
                yield first
            else:
                yield Outcome(stack, "not run", len(request.apps))

    def _left_by(self, request: Request) -> Sequence[Entry]:
        """Return what the first attempt of a stack had done, if it was killed."""
        journals = self.journals(request.project) if request.fast else ()
        found = (one for one in journals if one.stack == request.stack and one.verdict == "gone")
        return [entry for journal in found for entry in journal.entries]

    def journals(self, project: str) -> Sequence[Journal]:
        """Return what runs left on every machine, unless they still run somewhere.

        Raises:
            JournalUnreadable: a file is damaged.
        """
        found: dict[str, list[Journal]] = {}
        for journal in chain(*self.engine.ask(partial(read_journals, project)).values()):
            found.setdefault(journal.name, []).append(journal)
        return [one for one in map(agreed, found.values()) if one.verdict != "running"]

    def _proven(self, holders: Sequence[Holder]) -> tuple[Holder, ...]:
        """Return the holders if the hosts that they name prove that all of them are gone, else none."""
        if not holders:
            return ()
        answers = self.engine.ask(partial(judge_all, tuple(holders))).values()
        proven = all(together({answer[at] for answer in answers}) == "gone" for at in range(len(holders)))
        return tuple(holders) if proven else ()


class Queue(deque[_Task]):
    """The tasks of a run that wait for a slot: none as soon as the run is stopped."""

    def __init__(self, crew: Crew, tasks: Iterable[_Task]) -> None:
        super().__init__(tasks)
        self._crew = crew

    def __len__(self) -> int:
        return 0 if self._crew.stopped else super().__len__()


def judge_all(holders: tuple[Holder, ...]) -> list[Verdict]:
    """Return what this machine knows about each holder."""
    return [judge(holder) for holder in holders]


class _Failures:
    """Whether no app of the stacks so far worked, for one reason that is not an app's own."""

    def __init__(self) -> None:
        self._reasons: set[str] = set()
        self._ended = 0
        self._worked = False

    def take(self, outcome: Outcome) -> str:
        """Take an outcome, and return the one reason once it is clear."""
        if outcome.status != "failed" or outcome.changes or sum(outcome.counts.values()) > _OF_THE_STACK:
            self._worked = True
        reasons = {each.alike for each in outcome.failures if not each.own}
        if outcome.failures and not reasons:
            return ""
        self._ended += 1
        self._reasons |= reasons or {outcome.message}
        if self._worked or self._ended < _ENOUGH or len(self._reasons) > 1:
            return ""
        return next(iter(self._reasons)).partition("\n")[0]


def _waiting(request: Request, failed: Sequence[str]) -> str:
    """Return what becomes of the other apps of a stack whose preview did not come to its end."""
    others = [app["appid"] for app in request.apps if app["appid"] not in failed]
    waiting = f"These apps wait for the next run: {some(others)}." if others else ""
    return f"{len(failed)} of its apps failed in the preview, so the stack was not updated. {waiting}".strip()


def way_out(outcome: Outcome, project: str) -> str:
    """Return who has a stack locked, and what to do; no text of the engine is repeated."""
    lines = ["locked by another run:"]
    lines += [
        f"  process {each.pid} of {each.user or '?'} on {each.host}, since {each.time}"
        for each in outcome.holders
    ]
    lines.append(
        "Wait for it to finish. If that host is gone, or no longer runs the process, run `pulumi cancel "
        f"--yes --stack {qualified(project, outcome.stack)}`, then the same command again."
    )
    return "\n".join(lines)
