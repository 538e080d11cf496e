"""The emulator at its edges: the clock's ends, hidden answers, wrong files, calls that cross each other."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.emulator.conftest import APPID
from wechat_miniprogram_emulator import AppState, CallRecord, Emulator
from wechat_miniprogram_emulator import host as emulator_host
from wechat_miniprogram_emulator.store import Store
from wechat_miniprogram_emulator.store.data import CALLS_BETWEEN_CLEANINGS, CALLS_KEPT
from wechat_miniprogram_emulator.store.database import BUSY_TIMEOUT_SECONDS
from wechat_miniprogram_emulator.store.refusals import KEPT, Refusal

A, B = (f"https://{name}.example.com" for name in "ab")


@pytest.fixture
def control(wechat_emulator):
    """An emulator with one app whose domain is in force."""
    wechat_emulator.seed(APPID, live=[A])
    return wechat_emulator


def test_the_rid_tells_the_emulators_time(control, wechat):
    """Its first group is the Unix time in hex, by the clock that the control plane moves."""
    control.advance(86400)

    rid = wechat.raw(control.url, token="nobody").json()["errmsg"].rpartition("rid: ")[2]

    assert int(rid[:8], 16) == int(control.calls()[0].time)


def test_the_clock_moves_ten_years_at_most(control):
    """A rid has room for eight hex digits."""
    with pytest.raises(ValueError, match=r"^advance: must be at most 316224000"):
        control.advance(1e12)


@pytest.mark.parametrize(
    "rule", [{"cut": "after"}, {"http_status": 502, "apply": True}, {"body": "{}", "apply": True}]
)
def test_a_hidden_answer_has_no_errcode(control, wechat, rule):
    """The log says what the client got: nothing, although the write was carried out."""
    control.fault(**rule)

    with contextlib.suppress(httpx.TransportError, json.JSONDecodeError):
        wechat.domains(control.url, "add", B)

    (call,) = control.calls()
    assert (call.errcode, call.applied, bool(call.fault)) == (None, True, True)


def test_an_unknown_path_has_no_errcode(control, wechat):
    """Nobody got 0."""
    wechat.raw(control.url, "/wxa/nowhere")

    assert [call.errcode for call in control.calls()] == [None]


@pytest.mark.parametrize(("apply", "live"), [(False, [A]), (True, [A, B])])
def test_a_delay_comes_before_the_write_or_after_it(apply, live):
    """With `apply` a client that gave up finds its write done, without it the write is still to come."""
    with Emulator() as emulator:  # one of its own: what is still to come must not meet another test
        emulator.control.seed(APPID, live=[A])
        emulator.control.fault(action="add", delay=0.3, apply=apply)

        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{emulator.url}/wxa/setwebviewdomain_directly?access_token=emulator-{APPID}",
                json={"action": "add", "webviewdomain": [B]},
                timeout=httpx.Timeout(5, read=0.1),
                trust_env=False,
            )

        assert emulator.control.live(APPID) == live


def test_an_errcode_that_no_log_could_hold_is_refused(control, wechat):
    """A fault takes what fits a column, so that no call ends in a server error."""
    with pytest.raises(ValueError, match=r"^errcode: must be below 2147483648$"):
        control.fault(errcode=10**20)


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_a_body_has_none(control, wechat, status):
    """HTTP forbids one there."""
    control.fault(http_status=status)

    response = wechat.raw(control.url)

    assert (response.status_code, response.content) == (status, b"")


def test_another_spelling_of_a_live_host_needs_no_confirm_file(control, wechat):
    """The file is asked of new hosts; the new spelling is stored beside the old one."""
    control.trust()

    answer = wechat.domains(control.url, "add", A + "/")

    assert answer["errcode"] == 0
    assert control.live(APPID) == [A, A + "/"]


def test_calls_that_meet_an_app_first_lose_no_write(tmp_path, wechat):
    """The first call makes the app; another server's first call at the same time does not make it again."""
    path = tmp_path / "data.db"
    with Emulator(path, auto_apps=True) as one, Emulator(path, auto_apps=True) as other:
        threads = [
            threading.Thread(target=wechat.domains, args=(server.url, "add", f"https://h{n}.example.com"))
            for n, server in enumerate((one, other) * 8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(one.control.live(APPID)) == 16


def test_an_app_is_added_once(tmp_path):
    """Adding an app that is there leaves its lists as they are."""
    store = Store(tmp_path / "data.db")
    with contextlib.closing(store):
        seeded = emulator_host._emulator().AppState(APPID, direct=(A,))
        store.put_app(seeded)

        store.add_app(emulator_host._emulator().AppState(APPID))

        assert store.app(APPID) == seeded


def test_the_log_keeps_the_newest_calls():
    """A hundred thousand; so a server that runs for weeks does not grow."""
    call = CallRecord(0, 0.0, "POST", "/", None, None, (), 0, applied=False, fault=None)
    with contextlib.closing(Store()) as store:
        with store.transaction():
            for _ in range(CALLS_KEPT + CALLS_BETWEEN_CLEANINGS):
                store.log(call)
        kept = [call.seq for call in store.calls()]

    assert (kept[0], len(kept)) == (CALLS_BETWEEN_CLEANINGS + 1, CALLS_KEPT)


def test_old_refusals_are_forgotten():
    """With the calls: what is more than seven days old can no longer be asked for."""
    call = CallRecord(0, 8 * 86400.0, "POST", "/", None, None, (), 0, applied=False, fault=None)
    old, new = (Refusal(rid, None, time, 0, "", "", "") for rid, time in (("old", 0.0), ("new", 86400.0)))
    with contextlib.closing(Store()) as store:
        store.refusals.put(old)
        store.refusals.put(new)
        for _ in range(CALLS_BETWEEN_CLEANINGS):
            store.log(call)

        assert (store.refusals.find("old", 0.0), store.refusals.find("new", 0.0)) == (None, new)


def test_the_look_up_keeps_the_newest_refusals():
    """A hundred thousand, as the log."""
    with contextlib.closing(Store()) as store:
        with store.transaction():
            for number in range(KEPT + 2):
                store.refusals.put(Refusal(str(number), None, 0.0, 0, "", "", ""))
            store.refusals.drop_old(0.0)

        found = [store.refusals.find(str(number), 0.0) is not None for number in (1, 2, KEPT + 1)]
    assert found == [False, True, True]


def test_a_taken_port_is_an_error_that_leaves_nothing_open(tmp_path):
    """The data file can be used again immediately; an open connection would be a warning, thus a failure."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Emulator(tmp_path / "data.db", port=taken.getsockname()[1])

    Emulator(tmp_path / "data.db").close()


def test_a_file_of_something_else_is_refused(tmp_path):
    """The text names the file."""
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 100, encoding="utf-8")

    with pytest.raises(ValueError, match=r"notes\.txt holds no emulator data: file is not a database"):
        Emulator(path)


@pytest.mark.parametrize("version", [0, 2, 99])
@pytest.mark.parametrize("open_it", [Emulator, emulator_host.open_embedded, emulator_host.read_calls])
def test_a_database_of_another_program_is_left_as_it_is(tmp_path, version, open_it):
    """Not a table is added, whatever version its owner wrote into it."""
    path = tmp_path / "bookmarks.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
        connection.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()

    with pytest.raises(
        ValueError, match=r"bookmarks\.db holds no emulator data: it is a database of another program$"
    ):
        open_it(path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_a_regular_file_is_refused(tmp_path):
    """A pipe or a device holds no data; nothing is opened."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for path in (pipe, tmp_path, Path(os.devnull)):
        with pytest.raises(OSError, match=r"cannot be used: it is not a regular file$"):
            Emulator(path)


@pytest.fixture
def filled(tmp_path):
    """A data file of some pages that an emulator has left."""
    path = tmp_path / "data.db"
    with contextlib.closing(Store(path)) as store, store.transaction():
        for number in range(300):
            store.add_app(AppState(f"wx{number:016x}", direct=(A,)))
    return path


def test_data_of_this_version_open_again(filled):
    """Also where another process has them open."""
    with contextlib.closing(Store(filled)), Emulator(filled) as emulator:
        assert len(emulator.control.appids()) == 300


def cut_in_half(content):
    return content[: len(content) // 2]


def overwritten(content):
    return content[:8192] + b"\xff" * 4096 + content[12288:]


@pytest.mark.parametrize("damage", [cut_in_half, overwritten])
@pytest.mark.parametrize("open_it", [Emulator, emulator_host.open_embedded, emulator_host.read_releases])
def test_a_damaged_file_is_one_clear_error(filled, damage, open_it):
    """When it is opened, and not in the middle of a test."""
    filled.write_bytes(damage(filled.read_bytes()))

    with pytest.raises(ValueError, match=r"data\.db is damaged"):
        open_it(filled)


def test_a_file_that_is_damaged_while_it_is_served_is_reported(filled, wechat):
    """To the caller, with what is wrong: no traceback, and no answer that WeChat could have given."""
    with Emulator(filled) as emulator:
        with contextlib.closing(sqlite3.connect(filled)) as connection:
            connection.execute("DROP TABLE call")
        answer = wechat.raw(emulator.url, token="emulator-wx0000000000000001")
        page = httpx.get(f"{emulator.url}/_emulator/calls")

    reported = f"{filled} cannot be used: no such table: call"
    assert (answer.status_code, answer.text) == (500, f"the emulator failed: {reported}\n")
    assert (page.status_code, page.json()) == (400, {"error": reported})


def run_limited(limit, *arguments):
    """Run the command where no file may grow beyond a size, as on a full disk."""
    program = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));"
        "from pulumi_wechat_miniprogram.cli import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-B", "-c", program, "emulator", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
    )


def test_a_full_disk_is_reported_as_what_it_is(tmp_path):
    """The error is SQLite's own, and comes without a wait for a lock that nobody holds."""
    path = tmp_path / "data.db"
    start = time.monotonic()

    done = run_limited(4096, "--data", path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {path} cannot be used: disk I/O error\n"
    assert time.monotonic() - start < BUSY_TIMEOUT_SECONDS


def test_a_write_that_a_full_disk_stopped_is_undone(filled):
    """And the next one succeeds when there is room again."""
    new = AppState(APPID, direct=tuple(f"https://h{number}.example.com" for number in range(300)))
    with contextlib.closing(Store(filled)) as store:
        pages = store._database.execute("PRAGMA page_count")[0][0]
        store._database.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OSError, match=r"data\.db cannot be used: database or disk is full"):
            store.add_app(new)
        store._database.execute("PRAGMA max_page_count = 100000")

        assert store.app(APPID) is None
        store.add_app(new)
        assert store.app(APPID) == new


def test_a_server_without_file_descriptors_says_it_once_and_goes_on(tmp_path):
    """New connections wait in the backlog until others are closed."""
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32));"
        "from pulumi_wechat_miniprogram.cli import main; main()"
    )
    arguments = [sys.executable, "-c", program, "emulator"]
    with (
        (tmp_path / "stderr").open("w", encoding="utf-8") as stderr,
        subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
        contextlib.ExitStack() as leaving,
    ):
        leaving.callback(process.kill)
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("emulator ready at ").strip()
        port = int(url.rpartition(":")[2])
        with contextlib.ExitStack() as connections:
            for _ in range(64):
                connections.enter_context(socket.create_connection(("127.0.0.1", port)))
            with pytest.raises(httpx.TimeoutException):
                httpx.get(f"{url}/_emulator/state", timeout=0.3)
        answer = httpx.get(f"{url}/_emulator/state", timeout=20)
    said = (tmp_path / "stderr").read_text(encoding="utf-8")

    assert answer.json() == {"apps": []}
    assert said.startswith("The emulator has no file descriptors left. New connections wait: ")
    assert said.count("\n") == 1


def test_a_file_in_no_folder_is_refused(tmp_path):
    """The text names the file."""
    with pytest.raises(OSError, match=r"data\.db cannot be used: unable to open database file"):
        Emulator(tmp_path / "missing" / "data.db")


@pytest.mark.parametrize("read", [emulator_host.read_releases, emulator_host.read_calls])
def test_reading_makes_no_file(tmp_path, read):
    """A misspelt path is an error, not an empty emulator."""
    with pytest.raises(FileNotFoundError, match=r"/typo\.db has no emulator data$"):
        read(tmp_path / "typo.db")

    assert list(tmp_path.iterdir()) == []


def test_a_module_that_is_missing_for_another_reason_is_not_explained_away(monkeypatch):
    """Only the extra's own packages are answered with what to install."""
    for name in [name for name in sys.modules if name.startswith("wechat_miniprogram_emulator.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "wechat_miniprogram_emulator")
    monkeypatch.setitem(sys.modules, "pydantic", None)

    with pytest.raises(ModuleNotFoundError) as missing:
        emulator_host.read_releases(Path(__file__))

    assert not isinstance(missing.value, emulator_host.EmulatorMissing)


SERVE = """
import sys
from pathlib import Path
from wechat_miniprogram_emulator.host import serve
serve(port=0, data=None, host_map={}, ca_file=None, trusted_hosts=(), profile=None, switches={}, auto_apps=False, seed=Path(sys.argv[1]),
      announce=lambda line: print(line, flush=True))
"""


def test_a_seed_file_holds_switches_and_trust_too(tmp_path, wechat):
    """What the control plane takes as a seed is what the file holds."""
    seed = tmp_path / "seed.json"
    seed.write_text(
        json.dumps(
            {
                "apps": [{"appid": APPID}],
                "trusted_hosts": ["a.example.com"],
                "switches": {"missing_file": -1, "empty_get": "omit"},
            }
        ),
        encoding="utf-8",
    )
    arguments = [sys.executable, "-c", SERVE, str(seed)]

    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("emulator ready at ").strip()
        empty = wechat.domains(url, "get")
        codes = [wechat.domains(url, "add", value)["errcode"] for value in (A, B)]
        process.terminate()

    assert empty == {"errcode": 0, "errmsg": "ok"}
    assert codes == [0, -1]
    assert process.returncode == 0
