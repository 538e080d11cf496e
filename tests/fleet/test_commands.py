"""The commands of `fleet` in this process, on a stand-in for the CLI with one file for the state of each stack."""

from __future__ import annotations

import json
import os
import signal
from contextlib import nullcontext
from functools import partial

import pytest

from pulumi_wechat_miniprogram.cli.app import run
from pulumi_wechat_miniprogram.cli.fleet.driver import Driver
from pulumi_wechat_miniprogram.cli.leaving import Leave
from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.fleet.cluster import in_process
from pulumi_wechat_miniprogram.fleet.engine import EngineLost
from pulumi_wechat_miniprogram.fleet.journal import begin_journal
from pulumi_wechat_miniprogram.fleet.manifest import read_fleet
from pulumi_wechat_miniprogram.fleet.work import Outcome, Request

TYPE = TOKENS["dynamic"]["webview-domains"]
PROVIDER = PROVIDERS["webview-domains"]
APPIDS = [f"wx00000000000000a{number}" for number in range(1, 5)]
STACKS = {"fleet-00": [APPIDS[1], APPIDS[2]], "fleet-01": [APPIDS[3]], "fleet-02": [APPIDS[0]]}
"""Where `examples/fleet` has them too."""

CLI = f"""
import json, pathlib
states = pathlib.Path(os.environ["PULUMI_BACKEND_URL"].removeprefix("file://"))
named = states / f"{{args[args.index('--stack') + 1]}}.json" if "--stack" in args else None
urn = "urn:pulumi:s::p::{TYPE}::"
if args[0] == "version":
    print("v3.259.0")
elif args[0] == "whoami":
    print(json.dumps({{"url": os.environ["PULUMI_BACKEND_URL"]}}))
elif args[:2] == ["stack", "ls"] and (states / "damaged").exists():
    sys.exit("error: place 1: unexpected end of JSON input")
elif args[:2] == ["stack", "ls"]:
    print(json.dumps([{{"name": path.stem}} for path in states.glob("*.json")]))
elif args[:2] == ["stack", "export"]:
    if not named.exists():
        sys.exit(6)
    print(named.read_text())
elif args[0] in ("preview", "up", "refresh"):
    with open(states / "ran", "a") as ran:
        print(args[0], named.stem, file=ran)
    apps = json.loads(pathlib.Path("apps.json").read_text())
    old = json.loads(named.read_text()) if named.exists() else {{"version": 3, "deployment": {{}}}}
    held = {{each["id"]: each["inputs"] for each in old["deployment"].get("resources", ())}}
    counts = {{}}
    for app in apps if args[0] != "refresh" else ():
        excluded = f"--exclude=**::{{app['appid']}}" in args
        if "refused" in str(app) and not excluded:
            message = f"resource '{{app['appid']}}' has a problem: no"
            said = {{"severity": "error", "message": message, "urn": urn + app["appid"]}}
            print(json.dumps({{"diagnosticEvent": said}}))
            sys.exit(255)
        same = excluded or held.get(app["appid"], {{}}).get("domains") == app["domains"]
        op = "same" if same else "update"
        counts[op] = counts.get(op, 0) + 1
        step = {{"metadata": {{"op": op, "urn": urn + app["appid"], "type": "{TYPE}", "new": {{"inputs": app}}}}}}
        print(json.dumps({{"resourcePreEvent" if args[0] == "preview" else "resOutputsEvent": step}}))
    print(json.dumps({{"summaryEvent": {{"resourceChanges": counts}}}}))
"""


class World:
    """A folder with a manifest, the states, and what the stand-in was asked to run."""

    def __init__(self, folder, capsys):
        """Write the manifest."""
        self.folder = folder
        self.states = folder / "states"
        self.states.mkdir()
        self.capsys = capsys
        self.declare(*APPIDS)

    def declare(self, *appids, host="a"):
        """Let the manifest have these apps, each with a domain."""
        apps = [{"appid": appid, "domains": [f"https://{host}.example.com"]} for appid in appids]
        (self.folder / "fleet.yaml").write_text(json.dumps({"shards": 3, "apps": apps}), encoding="utf-8")

    def settle(self):
        """Let the states have what the manifest declares."""
        for stack, apps in read_fleet(self.folder / "fleet.yaml").stacks.items():
            held = [{**app.model_dump(exclude_defaults=True), "mode": app.mode} for app in apps]
            self._write(stack, held)

    def _write(self, stack, held):
        resources = [
            {
                "urn": f"urn:pulumi:s::p::{TYPE}::{each['appid']}",
                "type": TYPE,
                "id": each["appid"],
                "inputs": {**each, "__provider": PROVIDER},
                "outputs": {**each, "__provider": PROVIDER},
            }
            for each in held
        ]
        state = {"version": 3, "deployment": {"resources": resources}}
        (self.states / f"{stack}.json").write_text(json.dumps(state), encoding="utf-8")

    def __call__(self, *arguments):
        """Run a command, and return its exit code, output and errors."""
        code = run(["fleet", *arguments])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def ran(self):
        """Return what the stand-in was asked to run since the last time, in order of the stacks."""
        path = self.states / "ran"
        found = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return sorted(found)

    def result(self):
        """Return the status of each stack in `result.jsonl`."""
        _, *lines = map(json.loads, (self.folder / "result.jsonl").read_text(encoding="utf-8").splitlines())
        return {line["stack"]: line["status"] for line in lines}

    def interrupt(self, stack, appid):
        """Let a killed run have left an operation on an app."""
        path = self.states / f"{stack}.json"
        state = json.loads(path.read_text(encoding="utf-8"))
        inputs = {"appid": appid, "__provider": PROVIDER}
        entry = {"urn": f"urn:pulumi:s::p::{TYPE}::{appid}", "type": TYPE, "inputs": inputs}
        state["deployment"]["pending_operations"] = [{"resource": entry, "type": "updating"}]
        path.write_text(json.dumps(state), encoding="utf-8")

    def empty(self, stack):
        """Let the state of a stack have no app."""
        self._write(stack, ())

    def mark_deleted(self, stack):
        """Let a replacement that was cut short have left the only app of a stack."""
        path = self.states / f"{stack}.json"
        state = json.loads(path.read_text(encoding="utf-8"))
        (entry,) = state["deployment"]["resources"]
        entry["delete"] = True
        path.write_text(json.dumps(state), encoding="utf-8")


@pytest.fixture
def fleet(tmp_path, monkeypatch, pulumi, capsys):
    """A fleet of three stacks and four apps, none of which is there yet."""
    pulumi(CLI)
    monkeypatch.chdir(tmp_path)
    world = World(tmp_path, capsys)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{world.states}")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", f"emulator:{tmp_path}/wechat.db")
    return world


def test_an_update_does_what_the_states_lack_whatever_a_result_says(fleet):
    """The manifest was changed and put back: what an old run did is not what the states have."""
    fleet.settle()
    assert fleet("up", "--yes", "--all", "--result", "result.jsonl")[0] == 0
    fleet.ran()
    fleet.declare(*APPIDS, host="b")
    fleet.settle()
    fleet.declare(*APPIDS)

    code, reported, _ = fleet("up", "--yes", "--resume", "result.jsonl", "fleet-00")

    assert (code, fleet.ran()) == (0, ["preview fleet-00", "up fleet-00"])
    assert "2 of 2 apps changed: +2" in reported

    fleet.settle()
    assert fleet("up", "--yes", "--all", "--resume", "result.jsonl")[0] == 0
    assert fleet.ran() == []


def test_what_is_resumed_is_left_out_and_is_not_counted_again(fleet):
    """The totals are of this run."""
    fleet.settle()
    fleet("refresh", "--result", "result.jsonl")
    first, *lines = (fleet.folder / "result.jsonl").read_text(encoding="utf-8").splitlines()
    change = {"appid": APPIDS[0], "operation": "update", "added": ["https://a.example.com"]}
    changed = [json.dumps({**json.loads(line), "changes": [change]}) for line in lines]
    (fleet.folder / "result.jsonl").write_text("\n".join((first, *changed)), encoding="utf-8")
    fleet.ran()

    code, reported, _ = fleet("refresh", "--resume", "result.jsonl")

    assert (code, fleet.ran()) == (0, [])
    assert "3 of 3 stacks done, 0 of 4 apps changed: +0 −0 domains" in reported


def test_a_result_of_another_backend_is_not_resumed(fleet, monkeypatch):
    """Its stacks have the same names."""
    fleet.settle()
    fleet("refresh", "--result", "result.jsonl")
    fleet.ran()
    fleet.states.rename(fleet.folder / "production")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{fleet.folder}/production")

    code, _, errors = fleet("refresh", "--resume", "result.jsonl")

    assert code == 3
    assert "result.jsonl is not a result of this fleet: it was not written with the same backend" in errors
    assert not (fleet.folder / "production" / "ran").exists()


def test_a_preview_does_not_resume(fleet):
    """What an old one printed is nothing that a person should decide on."""
    (fleet.folder / "result.jsonl").touch()

    code, _, errors = fleet("preview", "--resume", "result.jsonl")

    assert code == 1
    assert "No such option" in errors


def test_an_app_that_a_killed_run_left_and_that_a_preview_passes_over(fleet):
    """The update would forget it. A refresh finds out what is live."""
    fleet.settle()
    fleet.interrupt("fleet-00", APPIDS[1])

    code, reported, _ = fleet("up", "--yes", "--result", "result.jsonl")

    assert (code, fleet.ran()) == (1, ["preview fleet-00"])
    assert reported.splitlines() == [
        "up: 2 of 3 stacks done, 0 of 4 apps changed: +0 −0 domains",
        f"fleet-00 failed: a killed run left an operation on {APPIDS[1]} unfinished, so the state may lack what "
        "it did. Run `wechat-miniprogram fleet refresh fleet-00`, then the same command again.",
    ]
    assert fleet.result() == {"fleet-00": "failed", "fleet-01": "done", "fleet-02": "done"}


def test_an_app_that_a_killed_run_created_and_that_left_the_manifest(fleet):
    """A refresh looks at what is in the state, so it would not settle this."""
    fleet.declare(*APPIDS[:3])
    fleet.settle()
    fleet.interrupt("fleet-01", APPIDS[3])

    code, reported, _ = fleet("up", "--yes", "--allow-removals")

    assert code == 1
    assert (
        f"fleet-01 failed: a killed run may have set domains of {APPIDS[3]}, which no state has and the manifest "
        "no longer declares. Restore the entries, run `wechat-miniprogram fleet up`, then remove them."
    ) in reported


@pytest.mark.parametrize("command", [["preview"], ["up", "--yes"]])
def test_a_copy_that_is_marked_for_deletion_and_whose_app_left_the_manifest(fleet, command):
    """The update would delete the app's live domains."""
    fleet.settle()
    fleet.mark_deleted("fleet-01")
    fleet.declare(*APPIDS[:3])

    code, _, errors = fleet(*command)

    assert code == 3
    assert "1 app in a stack, but not in the manifest: an update would delete the live domains" in errors
    assert f"{APPIDS[3]} in fleet-01" in errors
    assert fleet.ran() == []


def test_an_app_that_is_refused_holds_no_other_back(fleet):
    """The engine ends a preview at the first one: the stack is previewed and updated without it."""
    fleet.settle()
    fleet.declare(*APPIDS, host="b")
    manifest = (fleet.folder / "fleet.yaml").read_text(encoding="utf-8")
    first, others = manifest.split(APPIDS[1])
    others = others.replace("https://b.example.com", "https://refused.example.com", 1)
    (fleet.folder / "fleet.yaml").write_text(f"{first}{APPIDS[1]}{others}", encoding="utf-8")

    code, reported, errors = fleet("up", "--yes", "fleet-00", "--result", "result.jsonl")

    assert (code, fleet.ran()) == (1, ["preview fleet-00", "preview fleet-00", "up fleet-00"])
    assert "0 of 1 stack done, 1 of 2 apps would change: +1 −0 domains, 1 app failed" in errors
    assert "0 of 1 stack done, 1 of 2 apps changed: +1 −0 domains, 1 app failed" in reported
    assert f"{APPIDS[1]}: resource '{APPIDS[1]}' has a problem: no" in reported
    assert fleet.result() == {"fleet-00": "failed"}


@pytest.mark.parametrize("command", ["refresh", "drift", "prune"])
def test_a_stack_that_is_named_and_does_not_exist(fleet, command):
    """Nothing was done, and the command says so."""
    code, reported, errors = fleet(command, "fleet-01")

    assert code == 1
    assert "fleet-01" in reported + errors
    assert "the backend has no such stack" in reported + errors


def test_a_stack_that_is_named_and_neither_exists_nor_has_apps(fleet):
    """An update would make no stack of it."""
    fleet.declare(APPIDS[0])

    code, reported, _ = fleet("up", "--yes", "fleet-01")

    assert code == 1
    assert "fleet-01 not run: the backend has no such stack, and the manifest has no apps in it" in reported


@pytest.mark.parametrize("command", ["refresh", "drift", "prune"])
def test_a_stack_of_the_manifest_that_does_not_exist(fleet, command):
    """An app was added, or a run did not come so far. Stacks without apps are not missed."""
    fleet.declare(*APPIDS[1:3])
    fleet.settle()
    (fleet.states / "fleet-02.json").unlink()
    fleet.declare(*APPIDS[1:])
    (fleet.states / "fleet-01.json").unlink()

    code, reported, errors = fleet(command)

    assert code == 1
    assert "fleet-01" in reported + errors
    assert "the backend has no such stack" in reported + errors
    assert "fleet-02" not in reported + errors


@pytest.mark.parametrize("command", ["drift", "refresh", "prune"])
def test_a_fleet_without_a_stack(fleet, command):
    """Nothing was compared or refreshed, as with the wrong backend."""
    code, reported, errors = fleet(command)

    assert (code, reported, errors) == (
        1,
        "",
        "error: the backend has none of the manifest's stacks; run `wechat-miniprogram fleet up` first\n",
    )


def test_drift_says_what_it_cannot_compare(fleet, wechat_emulator, monkeypatch):
    """An app is in the manifest and in no state."""
    for appid in APPIDS:
        wechat_emulator.seed(appid, live=["https://a.example.com"])
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", wechat_emulator.url)
    tokens = json.dumps({appid: f"emulator-{appid}" for appid in APPIDS})
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", tokens)
    fleet.declare(*APPIDS[:3])
    fleet.settle()
    fleet.declare(*APPIDS)

    code, reported, errors = fleet("drift")

    assert (code, reported) == (0, "3 Mini Programs compared, 0 with drift, 0 failed\n")
    assert "1 app of the manifest not in any state; run `fleet up`" in errors


@pytest.fixture
def killed(fleet, monkeypatch):
    """Let a first run without checkpoints have been killed at an app of a stack, `before` or `after` its end."""
    monkeypatch.setenv("PULUMI_HOME", str(fleet.folder / "home"))

    def killed(stack, appid, *, after):
        journal = begin_journal("wechat-miniprogram-fleet", stack)
        urn = f"urn:pulumi:s::p::{TYPE}::{appid}"
        new = {"urn": urn, "custom": True, "id": appid, "type": TYPE, "inputs": {}, "outputs": {}}
        step = {"urn": urn, "type": TYPE, "new": {**new, "parent": "", "provider": ""}}
        event = {"timestamp": 1, "resOutputsEvent" if after else "resourcePreEvent": {"metadata": step}}
        journal.write_text(json.dumps(event) + "\n", encoding="utf-8")
        return journal

    return killed


@pytest.mark.parametrize("command", ["preview", "drift"])
def test_what_reads_only_says_that_a_killed_run_left_a_journal(fleet, killed, command):
    """It writes no state, so it does not know what that run did."""
    journal = killed("fleet-00", APPIDS[1], after=True)

    _, _, errors = fleet(command)

    assert (
        "fleet-00: a run without checkpoints was killed. `fleet up` or `fleet refresh` first adds" in errors
    )
    assert journal.exists()


@pytest.mark.parametrize("command", [["preview"], ["up", "--yes"]])
def test_an_app_that_a_killed_run_had_begun_and_that_left_the_manifest(fleet, killed, command):
    """It may be live, and is in no state: the journal stays, whatever else is done, until an update has been at it."""
    fleet.declare(*APPIDS[:3])
    fleet.settle()
    journal = killed("fleet-01", APPIDS[3], after=False)
    assert fleet("refresh")[0] == 0
    fleet.ran()

    code, _, errors = fleet(*command)

    assert (code, fleet.ran()) == (3, [])
    assert f"{APPIDS[3]} in fleet-01" in errors
    assert journal.exists()


def test_an_app_that_a_killed_run_had_begun_is_adopted(fleet, killed):
    """Its stack is run even if it is the last thing to do, and the journal is not needed any more."""
    fleet.settle()
    fleet.empty("fleet-01")
    journal = killed("fleet-01", APPIDS[3], after=False)

    assert fleet("preview")[0] == 0
    assert journal.exists()
    assert fleet("up", "--yes")[0] == 0

    assert fleet.ran() == ["preview fleet-01", "preview fleet-01", "up fleet-01"]
    assert not journal.exists()


@pytest.mark.parametrize("command", [["preview"], ["up", "--yes"], ["refresh"]])
def test_the_journal_of_another_host(fleet, killed, command):
    """Its run may be alive: the stack is not run, and the journal stays. The other stacks are done."""
    fleet.settle()
    fleet.empty("fleet-01")
    journal = killed("fleet-01", APPIDS[3], after=True)
    events = journal.read_text(encoding="utf-8")
    journal.write_text(json.dumps({"writer": {"host": "elsewhere"}}) + "\n" + events, encoding="utf-8")

    code, reported, _ = fleet(*command)

    assert code == 1
    assert "2 of 3 stacks done" in reported
    assert (
        "fleet-01 not run: a run without checkpoints on elsewhere has not been proved to have ended, so its "
        f"journal {journal} is left alone. If it still runs, wait for it. Otherwise run the same command on "
        'elsewhere. If that host is gone, delete the lines that begin with {"writer" from the journal, then '
        "run the same command again."
    ) in reported
    assert not {line for line in fleet.ran() if "fleet-01" in line}
    assert journal.exists()


def test_the_journal_of_a_stack_that_does_not_exist(fleet, killed):
    """The stack was removed on purpose, so nothing of it is left that an update may forget."""
    journal = killed("fleet-01", APPIDS[3], after=False)
    fleet.declare(*APPIDS[:3])

    assert fleet("up", "--yes")[0] == 0
    assert journal.exists()


def test_a_result_that_cannot_be_written(fleet):
    """It is noticed before anything runs."""
    code, _, errors = fleet("up", "--yes", "--result", "missing/result.jsonl")

    assert code == 3
    assert "missing/result.jsonl cannot be written" in errors
    assert fleet.ran() == []


def test_an_update_that_was_not_agreed_to(fleet):
    """All stacks are in the result."""
    assert fleet("up", "--result", "result.jsonl")[0] == 1
    assert fleet.result() == dict.fromkeys(STACKS, "not run")


class Dying:
    """An engine that is interrupted twice while a stack runs; `slots` are left of it then."""

    def __init__(self, *slots):
        """Take how many slots each look finds, or what it raises."""
        self.left = [1, *slots]
        self.asked = []

    @property
    def slots(self):
        """The next prepared number."""
        found = self.left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def ask(self, question):
        """Answer as this machine, and remember what was asked."""
        self.asked.append(question)
        return {"here": question()}

    def play(self, work, tasks, say):
        """List a stack; interrupt what refreshes it."""
        while tasks:
            task = tasks.popleft()
            if isinstance(task, Request):
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
                yield task, Outcome(task.stack, "cut")
            else:
                yield task, work(task, say)


@pytest.mark.parametrize(
    ("left", "code"),
    [(1, 1), (0, 130), (EngineLost("gone"), 130)],
    ids=["a worker", "none", "no scheduler"],
)
def test_ctrl_c_twice_ends_at_once_where_no_worker_is_left(fleet, left, code):
    """What runs on a worker is waited for; a worker that died would never answer."""
    fleet.settle()
    manifest = read_fleet(fleet.folder / "fleet.yaml")
    driver = Driver(manifest, ["fleet-00"], False, lambda: nullcontext(Dying(left)), None, 0)

    with pytest.raises((Leave, KeyboardInterrupt)) as ended:
        driver.refresh(fleet.folder / "result.jsonl", None, form="text")

    assert getattr(ended.value, "code", 130) == code
    assert fleet.result() == {"fleet-00": "cut"}


def test_a_damaged_state(fleet):
    """The CLI lists no stack then, and does not say which state it is."""
    (fleet.states / "damaged").touch()

    code, _, errors = fleet("preview")

    assert code == 3
    assert "error: the stacks cannot be listed: place 1: unexpected end of JSON input\n" in errors
    assert "find the one for which `pulumi stack export --stack NAME` fails" in errors


def test_a_result_on_a_full_disk(fleet):
    """It is noticed before anything runs."""
    code, _, errors = fleet("up", "--yes", "--result", "/dev/full")

    assert (code, fleet.ran()) == (3, [])
    assert (
        "error: the result cannot be written: /dev/full: No space left on device\nNothing was run." in errors
    )


def test_a_result_that_cannot_be_written_to_its_end(fleet):
    """The run goes on, and says what it did."""
    path = fleet.folder / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def agree():
        os.close(reader)
        return True

    driver = Driver(
        read_fleet(fleet.folder / "fleet.yaml"), ["fleet-00"], False, partial(in_process, 1), None, 0
    )
    with pytest.raises(Leave) as ended:
        driver.up(path, None, every=False, allow_removals=False, fast=False, agree=agree, form="text")

    printed = fleet.capsys.readouterr()
    assert (ended.value.code, fleet.ran()) == (1, ["preview fleet-00", "up fleet-00"])
    assert "1 of 1 stack done" in printed.out
    assert f"error: the result is incomplete: {path}: Broken pipe. The run went on" in printed.err
