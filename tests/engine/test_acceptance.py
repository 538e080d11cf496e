"""The lane for a live app, shown on an emulator: off by default, refusing, cleaning up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.calibration.journal import Entry, Journal
from tests.engine.conftest import APPID, A

ROOT = Path(__file__).resolve().parents[2]
ON = {
    "MINIPROGRAM_ACC": "1",
    "MINIPROGRAM_ACC_APPID": APPID,
    "MINIPROGRAM_ACC_HOSTS": "one.example.org two.example.org",
}


@pytest.fixture
def acceptance(wechat_emulator, tmp_path):
    """Runs the lane's shortest test; returns the exit code and what was printed."""
    wechat_emulator.seed(APPID)

    def acceptance(**more):
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "PULUMI_HOME": str(tmp_path / "pulumi"),
            "WECHAT_MINIPROGRAM_ENDPOINT": wechat_emulator.url,
            "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps({APPID: f"emulator-{APPID}"}),
            **more,
        }
        command = [sys.executable, "-m", "pytest", "acceptance", "-k", "confirm_file and dynamic"]
        command += ["-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return acceptance


def test_nothing_is_sent_unless_it_is_asked_for(acceptance, wechat_emulator):
    """Credentials in the environment are not enough."""
    code, printed = acceptance()

    assert (code, wechat_emulator.calls()) == (0, [])
    assert "MINIPROGRAM_ACC=1 is not set, so nothing was sent" in printed


def test_an_app_with_domains_is_refused(acceptance, wechat_emulator):
    """One of the given hosts too, unless the lane put it there."""
    wechat_emulator.seed(APPID, live=[A, "https://one.example.org"])

    code, printed = acceptance(**ON)

    assert code == 1
    assert (
        f"refused: {APPID} has domains that this lane did not put there: {A}, https://one.example.org"
        in printed
    )
    assert wechat_emulator.writes() == []


def test_what_a_killed_run_left_is_removed_and_the_tests_run(acceptance, wechat_emulator, tmp_path):
    """And the journal is gone."""
    hosts = ("one.example.org", "two.example.org")
    wechat_emulator.seed(APPID, live=["https://one.example.org"])
    entry = Entry(appid=APPID, endpoint=wechat_emulator.url, webview_hosts=hosts, server_hosts=hosts)
    journal = Journal(tmp_path / ".wechat-miniprogram", APPID)
    journal.write(entry)

    code, printed = acceptance(**ON)

    assert code == 0, printed
    assert "1 passed" in printed
    assert wechat_emulator.live(APPID) == []
    assert journal.read() is None
