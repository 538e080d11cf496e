"""Whether the process with a lock is gone: proof, or none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import psutil
import pytest

from pulumi_wechat_miniprogram.fleet.locks import Holder, all_gone, holders_in, judge, seconds_of

HOLDERS = """\
error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.
  file:///state/.pulumi/locks/organization/wechat-miniprogram-fleet/fleet-00/7.json?no_tmp_dir=true: created by ci@elsewhere (pid 7) at 2026-01-01T00:00:00Z
  s3://b/.pulumi/locks/organization/wechat-miniprogram-fleet/fleet-00/8.json: created by @b-1 (pid 8) at 2026-01-01T00:00:00.123456789+08:00
"""
HERE = socket.gethostname()
LONG_AGO = "2020-01-01T00:00:00Z"


def now(**shift):
    """A time as the CLI writes it."""
    return (datetime.now(timezone.utc) + timedelta(**shift)).isoformat().replace("+00:00", "Z")


def test_holders():
    """The CLI prints one line for each lock, whatever the backend."""
    assert holders_in(HOLDERS) == (
        Holder("ci", "elsewhere", 7, "2026-01-01T00:00:00Z"),
        Holder("", "b-1", 8, "2026-01-01T00:00:00.123456789+08:00"),
    )


def test_the_lock_itself_is_known_in_a_backend_of_files():
    """It alone can be removed then."""
    folder = "/state/.pulumi/locks/organization/wechat-miniprogram-fleet/fleet-00"

    assert [holder.file for holder in holders_in(HOLDERS)] == [f"{folder}/7.json", ""]


def test_an_own_process_that_took_the_lock_runs():
    """It is older than its lock."""
    assert judge(Holder("me", HERE, os.getpid(), now(minutes=1))) == "running"


def test_an_id_that_was_given_again_proves_that_the_holder_is_gone():
    """A process that started after the lock was taken did not take it."""
    assert judge(Holder("me", HERE, os.getpid(), LONG_AGO)) == "gone"


def test_a_time_that_cannot_be_read_proves_nothing():
    """The process counts as the holder."""
    assert judge(Holder("me", HERE, os.getpid(), "soon")) == "running"


def test_a_process_that_ended():
    """Its id is free."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

    assert judge(Holder("me", HERE, process.pid, LONG_AGO)) == "gone"
    assert all_gone([Holder("me", HERE, process.pid, LONG_AGO)])


def test_a_process_that_ended_and_that_nobody_has_waited_for():
    """A zombie does nothing any more."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert judge(Holder("me", HERE, process.pid, now(minutes=1))) == "running"
    process.stdin.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert judge(Holder("me", HERE, process.pid, now(minutes=1))) == "gone"
    process.wait()


def test_a_process_of_another_host_is_unknown():
    """Only its own host can tell."""
    other = Holder("ci", "elsewhere", 7, LONG_AGO)

    assert judge(other) == "unknown"
    assert not all_gone([other, Holder("me", HERE, os.getpid(), LONG_AGO)])


def test_a_process_that_may_not_be_looked_at(monkeypatch):
    """No proof."""
    monkeypatch.setattr(psutil, "Process", lambda pid: (_ for _ in ()).throw(psutil.AccessDenied(pid)))

    assert judge(Holder("root", HERE, 1, LONG_AGO)) == "unknown"


@pytest.mark.parametrize("held", [[]])
def test_no_holder_is_no_proof(held):
    """A lock that names nobody stays."""
    assert not all_gone(held)


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1767225600),
        ("2026-01-01T00:00:00", 1767225600),
        ("2026-01-01T08:00:00.25+08:00", 1767225600.25),
        ("2025-12-31T19:00:00.123456789-05:00", 1767225600.123456789),
        ("2026-13-01T00:00:00Z", None),
        ("soon", None),
    ],
)
def test_a_time_of_the_cli(time, seconds):
    """It is written in the zone of the machine, with up to nine decimals."""
    assert seconds_of(time) == seconds


def test_a_pulumi_that_seems_too_young_is_the_holder(tmp_path):
    """A clock that is set forward makes each process younger than its lock."""
    pulumi = tmp_path / "pulumi"
    shutil.copy(shutil.which("sleep") or "", pulumi)
    with subprocess.Popen([pulumi, "60"]) as process:
        try:
            assert judge(Holder("me", HERE, process.pid, LONG_AGO)) == "running"
        finally:
            process.kill()
