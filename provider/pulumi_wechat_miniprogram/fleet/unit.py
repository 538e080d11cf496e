"""The unit of work: one operation on one stack, in its own process.

`python -m pulumi_wechat_miniprogram.fleet.unit` starts one where no engine does, as in a Kubernetes job.

Standard input is one line with a request as JSON. It stays open: its end means that the process that asked is
gone. The CLI is then ended in order, as after SIGINT and SIGTERM. Standard output is lines of JSON: the
apps that the engine has finished since the last one, each interruption, and at last the outcome.

The CLI writes to a file, not to a pipe: if this process is killed, the CLI still runs to its end and releases
its lock.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import psutil

from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.exports.planned import SAME, Planned, of_step
from pulumi_wechat_miniprogram.fleet.journal import (
    WRITER,
    Entry,
    JournalUnreadable,
    begin_journal,
    drop_journals,
    lacking,
    note_writer,
    put_into,
    read_journal,
    read_journals,
)
from pulumi_wechat_miniprogram.fleet.locks import Holder, all_gone, holders_in
from pulumi_wechat_miniprogram.fleet.work import AppFailure, Outcome, Request, read_request
from pulumi_wechat_miniprogram.safety.masking import redact

_ARGUMENTS: Final[Mapping[str, Sequence[str]]] = {
    "preview": ("preview", "--json"),
    "up": ("up", "--yes", "--skip-preview", "--json", "--continue-on-error"),
    "refresh": ("refresh", "--yes", "--skip-preview", "--json"),
}
_CALLING: Final = frozenset({"up", "refresh"})
"""The operations that call WeChat."""
_LOOK_SECONDS: Final = 0.2
_INSIST_SECONDS: Final = 30.0
"""How long after the first SIGINT the second one follows, which ends also what waits."""
_AGAIN_SECONDS: Final = (2.0, 5.0)
"""Between two looks at a lock, by chance: several waiting units must not keep step."""
_CODE: Final = re.compile(r"\((-?\d+)(?:, rid ([\w-]+))?\)")
_RATE: Final = "WECHAT_MINIPROGRAM_MAX_CALLS_PER_MINUTE"
_PROGRAM_ENDED: Final = "an unhandled error occurred: program exited with non-zero exit code"
"""What the language host adds to the error that a program ended with."""
_REFUSED: Final = " has a problem: "
"""What the engine puts before the reason why a provider's check refuses a resource."""
NO_STACK: Final = 6
"""The CLI's exit status for a stack that does not exist."""


def main() -> None:
    """Run one request."""
    line = sys.stdin.readline()
    stop = Stop()
    request = read_request(line)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"{request.stack}-") as folder:
        outcome = Unit(request, Path(folder), stop).run()
    say({"outcome": {**outcome.to_json(), "apps": len(request.apps), "seconds": time.monotonic() - began}})


def say(line: object) -> None:
    """Print a line of JSON, unless nobody reads it any more."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


class Stop:
    """Set once the asker is gone, or has sent SIGINT or SIGTERM."""

    def __init__(self) -> None:
        self._set = threading.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: self._set.set())
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with suppress(OSError):
            os.read(0, 1)  # nothing follows the request but the end
        self._set.set()

    def __bool__(self) -> bool:
        return self._set.is_set()

    def wait(self, seconds: float) -> bool:
        return self._set.wait(seconds)


@dataclass
class Heard:
    """What the engine's events say, collected as they come."""

    previewing: bool
    counts: dict[str, int] = field(default_factory=dict)
    changes: dict[str, Planned] = field(default_factory=dict)
    failures: dict[str, AppFailure] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    any: bool = False

    def take(self, event: Mapping[str, Any]) -> str:
        """Take one event, and return the app that it is the last one of, if it is."""
        if WRITER in event:
            return ""
        self.any = True
        if summary := event.get("summaryEvent"):
            self.counts.update(summary["resourceChanges"])
        elif found := event.get("diagnosticEvent"):
            self._diagnostic(found)
        elif found := event.get("resourcePreEvent" if self.previewing else "resOutputsEvent"):
            step = found["metadata"]
            if kind_of(step["type"]):
                change = _change(step)
                if change.operation not in SAME:
                    self.changes[change.appid] = change
                return change.appid
        return ""

    def _diagnostic(self, found: Mapping[str, Any]) -> None:
        if found["severity"] != "error":
            return
        text = redact(found["message"].strip())
        urn = found.get("urn", "")
        if urn and kind_of(urn.split("::")[2].rpartition("$")[2]):
            appid = urn.rpartition("::")[2]
            code = _CODE.search(text)
            errcode, rid = (int(code[1]), code[2]) if code else (None, None)
            self.failures.setdefault(appid, AppFailure(appid, text, errcode, rid, _REFUSED in text))
        elif not (self.errors and text.startswith(_PROGRAM_ENDED)):
            self.errors.append(text)


def _change(step: Mapping[str, Any]) -> Planned:
    return of_step(step["urn"].rpartition("::")[2], step["op"], step.get("old"), step.get("new"))


class Unit:
    """One request in a fresh folder."""

    def __init__(self, request: Request, folder: Path, stop: Stop) -> None:
        self._request = request
        self._folder = folder
        self._stop = stop
        self._environment = environment(request.calls_per_minute)
        self._waited = False

    def run(self) -> Outcome:
        """Do what is asked; wait for a lock as long as the request says."""
        request = self._request
        write_project(self._folder, request.project, request.apps, request.checked)
        # Should the stack exist already, the operation says what is wrong, if anything is.
        if request.new and self._cli("stack", "init", request.stack)[0] and self._stop:
            return Outcome(request.stack, "cut")
        if request.calls_per_minute and request.operation in _CALLING:
            # The unit before this one may have called a moment ago.
            self._stop.wait(60 / request.calls_per_minute)
        patience = time.monotonic() + request.patience
        broken = False
        while not self._stop:
            outcome = self._attempt()
            if outcome.status != "locked":
                return outcome
            self._waited = True
            if not broken and ({*outcome.holders} <= {*request.gone} or all_gone(outcome.holders)):
                broken = True
                self._break(outcome.holders)
                continue
            if time.monotonic() > patience:
                return outcome
            self._stop.wait(random.uniform(*_AGAIN_SECONDS))  # noqa: S311 - no secret
        return Outcome(request.stack, "cut")

    def _attempt(self) -> Outcome:
        request = self._request
        heard = Heard(previewing=request.operation == "preview")
        try:
            restored, code, stderr = self._restore()
            if request.operation == "restore":
                heard.counts |= {"restored": restored, "left out": len(request.journal) - restored}
            elif not code:
                code, stderr = self._operate(heard)
        except (JournalUnreadable, OSError) as error:
            code, stderr = 1, f"no journal can be kept: {error}"
        holders: tuple[Holder, ...] = ()
        message = ""
        if code == 0:
            status = "done"
        elif not heard.any and (holders := holders_in(stderr)):
            status = "locked"
        elif self._stop:
            status = "cut"
        else:
            status = "failed"
            message = "\n".join(() if heard.failures else heard.errors) or (
                "" if heard.failures else redact(stderr.strip()) or _without_a_word(code)
            )
        return Outcome(
            request.stack,
            status,  # type: ignore[arg-type] # one of the four above
            counts=heard.counts,
            changes=tuple(heard.changes.values()),
            failures=tuple(heard.failures.values()),
            message=message,
            holders=holders,
        )

    def _restore(self) -> tuple[int, int, str]:
        """Put into the state what killed runs did, also one that had the lock meanwhile; see `_put_back`."""
        request = self._request
        left = read_journals(request.project) if self._waited and request.operation in _CALLING else ()
        own = [each for each in left if each.stack == request.stack and each.verdict == "gone"]
        found = self._put_back([*request.journal, *(entry for journal in own for entry in journal.entries)])
        if not found[1]:
            drop_journals(request.project, [journal.name for journal in own if not journal.begun])
        return found

    def _operate(self, heard: Heard) -> tuple[int, str]:
        """Run the operation. A journal is dropped once the state has all of it, and kept after a kill."""
        request = self._request
        journal = begin_journal(request.project, request.stack) if request.fast else None
        excluded = [f"--exclude=**::{appid}" for appid in request.excluded]
        arguments = (*_ARGUMENTS[request.operation], "--stack", request.stack, *excluded)
        code, stderr = self._cli(*arguments, heard=heard, journal=journal)
        if code < 0:
            end_session()
        elif journal:
            written = read_journal(journal)
            _, failed, _ = self._put_back(written.entries) if code else (0, 0, "")
            if not (failed or written.begun):
                journal.unlink(missing_ok=True)
        return code, stderr

    def _put_back(self, entries: Sequence[Entry]) -> tuple[int, int, str]:
        """Put into the state what it lacks of a journal.

        Return how many resources that were, and the exit code and the errors of the CLI.
        """
        if not entries:
            return 0, 0, ""
        file, stack = self._folder / "state.json", ("--stack", self._request.stack)
        code, stderr = self._cli("stack", "export", "--file", str(file), *stack)
        if code:
            gone = code == NO_STACK  # nobody can want its resources in it
            return 0, 0 if gone else code, stderr
        export = json.loads(file.read_bytes())
        missing = lacking(export, entries)
        if not missing:
            return 0, 0, ""
        file.write_text(json.dumps(put_into(export, missing)), encoding="utf-8")
        code, stderr = self._cli("stack", "import", "--file", str(file), *stack)
        return 0 if code else len(missing), code, stderr

    def _break(self, holders: Sequence[Holder]) -> None:
        """Remove locks of processes that are proved gone.

        Only these, in a backend of files. `pulumi cancel` removes every lock, also one that was taken since.
        """
        if all(holder.file for holder in holders):
            for holder in holders:
                Path(holder.file).unlink(missing_ok=True)
        else:
            self._cli("cancel", "--yes", "--stack", self._request.stack)

    def _cli(
        self, *arguments: str, heard: Heard | None = None, journal: Path | None = None
    ) -> tuple[int, str]:
        """Run the CLI, end it in order once the asker is gone, and return its exit code and its errors."""
        events, errors = self._folder / "events.jsonl", self._folder / "errors.txt"
        environment = self._environment
        if journal:
            events = journal
            environment = {**environment, "PULUMI_SKIP_CHECKPOINTS": "true"}
        else:
            events.unlink(missing_ok=True)
        with events.open("ab") as out, errors.open("wb") as err:
            cli = subprocess.Popen(
                ["pulumi", *arguments, "--non-interactive", "--color=never"],
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
            if journal:
                note_writer(out, cli.pid)
        with events.open("rb") as lines:
            interrupted: list[float] = []
            while True:
                ended = _ended(cli, _LOOK_SECONDS)
                if heard and (events_now := [*_events(lines)]):
                    if journal:
                        os.fsync(lines.fileno())
                    if apps := [*filter(None, map(heard.take, events_now))]:
                        say({"apps": apps})  # together: each line has a cost for all involved
                if ended:
                    break
                if self._stop and (not interrupted or _due(interrupted)):
                    interrupted.append(time.monotonic())
                    cli.send_signal(signal.SIGINT)
                    say({"interrupted": len(interrupted)})
        return cli.returncode, errors.read_text(encoding="utf-8", errors="replace")


def _without_a_word(code: int) -> str:
    """Return how a CLI ended that printed no error."""
    if code >= 0:
        return f"`pulumi` ended with exit status {code}"
    return (
        f"`pulumi` was killed by signal {-code}, as the system does when memory runs out. Run the same "
        "command again, with fewer slots if memory is short"
    )


def end_session() -> None:
    """End what a killed CLI has left behind, if this process has its own session: plugins, a program."""
    own = os.getpid()
    for pid in psutil.pids() if os.getsid(0) == own else ():
        with suppress(ProcessLookupError, PermissionError):
            if pid != own and os.getsid(pid) == own:
                os.kill(pid, signal.SIGTERM)


def _due(interrupted: Sequence[float]) -> bool:
    return len(interrupted) == 1 and time.monotonic() > interrupted[0] + _INSIST_SECONDS


def _ended(cli: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        cli.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _events(lines: BinaryIO) -> Iterator[Mapping[str, Any]]:
    """Return the events that are whole by now; the CLI may be writing the last one."""
    while True:
        place = lines.tell()
        line = lines.readline()
        if not line.endswith(b"\n"):
            lines.seek(place)
            return
        if line.startswith(b"{"):
            yield json.loads(line)


def write_project(
    folder: Path, project: str, apps: Sequence[Mapping[str, Any]], checked: Sequence[str] | None = None
) -> None:
    """Write a project: the shipped program, its part of the manifest, and what was checked of its state."""
    shutil.copyfile(Path(__file__).parent / "program/__main__.py", folder / "__main__.py")
    (folder / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n", encoding="utf-8")
    (folder / "apps.json").write_text(json.dumps(list(apps)), encoding="utf-8")
    if checked is not None:
        (folder / "checked.json").write_text(json.dumps(checked), encoding="utf-8")


def environment(calls_per_minute: int | None = None) -> Mapping[str, str]:
    """Return the environment of a CLI: this process's own, and what suits one of many."""
    own = os.environ
    given = own.get(_RATE, "")
    rates = [*([int(given)] if given.isdecimal() else []), *([calls_per_minute] if calls_per_minute else [])]
    return {
        "GOGC": "400",  # a seventh less CPU time for a quarter more memory
        "GOMAXPROCS": "2",  # many CLIs on one machine would open two connections a core each
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **own,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{own.get('PATH', os.defpath)}",
        "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
        **({_RATE: str(min(rates))} if rates else {}),
    }


if __name__ == "__main__":
    main()
