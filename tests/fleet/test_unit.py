"""Units as children of this process, with a stand-in for the CLI: what they make of its events and its ends."""

from __future__ import annotations

import io
import json
import os
import runpy
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import psutil
import pytest

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.planned import Planned
from pulumi_wechat_miniprogram.fleet import attempt, unit
from pulumi_wechat_miniprogram.fleet.attempt import cut, perform
from pulumi_wechat_miniprogram.fleet.machine import look
from pulumi_wechat_miniprogram.fleet.unit import environment
from pulumi_wechat_miniprogram.fleet.work import AppFailure, Outcome, Request

APPID = "wx00000000000000a1"
OTHER = "wx00000000000000a2"
TYPE = TOKENS["dynamic"]["webview-domains"]
URN = f"urn:pulumi:fleet-00::p::{TYPE}::{APPID}"
REQUEST = Request("up", "fleet-00", [{"appid": APPID, "domains": []}], patience=0)
LOCK = f"created by ci@{socket.gethostname()} (pid 999999999) at 2026-01-01T00:00:00Z"
ENDED = "an unhandled error occurred: program exited with non-zero exit code"
ELSEWHERE = "created by ci@elsewhere (pid 7) at 2026-01-01T00:00:00Z"


def step(kind, op, old=None, new=None):
    """An event of one resource."""
    sides = {
        "old": {"outputs": {"domains": old}} if old else None,
        "new": {"inputs": {"domains": new}} if new else None,
    }
    return {kind: {"metadata": {"op": op, "urn": URN, "type": TYPE, **sides}}}


def finished(appid):
    """The event of a resource that was created, with all that its state has."""
    urn = f"urn:pulumi:fleet-00::p::{TYPE}::{appid}"
    stack, provider = (f"urn:pulumi:fleet-00::p::{each}" for each in ("pulumi:pulumi:Stack::s", "p:q:r::s"))
    new = {"urn": urn, "custom": True, "id": appid, "type": TYPE, "inputs": {}, "outputs": {}}
    new |= {"parent": stack, "provider": f"{provider}::id"}
    metadata = {"op": "create", "urn": urn, "type": TYPE, "new": new}
    return {"timestamp": 1795970415, "resOutputsEvent": {"metadata": metadata}}


def read_entry(appid):
    """What a journal says of one app."""
    return ({"at": 1795970415, **finished(appid)["resOutputsEvent"]["metadata"]["new"]},)


def error(message, urn=URN, severity="error"):
    """A diagnostic event."""
    return {"diagnosticEvent": {"severity": severity, "message": message, "urn": urn}}


def printing(*events, code=0):
    """A program that prints events and ends."""
    lines = "\n".join(map(json.dumps, events))
    return f"print({lines!r})\nsys.exit({code!r})"


class Stopped(unit.Stop):
    """What a test sets instead of a signal, and which does not wait."""

    def __init__(self):
        """Leave the signals alone."""
        self._set = threading.Event()
        self.waits: list[float] = []
        self.after = 0

    def set(self):
        """Be gone."""
        self._set.set()

    def wait(self, seconds):
        """Note how long."""
        self.waits.append(seconds)
        if len(self.waits) == self.after:
            self.set()
        return bool(self)


@pytest.fixture
def _gone(monkeypatch):
    """An asker that has ended; the signals of the tests' process stay as they are."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "read", lambda *_: b"")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))


@pytest.mark.usefixtures("_gone")
def test_a_pause_ends_with_the_asker():
    """Standard input ends when the asker does: nobody waits for the rest of a pause."""
    assert unit.Stop().wait(60)


@pytest.mark.usefixtures("_gone")
def test_the_module_is_a_program():
    """A Kubernetes job starts it by its name; without a request it refuses."""
    with pytest.raises(ValueError, match="JSON"):
        runpy.run_path(unit.__file__, run_name="__main__")


def run(request=REQUEST):
    """Perform a request: what was said, and the outcome."""
    said: list[Mapping[str, object]] = []
    return said, perform("run", request, said.append)


def test_nothing_is_imported_from_the_folder_of_the_caller(pulumi, tmp_path, monkeypatch):
    """It would run with the credentials."""
    pulumi(printing())
    (tmp_path / "random.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    _, outcome = run()

    assert outcome.status == "done"


def test_what_the_engine_says_becomes_the_outcome(pulumi):
    """Counts, changes with their domains, and what was said app by app."""
    pulumi(
        printing(
            step("resourcePreEvent", "update"),
            step("resOutputsEvent", "update", ["https://a.example.com"], ["https://b.example.com"]),
            {"resOutputsEvent": {"metadata": {"op": "create", "urn": "u", "type": "pulumi:pulumi:Stack"}}},
            error("ignored", severity="warning"),
            step("resOutputsEvent", "same"),
            {"summaryEvent": {"resourceChanges": {"update": 1, "same": 1}}},
        )
        + "\n"
    )

    said, outcome = run()

    assert [app for line in said for app in line["apps"]] == [APPID] * 2
    assert {line["stack"] for line in said} == {"fleet-00"}
    assert (outcome.status, outcome.apps, outcome.counts) == ("done", 1, {"update": 1, "same": 1})
    assert outcome.changes == (
        Planned(APPID, "update", ("https://b.example.com",), ("https://a.example.com",)),
    )
    assert outcome.changed


def test_failures_have_code_and_rid(pulumi):
    """An app fails once; what the engine says of the stack then says nothing more."""
    text = f"get for {APPID} refused: no (61007, rid r-1): not authorised"
    pulumi(printing(error(text), error("again"), error("update failed", urn=""), code=1))

    _, outcome = run()

    assert outcome.status == "failed"
    assert outcome.failures == (AppFailure(APPID, text, 61007, "r-1"),)
    assert outcome.failures[0].alike == "get for the app refused: no (61007, rid ): not authorised"
    assert outcome.message == ""


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (printing(error("a text without a code"), error("x", urn=""), code=1), ""),
        (printing(error("the program failed", urn=""), code=1), "the program failed"),
        (printing(error("changed", urn=""), error(f"{ENDED}: 1", urn=""), code=1), "changed"),
        (printing(error(f"{ENDED}: 7", urn=""), code=1), f"{ENDED}: 7"),
        ("print('no event')\nsys.exit('error: no stack')", "error: no stack"),
        ("sys.exit(7)", "`pulumi` ended with exit status 7"),
        (
            "os.kill(os.getpid(), 9)",
            "`pulumi` was killed by signal 9, as the system does when memory runs out. Run the same command again, "
            "with fewer slots if memory is short",
        ),
    ],
)
def test_other_failures(pulumi, program, message):
    """The engine's errors, those of the CLI, or its exit status."""
    pulumi(program)

    _, outcome = run()

    assert (outcome.status, outcome.message) == ("failed", message)


def test_the_program_of_an_update_has_what_was_checked(pulumi):
    """Also if there was nothing to do; a preview compares nothing."""
    pulumi("""sys.exit(open('checked.json').read() if os.path.exists('checked.json') else 'none')""")

    found = [run(replace(REQUEST, checked=checked))[1].message for checked in (["a is absent"], [], None)]

    assert found == ['["a is absent"]', "[]", "none"]


def test_a_lock_without_proof_stays(pulumi, tmp_path):
    """No `pulumi cancel` is run."""
    pulumi(f"assert args[0] == 'up'\nsys.exit({ELSEWHERE!r})")

    _, outcome = run()

    assert outcome.status == "locked"
    assert outcome.holders[0].host == "elsewhere"


def test_a_lock_of_a_dead_process_is_broken_once(pulumi, tmp_path):
    """A second one of the same run stays."""
    asked = tmp_path / "asked"
    pulumi(
        f"open({str(asked)!r}, 'a').write(args[0] + ' ')\nsys.exit(0 if args[0] == 'cancel' else {LOCK!r})"
    )

    _, outcome = run()

    assert outcome.status == "locked"
    assert asked.read_text(encoding="utf-8") == "up cancel up "


def test_in_a_backend_of_files_only_the_lock_that_was_judged_is_removed(pulumi, tmp_path):
    """Another run may have taken one since, which `pulumi cancel` would remove too."""
    dead, fresh = (tmp_path / name for name in ("a lock.json", "2.json"))
    for each in (dead, fresh):
        each.write_text("{}", encoding="utf-8")
    pulumi(
        f"assert args[0] == 'up'\n"
        f"if os.path.exists({str(dead)!r}): "
        f"sys.exit('file://{str(dead).replace(' ', '%20')}?no_tmp_dir=true: {LOCK}')"
    )

    _, outcome = run()

    assert outcome.status == "done"
    assert (dead.exists(), fresh.exists()) == (False, True)


def test_a_unit_waits_for_a_lock_as_long_as_it_may(pulumi, tmp_path):
    """By chance, so that several do not keep step."""
    pulumi(f"sys.exit({ELSEWHERE!r})")
    stop = Stopped()
    stop.after = 2

    outcome = unit.Unit(replace(REQUEST, patience=60), tmp_path, stop).run()

    assert outcome.status == "cut"
    assert len(stop.waits) == 2
    assert all(2 <= wait <= 5 for wait in stop.waits)


def test_a_unit_that_waits_for_a_lock_can_be_cut(pulumi):
    """Immediately."""
    pulumi(f"sys.exit({ELSEWHERE!r})")
    request = Request("up", "fleet-00", patience=60)
    outcome = []
    worker = threading.Thread(target=lambda: outcome.append(perform("waiting", request, lambda _: None)))
    worker.start()
    while not cut("waiting"):
        worker.join(0.05)
    worker.join(20)

    assert outcome[0].status == "cut"


def test_a_cut_unit_interrupts_the_cli(pulumi, tmp_path):
    """By SIGINT; the CLI ends in order."""
    started = tmp_path / "started"
    os.mkfifo(started)
    pulumi(
        "import signal\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(1))\n"
        f"open({str(started)!r}, 'w').close()\n"
        "signal.pause()"
    )
    said: list[Mapping[str, object]] = []
    outcome = []
    worker = threading.Thread(target=lambda: outcome.append(perform("cut", REQUEST, said.append)))
    worker.start()
    started.read_text(encoding="utf-8")
    assert cut("cut") == 1
    worker.join(20)

    assert outcome[0].status == "cut"
    assert said == [{"stack": "fleet-00", "interrupted": 1}]


def test_a_process_that_ends_waits_for_its_units(pulumi):
    """In a container they would be killed with it."""
    pulumi(f"sys.exit({ELSEWHERE!r})")
    request = Request("up", "fleet-00", patience=60)
    outcome = []
    worker = threading.Thread(target=lambda: outcome.append(perform("ending", request, lambda _: None)))
    worker.start()
    while not attempt._running.get("ending"):
        worker.join(0.05)

    attempt._end()
    worker.join(20)

    assert outcome[0].status == "cut"


def test_a_new_stack_whose_making_is_cut(pulumi, tmp_path):
    """Nothing is run in it."""
    started = tmp_path / "started"
    os.mkfifo(started)
    pulumi(
        "import signal\n"
        "assert args[:2] == ['stack', 'init']\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(1))\n"
        f"open({str(started)!r}, 'w').close()\n"
        "signal.pause()"
    )
    outcome = []
    request = Request("up", "fleet-00", new=True, calls_per_minute=6000)
    worker = threading.Thread(target=lambda: outcome.append(perform("new", request, lambda _: None)))
    worker.start()
    started.read_text(encoding="utf-8")
    cut("new")
    worker.join(20)

    assert outcome[0].status == "cut"


def test_a_killed_unit_is_lost(pulumi, tmp_path):
    """It had no time to say anything."""
    started = tmp_path / "started"
    os.mkfifo(started)
    pulumi(f"open({str(started)!r}, 'w').write(str(os.getppid()))\nimport signal\nsignal.pause()")
    outcome = []
    worker = threading.Thread(target=lambda: outcome.append(perform("killed", REQUEST, lambda _: None)))
    worker.start()
    victim = psutil.Process(int(started.read_text(encoding="utf-8")))
    (cli,) = victim.children()
    victim.send_signal(signal.SIGKILL)
    worker.join(20)
    cli.kill()

    assert outcome[0].status == "lost"
    assert "exit status -9" in outcome[0].message


def test_a_second_interruption_follows_where_the_first_did_nothing(pulumi, tmp_path, monkeypatch):
    """What waits may need two."""
    started = tmp_path / "started"
    os.mkfifo(started)
    pulumi(
        "import signal\n"
        "signal.signal(signal.SIGINT, lambda *_: signal.signal(signal.SIGINT, lambda *_: sys.exit(1)))\n"
        f"open({str(started)!r}, 'w').close()\n"
        "while True: signal.pause()"
    )
    monkeypatch.setattr(unit, "_INSIST_SECONDS", 0.3)
    stop = Stopped()
    said: list[object] = []
    monkeypatch.setattr(unit, "say", said.append)
    threading.Thread(target=lambda: (started.read_text(encoding="utf-8"), stop.set())).start()

    outcome = unit.Unit(REQUEST, tmp_path, stop).run()

    assert outcome.status == "cut"
    assert said == [{"interrupted": 1}, {"interrupted": 2}]


def test_a_rate_is_waited_for_before_the_first_call(pulumi, tmp_path):
    """The unit before may have called a moment ago; a preview calls nobody."""
    pulumi("print()")
    stop = Stopped()
    request = replace(REQUEST, calls_per_minute=120)

    unit.Unit(request, tmp_path, stop).run()
    unit.Unit(replace(request, operation="preview"), tmp_path, stop).run()

    assert stop.waits == [0.5]


@pytest.mark.parametrize(
    ("given", "limit", "rate"), [("", None, None), ("100", None, "100"), ("100", 60, "60"), ("", 60, "60")]
)
def test_the_lower_limit_counts(monkeypatch, given, limit, rate):
    """That of the machine, or the slot's share of the run's."""
    name = "WECHAT_MINIPROGRAM_MAX_CALLS_PER_MINUTE"
    monkeypatch.delenv(name, raising=False)
    if given:
        monkeypatch.setenv(name, given)

    assert environment(limit).get(name) == rate


@pytest.fixture
def ended() -> list[Outcome]:
    """The outcomes of a test's first runs."""
    return []


@pytest.fixture
def fast(pulumi, tmp_path, monkeypatch, ended):
    """A first run without checkpoints: what its CLI prints and how it ends, and the state that is exported."""
    home = tmp_path / "home"
    monkeypatch.setenv("PULUMI_HOME", str(home))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///state")
    imported = tmp_path / "imported"

    def fast(ending, *, operation="up", refuses=("", 0), journal=(), state_time="2026-01-01T00:00:00Z"):
        state = {"deployment": {"manifest": {"time": state_time}}}
        refused, how = refuses
        pulumi(
            f"if args[:2] == ['stack', '{refused}']: sys.exit({how!r})\n"
            f"elif args[1] == 'export': open(args[3], 'w').write({json.dumps(state)!r})\n"
            f"elif args[1] == 'import': open({str(imported)!r}, 'w').write(open(args[3]).read())\n"
            f"elif args[0] == 'cancel': pass\n"
            f"else:\n"
            f"    assert os.environ.get('PULUMI_SKIP_CHECKPOINTS') == 'true'\n"
            f"    print({json.dumps(finished(APPID))!r}, flush=True)\n"
            f"    {ending}"
        )
        request = replace(REQUEST, operation=operation, fast=operation == "up", journal=journal)
        outcome = run(request)[1]
        ended.append(outcome)
        urns = []
        if imported.exists():
            resources = json.loads(imported.read_text(encoding="utf-8"))["deployment"]["resources"]
            urns = [each["urn"].rpartition("::")[2] for each in resources[2:]]
        return outcome.status, urns, [path.name[:9] for path in home.rglob("*.jsonl")]

    return fast


@pytest.mark.parametrize(
    ("ending", "status", "imported", "journals"),
    [
        ("pass", "done", [], []),
        ("sys.exit(1)", "failed", [APPID], []),
        ("os.kill(os.getpid(), 9)", "failed", [], ["fleet-00."]),
    ],
    ids=["done", "failed", "killed"],
)
def test_a_journal_is_kept_until_the_state_has_all_of_it(fast, ending, status, imported, journals):
    """A CLI that fails may have failed to write the state; a killed one has its lock still."""
    assert fast(ending) == (status, imported, journals)


def test_a_journal_is_kept_while_an_app_is_begun_and_not_finished(fast):
    """An imported state would not have the operation: the next update has to know of it."""
    begun = {"resourcePreEvent": {"metadata": {"urn": f"{URN}x", "type": TYPE}}}

    assert fast(f"print({json.dumps(begun)!r}); sys.exit(1)") == ("failed", [APPID], ["fleet-00."])


def test_the_journal_of_another_machine_is_put_into_the_state_first(fast):
    """Then the update is run, and a journal of its own is kept until its end."""
    journal = read_entry(OTHER)

    assert fast("os.kill(os.getpid(), 9)", journal=journal) == ("failed", [OTHER], ["fleet-00."])


@pytest.mark.parametrize(
    ("refuses", "ending", "status", "imported", "counts"),
    [
        ("", 0, "done", [OTHER], {"restored": 1, "left out": 0}),
        ("export", 6, "done", [], {"restored": 0, "left out": 1}),
        ("export", LOCK, "locked", [], {"restored": 0, "left out": 1}),
        ("import", LOCK, "locked", [], {"restored": 0, "left out": 1}),
    ],
    ids=["done", "no stack", "locked", "locked in between"],
)
def test_a_restore_runs_no_program(fast, ended, refuses, ending, status, imported, counts):
    """It waits for a lock as an update does; a stack that is gone wants nothing."""
    journal = read_entry(OTHER)

    found = fast("sys.exit('an update')", operation="restore", refuses=(refuses, ending), journal=journal)

    assert found == (status, imported, [])
    assert ended[0].counts == counts


def test_an_update_waits_until_the_state_has_what_a_killed_run_did(fast):
    """It would adopt that without owning it."""
    found = fast("sys.exit('an update')", refuses=("export", LOCK), journal=read_entry(OTHER))

    assert found == ("locked", [], [])


def test_a_state_that_has_all_of_a_journal_stays_as_it_is(fast):
    """Nothing is imported."""
    assert fast("pass", journal=read_entry(OTHER), state_time="2027-01-01T00:00:00Z") == ("done", [], [])


def test_a_first_run_waits_for_a_lock_too(pulumi, fast):
    """Its journal says nothing then, and is dropped."""
    pulumi(f"sys.exit({ELSEWHERE!r})")

    _, outcome = run(replace(REQUEST, fast=True))

    assert outcome.status == "locked"


def test_what_the_holder_of_the_lock_did_is_put_into_the_state(pulumi, fast, tmp_path):
    """It was killed while this run waited."""
    assert fast("os.kill(os.getpid(), 9)") == ("failed", [], ["fleet-00."])
    once = tmp_path / "once"
    pulumi(
        f"if args[0] == 'up' and not os.path.exists({str(once)!r}): "
        f"open({str(once)!r}, 'w').close(), sys.exit({LOCK!r})\n"
        f"if args[0] == 'stack': open({str(once)!r}, 'a').write(args[1] + ' ')\n"
        "if args[:2] == ['stack', 'export']: "
        """open(args[3], 'w').write('{"deployment": {"manifest": {"time": "2026-01-01T00:00:00Z"}}}')"""
    )

    _, outcome = run()

    assert outcome.status == "done"
    assert once.read_text(encoding="utf-8") == "export import "
    assert not [*(tmp_path / "home").rglob("*.jsonl")]


def test_a_journal_stays_if_the_state_cannot_be_repaired(fast):
    """The next run tries again."""
    assert fast("sys.exit(1)", refuses=("export", "the backend is gone")) == ("failed", [], ["fleet-00."])


def test_a_journal_that_cannot_be_kept_prevents_the_run(fast, ended, tmp_path):
    """Nobody would know what it did."""
    (tmp_path / "home").write_text("a file", encoding="utf-8")

    assert fast("sys.exit('an update was run')") == ("failed", [], [])
    assert ended[0].message.startswith("no journal can be kept: ")


def test_what_a_killed_cli_leaves_behind_is_ended(pulumi, tmp_path):
    """A plugin would go on to call WeChat."""
    left = tmp_path / "left"
    pulumi(
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n"
        f"open({str(left)!r}, 'w').write(str(child.pid))\n"
        "os.kill(os.getpid(), 9)"
    )

    assert run()[1].status == "failed"

    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(left.read_text(encoding="utf-8"))).wait(20)


def test_an_app_that_the_provider_refuses(pulumi):
    """That is a reason of its own, which its check of the inputs gives."""
    text = f"{TYPE} resource '{APPID}' has a problem: 9 of 12 domains would be removed"
    pulumi(f"import json\nprint(json.dumps({error(text)!r}))\nsys.exit(255)")

    _, outcome = run(replace(REQUEST, operation="preview"))

    assert outcome.failures == (AppFailure(APPID, text, refused=True),)


def test_apps_that_are_excluded_are_left_to_the_engine_to_leave_alone(pulumi):
    """A preview was refused for them."""
    pulumi("print(*args, file=sys.stderr)\nsys.exit(1)")

    _, outcome = run(replace(REQUEST, excluded=[OTHER]))

    assert f" --stack fleet-00 --exclude=**::{OTHER} " in outcome.message


def test_another_backend_than_the_one_that_was_checked_is_refused(pulumi):
    """A worker that joined late may have stacks of the same names there."""
    pulumi("if args != ['version']: sys.exit('the CLI was run')\nprint('v3.259.0')")

    _, outcome = run(replace(REQUEST, machine=replace(look(), backend="0123456789ab")))

    assert outcome.status == "failed"
    assert outcome.message.endswith("is not the one that was checked when the run began")
