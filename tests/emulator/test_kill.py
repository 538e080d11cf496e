"""The command, killed between writes and during them: what was acknowledged is there, and no write is half there."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading

import httpx
import pytest

from tests.emulator.conftest import APPID
from tests.emulator.test_command import COMMAND
from wechat_miniprogram_emulator import Emulator
from wechat_miniprogram_emulator import host as emulator_host

OTHER = "wxfedcba9876543210"
SIZE = 300


def generation(number):
    """A whole list, of domains that no other generation has."""
    return [f"https://g{number}-{at}.example.com" for at in range(SIZE)]


def keep_setting(wechat, url, acknowledged, enough):
    """Set one generation after the other until the server is gone."""
    with contextlib.suppress(httpx.TransportError):
        for number in range(1, 10_000):
            assert wechat.domains(url, "set", *generation(number), appid=OTHER)["errcode"] == 0
            acknowledged.append(number)
            enough.release()


def keep_adding(wechat, url, name, acknowledged, enough):
    """Add one domain after the other until the server is gone."""
    with contextlib.suppress(httpx.TransportError):
        for number in range(SIZE):
            value = f"https://{name}{number}.example.com"
            assert wechat.domains(url, "add", value)["errcode"] == 0
            acknowledged.append(value)
            enough.release()


@pytest.fixture
def killed(tmp_path, wechat):
    """Kills a server under load after so many answers; gives its data file and what was acknowledged."""
    data, seed = tmp_path / "data.db", tmp_path / "seed.yaml"
    seed.write_text(json.dumps({"apps": [{"appid": APPID}, {"appid": OTHER}]}), encoding="utf-8")
    command = [*COMMAND, "--data", data, "--seed", seed, "--trust", "*"]

    def kill(after):
        sets: list[int] = []
        adds: list[str] = []
        enough = threading.Semaphore(0)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().removeprefix("emulator ready at ").strip()
            clients = [
                threading.Thread(target=keep_setting, args=(wechat, url, sets, enough)),
                *(
                    threading.Thread(target=keep_adding, args=(wechat, url, name, adds, enough))
                    for name in ("x", "y", "z")
                ),
            ]
            for client in clients:
                client.start()
            for _ in range(after):
                assert enough.acquire(timeout=30)
            process.kill()
            for client in clients:
                client.join()
        assert process.returncode == -signal.SIGKILL
        return data, sets, adds

    return kill


@pytest.mark.parametrize("after", [1, 17, 60])
def test_a_kill_under_load_loses_nothing_that_was_acknowledged(killed, after):
    """Every added domain that was answered with 0 is in the file; a list that was set is there whole."""
    data, sets, adds = killed(after)

    states = {state.appid: state.direct for state, _ in emulator_host.read_releases(data)}
    found = list(states[OTHER])
    number = int(found[0].removeprefix("https://g").partition("-")[0]) if found else 0
    assert set(adds) <= set(states[APPID])
    assert found == (generation(number) if number else [])
    assert number in {len(sets), len(sets) + 1}
    with contextlib.closing(sqlite3.connect(data)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_every_acknowledged_write_is_in_the_log(killed):
    """The request log of the file has them too."""
    data, sets, adds = killed(30)

    logged = emulator_host.read_calls(data)
    assert set(adds) <= {call.domains[0] for call in logged if call.action == "add" and call.errcode == 0}
    assert len([call for call in logged if call.action == "set"]) >= len(sets)


def test_a_killed_command_starts_again(killed, tmp_path, wechat):
    """The same command goes on with the data as they were."""
    data, _, adds = killed(10)
    command = [*COMMAND, "--data", data, "--seed", tmp_path / "seed.yaml"]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("emulator ready at ").strip()
        live = wechat.domains(url, "get")["webviewdomain"]
        process.terminate()

    assert set(adds) <= set(live)
    assert process.returncode == 0


# Forks a server for each statement of SQL that one call runs; it kills itself when it comes to that statement.
DIE_AT_EACH_STATEMENT = """
import json, os, shutil, signal, sys
from pathlib import Path
import httpx
from wechat_miniprogram_emulator import host as emulator_host
from wechat_miniprogram_emulator import Emulator

source, target, token, body = sys.argv[1:]
connections = []
sys.addaudithook(lambda event, given: event == "sqlite3.connect/handle" and connections.append(given[0]))

def call(statement, acknowledge):
    left = [statement]
    def count(_):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    with Emulator(target) as emulator:
        connections[-1].set_trace_callback(count)
        url = f"{emulator.url}/wxa/setwebviewdomain_directly?access_token={token}"
        assert httpx.post(url, content=body, trust_env=False).json()["errcode"] == 0
        os.write(acknowledge, b"0")
        os._exit(0)

acknowledged, statement = False, 0
while not acknowledged:
    statement += 1
    for end in ("", "-wal", "-shm"):
        if os.path.exists(target + end):
            os.remove(target + end)
    shutil.copy(source, target)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        call(statement, writer)
    os.close(writer)
    acknowledged = os.read(reader, 1) == b"0"
    os.waitpid(child, 0)
    print(json.dumps([acknowledged, *(app.direct for app, _ in emulator_host.read_releases(Path(target)))]), flush=True)
"""


def test_a_kill_at_any_statement_of_a_write_leaves_the_old_list_or_the_new_one(tmp_path):
    """Whichever statement a set of 20 domains had come to, no part of a list is in the file."""
    source, target = tmp_path / "source.db", tmp_path / "target.db"
    old, new = generation(1)[:20], generation(2)[:20]
    with Emulator(source) as emulator:
        emulator.control.seed(APPID, live=old)
    body = json.dumps({"action": "set", "webviewdomain": new})
    arguments = (DIE_AT_EACH_STATEMENT, source, target, f"emulator-{APPID}", body)

    done = subprocess.run(
        [sys.executable, "-c", *arguments], check=False, capture_output=True, text=True, timeout=120
    )

    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert len(ends) > len(new)
    assert ends[-1] == [True, new]
    assert [end for end in ends if end not in ([False, old], [False, new], [True, new])] == []
    assert ends == sorted(ends, key=lambda end: (end[0], end[1] == new))
