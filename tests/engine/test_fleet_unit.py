"""The unit of work on the real CLI: one operation on one stack, asked for over a pipe."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys

import pytest

from pulumi_wechat_miniprogram.exports.planned import Planned
from pulumi_wechat_miniprogram.fleet.locks import Holder
from pulumi_wechat_miniprogram.fleet.work import Outcome, Request, read_outcome
from tests.engine.conftest import environment_of
from tests.engine.proxy import Proxy

APPIDS = [f"wx00000000000000a{number}" for number in range(1, 4)]
STACK = "fleet-07"


class Bench:
    """A backend and an emulator with three apps, for units that are asked by this process."""

    def __init__(self, folder, control):
        """Seed the apps."""
        self.control = control
        self.locks = folder / f"state/.pulumi/locks/organization/wechat-miniprogram-fleet/{STACK}"
        (folder / "state").mkdir()
        for appid in APPIDS:
            control.seed(appid)
        self.environment = {
            **environment_of(folder),
            "WECHAT_MINIPROGRAM_ENDPOINT": control.url,
            "WECHAT_MINIPROGRAM_PROBE": "false",
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps({each: f"emulator-{each}" for each in APPIDS}),
        }

    def start(self, operation, *apps, **options):
        """Start a unit."""
        unit = subprocess.Popen(
            [sys.executable, "-m", "pulumi_wechat_miniprogram.fleet.unit"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert unit.stdin is not None
        unit.stdin.write(Request(operation, STACK, apps, **options).to_json() + "\n")
        unit.stdin.flush()
        return unit

    def lock(self, content):
        """Make the stack, and let a run have left a lock."""
        self.run("preview", new=True)
        self.locks.mkdir(parents=True, exist_ok=True)
        (self.locks / "7.json").write_text(json.dumps(content), encoding="utf-8")

    def run(self, operation, *apps, **options):
        """Run a unit to its end: what it said, and its outcome."""
        return outcome(self.start(operation, *apps, **options))


def outcome(unit) -> tuple[list[str], Outcome]:
    """Wait for a unit that was let go on, its input open, and return the apps that it named and its outcome."""
    *said, last = [json.loads(line) for line in unit.stdout]
    unit.stdin.close()
    unit.stdout.close()
    unit.wait()
    return [app for line in said for app in line.get("apps", ())], read_outcome(last["outcome"])


def app(number, **inputs):
    """The inputs of one resource."""
    appid = APPIDS[number]
    return {"appid": appid, "domains": [f"https://shop.{appid}.example.com"], **inputs}


@pytest.fixture
def bench(tmp_path, wechat_emulator):
    """A backend without stacks."""
    return Bench(tmp_path, wechat_emulator)


@pytest.fixture
def proxy(bench):
    """A proxy that the providers speak to instead of the emulator."""
    proxy = Proxy(bench.control.url)
    bench.environment["WECHAT_MINIPROGRAM_ENDPOINT"] = proxy.url
    yield proxy
    proxy.close()


def test_one_stack_from_nothing_to_unchanged(bench):
    """Preview writes nothing, up writes all, the next preview and the refresh find nothing to do."""
    _, previewed = bench.run("preview", app(0), app(1), new=True)
    assert bench.control.calls() == []
    said, updated = bench.run("up", app(0), app(1))
    _, again = bench.run("preview", app(0), app(1))
    _, refreshed = bench.run("refresh", app(0), app(1))

    assert [one.status for one in (previewed, updated, again, refreshed)] == ["done"] * 4
    created = [Planned(each, "create", (f"https://shop.{each}.example.com",)) for each in APPIDS[:2]]
    assert sorted(previewed.changes, key=lambda one: one.appid) == created
    assert sorted(updated.changes, key=lambda one: one.appid) == created
    assert sorted(said) == APPIDS[:2]
    assert (again.counts, again.changes, again.changed) == ({"same": 3}, (), False)
    assert refreshed.counts == {"same": 3}


def test_an_app_that_fails_stops_no_other(bench):
    """It is named with WeChat's code and rid."""
    bench.environment["PULUMI_PARALLEL"] = "1"
    bench.control.fault(appid=APPIDS[0], errcode=61007, times=None)

    _, updated = bench.run("up", app(0), app(1), new=True)

    assert updated.status == "failed"
    (failure,) = updated.failures
    assert (failure.appid, failure.errcode) == (APPIDS[0], 61007)
    assert failure.rid in failure.message
    assert updated.message == ""
    assert bench.control.live(APPIDS[1]) == app(1)["domains"]


def test_a_stack_that_does_not_exist(bench):
    """What the CLI says is the message."""
    _, refreshed = bench.run("refresh")

    assert refreshed.status == "failed"
    assert f"no stack named '{STACK}' found" in refreshed.message


@pytest.mark.parametrize("how", ["the pipe ends", "SIGTERM"])
def test_a_unit_whose_asker_is_gone_ends_in_order(bench, proxy, how):
    """The app that was begun is recorded, nothing else starts, and the lock is given back."""
    bench.environment["PULUMI_PARALLEL"] = "1"
    held = proxy.hold("before", "set")
    unit = bench.start("up", *map(app, range(3)), new=True)
    held.wait()

    if how == "SIGTERM":
        unit.send_signal(signal.SIGTERM)
    else:
        unit.stdin.close()
    while "interrupted" not in (line := unit.stdout.readline()):
        assert line
    held.let_go()
    _, updated = outcome(unit)

    assert updated.status == "cut"
    assert not [*bench.locks.glob("*.json")]
    assert len(bench.control.writes()) == 1


def test_a_killed_unit_leaves_its_cli_which_ends_by_itself(bench, proxy):
    """The next attempt waits at the lock and finds nothing to do; nothing is written twice."""
    held = proxy.hold("before", "set")
    unit = bench.start("up", app(0), new=True)
    held.wait()
    unit.kill()
    unit.communicate()
    second = bench.start("up", app(0), new=True)
    held.let_go()
    _, updated = outcome(second)

    assert (updated.status, updated.counts) == ("done", {"same": 2})
    assert [write.domains for write in bench.control.writes()] == [(app(0)["domains"][0],)]


def test_a_lock_of_another_machine_stays(bench):
    """The unit waits as long as it is asked to, and names the holder."""
    bench.lock({"pid": 7, "username": "ci", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"})

    _, updated = bench.run("up", app(0), patience=0)

    assert updated.status == "locked"
    assert [(holder.host, holder.pid) for holder in updated.holders] == [("elsewhere", 7)]
    assert [path.name for path in bench.locks.iterdir()] == ["7.json"]
    assert bench.control.calls() == []


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_lock_whose_process_is_gone_is_broken(bench, where):
    """The proof is this host's own, or that of the host which the lock names."""
    host = socket.gethostname() if where == "here" else where
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    time = "2026-01-01T00:00:00Z"
    bench.lock({"pid": dead.pid, "username": "ci", "hostname": host, "timestamp": time})
    gone = (Holder("ci", host, dead.pid, time),) if where == "elsewhere" else ()

    _, updated = bench.run("up", app(0), gone=gone)

    assert updated.status == "done"
    assert [*bench.locks.iterdir()] == []


def test_a_limit_of_calls_holds_across_units(bench):
    """Each unit waits before its first call, so that one after the other keeps the rate."""
    rate = 240
    bench.run("up", app(0), new=True, calls_per_minute=rate)
    bench.run("refresh", app(0), calls_per_minute=rate)

    times = [call.time for call in bench.control.calls()]
    assert times[-1] - times[0] >= (len(times) - 1) * 60 / rate - 0.15


def test_a_state_that_has_changed_since_it_was_checked(bench):
    """The update would delete what another run has added; it ends before it calls WeChat."""
    bench.run("up", app(0), app(1), new=True)
    bench.control.clear_calls()

    _, updated = bench.run("up", app(0), app(2), checked=[f"{APPIDS[2]} is absent"])

    assert (updated.status, updated.message) == (
        "failed",
        f"the state of {STACK} has changed since it was previewed: run the command again",
    )
    assert bench.control.calls() == []
