"""examples/fleet on the real engine: six Mini Programs in three stacks, by the commands of its README."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.engine.conftest import environment_of, without_backend
from tests.engine.proxy import Proxy
from tests.engine.readmes import Shell, commands
from tests.engine.sessions import PROCESSES, Run
from wechat_miniprogram_emulator import Store

EXAMPLE = Path(__file__).parents[2] / "examples/fleet"
APPIDS = [f"wx00000000000000a{number}" for number in range(1, 7)]
STACK_OF = dict(
    zip(APPIDS, ["fleet-02", "fleet-00", "fleet-00", "fleet-01", "fleet-01", "fleet-00"], strict=True)
)
"""By the sample manifest. A change here would move live domains between the stacks of every user."""
INTERRUPTIBLE = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
)
"""A shell lets its background jobs ignore SIGINT, and their children inherit that."""
WINE = "wx00000000000000a7"
needs_proc = pytest.mark.skipif(not PROCESSES.is_dir(), reason="a session's processes are found in /proc")


class Fleet:
    """A copy of the example, its own home and backend, and an emulator that knows the six apps."""

    def __init__(self, folder, control, url):
        """Run nothing yet."""
        self.folder = folder
        self.control = control
        self.manifest = folder / "fleet.yaml"
        self.environment = {
            **environment_of(folder),
            "WECHAT_MINIPROGRAM_ENDPOINT": url,
            "WECHAT_MINIPROGRAM_PROBE": "false",
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps(
                {appid: f"emulator-{appid}" for appid in (*APPIDS, WINE)}
            ),
        }

    def run(self, *arguments):
        """Run the driver to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def up(self, *more):
        """Update, and return exit code, standard error and what became of each stack."""
        done = self.run("up", "--yes", "--result", "result.json", *more)
        result = self.folder / "result.json"
        stacks = json.loads(result.read_text(encoding="utf-8"))["stacks"] if result.exists() else []
        return SimpleNamespace(
            code=done.returncode,
            told=done.stderr,
            status={one["stack"]: one["status"] for one in stacks},
            changes={one["stack"]: one["changes"] for one in stacks},
            message={one["stack"]: one["message"] for one in stacks},
        )

    def command(self, *arguments):
        """The driver's command."""
        return [sys.executable, "fleet.py", *arguments]

    def pulumi(self, *arguments):
        """Run the CLI."""
        command = ["pulumi", *arguments, "--non-interactive"]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, capture_output=True)

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


@pytest.fixture
def proxy(wechat_emulator):
    """A proxy that the fleet's providers speak to in place of the emulator."""
    proxy = Proxy(wechat_emulator.url)
    yield proxy
    proxy.close()


@pytest.fixture
def fleet(tmp_path, wechat_emulator, proxy):
    """The sample, never run."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "state").mkdir()
    without_emulator, *_ = commands(tmp_path / "README.md", "On WeChat")
    Shell(tmp_path, dict(os.environ)).type(without_emulator)
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
    """Start the driver in a session of its own, which is gone after the test."""
    runs = []

    def start(*arguments):
        runs.append(Run([*INTERRUPTIBLE, *fleet.command(*arguments)], fleet.folder, fleet.environment))
        return runs[-1]

    yield start
    for run in runs:
        run.kill()


def test_the_readme(tmp_path):
    """Preview writes nothing, the first up all, the second only the app that came; the refresh reads."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    shell = Shell(tmp_path, without_backend(tmp_path))
    typed = commands(tmp_path / "README.md", "On the emulator")
    backend, preview, first, echo, second, refresh, show = [
        line for line in typed if not line.startswith(("python3 -m venv", "pip install"))
    ]

    def calls():
        store = Store(tmp_path / "wechat.db")
        try:
            return [(call.appid, call.name) for call in store.calls()]
        finally:
            store.close()

    shell.type(backend)
    previewed = shell.type(preview)
    assert "preview: 3 of 3 stacks done, 3 with changes, 6 apps" in previewed
    shell.type(first)
    after_first = calls()
    shell.type(echo)
    shell.type(second)
    after_second = calls()
    refreshed = shell.type(refresh)
    shown = shell.type(show)

    assert sorted(after_first) == sorted(
        (appid, name)
        for appid in APPIDS
        for name in ("get", "add" if appid == APPIDS[2] else "set", "effective")
    )
    assert after_second[len(after_first) :] == [(WINE, "get"), (WINE, "set"), (WINE, "effective")]
    assert "refresh: 3 of 3 stacks done" in refreshed
    assert {name for _, name in calls()[len(after_second) :]} == {"get", "effective"}
    assert "https://wine.example.com  pending" in shown


def test_every_app_lives_in_the_stack_that_it_always_had(updated):
    """The placement is a contract: it says where live domains are, on every machine."""
    states = {
        stack: json.loads(
            (updated.folder / f"state/.pulumi/stacks/wechat-miniprogram-fleet/{stack}.json").read_bytes()
        )
        for stack in set(STACK_OF.values())
    }

    lives = {
        resource["id"]: stack
        for stack, state in states.items()
        for resource in state["checkpoint"]["latest"]["resources"]
        if resource["type"].endswith("MiniProgramWebviewDomains")
    }
    assert lives == STACK_OF


def test_a_second_update_runs_no_stack(updated):
    """Nothing is called, and the engine's own verdict is in the result."""
    done = updated.up()

    assert done.code == 0
    assert updated.calls() == []
    assert "up 1/" not in done.told
    assert done.changes == {"fleet-00": {"same": 4}, "fleet-01": {"same": 3}, "fleet-02": {"same": 2}}


def test_a_new_app_touches_its_own_stack(updated):
    """The other stacks are previewed and not updated, and no other app is called."""
    with updated.manifest.open("a", encoding="utf-8") as manifest:
        manifest.write(f"  - {{ appid: {WINE}, domains: [https://wine.example.com] }}\n")

    done = updated.up()

    assert updated.calls() == [(WINE, "get"), (WINE, "set"), (WINE, "effective")]
    assert [stack for stack, changes in done.changes.items() if "create" in changes] == ["fleet-00"]
    assert "up 1/1: fleet-00" in done.told


def test_an_app_that_fails_stops_no_other_and_is_all_that_the_next_update_does(fleet):
    """WeChat's text says why; its neighbours and the other stack are done, and are left alone afterwards."""
    fleet.shards(2)
    fleet.environment["PULUMI_PARALLEL"] = "1"  # the neighbours come after it
    fleet.control.fault(appid=APPIDS[1], errcode=61007, times=None)

    failed = fleet.up()

    assert failed.code == 1
    assert failed.status == {"fleet-00": "failed", "fleet-01": "done"}
    assert (
        f"get for {APPIDS[1]} refused: api is unauthorized to component (61007" in failed.message["fleet-00"]
    )
    assert "Traceback" not in failed.told
    assert fleet.live() == [domain for domain in fleet.declared() if domain != "https://books.example.com"]

    fleet.control.clear_faults()
    fleet.calls()
    done = fleet.up()

    assert done.code == 0
    assert fleet.calls() == [(APPIDS[1], name) for name in ("get", "set", "effective")]


@needs_proc
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_run_is_finished_by_the_next_one(fleet, proxy, start, when):
    """The machine dies around a write: the lock is named, and once it is gone each domain went out once."""
    fleet.shards(2)
    held = proxy.hold(when, "set")
    run = start("up", "--yes", "fleet-00")
    held.wait()
    run.kill()
    held.drop()
    stopped = fleet.up()
    assert stopped.code == 1
    assert stopped.status == {"fleet-00": "locked", "fleet-01": "done"}
    command = re.search(
        r"on this machine, which has ended .*\n.*: pulumi (cancel --yes --stack fleet-00), then", stopped.told
    )
    assert command, stopped.told
    fleet.pulumi(*command[1].split())

    done = fleet.up()

    assert done.code == 0
    assert fleet.live() == fleet.sent() == fleet.declared()


@needs_proc
def test_a_run_without_checkpoints_is_finished_by_the_next_one(fleet, proxy, start):
    """The state knows nothing of what the killed run wrote; it is adopted, and each domain goes out once."""
    fleet.shards(1)
    fleet.environment["PULUMI_SKIP_CHECKPOINTS"] = "true"
    held = proxy.hold("after", "set")
    run = start("up", "--yes")
    held.wait()
    run.kill()
    held.drop()
    fleet.pulumi("cancel", "--yes", "--stack", "fleet-00")

    done = fleet.up()

    assert done.code == 0
    assert fleet.live() == fleet.sent() == fleet.declared()


@needs_proc
def test_a_stack_that_a_living_process_has_locked_is_left_alone(fleet, proxy, start):
    """The driver alone was killed; its CLI still waits for WeChat, so the lock must stay."""
    held = proxy.hold("before", "set")
    run = start("up", "--yes", "fleet-02")
    held.wait()
    run.kill_cli()

    stopped = fleet.up("fleet-02")

    assert stopped.code == 1
    assert stopped.status == {"fleet-02": "locked"}
    assert "on this machine, which still runs: wait for its end" in stopped.told
    assert list(
        (fleet.folder / "state/.pulumi/locks/organization/wechat-miniprogram-fleet/fleet-02").iterdir()
    )
    assert fleet.sent() == []


def test_ctrl_c(fleet, proxy, start):
    """The stack that has begun ends what it is at and is recorded; the other is not run."""
    fleet.shards(2)
    held = proxy.hold("before", "set")
    run = start("up", "--yes", "--at-a-time", "1", "--result", "result.json")
    held.wait()

    os.killpg(run.process.pid, signal.SIGINT)
    while (line := run.read_lines(1)) and "Interrupted" not in line[0]:
        pass
    held.let_go()
    run.process.communicate(timeout=300)

    assert run.process.returncode == 1
    result = json.loads((fleet.folder / "result.json").read_text(encoding="utf-8"))
    status = {one["stack"]: one["status"] for one in result["stacks"]}
    assert status == {"fleet-00": "failed", "fleet-01": "not run"}
    assert not list((fleet.folder / "state/.pulumi/locks").glob("**/*.json"))


def test_another_number_of_shards_is_refused(updated):
    """The refusal gives the commands that move the states; after them the update makes no call."""
    updated.shards(2)

    refused = updated.run("up", "--yes")

    assert refused.returncode == 2
    assert "would move to another stack: deleted from one and set in the other" in refused.stderr
    assert updated.calls() == []


def test_moved_states_are_taken_as_they_are(updated):
    """The commands of the refusal move every app, and no domain is written."""
    updated.shards(2)
    refused = updated.run("up", "--yes")
    for line in re.findall(r"^  pulumi (state move .*)$", refused.stderr, re.MULTILINE):
        updated.pulumi(*line.replace("'", "").split())

    done = updated.up()

    assert done.code == 0, done.told
    assert updated.calls() == []
    assert updated.live() == updated.declared()


def test_an_app_that_left_the_manifest_keeps_its_domains(updated):
    """Its live domains would be deleted, so the run is refused."""
    updated.edit("  - { appid: wx00000000000000a4, domains: [https://shoes.example.com] }\n", "")

    refused = updated.run("up", "--yes")

    assert refused.returncode == 2
    assert f"{APPIDS[3]} in fleet-01" in refused.stderr
    assert updated.calls() == []


def test_an_app_that_left_the_manifest_goes_when_asked_for(updated):
    """With --allow-removals its domains are deleted, and no other app is called."""
    updated.edit("  - { appid: wx00000000000000a4, domains: [https://shoes.example.com] }\n", "")

    done = updated.up("--allow-removals")

    assert done.code == 0
    assert updated.calls() == [(APPIDS[3], each) for each in ("get", "delete", "effective")]


def test_nobody_to_ask_and_no_yes(updated):
    """Without a terminal and without --yes the preview runs, and nothing else."""
    updated.edit("https://tea.example.com", "https://teas.example.com")

    done = updated.run("up", "fleet-01")

    assert done.returncode == 1
    assert "Nobody can be asked here: pass --yes." in done.stderr
    assert updated.calls() == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["preview", "fleet-07"], "no such stack: fleet-07; the manifest has fleet-00 to fleet-02"),
        (["preview", "--result", "no/such.json"], "--result: no is no folder"),
        (["preview", "--at-a-time", "0"], "0 is no number above 0"),
    ],
)
def test_wrong_usage(fleet, arguments, told):
    """It is told, with exit code 2."""
    done = fleet.run(*arguments)

    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_no_cli(fleet):
    """A missing Pulumi CLI is told."""
    fleet.environment["PATH"] = "/nowhere"

    done = fleet.run("preview")

    assert done.returncode == 2
    assert done.stderr == "No `pulumi` on PATH: install the CLI, 3.255 or newer.\nRefused, nothing was run.\n"


def test_no_backend(fleet):
    """The CLI alone asks for a token of Pulumi Cloud, which is one backend of many."""
    del fleet.environment["PULUMI_BACKEND_URL"]

    done = fleet.run("preview")

    assert done.returncode == 2
    assert "PULUMI_BACKEND_URL=file:///path" in done.stderr
    assert done.stderr.endswith("Refused, nothing was run.\n")


def test_the_stacks_of_a_matrix(fleet):
    """A CI job reads the names as JSON."""
    assert json.loads(fleet.run("stacks").stdout) == ["fleet-00", "fleet-01", "fleet-02"]


def test_a_lock_of_another_machine(fleet):
    """Whether its process runs cannot be told from here."""
    folder = fleet.folder / "state/.pulumi/locks/organization/wechat-miniprogram-fleet/fleet-02"
    fleet.pulumi("stack", "init", "fleet-02")
    folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 7, "username": "ci", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "7.json").write_text(json.dumps(lock), encoding="utf-8")

    done = fleet.up("fleet-02")

    assert done.code == 1, done.told
    assert done.message == {
        "fleet-02": "locked by another run:\n"
        "  process 7 on elsewhere: look there whether it still runs\n"
        "Once no process has it: pulumi cancel --yes --stack fleet-02, then the same command again."
    }
    assert [path.name for path in folder.iterdir()] == ["7.json"]
