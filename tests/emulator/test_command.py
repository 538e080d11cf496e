"""The command `wechat-miniprogram emulator` as its own process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys

import pytest

from tests.emulator.conftest import APPID
from wechat_miniprogram_emulator import Emulator, EmulatorControl
from wechat_miniprogram_emulator import host as emulator_host
from wechat_miniprogram_emulator.seed import AppSeed

OTHER = "wxfedcba9876543210"
A, B, C = (f"https://{name}.example.com" for name in "abc")
COMMAND = (sys.executable, "-c", "from pulumi_wechat_miniprogram.cli import main; main()", "emulator")


def run(*arguments):
    """Exit code, output and errors of the command."""
    done = subprocess.run([*COMMAND, *arguments], check=False, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def data(tmp_path, wechat):
    """A data file with one app: A in force, C waiting for a release, B on its way out, one call."""
    path = tmp_path / "data.db"
    with Emulator(path) as emulator:
        emulator.control.seed(APPID, live=[A], effective=[A, B])
        wechat.domains(emulator.url, "add", C)
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_asked_to_stop(tmp_path, wechat, number):
    """The first line is the address, a seed is in place by then, and the end is exit code 0."""
    path, seed = tmp_path / "data.db", tmp_path / "seed.yaml"
    seed.write_text(f"apps:\n  - appid: {APPID}\n    live: [{A}]\n", encoding="utf-8")
    arguments = [*COMMAND, "--data", path, "--seed", seed, "--trust", "b.example.com"]

    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        url = line.removeprefix("emulator ready at ").strip()
        answers = [wechat.domains(url, "add", value)["errcode"] for value in (B, C)]
        with contextlib.closing(EmulatorControl(url)) as control:
            live = control.live(APPID)
        process.send_signal(number)
        process.wait(timeout=10)
        rest = (process.stdout.read(), process.stderr.read())

    assert re.fullmatch(r"emulator ready at http://127\.0\.0\.1:[0-9]+\n", line)
    assert (answers, live) == ([0, 86103], [A, B])
    assert (process.returncode, *rest) == (0, f"its page is {url}/_emulator/\n", "")
    assert [state.direct for state, _ in emulator_host.read_releases(path)] == [(A, B)]


def test_show_tells_what_a_release_would_change(data):
    """Each domain with its standing, and the calls."""
    code, output, errors = run("show", "--data", data)

    ((state, _),) = emulator_host.read_releases(data)
    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        f"{APPID}  confirm file {state.file_name}",
        f"  {A}  in force",
        f"  {C}  pending: in force after the next release",
        f"  {B}  in force until the next release",
        "calls: 1 (add)",
    ]


def test_show_prints_each_live_value_in_one_line(tmp_path):
    """Control characters, terminal escapes and line separators are visible and forge nothing."""
    path = tmp_path / "data.db"
    odd = ("x\n::error::forged\x1b[31m", "y\u2028z", "a\u202eb", "c\x9bd")
    with Emulator(path) as emulator:
        emulator.control.seed(APPID, live=odd)

    code, output, errors = run("show", "--data", path)

    assert (code, errors) == (0, "")
    assert [line.rpartition("  ")[0] for line in output.splitlines()[1:-1]] == [
        r"  x\n::error::forged\x1b[31m",
        r"  y\u2028z",
        r"  a\u202eb",
        r"  c\x9bd",
    ]


def test_show_foretells_what_the_platform_no_longer_lists(tmp_path):
    """A release drops such domains of mode one and of the console."""
    path = tmp_path / "data.db"
    with Emulator(path) as emulator:
        emulator.control.platform(jump_hosts=["a.example.com"])
        emulator.control.seed(APPID, third=[A, B], mp=[C], effective=[A, B])

    code, output, errors = run("show", "--data", path)

    assert (code, errors) == (0, "")
    assert sorted(output.splitlines()[1:-1]) == [
        f"  {A}  in force",
        f"  {B}  in force until the next release",
        f"  {C}  off the list at the next release: the platform does not list it",
    ]


def test_release_puts_the_list_in_force(data):
    """After a release what is configured is in force."""
    done = run("release", APPID, "--data", data)

    assert done == (0, f"{APPID} released\n", "")
    assert [state.effective for state, _ in emulator_host.read_releases(data)] == [(A, C)]


def test_an_unknown_app_is_not_released(data):
    """The error names the file and the app."""
    code, output, errors = run("release", OTHER, "--data", data)

    assert (code, output) == (1, "")
    assert errors.startswith("error: ")
    assert errors.rstrip().endswith(f"data.db has no app {OTHER}")


def test_an_edit_is_shown_and_met_by_a_running_emulator(tmp_path, wechat):
    """The command writes the data of an emulator that runs; an added domain waits for a release."""
    path = tmp_path / "data.db"
    with Emulator(path) as emulator:
        emulator.control.seed(APPID, live=[A])

        done = run("edit", APPID, "--add", B, "--add", "c.example.com", "--remove", A, "--data", path)

        answer = wechat.effective(emulator.url)
    assert done == (
        0,
        f"{APPID} edited\n"
        f"  {B}  pending: in force after the next release\n"
        f"  {C}  pending: in force after the next release\n",
        "",
    )
    assert (answer["direct_webviewdomain"], answer["effective_webviewdomain"]) == ([B, C], [])


def test_an_edit_as_the_console_leaves_the_list_of_this_api(data):
    """The domain is on the console's list."""
    code, _, errors = run("edit", APPID, "--add", B, "--as", "console", "--data", data)

    ((state, _),) = emulator_host.read_releases(data)
    assert (code, errors) == (0, "")
    assert (state.direct, state.mp) == ((A, C), (B,))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([APPID], "nothing to do: name a domain to add or to remove"),
        ([APPID, "--add", "http://a"], "'http://a' is not a domain: expected https://HOST, such as "),
        ([OTHER, "--add", A], f"data.db has no app {OTHER}"),
    ],
)
def test_a_wrong_edit_is_one_error(data, arguments, text):
    """It says what is wrong, and nothing is written."""
    code, output, errors = run("edit", *arguments, "--data", data)

    ((state, _),) = emulator_host.read_releases(data)
    assert (code, output) == (1, "")
    assert errors.startswith("error: ")
    assert text in errors
    assert len(errors.splitlines()) == 1
    assert state.direct == (A, C)


def test_every_appid_exists_where_the_command_line_says_so(wechat):
    """Without a seed an app is there from its first call; its token is derived from its appid."""
    with serving("--auto-apps", "--trust", "*") as (_, url):
        assert wechat.domains(url, "add", A)["errcode"] == 0
    with serving("--trust", "*") as (_, url):
        assert wechat.domains(url, "add", A)["errcode"] == 40001


@contextlib.contextmanager
def serving(*arguments):
    """The running command and its address."""
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("emulator ready at ").strip()
        try:
            yield process, url
        finally:
            process.terminate()


def test_a_restart_with_its_seed_loses_nothing(tmp_path, wechat):
    """Apps that the data file has stay as they are there, those that it lacks are added, and the command says so."""
    data, seed = tmp_path / "data.db", tmp_path / "seed.yaml"
    seed.write_text(json.dumps({"apps": [{"appid": APPID, "live": [A]}]}), encoding="utf-8")
    with serving("--data", data, "--seed", seed, "--trust", "*") as (_, url):
        wechat.domains(url, "add", B)
    seed.write_text(
        json.dumps({"apps": [{"appid": app, "live": [A]} for app in (APPID, OTHER)]}), encoding="utf-8"
    )

    with serving("--data", data, "--seed", seed) as (process, url):
        with contextlib.closing(EmulatorControl(url)) as control:
            live = (control.live(APPID), control.live(OTHER))
        process.terminate()
        reported = process.stdout.read()

    assert live == ([A, B], [A])
    assert f"1 of 2 apps in {seed} already exist in {data} and are left unchanged\n" in reported


def test_the_command_line_goes_before_the_seed_and_the_data(tmp_path, wechat):
    """A switch and a trusted host that are given hold, whatever seed and data file say."""
    data, seed = tmp_path / "data.db", tmp_path / "seed.yaml"
    seed.write_text(
        f"apps: [appid: {APPID}]\nswitches: {{empty_get: list, missing_file: -1}}\ntrusted_hosts: [a.example.com]\n",
        encoding="utf-8",
    )
    arguments = ("--data", data, "--switch", "empty_get=omit", "--trust", "b.example.com")

    with serving(*arguments, "--seed", seed) as (_, url):
        first = [wechat.domains(url, "get"), wechat.domains(url, "add", A)["errcode"]]
    with serving(*arguments, "--switch", "missing_file=86103") as (_, url):
        second = [wechat.domains(url, "get"), wechat.domains(url, "add", A)["errcode"]]

    empty = {"errcode": 0, "errmsg": "ok"}
    assert (first, second) == ([empty, -1], [empty, 86103])


def test_a_profile_goes_before_the_seed_and_a_switch_before_both(tmp_path):
    """Every switch has the profile's position except for those that are named."""
    seed = tmp_path / "seed.yaml"
    seed.write_text("switches: {empty_get: list, set_empty: clear}\n", encoding="utf-8")

    with (
        serving("--seed", seed, "--profile", "strict", "--switch", "set_empty=clear") as (_, url),
        contextlib.closing(EmulatorControl(url)) as control,
    ):
        switches = control.switches()
        control.reset()

        assert (switches["empty_get"], switches["set_empty"]) == ("omit", "clear")
        assert control.switches() == switches


def test_a_reset_comes_back_to_the_command_line(wechat):
    """The switches and hosts that were given outlive a reset."""
    with (
        serving("--switch", "empty_get=omit", "--trust", "b.example.com") as (_, url),
        contextlib.closing(EmulatorControl(url)) as control,
    ):
        control.reset()
        control.seed(APPID)

        assert wechat.domains(url, "get") == {"errcode": 0, "errmsg": "ok"}
        assert [wechat.domains(url, "add", value)["errcode"] for value in (A, B)] == [86103, 0]


def test_the_schema_is_printed():
    """What an editor needs to check a seed file."""
    code, output, errors = run("seed-schema")

    assert (code, json.loads(output), errors) == (0, emulator_host.seed_schema(), "")


def test_a_wrong_seed_is_reported_line_by_line(tmp_path):
    """Every fault on its line of the file, before the emulator serves anything."""
    seed = tmp_path / "seed.yaml"
    seed.write_text(f"apps:\n  - appid: {APPID}\n    lives: []\n  - appid: wx1\n", encoding="utf-8")

    code, output, errors = run("--seed", seed)

    assert (code, output) == (1, "")
    assert errors == (
        f"error: {seed}:3: apps.0: unknown: lives; allowed: {', '.join(AppSeed.model_fields)}\n"
        f"{seed}:4: apps.1.appid: 'wx1' is not a valid appid: "
        'expected "wx" followed by 16 hexadecimal digits\n'
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--host-map", "c.example.com"], "is not HOST=ADDRESS:PORT"),
        (["--switch", "empty_get"], "is not NAME=POSITION"),
        (["--profile", "kind"], "error: profile: kind is unknown; there are strict and lenient"),
        (["--switch", "empty_get=maybe"], "error: switches: empty_get: must be 'list' or 'omit'"),
        (["--switch", "colour=red"], "error: switches: body: unknown: colour; allowed: get_returns, "),
        (["--seed", __file__], "error: "),
        (["--host-map", "c.example.com=192.0.2.1:443"], "the target must be a loopback address"),
    ],
)
def test_wrong_usage_leaves_with_one(arguments, text):
    """A wrong option or argument is named on standard error; exit code 1."""
    code, output, errors = run(*arguments)

    assert (code, output) == (1, "")
    assert text in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "arguments",
    [["emulator", "--port", "many"], ["--colour"], ["paint"], ["emulator", "release"], ["emulator", "show"]],
)
def test_wrong_usage_is_no_traceback(arguments):
    """Typer's own errors show the usage and leave with 1: 2 means that drift was found."""
    program = "from pulumi_wechat_miniprogram.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Usage:" in done.stderr


@pytest.mark.parametrize("option", ["--seed", "--ca-file"])
def test_a_named_pipe_is_refused(tmp_path, option):
    """Opening it would wait for a writer, without end."""
    os.mkfifo(tmp_path / "pipe")

    code, output, errors = run(option, tmp_path / "pipe", "--host-map", "a.example.com=127.0.0.1:9")

    assert (code, output) == (1, "")
    assert errors == f"error: {tmp_path}/pipe: it is not a regular file\n"


def test_a_seed_that_is_too_large_is_refused(tmp_path):
    """More than any seed holds."""
    with (tmp_path / "seed.yaml").open("wb") as file:
        file.truncate((16 << 20) + 1)

    assert run("--seed", tmp_path / "seed.yaml") == (
        1,
        "",
        f"error: {tmp_path}/seed.yaml: it is larger than 16 MiB\n",
    )


def test_a_signal_ends_the_command_while_it_reads_a_seed(tmp_path, monkeypatch):
    """They are held back only once the seed has been read."""
    masks = []

    def read(_path):
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        raise ValueError("no seed")

    monkeypatch.setattr(emulator_host, "read_seed", read)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        with pytest.raises(ValueError, match="no seed"):
            emulator_host.serve(
                port=0,
                data=None,
                host_map={},
                ca_file=None,
                trusted_hosts=(),
                profile=None,
                switches={},
                auto_apps=False,
                seed=tmp_path,
                announce=print,
            )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    assert not masks[0].intersection(emulator_host.ENDS)
