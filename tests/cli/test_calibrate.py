"""The command `wechat-miniprogram calibrate`."""

from __future__ import annotations

import io
import os

import pytest

from pulumi_wechat_miniprogram.calibration.points import POINTS
from tests.exports.stacks import APPID, OTHER, A
from wechat_miniprogram_emulator import Emulator
from wechat_miniprogram_emulator.seed_file import parse_seed

HOST = "new.example.org"
WRITE = ("calibrate", "--write", APPID, "--host", HOST)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home folder and a working folder of the test's own, and hosts that may be reserved names."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ALLOW_RESERVED_HOSTS", "true")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_reading_is_the_default(printed, wechat):
    """A row for each open point, what was found first; then YAML."""
    code, output, errors = printed("calibrate", "--app", APPID)
    rows = output.partition("\n\n")[0].splitlines()

    assert (code, errors) == (0, "")
    assert rows[0].split() == ["open", "point", "position", "evidence"]
    assert len(rows) == len(POINTS) + 1
    assert rows[1].split(maxsplit=3) == [
        "empty_get",
        "list",
        "certain",
        "setwebviewdomain_directly {action: get} → 0 ok",
    ]
    assert "1 of 58 open points settled by 5 calls, 0 writes among them; hosts are pseudonyms" in output
    assert output.endswith('switches:\n  empty_get: "list"\n\n')
    assert wechat.writes() == []


def test_what_is_found_starts_an_emulator(printed, wechat, home):
    """The file is a seed as it is."""
    wechat.switch(value_form="echo", server_add_existing="85301", empty_get="omit")

    code, _, errors = printed(*WRITE, "--seed", "seed.yaml", "--max-writes", "40")
    switches = parse_seed((home / "seed.yaml").read_bytes(), "seed.yaml").switches

    assert (code, errors) == (0, "")
    assert switches is not None
    with Emulator(switches=switches.model_dump(exclude_unset=True)) as emulator:
        found = emulator.control.switches()
    assert (found["value_form"], found["server_add_existing"], found["empty_get"]) == (
        "echo",
        "85301",
        "omit",
    )


def test_a_transcript_is_shown_and_written_if_that_is_wanted(printed, wechat, home, monkeypatch):
    """No is the answer unless somebody says yes."""
    shown, output = [], ""
    for answer in ("\n", "y\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        _, output, errors = printed("calibrate", "--app", APPID, "--transcript", "run.jsonl")
        shown.append((errors.splitlines()[-1], (home / "run.jsonl").exists()))
    text = (home / "run.jsonl").read_text(encoding="utf-8")

    assert shown == [
        ("Write this to run.jsonl? [y/N]:run.jsonl was not written", False),
        (
            "Write this to run.jsonl? [y/N]:run.jsonl written. Review it before you send it to anyone",
            True,
        ),
    ]
    assert text in output
    assert APPID not in text
    assert printed("calibrate", "--app", APPID, "--transcript", "run.jsonl", "--yes")[2] == (
        "error: run.jsonl would be overwritten; name other files, or give --force\n"
    )


def test_an_app_of_others_keeps_its_domains(printed, wechat, home):
    """And the notes say what was not done."""
    wechat.seed(APPID, live=[A])

    code, output, errors = printed(*WRITE, "--host", A)

    assert code == 0
    assert errors.splitlines()[0] == (
        f"note: left alone, since they are among the webview domains already: {A.removeprefix('https://')}"
    )
    assert wechat.live(APPID) == [A]
    assert "set_empty                     not seen" in output
    assert not list((home / ".wechat-miniprogram").glob("*.json"))


def test_what_a_killed_run_left_is_removed_by_the_next_start(printed, wechat, home):
    """Also by one that reads only."""
    wechat.seed(APPID, live=[A])
    wechat.fault(action="delete", times=None, errcode=45009)
    code, _, errors = printed(*WRITE)
    left = wechat.live(APPID)
    wechat.clear_faults()
    again, once_more = (printed("calibrate", "--app", APPID)[2] for _ in range(2))

    assert (code, left) == (1, [A, f"https://{HOST}"])
    assert errors.startswith(
        f"error: what calibrate added to {APPID} could not be removed: still there: https://{HOST}"
    )
    assert str(home / f".wechat-miniprogram/calibrate-{APPID}.json") in errors
    note = (
        "note: a write without an answer may still take effect. Run `wechat-miniprogram calibrate --app "
        f"{APPID}` once more in a minute: it removes whatever took effect"
    )
    assert again.splitlines() == [
        f"removed what an interrupted run had left on {APPID}: https://{HOST}",
        note,
    ]
    assert once_more.splitlines() == [note]
    assert wechat.live(APPID) == [A]


def test_a_run_that_fails_says_so(printed, wechat):
    """What it found until then is shown."""
    wechat.fault("get_effective_webviewdomain", times=None, http_status=502)

    code, output, errors = printed(*WRITE)

    assert code == 1
    assert "empty_get" in output
    assert "got HTTP status 502" in errors
    assert wechat.writes() == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "name a Mini Program: --app APPID to read, --write APPID to write as well"),
        (["--app", "wx1"], "'wx1' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits"),
        (["--app", OTHER, "--write", APPID, "--host", HOST], "name different Mini Programs"),
        (["--write", APPID], "--write and --host go together: only the given hosts are written"),
        (["--app", APPID, "--host", HOST], "--write and --host go together"),
        (["--write", APPID, "--host", HOST, "--max-writes", "2"], "should be greater than or equal to 3"),
    ],
)
def test_wrong_usage_is_one_error(printed, wechat, arguments, problem):
    """Before any call."""
    code, output, errors = printed("calibrate", *arguments)

    assert (code, output) == (1, "")
    assert problem in " ".join(errors.replace("│", " ").split())
    assert wechat.calls() == []


def test_a_file_that_cannot_be_written_is_refused_before_the_calls(printed, wechat, home, monkeypatch):
    """The writes of a month would be spent, and the transcript lost."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    code, _, errors = printed(*WRITE, "--host", A, "--transcript", home / "run.jsonl", "--yes")

    assert (code, errors) == (1, f"error: {home}: Permission denied\n")
    assert wechat.calls() == []


def test_two_results_in_one_file_are_wrong_usage(printed, wechat, home):
    """One would overwrite the other."""
    both = home / "run.jsonl"

    code, _, errors = printed(*WRITE, "--host", A, "--transcript", both, "--seed", both)

    assert code == 1
    assert "are the same file" in errors
    assert wechat.calls() == []
