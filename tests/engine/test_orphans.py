"""The CLI alone is killed: its orphaned plugin goes on writing beside the next run.

Nothing locks between processes, so the list may be wrong for a while; the next refresh and up converge.
"""

from __future__ import annotations

import pytest

from tests.engine.conftest import APPID, QUIET, A, B, C, both_faces
from tests.engine.sessions import PROCESSES

face = both_faces

pytestmark = pytest.mark.skipif(not PROCESSES.is_dir(), reason="a session's processes are found in /proc")


@pytest.fixture
def orphan(project, proxy):
    """Run `up` until a call of WeChat's is to be forwarded, kill the CLI, and return the call that is held."""

    def orphan(name):
        held = proxy.hold("before", name)
        run = project.start("up", *QUIET)
        held.wait()
        run.kill_cli()
        project.run("cancel", "--yes")
        return held

    return orphan


@pytest.fixture
def land(proxy):
    """Let a held call go, and wait until WeChat has carried it out."""

    def land(held, name):
        done = proxy.hold("after", name)
        held.let_go()
        done.wait()
        done.let_go()

    return land


def test_a_late_set_after_the_next_run(project, orphan, land):
    """It wipes what that run added; the drift is repaired without another `set`."""
    project.domains(A, B)
    late = orphan("set")
    project.domains(A, B, C)
    project.up()
    land(late, "set")
    assert project.control.live(APPID) == [A, B]

    project.up("--refresh")

    assert project.control.live(APPID) == [A, B, C]
    assert [call.action for call in project.control.writes()] == ["set", "set", "add"]


def test_a_late_add_between_observation_and_write_of_the_next_run(released, proxy, orphan, land):
    """Both send the new domain; what was in force stays so."""
    released.domains(A, C)
    late = orphan("add")
    seen = proxy.hold("after", "get")
    run = released.start("up", *QUIET)
    seen.wait()
    land(late, "add")
    seen.let_go()
    run.finish()

    released.up("--refresh")

    assert released.control.live(APPID) == [A, C]
    assert released.control.effective(APPID) == [A]
    assert released.outputs()["domains"] == [A, C]


def test_a_late_delete_after_the_program_went_back(released, orphan, land):
    """What the orphan took away is added again, what it had added goes."""
    released.domains(A, C)
    late = orphan("delete")
    released.domains(A, B)
    released.up()
    land(late, "delete")
    assert released.control.live(APPID) == [A, C]

    released.up("--refresh")

    assert released.control.live(APPID) == [A, B]
    assert released.control.effective(APPID) == [A]
