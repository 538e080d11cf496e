"""The command `wechat-miniprogram emulator` as its own process."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys

import pytest

from pulumi_wechat_miniprogram import emulator_host
from pulumi_wechat_miniprogram.emulator import Emulator, EmulatorControl
from tests.emulator.conftest import APPID

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
def test_the_command_serves_until_it_is_told_to_stop(tmp_path, wechat, number):
    """The first line is the address, a seed is in place by then, and the end is exit code 0."""
    path, seed = tmp_path / "data.db", tmp_path / "seed.json"
    seed.write_text(json.dumps({"apps": [{"appid": APPID, "live": [A]}]}), encoding="utf-8")
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
    assert (process.returncode, *rest) == (0, "", "")
    assert [state.direct for state in emulator_host.read_data(path)] == [(A, B)]


def test_show_tells_what_a_release_would_change(data):
    """Each domain with its standing, and the calls."""
    code, output, errors = run("show", "--data", data)

    (state,) = emulator_host.read_data(data)
    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        f"{APPID}  confirm file {state.file_name}",
        f"  {A}  in force",
        f"  {C}  pending: in force after the next release",
        f"  {B}  in force until the next release",
        "calls: 1 (add)",
    ]


def test_release_puts_the_list_in_force(data):
    """After a release what is configured is in force."""
    done = run("release", APPID, "--data", data)

    assert done == (0, f"{APPID} released\n", "")
    assert [state.effective for state in emulator_host.read_data(data)] == [(A, C)]


def test_an_unknown_app_is_not_released(data):
    """The error names the file and the app."""
    code, output, errors = run("release", OTHER, "--data", data)

    assert (code, output) == (1, "")
    assert errors.startswith("error: ")
    assert errors.rstrip().endswith(f"data.db has no app {OTHER}")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--host-map", "c.example.com"], "is not HOST=ADDRESS:PORT"),
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
