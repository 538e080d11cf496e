"""`fleet` on the real engine: six Mini Programs in three stacks, and the commands of the example's README."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.engine.conftest import environment_of, without_backend
from tests.engine.proxy import Proxy
from tests.engine.readmes import Shell, commands
from wechat_miniprogram_emulator import Store

EXAMPLE = Path(__file__).parents[2] / "examples/fleet"
APPIDS = [f"wx00000000000000a{number}" for number in range(1, 7)]
COMMAND = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "fleet"]
WINE = "wx00000000000000a7"
PROJECT = "wechat-miniprogram-fleet"


class Fleet:
    """A copy of the sample, its own home and backend, and an emulator that knows the apps."""

    def __init__(self, folder, control, url):
        """Run nothing yet."""
        self.folder = folder
        self.control = control
        self.manifest = folder / "fleet.yaml"
        self.locks = folder / f"state/.pulumi/locks/organization/{PROJECT}"
        self.environment = {
            **environment_of(folder),
            "WECHAT_MINIPROGRAM_ENDPOINT": url,
            "WECHAT_MINIPROGRAM_PROBE": "false",
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps(
                {appid: f"emulator-{appid}" for appid in (*APPIDS, WINE)}
            ),
        }

    def run(self, *arguments):
        """Run the command to its end."""
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def up(self, *more):
        """Update, and return exit code, what was printed, and what became of each stack."""
        done = self.run("up", "--yes", "--result", "result.jsonl", *more)
        return SimpleNamespace(code=done.returncode, reported=done.stdout + done.stderr, **self.result())

    def result(self):
        """What became of each stack, by the result."""
        path = self.folder / "result.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
        stacks = {each["stack"]: each for each in map(json.loads, lines)}
        return {
            what: {stack: each[what] for stack, each in stacks.items()}
            for what in ("status", "counts", "failures", "message")
        }

    def pulumi(self, *arguments):
        """Run the CLI outside of a project."""
        command = ["pulumi", *arguments, "--non-interactive"]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, capture_output=True)

    def state(self):
        """What the resources of the first stack own, by app."""
        exported = subprocess.run(
            ["pulumi", "stack", "export", "--stack", f"organization/{PROJECT}/fleet-00"],
            cwd=self.folder,
            env=self.environment,
            check=True,
            capture_output=True,
        )
        resources = json.loads(exported.stdout)["deployment"].get("resources", [])
        held = [each["outputs"] for each in resources if "added_domains" in each.get("outputs", {})]
        return {each["appid"]: sorted(each["added_domains"]) for each in held}

    def edit(self, old, new):
        """Change the manifest."""
        text = self.manifest.read_text(encoding="utf-8")
        assert old in text
        self.manifest.write_text(text.replace(old, new), encoding="utf-8")

    def shards(self, count):
        """Let the sample have so many stacks."""
        self.edit("shards: 3", f"shards: {count}")

    def calls(self):
        """Return the calls since the last look: app and name."""
        seen = [(call.appid, call.name) for call in self.control.calls()]
        self.control.clear_calls()
        return seen

    def sent(self):
        """The domains of every `set` and `add` that reached WeChat, sorted."""
        writes = [call for call in self.control.writes() if call.action != "delete"]
        return sorted(domain for call in writes for domain in call.domains)

    def live(self):
        """All live domains, sorted."""
        return sorted(domain for appid in APPIDS for domain in self.control.live(appid))

    def declared(self):
        """All domains of the manifest, sorted."""
        return sorted(re.findall(r"https://[a-z.]+", self.manifest.read_text(encoding="utf-8")))

    def held_locks(self):
        """The locks that are held."""
        return [*self.locks.glob("**/*.json")]


class Run:
    """A run of the command in a session of its own."""

    def __init__(self, fleet, *arguments):
        """Start it."""
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=fleet.folder,
            env=fleet.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def interrupt(self):
        """Press Ctrl-C, and wait until the command says so."""
        assert self.process.stdout is not None
        os.killpg(self.process.pid, signal.SIGINT)
        while (line := self.process.stdout.readline()) and "Interrupted" not in line:
            pass

    def kill_all(self):
        """Kill the command, its units, their CLIs and plugins: the machine dies."""
        if self.process.returncode is None:
            family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.kill()
            self.process.communicate()

    def finish(self):
        """Wait for its end, and return the exit code and what it printed since the last look."""
        printed, _ = self.process.communicate(timeout=300)
        return self.process.returncode, printed


@pytest.fixture
def proxy(wechat_emulator):
    """A proxy that the fleet's providers speak to instead of the emulator."""
    proxy = Proxy(wechat_emulator.url)
    yield proxy
    proxy.close()


@pytest.fixture
def fleet(tmp_path, wechat_emulator, proxy):
    """The sample, never run."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "state").mkdir()
    for appid in (*APPIDS, WINE):
        wechat_emulator.seed(appid)
    return Fleet(tmp_path, wechat_emulator, proxy.url)


@pytest.fixture(scope="session")
def updated_state(tmp_path_factory):
    """Where the first test that needs it keeps the states of an updated sample."""
    return tmp_path_factory.mktemp("updated")


@pytest.fixture
def updated(fleet, updated_state):
    """The sample after an update and a release."""
    if not (updated_state / "state").exists():
        assert fleet.up().code == 0
        shutil.copytree(fleet.folder / "state", updated_state / "state")
    shutil.copytree(updated_state / "state", fleet.folder / "state", dirs_exist_ok=True)
    for app in re.findall(r"appid: (\w+), domains: \[(.*?)\]", fleet.manifest.read_text(encoding="utf-8")):
        fleet.control.seed(app[0], live=app[1].split(", "))
    fleet.control.clear_calls()
    return fleet


@pytest.fixture
def start(fleet):
    """Start the command; all that it started is gone after the test."""
    runs = []

    def start(*arguments):
        runs.append(Run(fleet, *arguments))
        return runs[-1]

    yield start
    for run in runs:
        run.kill_all()


def test_the_readme(tmp_path):
    """Preview writes nothing, the first up all, the second only the app that came; the refresh reads."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    shell = Shell(tmp_path, without_backend(tmp_path))
    typed = commands(tmp_path / "README.md", "On the emulator")
    backend, endpoint, preview, first, echo, second, refresh, drift, show = [
        line for line in typed if not line.startswith(("python3 -m venv", "pip install"))
    ]

    def calls():
        store = Store(tmp_path / "wechat.db")
        try:
            return [(call.appid, call.name) for call in store.calls()]
        finally:
            store.close()

    shell.type(backend)
    shell.type(endpoint)
    previewed = shell.type(preview)
    assert "preview: 3 of 3 stacks done, 6 of 6 apps would change: +8 \u22120 domains" in previewed
    assert "wx00000000000000a2   new      + https://books.example.com\n" in previewed
    shell.type(first)
    after_first = calls()
    shell.type(echo)
    updated = shell.type(second)
    after_second = calls()
    refreshed = shell.type(refresh)
    after_refresh = calls()
    drifted = shell.type(drift)
    shown = shell.type(show)

    assert sorted(after_first) == sorted(
        (appid, name)
        for appid in APPIDS
        for name in ("get", "add" if appid == APPIDS[2] else "set", "effective")
    )
    assert after_second[len(after_first) :] == [(WINE, "get"), (WINE, "set"), (WINE, "effective")]
    assert "up: 3 of 3 stacks done, 1 of 7 apps changed: +1 \u22120 domains" in updated
    assert "refresh: 3 of 3 stacks done" in refreshed
    assert {name for _, name in after_refresh[len(after_second) :]} == {"get", "effective"}
    assert {name for _, name in calls()[len(after_refresh) :]} == {"get", "effective"}
    assert "7 Mini Programs compared, 0 with drift, 0 failed" in drifted
    assert "https://wine.example.com  pending" in shown


def test_a_second_update_runs_no_stack(updated):
    """The states have what the manifest declares: nothing is called, and no history is added."""
    before = sorted((updated.folder / "state").rglob("*.history.json"))

    done = updated.up()

    assert done.code == 0
    assert updated.calls() == []
    assert done.status == dict.fromkeys(["fleet-00", "fleet-01", "fleet-02"], "done")
    assert sorted((updated.folder / "state").rglob("*.history.json")) == before


def test_the_engine_agrees_that_nothing_changed(updated):
    """With --all it previews what the comparison leaves out."""
    done = updated.run("preview", "--all", "--format", "json")

    counts = {each["stack"]: each["counts"] for each in json.loads(done.stdout)["stacks"]}
    assert counts == {"fleet-00": {"same": 4}, "fleet-01": {"same": 3}, "fleet-02": {"same": 2}}
    assert updated.calls() == []


def test_an_app_that_fails_stops_no_other_and_is_all_that_the_next_update_does(fleet):
    """WeChat's text says why; its neighbours and the other stack are done, and are left alone afterwards."""
    fleet.shards(2)
    fleet.environment["PULUMI_PARALLEL"] = "1"  # the neighbours come after it
    fleet.control.fault(appid=APPIDS[1], errcode=61007, times=None)

    failed = fleet.up()

    assert failed.code == 1
    assert failed.status == {"fleet-00": "failed", "fleet-01": "done"}
    assert f"get for {APPIDS[1]} refused: api is unauthorized to component (61007" in failed.reported
    (failure,) = failed.failures["fleet-00"]
    assert (failure["appid"], failure["errcode"]) == (APPIDS[1], 61007)
    assert "Traceback" not in failed.reported
    assert fleet.live() == [domain for domain in fleet.declared() if domain != "https://books.example.com"]

    fleet.control.clear_faults()
    fleet.calls()
    done = fleet.up("--resume", "result.jsonl")

    assert done.code == 0
    assert fleet.calls() == [(APPIDS[1], name) for name in ("get", "set", "effective")]
    assert done.status == {"fleet-00": "done", "fleet-01": "done"}


def test_an_app_that_is_refused_holds_no_other_back(updated):
    """The engine would end at it, so the stack is previewed and updated without it."""
    updated.edit("[https://books.example.com]", "[]")
    updated.edit("https://flowers.example.com", "https://flowers.example.com, https://new.example.com")

    done = updated.up("fleet-00")

    assert done.code == 1
    assert done.status == {"fleet-00": "failed"}
    assert [each["appid"] for each in done.failures["fleet-00"]] == [APPIDS[1]]
    assert "allow_mass_removal" in done.reported
    assert updated.calls() == [(APPIDS[2], name) for name in ("get", "add", "effective")]
    assert updated.state()[APPIDS[1]] == ["https://books.example.com"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_run_is_finished_by_the_next_one(fleet, proxy, start, when):
    """The machine dies around a write: its lock is proved dead and broken, and each domain went out once."""
    fleet.shards(1)
    held = proxy.hold(when, "set")
    run = start("up", "--yes")
    held.wait()
    run.kill_all()
    held.drop()
    assert len(fleet.held_locks()) == 1

    done = fleet.up()

    assert done.code == 0, done.reported
    assert fleet.held_locks() == []
    assert fleet.live() == fleet.sent() == fleet.declared()


@pytest.mark.parametrize("count", [1, 4])
def test_a_first_run_without_checkpoints_that_is_killed_forgets_nothing(fleet, proxy, start, count):
    """What it did is in the state before anything is decided, and an additive resource owns what it added."""
    fleet.shards(1)
    fleet.edit("] }", "], mode: additive }")
    fleet.environment["PULUMI_PARALLEL"] = "1"
    held = proxy.hold("before", "add")
    run = start("up", "--yes", "--fast-first-run")
    for _ in range(count):
        held.wait()
        following = proxy.hold("before", "add")
        held.let_go()
        held = following
    held.wait()
    run.kill_all()
    held.drop()
    assert not fleet.state()
    written = fleet.manifest.read_text(encoding="utf-8")
    gone = next(appid for appid in APPIDS if fleet.control.live(appid))
    begun = [call.appid for call in fleet.control.calls() if call.name == "get"][-1]
    kept = [line for line in written.splitlines(keepends=True) if gone not in line and begun not in line]
    fleet.manifest.write_text("".join(kept), encoding="utf-8")

    previewed = fleet.run("preview")
    refused = fleet.run("up", "--yes")

    assert "fleet-00: a run without checkpoints was killed." in previewed.stderr
    assert refused.returncode == 3
    assert f"{gone} in fleet-00" in refused.stderr
    assert f"{begun} in fleet-00" in refused.stderr
    assert len(fleet.state()) == count
    fleet.manifest.write_text(written, encoding="utf-8")

    done = fleet.up("--fast-first-run")

    assert done.code == 0, done.reported
    assert fleet.live() == fleet.sent() == fleet.declared()
    assert fleet.state() == {appid: sorted(fleet.control.live(appid)) for appid in APPIDS}
    assert not [*fleet.folder.rglob("wechat-miniprogram-journals/**/*.jsonl")]
    assert "0 of 6 apps would change" in fleet.run("preview", "--all").stdout


def test_a_stack_that_a_living_process_has_locked_is_left_alone(fleet, proxy, start):
    """The command alone was killed; its CLI still waits for WeChat, so the lock must stay."""
    held = proxy.hold("before", "set")
    run = start("up", "--yes", "fleet-02")
    held.wait()
    run.process.kill()

    stopped = fleet.up("fleet-02", "--patience", "0")

    assert stopped.code == 1
    assert stopped.status == {"fleet-02": "locked"}
    judged = fleet.run("locks", "result.jsonl").stdout
    assert "fleet-02  running  process" in judged
    assert len(fleet.held_locks()) == 1
    assert fleet.sent() == []
    held.let_go()


def test_ctrl_c_once(fleet, proxy, start):
    """The stack that has begun is done to its end, and the other is not run."""
    fleet.shards(2)
    held = proxy.hold("before", "set")
    run = start("up", "--yes", "--slots", "1", "--result", "result.jsonl")
    held.wait()

    run.interrupt()
    held.let_go()
    code, printed = run.finish()

    assert code == 1, printed
    assert fleet.result()["status"] == {"fleet-00": "done", "fleet-01": "not run"}
    assert fleet.held_locks() == []


@pytest.mark.parametrize("how", ["Ctrl-C twice", "SIGTERM"])
def test_a_run_is_cut(fleet, proxy, start, how):
    """The stack that has begun ends immediately, out of the pauses of a minute that WeChat's 45011 asks for."""
    fleet.shards(2)
    fleet.control.fault(errcode=45011, times=None)
    held = proxy.hold("after", "get")
    run = start("up", "--yes", "--result", "result.jsonl", "--slots", "1")
    held.wait()
    held.let_go()

    if how == "SIGTERM":
        run.process.terminate()
    else:
        run.interrupt()
        run.interrupt()
    began = time.monotonic()
    code, printed = run.finish()

    assert code == (143 if how == "SIGTERM" else 1), printed
    assert time.monotonic() - began < 25
    assert fleet.result()["status"] == {"fleet-00": "cut", "fleet-01": "not run"}
    assert fleet.held_locks() == []
    assert fleet.sent() == []


def test_another_number_of_shards_is_refused_until_the_states_are_moved(updated):
    """The refusal gives the commands that move the states; after them the update makes no call."""
    updated.shards(2)

    refused = updated.run("up", "--yes")

    assert refused.returncode == 3
    assert "would move to another stack: deleted from one and set in the other" in refused.stderr
    for line in re.findall(r"^  pulumi (state move .*)$", refused.stderr, re.MULTILINE):
        updated.pulumi(*line.replace("'", "").split())

    done = updated.up()

    assert done.code == 0, done.reported
    assert updated.calls() == []
    assert updated.live() == updated.declared()


def test_an_app_that_left_the_manifest_keeps_its_domains_unless_asked_for(updated):
    """Its live domains would be deleted, so the run is refused; with --allow-removals no other app is called."""
    updated.edit("  - { appid: wx00000000000000a4, domains: [https://shoes.example.com] }\n", "")

    refused = updated.run("up", "--yes")

    assert refused.returncode == 3
    assert f"{APPIDS[3]} in fleet-01" in refused.stderr
    assert updated.calls() == []

    done = updated.up("--allow-removals")

    assert done.code == 0
    assert updated.calls() == [(APPIDS[3], each) for each in ("get", "delete", "effective")]


def test_a_resource_of_another_program_is_not_deleted(updated):
    """Whoever added server domains to the old example's program keeps them: the run is refused."""
    updated.environment["PULUMI_STACK"] = f"organization/{PROJECT}/fleet-02"
    project = updated.folder / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n", encoding="utf-8")
    program = (
        "from pulumi_wechat_miniprogram import *\n"
        f"MiniProgramWebviewDomains('{APPIDS[0]}', appid='{APPIDS[0]}', "
        "domains=['https://bakery.example.com', 'https://pay.bakery.example.com'])\n"
        f"MiniProgramConfirmFile('file', appid='{APPIDS[0]}')\n"
    )
    (project / "__main__.py").write_text(program, encoding="utf-8")
    command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
    subprocess.run(command, cwd=project, env=updated.environment, check=True, capture_output=True)
    del updated.environment["PULUMI_STACK"]

    refused = updated.run("up", "--yes")

    assert refused.returncode == 3
    assert "an update would delete them" in refused.stderr
    assert "MiniProgramConfirmFile::file" in refused.stderr


def test_nobody_to_ask_and_no_yes(updated):
    """Without a terminal and without --yes the preview runs, and nothing else."""
    updated.edit("https://tea.example.com", "https://teas.example.com")

    done = updated.run("up", "fleet-01")

    assert done.returncode == 1
    assert "standard input is not a terminal: pass --yes." in done.stderr
    assert "+ https://teas.example.com" in done.stderr
    assert updated.calls() == []


def test_the_history_is_pruned(updated):
    """The newest update and backup stay, and the next update finds its state."""
    updated.run("refresh")
    history = updated.folder / f"state/.pulumi/history/{PROJECT}"
    before = sorted(history.rglob("*.history.json"))

    asked = updated.run("prune", "--keep", "1")
    assert asked.returncode == 1
    assert sorted(history.rglob("*.history.json")) == before
    done = updated.run("prune", "--keep", "1", "--yes")

    assert done.returncode == 0, done.stderr
    assert " files removed" in done.stdout
    assert sorted(history.rglob("*.history.json")) == before[1::2]
    assert updated.up().code == 0
    assert {name for _, name in updated.calls()} == {"get", "effective"}


def test_drift_reads_and_writes_nothing(updated):
    """A domain that was added by others, and one that is missing."""
    updated.control.seed(APPIDS[1], live=["https://books.example.com", "https://foreign.example.com"])
    updated.control.seed(APPIDS[5], live=[])

    done = updated.run("drift", "--json")

    assert done.returncode == 2
    found = {app["appid"]: app for app in map(json.loads, done.stdout.splitlines())}
    assert found[APPIDS[1]]["extra"] == ["https://foreign.example.com"]
    assert found[APPIDS[5]]["missing"] == ["https://toys.example.com"]
    assert found.keys() == {APPIDS[1], APPIDS[5]}
    assert {name for _, name in updated.calls()} == {"get", "effective"}


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"PATH": "/nowhere"}, "the Pulumi CLI is not on PATH: install version 3.255 or newer"),
        ({"PULUMI_BACKEND_URL": None}, "PULUMI_BACKEND_URL=file:///path"),
        ({"WECHAT_MINIPROGRAM_ENDPOINT": "nonsense"}, "WECHAT_MINIPROGRAM_ENDPOINT"),
    ],
    ids=["no CLI", "no backend", "a bad setting"],
)
def test_a_machine_that_cannot_run_units(fleet, change, reported):
    """It is found before anything runs."""
    fleet.environment = {
        name: value for name, value in {**fleet.environment, **change}.items() if value is not None
    }

    done = fleet.run("preview")

    assert done.returncode == 3
    assert reported in done.stderr
    assert done.stderr.endswith("Nothing was run.\n")


def test_no_token_source(fleet):
    """A preview needs none; an update would fail for every app."""
    del fleet.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]

    done = fleet.run("up", "--yes")

    assert done.returncode == 3
    assert "no token source is configured" in done.stderr


def test_a_dead_token_service_stops_the_run(fleet):
    """After three stacks, with one error for all apps."""
    fleet.edit("shards: 3", "shards: 6")
    del fleet.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
    fleet.environment["WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL"] = "http://127.0.0.1:1/{appid}"
    fleet.environment["WECHAT_MINIPROGRAM_MAX_ATTEMPTS"] = "1"

    done = fleet.up("--slots", "1")

    assert done.code == 1
    assert "error: stopped: every stack so far failed for the same reason" in done.reported
    assert len([line for line in done.reported.splitlines() if "Connection refused" in line]) == 2, (
        done.reported
    )
    assert sorted(done.status.values()).count("failed") == 3
    assert "not run" in done.status.values()


def test_a_lock_of_another_machine(fleet):
    """Whether its process runs is not known here, so it stays."""
    folder = fleet.locks / "fleet-02"
    fleet.run("preview", "fleet-02")
    folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 7, "username": "ci", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "7.json").write_text(json.dumps(lock), encoding="utf-8")

    done = fleet.up("fleet-02", "--patience", "0")

    assert done.code == 1, done.reported
    assert done.message == {
        "fleet-02": (
            "locked by another run:\n  process 7 of ci on elsewhere, since 2026-01-01T00:00:00Z\nWait for "
            "it to finish. If that host is gone, or no longer runs the process, run `pulumi cancel --yes "
            f"--stack organization/{PROJECT}/fleet-02`, then the same command again."
        )
    }
    assert [path.name for path in folder.iterdir()] == ["7.json"]
