"""What the commands of `fleet` do: open the engine, read the states, refuse, run, and write results."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pulumi_wechat_miniprogram.cli.console import plural, print_json, print_text, said_once, tell
from pulumi_wechat_miniprogram.cli.drift import lines_of
from pulumi_wechat_miniprogram.cli.fleet.render import render
from pulumi_wechat_miniprogram.cli.leaving import DRIFT, ERROR, Leave
from pulumi_wechat_miniprogram.cli.planned import counted
from pulumi_wechat_miniprogram.cli.progress import Counted, counting
from pulumi_wechat_miniprogram.exports.drift import AppDrift, app_document
from pulumi_wechat_miniprogram.exports.drift_formats import counts
from pulumi_wechat_miniprogram.fleet.cluster import NO_WORKERS, Untrusted, connected, in_process
from pulumi_wechat_miniprogram.fleet.crew import Crew, Queue, judge_all
from pulumi_wechat_miniprogram.fleet.drift import compare
from pulumi_wechat_miniprogram.fleet.engine import Engine, EngineLost
from pulumi_wechat_miniprogram.fleet.history import Pruned, prune
from pulumi_wechat_miniprogram.fleet.journal import WRITER, Entry, Journal, JournalUnreadable, drop_journals
from pulumi_wechat_miniprogram.fleet.machine import Machine, look, problems
from pulumi_wechat_miniprogram.fleet.manifest import PREFIX, BadManifest, Fleet, read_fleet
from pulumi_wechat_miniprogram.fleet.placement import Held, refusals
from pulumi_wechat_miniprogram.fleet.results import Head, Result, ResultUnreadable, read_done, read_locked
from pulumi_wechat_miniprogram.fleet.states import (
    BackendUnreadable,
    Place,
    Stored,
    differences,
    list_stacks,
    read_stack,
    with_begun,
)
from pulumi_wechat_miniprogram.fleet.work import Operation, Outcome, Request

REFUSED: Final = 3
_HINTS: Final = {
    "PULUMI_ACCESS_TOKEN": "Or name the backend: PULUMI_BACKEND_URL=file:///path or `pulumi login`.",
    "JSON": "The state of a stack may be damaged: find the one for which `pulumi stack export --stack NAME` "
    "fails, and restore it from the backend's folder .pulumi/backups.",
}
"""What to do, by a word of what the CLI says when it cannot list the stacks."""
_NO_STACK: Final = "the backend has no such stack"
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
    engine: Callable[[], AbstractContextManager[Engine]]
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

    def preview(self, result: Path | None, *, every: bool, allow_removals: bool, form: str) -> None:
        """Preview, and print what an update would do."""
        with self._run("preview", result, calls=False) as run:
            run.tell_of_journals()
            outcomes = run.preview(result, every=every, allow_removals=allow_removals)
        self._end("preview", outcomes, form, run.unwritten)

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
        with self._run("up", result, calls=True) as run:
            run.restore()
            outcomes = run.up(
                result, resume, agree, every=every, allow_removals=allow_removals, fast=fast, form=form
            )
        self._end("up", outcomes, form, run.unwritten)

    def refresh(self, result: Path | None, resume: Path | None, *, form: str) -> None:
        """Refresh every stack that exists."""
        with self._run("refresh", result, calls=True) as run:
            run.restore()
            outcomes = run.refresh(result, resume)
        self._end("refresh", outcomes, form, run.unwritten)

    def drift(self, concurrency: int, *, as_json: bool) -> None:
        """Compare, and print each app as it is found."""
        with self._run("drift", calls=True) as run:
            run.tell_of_journals()
            compared, drifted, failed = run.drift(concurrency, as_json=as_json)
        if not as_json:
            print_text(counts(compared, drifted, failed))
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
                f"{plural(sum(bool(each.files) for each in found), 'stack')}: all but the newest "
                f"{plural(keep, 'update')} and the newest {plural(keep, 'backup')} of each"
            )
            if files:
                if not agree():
                    raise Leave(ERROR)
                found = run.prune(keep, apply=True)
                print_text(f"{plural(sum(each.files for each in found), 'file')} removed")
        if any(each.problem for each in found):
            raise Leave(ERROR)

    @contextmanager
    def _run(self, command: str, result: Path | None = None, *, calls: bool) -> Iterator[_Run]:
        with _refusing():
            if result and not os.access(result if result.exists() else result.parent / ".", os.W_OK):
                raise Refused(
                    f"{result} cannot be written: its folder must exist, and you need the permission"
                )
        with _refusing(), self.engine() as engine:
            if not engine.slots:
                raise EngineLost(NO_WORKERS)
            machines = engine.ask(look)
            if found := [*problems(machines, calls=calls)]:
                raise Refused("\n".join(found))
            checked = next(iter(machines.values()))  # all are alike, as was just checked
            per_slot = self.rate // engine.slots if self.rate else None
            if per_slot == 0:
                raise Refused(
                    f"--rate {self.rate} is less than one call a minute for each of {engine.slots} slots"
                )
            run = _Run(self, command, engine, per_slot, checked)
            with run.interruptible():
                yield run

    @staticmethod
    def _end(command: str, outcomes: Sequence[Outcome], form: str, unwritten: str) -> None:
        print_text(render(command, outcomes, form))
        if unwritten:
            tell(
                f"error: the result is incomplete: {unwritten}. The run went on; what it did is listed above."
            )
        if unwritten or any(outcome.status != "done" for outcome in outcomes):
            raise Leave(ERROR)


class _Run:
    """An opened engine with what one command does on it."""

    def __init__(
        self, driver: Driver, command: str, engine: Engine, calls_per_minute: int | None, checked: Machine
    ) -> None:
        self._driver = driver
        self._command = command
        self._engine = engine
        self._calls_per_minute = calls_per_minute
        self._machine = checked
        self._begun: list[Journal] = []
        self._unsettled: Mapping[str, Outcome] = {}
        self._counted: Counted | None = None
        self.unwritten = ""
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
                tell(
                    "Interrupted: running stacks finish, and no others start. Press Ctrl-C again to "
                    "interrupt them."
                )
            else:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                tell("Interrupted again: stopping the running stacks.")
                threading.Thread(target=self._crew.cut, daemon=True).start()
                with suppress(EngineLost):
                    if self._engine.slots:
                        return
                raise KeyboardInterrupt  # nobody is left to wait for

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
        """Return what killed runs left; a stack whose run is perhaps alive is not run."""
        driver = self._driver
        found = [one for one in self._crew.journals(driver.manifest.project) if one.stack in driver.chosen]
        self._unsettled = {
            one.stack: Outcome(
                one.stack, "not run", len(driver.manifest.stacks[one.stack]), message=_unsettled(one)
            )
            for one in found
            if one.verdict == "unknown" and not one.empty
        }
        return [one for one in found if one.verdict == "gone"]

    def tell_of_journals(self) -> None:
        """Say what a preview cannot know: it writes no state."""
        if found := {journal.stack for journal in self._journals() if journal.entries}:
            tell(
                f"{counted('stack', sorted(found))}: a run without checkpoints was killed. `fleet up` or "
                "`fleet refresh` first adds what it did to the state; this command cannot see it."
            )

    def _drop(self, journals: Iterable[Journal]) -> None:
        if names := [journal.name for journal in journals]:
            self._engine.ask(partial(drop_journals, self._driver.manifest.project, names))

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
        self._drop(journal for journal in journals if not journal.begun)
        for one in ended.values():
            restored, left_out = (one.counts.get(each, 0) for each in ("restored", "left out"))
            if restored:
                tell(f"{one.stack}: {plural(restored, 'app')} of a killed run were added to the state")
            if left_out:
                tell(
                    f"{one.stack}: {plural(left_out, 'app')} of a killed run were not added to the state, "
                    "because it already has them or was written later"
                )

    def preview(self, result: Path | None, *, every: bool, allow_removals: bool) -> list[Outcome]:
        """Return what an update would do to each stack."""
        states = self._checked(allow_removals=allow_removals)
        requests = {request.stack: request for request in self._due(states, every=every)}
        previewed = (_known(one, states) for one in self._watched("preview", [*requests.values()]))
        return self._write(self._unchanged(states, requests), requests, previewed, result)

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
        changing = {request.stack for request in self._due(states, every=False)}
        done = self._done(resume, [one for one in requests.values() if one.stack not in changing])
        left = {stack: request for stack, request in requests.items() if stack not in done}
        kept = {**self._unchanged(states, requests), **done}
        updated = self._updated(left, states, agree, fast=fast, form=form)
        outcomes = self._write(kept, requests, updated, result)
        settled = {one.stack for one in outcomes if one.status == "done"}
        self._drop(journal for journal in self._begun if journal.stack in settled)
        return outcomes

    def _updated(
        self,
        requests: Mapping[str, Request],
        states: Mapping[str, Stored],
        agree: Callable[[], bool],
        *,
        fast: bool,
        form: str,
    ) -> Iterator[Outcome]:
        """Preview, ask, update what changes, and yield what becomes of each stack."""
        previewed = [_known(one, states) for one in self._watched("preview", [*requests.values()])]
        due = {one.stack: one for one in previewed if one.ready and one.changed}
        yield from (replace(one, counts={}, changes=()) for one in previewed if one.stack not in due)
        if not due:
            return
        tell(render("preview", previewed, form))
        if not agree():
            yield from (Outcome(one.stack, "not run", one.apps) for one in due.values())
            return
        todo = []
        for name, one in due.items():
            stored = states.get(name, Stored(name))
            checked = sorted(differences(self._driver.manifest.stacks[name], stored))
            excluded = [each.appid for each in one.failures]
            request = replace(requests[name], operation="up", new=False, checked=checked, excluded=excluded)
            todo.append(replace(request, fast=fast and not stored.apps))
        for outcome in self._watched("up", todo):
            yield outcome.beside(due[outcome.stack].failures)

    def refresh(self, result: Path | None, resume: Path | None) -> list[Outcome]:
        """Return what became of each stack."""
        there = self._there()
        requests = {name: self._request("refresh", name) for name in self._driver.chosen if name in there}
        kept = {**self._absent(there), **self._done(resume, requests.values()), **self._unsettled}
        left = [request for stack, request in requests.items() if stack not in kept]
        return self._write(kept, requests, self._watched("refresh", left), result)

    def drift(self, concurrency: int, *, as_json: bool) -> tuple[int, int, int]:
        """Print what differs, and return how many apps were compared, drifted, and failed."""
        stacks = self._driver.manifest.stacks
        there = self._there()
        places = deque(self._place(name) for name in self._driver.chosen if name in there)
        absent = self._absent(there)
        if absent:
            tell(f"error: {counted('stack', [*absent])}: {_NO_STACK}")
        work = partial(compare, self._calls_per_minute, concurrency)
        apps = sum(len(stacks[place.stack]) for place in places)
        compared = drifted = 0
        failed = len(absent)
        unheld = {app.appid for name in self._driver.chosen for app in stacks[name]}
        with counting("Comparing", len(places), apps) as self._counted:
            for place, found in self._engine.play(work, Queue(self._crew, places), self._hear):
                problem = found.problem if found else "its machine was lost"
                if problem:
                    failed += 1
                    tell(f"error: {place.stack}: {problem}")
                    unheld -= {app.appid for app in stacks[place.stack]}  # not known
                shown = found.apps if found else ()
                _print_drift(shown, as_json=as_json)
                bad = sum(bool(app.problem) for app in shown)
                drifted += sum(bool(app.missing or app.extra) for app in shown)
                failed += bad
                held = found.held if found else ()
                unheld.difference_update(held)
                compared += len(held) - bad
                self._counted.stack()
        if self._crew.stopped:
            raise Leave(ERROR)
        if unheld:
            tell(f"{plural(len(unheld), 'app')} of the manifest not in any state; run `fleet up`")
        return compared, drifted, failed

    def prune(self, keep: int, *, apply: bool) -> list[Pruned]:
        """Remove all but the newest entries of history and backups; without `apply`, only count."""
        there = self._there()
        places = deque(self._place(name) for name in self._driver.chosen if name in there)
        pruned = [Pruned(one.stack, problem=one.message) for one in self._absent(there).values()]
        for place, found in self._engine.play(
            partial(prune, keep, apply), Queue(self._crew, places), self._hear
        ):
            pruned.append(found or Pruned(place.stack, problem="its machine was lost"))
        problems: dict[str, list[str]] = {}
        for each in pruned:
            problems.setdefault(each.problem, []).append(each.stack)
        for problem, stacks in problems.items():
            if problem:
                tell(f"error: {counted('stack', stacks)}: {problem}")
        return pruned

    def _there(self) -> Collection[str]:
        """Return the stacks that exist. Without any, a command on all stacks ends with an error."""
        there = self._list()
        if self._driver.all_chosen and not {*there}.intersection(self._driver.chosen):
            tell(
                "error: the backend has none of the manifest's stacks; run `wechat-miniprogram fleet up` "
                "first"
            )
            raise Leave(ERROR)
        return there

    def _list(self) -> Sequence[str]:
        """Return the stacks that exist. The backend is asked in a slot: this machine may not reach it."""
        try:
            for _, found in self._engine.play(list_stacks, deque([self._place()]), self._hear):
                return [name for name in found or () if name.startswith(PREFIX)]
        except BackendUnreadable as error:
            hints = [hint for what, hint in _HINTS.items() if what in str(error)]
            raise Refused("\n".join((f"the stacks cannot be listed: {error}", *hints))) from None
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
        self._begun = [journal for journal in self._journals() if journal.begun]
        for journal in self._begun:
            if stored := states.get(journal.stack):
                states[journal.stack] = with_begun(stored, journal.begun)
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
        return Place(self._driver.manifest.project, stack, self._machine)

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
            machine=self._machine,
        )

    def _due(self, states: Mapping[str, Stored], *, every: bool) -> Iterator[Request]:
        for name in self._driver.chosen:
            apps = self._driver.manifest.stacks[name]
            stored = states.get(name)
            if name in self._unsettled:
                continue
            if (not stored and apps) or (stored and (every or differences(apps, stored))):
                yield self._request("preview", name, new=not stored)

    def _absent(self, there: Iterable[str], message: str = _NO_STACK) -> dict[str, Outcome]:
        """Return the stacks that do not exist, although they were named or have apps in the manifest."""
        driver = self._driver
        found = {*there}
        apps = {name: len(driver.manifest.stacks[name]) for name in driver.chosen if name not in found}
        return {
            name: Outcome(name, "not run", count, message=message)
            for name, count in apps.items()
            if count or not driver.all_chosen
        }

    def _unchanged(self, states: Mapping[str, Stored], due: Iterable[str]) -> dict[str, Outcome]:
        stacks = self._driver.manifest.stacks
        skipped = [name for name in self._driver.chosen if name in states and name not in {*due}]
        nothing = f"{_NO_STACK}, and the manifest has no apps in it"
        return {
            **self._absent({*states, *due}, nothing),
            **{name: Outcome(name, "done", len(stacks[name])) for name in skipped},
            **self._unsettled,
        }

    def _done(self, resume: Path | None, requests: Iterable[Request]) -> dict[str, Outcome]:
        if not resume:
            return {}
        done = read_done(resume, self._head())
        return {
            request.stack: Outcome(request.stack, "done", len(request.apps))
            for request in requests
            if (request.stack, request.digest) in done
        }

    def _head(self) -> Head:
        manifest = self._driver.manifest
        return Head(self._command, manifest.project, self._machine.backend, manifest.shards)

    def _write(
        self,
        kept: Mapping[str, Outcome],
        requests: Mapping[str, Request],
        ended: Iterable[Outcome],
        result: Path | None,
    ) -> list[Outcome]:
        written = Result(result, self._head())
        if written.problem:
            raise Refused(f"the result cannot be written: {written.problem}")
        outcomes: dict[str, Outcome] = {}

        def take(outcome: Outcome) -> None:
            written.add(outcome, requests.get(outcome.stack) or self._request("preview", outcome.stack))
            outcomes[outcome.stack] = outcome

        try:
            for outcome in chain(kept.values(), ended):
                take(outcome)
        except BaseException:  # such as SIGTERM
            asked = self._crew.left("cut", "interrupted; what it did is in its state")
            left = {**kept, **{one.stack: one for one in asked}}
            for stack in [name for name in (*kept, *requests) if name not in outcomes]:
                take(left.get(stack) or Outcome(stack, "not run", len(requests[stack].apps)))
            raise
        finally:
            written.close()
            self.unwritten = written.problem
        return sorted(outcomes.values(), key=lambda outcome: outcome.stack)

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


def _print_drift(apps: Sequence[AppDrift], *, as_json: bool) -> None:
    for app in apps:
        if as_json:
            print_json(app_document(app), indent=None)
        elif lines := lines_of(app):
            print_text("\n".join(lines))
    for line in said_once([app for app in apps if app.problem]):
        tell(f"error: {line}")


def _known(outcome: Outcome, states: Mapping[str, Stored]) -> Outcome:
    """Return what a preview says, which is not all if it passes over an app that a killed run was at.

    The update would forget the operation. A refresh finds out what it did, unless the app was to be created:
    a refresh does not look at what is not in the state.
    """
    stored = states.get(outcome.stack, Stored(outcome.stack))
    cut = {urn.rpartition("::")[2] for urn in stored.interrupted}
    unknown = sorted(cut - {change.appid for change in outcome.changes})
    if not outcome.ready or not unknown:
        return outcome
    held = {app.appid for app in stored.apps}
    lines = []
    if found := [appid for appid in unknown if appid in held]:
        lines.append(
            f"a killed run left an operation on {counted('app', found)} unfinished, so the state may lack "
            f"what it did. Run `wechat-miniprogram fleet refresh {outcome.stack}`, then the same command "
            "again."
        )
    if found := [appid for appid in unknown if appid not in held]:
        lines.append(
            f"a killed run may have set domains of {counted('app', found)}, which no state has and the "
            "manifest no longer declares. Restore the entries, run `wechat-miniprogram fleet up`, then "
            "remove them."
        )
    return replace(outcome, status="failed", message="\n".join(lines))


def _unsettled(journal: Journal) -> str:
    """Say that only another host can tell whether a run on a stack has ended."""
    return (
        f"a run without checkpoints on {journal.host} has not been proved to have ended, so its journal "
        f"{journal.path} is left alone. If it still runs, wait for it. Otherwise run the same command on "
        f'{journal.host}. If that host is gone, delete the lines that begin with {{"{WRITER}" from the '
        "journal, then run the same command again."
    )


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
