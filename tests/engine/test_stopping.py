"""Ctrl-C, a second one, and a killed CLI during a wait or a pause: it ends, and nothing is written afterwards."""

from __future__ import annotations

import signal
import time

import pytest

from tests.engine.conftest import APPID, QUIET, A

LONG = 600
"""Seconds that a wait or a pause would take: far more than the test's patience."""
SHORT = 4
PATIENCE = 30


@pytest.fixture
def waiting(project):
    """Start an `up` that waits for a confirm file nobody serves, and return it once it waits."""

    def start(seconds):
        project.control.trust()
        project.domains(A, confirm_file_timeout=seconds)
        run = project.start("up", *QUIET)
        await_calls(project, "get", "set", "get")
        return run

    return start


def await_calls(project, *names):
    """Wait until WeChat has got these calls, after which the provider waits."""
    until = time.monotonic() + PATIENCE
    while [call.name for call in project.control.calls(APPID)] != [*names]:
        assert time.monotonic() < until, "the provider never came to its wait"
        time.sleep(0.05)


def end(run):
    """Wait for the end of the run, far earlier than that of its wait, and return what it printed."""
    printed, _ = run.process.communicate(timeout=PATIENCE)
    return printed


def test_one_interrupt_ends_the_wait_for_confirm_files(project, waiting):
    """The engine cancels; the operation fails, says what it has written, and the next run starts over."""
    run = waiting(LONG)

    run.process.send_signal(signal.SIGINT)
    printed = end(run)

    assert f"create of {APPID} stopped, because the run was interrupted. Nothing was written." in printed
    project.control.trust("*")
    project.control.clear_calls()
    project.up()
    assert project.calls() == ["get", "set", "effective"]


def test_one_interrupt_ends_the_pause_after_45011(project):
    """The pause of a minute is over immediately."""
    project.control.fault(action="get", errcode=45011, times=None)
    project.domains(A)
    run = project.start("up", *QUIET)
    await_calls(project, "get")

    run.process.send_signal(signal.SIGINT)
    printed = end(run)

    assert "stopped, because the run was interrupted" in printed
    assert project.control.writes(APPID) == []


@pytest.mark.parametrize("how", ["two interrupts", "kill"])
def test_nothing_is_written_by_a_plugin_whose_cli_is_gone(project, waiting, how):
    """WeChat would take the write by then; the orphan does not send it."""
    run = waiting(SHORT)

    if how == "kill":
        run.kill_cli()
    else:
        run.process.send_signal(signal.SIGINT)
        run.process.send_signal(signal.SIGINT)
        run.process.wait(PATIENCE)
    project.control.trust("*")
    time.sleep(SHORT + 2)  # the write would be sent again at the end of the wait

    assert [call.name for call in project.control.calls(APPID)] == ["get", "set", "get"]
    assert project.control.live(APPID) == []
