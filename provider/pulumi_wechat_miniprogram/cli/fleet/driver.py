"""What the commands of `fleet` do: open the engine, read the states, refuse, run, and write results."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from pulumi_wechat_miniprogram.cli.console import plural, print_json, print_text, tell, told_once
from pulumi_wechat_miniprogram.cli.drift import lines_of
from pulumi_wechat_miniprogram.cli.fleet.render import render
from pulumi_wechat_miniprogram.cli.leaving import DRIFT, ERROR, Leave
from pulumi_wechat_miniprogram.cli.planned import some
from pulumi_wechat_miniprogram.cli.progress import Counted, counting
from pulumi_wechat_miniprogram.fleet.cluster import Cluster, Untrusted, connected, in_process
from pulumi_wechat_miniprogram.fleet.crew import Crew, Queue, judge_all
from pulumi_wechat_miniprogram.fleet.drift import compare
from pulumi_wechat_miniprogram.fleet.engine import EngineLost
from pulumi_wechat_miniprogram.fleet.history import Pruned, prune
from pulumi_wechat_miniprogram.fleet.journal import Entry, Journal, JournalUnreadable, drop_journals
from pulumi_wechat_miniprogram.fleet.machine import look, problems
from pulumi_wechat_miniprogram.fleet.manifest import PREFIX, BadManifest, Fleet, read_fleet
from pulumi_wechat_miniprogram.fleet.placement import Held, refusals
from pulumi_wechat_miniprogram.fleet.results import Result, ResultUnreadable, read_done, read_locked
from pulumi_wechat_miniprogram.fleet.states import (
    BackendUnreadable,
    Place,
    Stored,
    can_change,
    list_stacks,
    read_stack,
)
from pulumi_wechat_miniprogram.fleet.work import Operation, Outcome, Request

REFUSED: Final = 3
_NO_BACKEND: Final = "Or name the backend: PULUMI_BACKEND_URL=file:///path or `pulumi login`."
_FOREIGN: Final = 10


class Refused(Exception):
    """Nothing may be run; the text says why and what to do."""


_REFUSALS: Final = (
    BackendUnreadable,
    BadManifest,
    EngineLost,
    JournalUnreadable,
    Refused,
    ResultUnreadable,
    Untrusted,
)


@contextmanager
def _refusing() -> Iterator[None]:
    """Leave with an exit code of its own where nothing was run."""
    try:
        yield
    except _REFUSALS as refusal:
        tell(f"error: {refusal}\nNothing was run.")
        raise Leave(REFUSED) from None


@dataclass(frozen=True)
class Driver:
    """One command on some stacks of a manifest."""

    manifest: Fleet
    chosen: Sequence[str]
    all_chosen: bool
    engine: Callable[[], AbstractContextManager[Cluster]]
    rate: int | None
    patience: float

    @classmethod
    def open(
        cls,
        manifest: Path,
        stacks: Sequence[str],
        slots: int,
        scheduler: str | None,
        tls: tuple[Path | None, Path | None, Path | None],
        *,
        rate: int | None,
        patience: float,
    ) -> Driver:
        """Read the manifest and what is chosen of it; nothing is opened yet."""
        with _refusing():
            fleet = read_fleet(manifest)
            if unknown := sorted({*stacks} - fleet.stacks.keys()):
                first, *_, last = [*fleet.stacks] * 2
                raise Refused(f"no such stack: {', '.join(unknown)}; the manifest has {first} to {last}")
        engine = partial(connected, scheduler, *tls) if scheduler else partial(in_process, slots)
        chosen = [name for name in fleet.stacks if name in stacks] if stacks else [*fleet.stacks]
        return cls(fleet, chosen, not stacks, engine, rate, patience)

    def print_stacks(self) -> None:
        print_json(self.chosen)

    def preview(
        self, result: Path | None, resume: Path | None, *, every: bool, allow_removals: bool, form: str
    ) -> None:
        """Preview, and print what an update would do."""
        with self._run("preview", calls=False) as run:
            run.tell_of_journals()
            outcomes = run.preview(result, resume, every=every, allow_removals=allow_removals)
        self._end("preview", outcomes, form)

    def up(
        self,
        result: Path | None,
        resume: Path | None,
        *,
        every: bool,
        allow_removals: bool,
        fast: bool,
        agree: Callable[[], bool],
        form: str,
    ) -> None:
        """Preview, ask, and update what has changes."""
        with self._run("up", calls=True) as run:
            run.restore()
            outcomes = run.up(
                result, resume, agree, every=every, allow_removals=allow_removals, fast=fast, form=form
            )
        self._end("up", outcomes, form)

    def refresh(self, result: Path | None, resume: Path | None, *, form: str) -> None:
        """Refresh every stack that exists."""
        with self._run("refresh", calls=True) as run:
            run.restore()
            outcomes = run.refresh(result, resume)
        self._end("refresh", outcomes, form)

    def drift(self, concurrency: int, *, as_json: bool) -> None:
        """Compare, and print each app as it is found."""
        with self._run("drift", calls=True) as run:
            compared, drifted, failed = run.drift(concurrency, as_json=as_json)
        if not as_json:
            print_text(f"{plural(compared, 'Mini Program')} compared, {drifted} with drift, {failed} failed")
        if failed:
            raise Leave(ERROR)
        if drifted:
            raise Leave(DRIFT)

    def locks(self, result: Path) -> None:
        """Judge the locks that a result names."""
        with _refusing():
            locked = read_locked(result)
            with self.engine() as engine:
                for outcome in locked:
                    answers = engine.ask(partial(judge_all, outcome.holders)).values()
                    for at, holder in enumerate(outcome.holders):
                        verdicts = {answer[at] for answer in answers}
                        verdict = next((one for one in ("running", "gone") if one in verdicts), "unknown")
                        where = f"process {holder.pid} of {holder.user or '?'} on {holder.host}"
                        print_text(f"{outcome.stack}  {verdict:<7}  {where}, since {holder.time}")
        print_text(f"{plural(len(locked), 'locked stack')} in {result}")

    def prune(self, keep: int, agree: Callable[[], bool]) -> None:
        """Show what would be removed, ask, and remove it."""
        with self._run("prune", calls=False) as run:
            found = run.prune(keep, apply=False)
            files = sum(each.files for each in found)
            print_text(
                f"{plural(files, 'file')}, {sum(each.bytes for each in found) / 1e6:.1f} MB, of "
                f"{plural(sum(bool(each.files) for each in found), 'stack')}: all but the "
                f"newest {keep} updates and the newest {keep} backups of each"
            )
            if files and agree():
                found = run.prune(keep, apply=True)
                print_text(f"{plural(sum(each.files for each in found), 'file')} removed")
        if any(each.problem for each in found):
            raise Leave(ERROR)

    @contextmanager
    def _run(self, command: str, *, calls: bool) -> Iterator[_Run]:
        with _refusing(), self.engine() as engine:
            if not engine.slots:
                raise Refused("the scheduler has no workers")
            machines = engine.ask(look)
            if found := [*problems(machines, calls=calls)]:
                raise Refused("\n".join(found))
            backend = next(each.backend for each in machines.values())  # one for all, as was just checked
            per_slot = self.rate // engine.slots if self.rate else None
            if per_slot == 0:
                raise Refused(
                    f"--rate {self.rate} is less than one call a minute for each of {engine.slots} slots"
                )
            run = _Run(self, command, engine, per_slot, backend)
            with run.interruptible():
                yield run

    @staticmethod
    def _end(command: str, outcomes: Sequence[Outcome], form: str) -> None:
        print_text(render(command, outcomes, form))
        if any(outcome.status != "done" for outcome in outcomes):
            raise Leave(ERROR)


class _Run:
    """An opened engine with what one command does on it."""

    def __init__(
        self, driver: Driver, command: str, engine: Cluster, calls_per_minute: int | None, backend: str
    ) -> None:
        self._driver = driver
        self._command = command
        self._engine = engine
        self._calls_per_minute = calls_per_minute
        self._backend = backend
        self._counted: Counted | None = None
        self._crew = Crew(engine, self._hear)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let Ctrl-C end the run in order, a second one interrupt what runs, a third one end this command."""
        times = 0

        def interrupt(*_: object) -> None:
            nonlocal times
            times += 1
            if times == 1:
                self._crew.stop("interrupted")
                tell("Interrupted: running stacks end, and no other starts. Ctrl-C again interrupts them.")
            else:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                tell("Interrupted again: running stacks are told to stop.")
                threading.Thread(target=self._crew.cut, daemon=True).start()

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        except BaseException:  # such as SIGTERM: what runs must end before this process does
            with suppress(EngineLost, OSError):
                self._crew.cut()
            raise
        finally:
            signal.signal(signal.SIGINT, before)

    def _journals(self) -> Sequence[Journal]:
        driver = self._driver
        found = self._crew.journals(driver.manifest.project)
        return [journal for journal in found if journal.stack in driver.chosen]

    def tell_of_journals(self) -> None:
        """Say what a preview cannot know: it writes no state."""
        if found := {journal.stack for journal in self._journals() if journal.entries}:
            tell(
                f"{some('stack', sorted(found))}: a run without checkpoints was killed. `fleet up` or `fleet "
                "refresh` first puts into the state what it did; this command does not know of it."
            )

    def restore(self) -> None:
        """Put into the states what killed runs without checkpoints did, before anything reads them."""
        journals = self._journals()
        by_stack: dict[str, list[Entry]] = {}
        for journal in journals:
            by_stack.setdefault(journal.stack, []).extend(journal.entries)
        requests = [
            replace(self._request("restore", stack), apps=(), journal=entries)
            for stack, entries in by_stack.items()
            if entries
        ]
        ended = {one.stack: one for one in self._watched("restore", requests)}
        if left := [one for one in ended.values() if one.status != "done"]:
            raise Refused("\n".join(f"{one.stack} {one.status}: {one.message}" for one in left))
        names = [journal.name for journal in journals]
        if names:
            self._engine.ask(partial(drop_journals, self._driver.manifest.project, names))
        for one in ended.values():
            restored, left_out = (one.counts.get(each, 0) for each in ("restored", "left out"))
            if restored:
                tell(f"{one.stack}: {plural(restored, 'app')} of a killed run are in the state now")
            if left_out:
                tell(
                    f"{one.stack}: {plural(left_out, 'app')} of a killed run were not put into the state, "
                    "which has them or was written later"
                )

    def preview(
        self, result: Path | None, resume: Path | None, *, every: bool, allow_removals: bool
    ) -> list[Outcome]:
        """Return what an update would do to each stack."""
        states = self._checked(allow_removals=allow_removals)
        return self._play("preview", [*self._due(states, every=every)], result, resume, states)

    def up(
        self,
        result: Path | None,
        resume: Path | None,
        agree: Callable[[], bool],
        *,
        every: bool,
        allow_removals: bool,
        fast: bool,
        form: str,
    ) -> list[Outcome]:
        """Return what became of each stack. `fast` skips checkpoints where the state has no app."""
        states = self._checked(allow_removals=allow_removals)
        requests = {request.stack: request for request in self._due(states, every=every)}
        done = self._done(resume, requests.values())
        left = [request for stack, request in requests.items() if stack not in done]
        previewed = {one.stack: one for one in self._play("preview", left, None, None, {})}
        due = [one for one in previewed.values() if one.status == "done" and one.changed]
        rest = {stack: one for stack, one in previewed.items() if one not in due}
        kept = {**self._unchanged(states, requests), **done, **rest}
        if due:
            tell(render("preview", [*previewed.values()], form))
            if not agree():
                return [*kept.values(), *(_not_run(one) for one in due)]
        empty = {name for name in requests if name not in states or not states[name].apps}
        todo = [
            replace(requests[one.stack], operation="up", new=False, fast=fast and one.stack in empty)
            for one in due
        ]
        return self._write(kept, requests, self._watched("up", todo), result)

    def refresh(self, result: Path | None, resume: Path | None) -> list[Outcome]:
        """Return what became of each stack."""
        there = {*self._list()}
        requests = [self._request("refresh", name) for name in self._driver.chosen if name in there]
        return self._play("refresh", requests, result, resume, {})

    def drift(self, concurrency: int, *, as_json: bool) -> tuple[int, int, int]:
        """Print what differs, and return how many apps were compared, drifted, and failed."""
        there = {*self._list()}
        places = deque(self._place(name) for name in self._driver.chosen if name in there)
        work = partial(compare, self._calls_per_minute, concurrency)
        apps = sum(len(self._driver.manifest.stacks[place.stack]) for place in places)
        compared = drifted = failed = 0
        with counting("Comparing", len(places), apps) as self._counted:
            for place, found in self._engine.play(work, Queue(self._crew, places), self._hear):
                problem = found.problem if found else "its machine was lost"
                if problem:
                    failed += 1
                    tell(f"error: {place.stack}: {problem}")
                for app in found.apps if found else ():
                    if as_json:
                        print_json(
                            {name: held for name, held in asdict(app).items() if name != "alike"}, indent=None
                        )
                    elif lines := lines_of(app):
                        print_text("\n".join(lines))
                    drifted += bool(app.missing or app.extra)
                bad = [app for app in (found.apps if found else ()) if app.problem]
                for line in told_once(bad):
                    tell(f"error: {line}")
                failed += len(bad)
                compared += (found.compared if found else 0) - len(bad)
                self._counted.stack()
        if self._crew.stopped:
            raise Leave(ERROR)
        return compared, drifted, failed

    def prune(self, keep: int, *, apply: bool) -> list[Pruned]:
        """Remove all but the newest entries of history and backups; without `apply`, only count."""
        there = {*self._list()}
        places = deque(self._place(name) for name in self._driver.chosen if name in there)
        pruned: list[Pruned] = []
        for place, found in self._engine.play(
            partial(prune, keep, apply), Queue(self._crew, places), self._hear
        ):
            pruned.append(found or Pruned(place.stack, problem="its machine was lost"))
        problems: dict[str, list[str]] = {}
        for each in pruned:
            problems.setdefault(each.problem, []).append(each.stack)
        for problem, stacks in problems.items():
            if problem:
                tell(f"error: {some('stack', stacks)}: {problem}")
        return pruned

    def _list(self) -> Sequence[str]:
        """Return the stacks that exist. The backend is asked in a slot: this machine may not reach it."""
        try:
            for _, found in self._engine.play(list_stacks, deque([self._place()]), self._hear):
                return [name for name in found or () if name.startswith(PREFIX)]
        except BackendUnreadable as error:
            hint = f"\n{_NO_BACKEND}" if "PULUMI_ACCESS_TOKEN" in str(error) else ""
            raise Refused(f"{error}{hint}") from None
        raise Refused("the backend could not be asked")

    def _checked(self, *, allow_removals: bool) -> Mapping[str, Stored]:
        """Return the states, unless an update of them would harm live domains.

        The states of all stacks count, or of those that were named.
        """
        driver = self._driver
        there = self._list()
        names = there if driver.all_chosen else [name for name in there if name in driver.chosen]
        places = deque(map(self._place, names))
        states: dict[str, Stored] = {}
        with counting("Reading states", len(places), 0) as self._counted:
            for place, found in self._engine.play(read_stack, Queue(self._crew, places), self._hear):
                states[place.stack] = found or Stored(place.stack, problem="its machine was lost")
                self._counted.stack()
        if self._crew.stopped:
            raise Refused("interrupted")
        refused = [f"{one.stack}: {one.problem}" for one in states.values() if one.problem]
        refused += _about_foreign(states.values())
        lives = [Held(app.appid, one.stack, app.urn) for one in states.values() for app in one.apps]
        lives += [
            Held(appid, one.stack, urn) for one in states.values() for urn, appid in one.interrupted.items()
        ]
        refused += refusals(driver.manifest, lives, allow_removals=allow_removals)
        if refused:
            raise Refused("\n".join(refused))
        return states

    def _place(self, stack: str = "") -> Place:
        return Place(self._driver.manifest.project, stack, self._backend)

    def _request(self, operation: Operation, stack: str, *, new: bool = False) -> Request:
        driver = self._driver
        apps = [app.model_dump(exclude_defaults=True) for app in driver.manifest.stacks[stack]]
        return Request(
            operation,
            stack,
            apps,
            project=driver.manifest.project,
            new=new,
            patience=driver.patience,
            calls_per_minute=self._calls_per_minute,
            backend=self._backend,
        )

    def _due(self, states: Mapping[str, Stored], *, every: bool) -> Iterator[Request]:
        for name in self._driver.chosen:
            apps = self._driver.manifest.stacks[name]
            stored = states.get(name)
            if (not stored and apps) or (stored and (every or can_change(apps, stored))):
                yield self._request("preview", name, new=not stored)

    def _unchanged(self, states: Mapping[str, Stored], due: Iterable[str]) -> dict[str, Outcome]:
        skipped = [name for name in self._driver.chosen if name in states and name not in {*due}]
        stacks = self._driver.manifest.stacks
        return {name: Outcome(name, "done", len(stacks[name])) for name in skipped}

    def _done(self, resume: Path | None, requests: Iterable[Request]) -> dict[str, Outcome]:
        if not resume:
            return {}
        done = read_done(resume, self._command)
        found = {request.stack: done.get((request.stack, request.digest)) for request in requests}
        return {stack: outcome for stack, outcome in found.items() if outcome}

    def _play(
        self,
        operation: Operation,
        requests: Sequence[Request],
        result: Path | None,
        resume: Path | None,
        states: Mapping[str, Stored],
    ) -> list[Outcome]:
        done = self._done(resume, requests)
        by_stack = {request.stack: request for request in requests}
        kept = {**self._unchanged(states, by_stack), **done}
        left = [request for request in requests if request.stack not in done]
        return self._write(kept, by_stack, self._watched(operation, left), result)

    def _write(
        self,
        kept: Mapping[str, Outcome],
        requests: Mapping[str, Request],
        ended: Iterable[Outcome],
        result: Path | None,
    ) -> list[Outcome]:
        written = Result(result, self._command)
        outcomes = [*kept.values()]
        try:
            for outcome in kept.values():
                written.add(outcome, requests.get(outcome.stack) or self._request("preview", outcome.stack))
            for outcome in ended:
                written.add(outcome, requests[outcome.stack])
                outcomes.append(outcome)
        finally:
            written.close()
        return sorted(outcomes, key=lambda outcome: outcome.stack)

    def _watched(self, operation: Operation, requests: Sequence[Request]) -> Iterator[Outcome]:
        if not requests:
            return
        apps = sum(len(request.apps) for request in requests)
        with counting(operation, len(requests), apps) as self._counted:
            for outcome in self._crew.play(requests):
                self._counted.stack()
                yield outcome
        if self._crew.stopped:
            tell(f"error: stopped: {self._crew.stopped}")

    def _hear(self, message: Mapping[str, Any]) -> None:
        if self._counted:
            self._counted.apps(len(message.get("apps", ())))


def _not_run(outcome: Outcome) -> Outcome:
    return Outcome(outcome.stack, "not run", outcome.apps)


def _about_foreign(states: Iterable[Stored]) -> Iterator[str]:
    found = [f"  {urn}" for one in states for urn in one.foreign]
    if found:
        yield (
            "The states hold resources that the program of the fleet does not declare, so an update would "
            "delete them. Move them to a project of their own with `pulumi state move`:"
        )
        yield from found[:_FOREIGN]
    if len(found) > _FOREIGN:
        yield f"  and {len(found) - _FOREIGN} more"
