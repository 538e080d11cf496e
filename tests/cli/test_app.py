"""What all commands of `wechat-miniprogram` have in common."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from pulumi_wechat_miniprogram import __version__
from tests.exports.stacks import APPID
from wechat_miniprogram_emulator import Emulator

COMMAND = (sys.executable, "-m", "pulumi_wechat_miniprogram.cli")
TAUGHT = ("inventory", "drift", "adopt", "plan", "report", "doctor", "calibrate")


@pytest.mark.parametrize("command", TAUGHT)
def test_the_help_teaches(printed, command):
    """What it does, and commands to copy."""
    code, output, errors = printed(command, "--help")

    assert (code, errors) == (0, "")
    assert "For example:" in output
    assert f" wechat-miniprogram {command} " in output


def test_the_first_help_names_the_commands_and_exit_codes(printed):
    """So that a script can be written from it."""
    code, output, _ = printed("--help")

    assert code == 0
    assert "Exit codes: 0 success, 1 an error or wrong usage, 2 drift, 130 Ctrl-C, 143 SIGTERM." in " ".join(
        output.split()
    )
    assert [name for name in (*TAUGHT, "schema") if f"│ {name} " not in output] == []


def test_the_version_is_the_packages(printed):
    """For reports of faults."""
    assert printed("--version") == (0, f"wechat-miniprogram {__version__}\n", "")


def test_an_unknown_command_is_exit_code_1(printed):
    """2 is kept for drift."""
    code, output, errors = printed("invent")

    assert (code, output) == (1, "")
    assert "No such command 'invent'" in errors


def test_a_shell_completes_commands_and_options():
    """By the script that --install-completion puts in place."""
    completed = [
        subprocess.run(
            COMMAND,
            env={
                **os.environ,
                "_WECHAT_MINIPROGRAM_COMPLETE": "complete_bash",
                "COMP_WORDS": line,
                "COMP_CWORD": str(len(line.split()) - 1),
            },
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        for line in ("wechat-miniprogram inv", "wechat-miniprogram inventory --rel")
    ]

    assert completed == [["inventory"], ["--release"]]


@pytest.mark.parametrize(
    "arguments", [["adopt", APPID], ["adopt", APPID, "--force"]], ids=["adopt", "adopt-force"]
)
def test_ctrl_c_leaves_nothing_behind(tmp_path, arguments):
    """No file, no half of one, and none that was there is touched."""
    (tmp_path / "import.json").write_text("mine", encoding="utf-8")
    if "--force" not in arguments:
        arguments = [*arguments, "--import-file", "other.json"]

    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = {
            **os.environ,
            "WECHAT_MINIPROGRAM_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps({APPID: "token-of-shop"}),
        }
        with subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=15)
            connection.close()

    assert (process.returncode, output, errors) == (130, "", "interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["import.json"]
    assert (tmp_path / "import.json").read_text(encoding="utf-8") == "mine"


def test_the_emulators_data_is_shown_without_a_forged_line(printed, tmp_path):
    """A live value is anybody's text."""
    data = tmp_path / "wechat.db"
    with Emulator(data) as emulator:
        emulator.control.seed(APPID, live=["x\n::error::forged\x1b[31m"])

    code, output, _ = printed("emulator", "show", "--data", data)

    assert code == 0
    assert "  x\\n::error::forged\\x1b[31m  " in output
