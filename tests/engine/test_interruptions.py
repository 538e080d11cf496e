"""Runs that are killed with all their plugins, or that fail between two writes: the next one converges."""

from __future__ import annotations

import random

import pytest

from tests.engine.conftest import APPID, QUIET, A, B, C
from tests.engine.sessions import PROCESSES
from tests.family import FAMILY, TOKENS, everything

pytestmark = pytest.mark.skipif(not PROCESSES.is_dir(), reason="a session's processes are found in /proc")

PRINTED_LINES = 280
"""An update prints about as many with -v=9, most of them before and after its calls to WeChat."""


@pytest.fixture
def kill(project, proxy):
    """Run a command until a call of WeChat's is before or after its forwarding, and kill all its processes."""

    def kill(command, when, name):
        held = proxy.hold(when, name)
        run = project.start(command, *QUIET)
        held.wait()
        run.kill()
        held.drop()
        project.run("cancel", "--yes")

    return kill


def sent(project):
    """The domains of every `set` and `add` that reached WeChat, in order."""
    return [domain for call in project.control.writes() if call.action != "delete" for domain in call.domains]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["get", "set", "effective"])
def test_a_killed_create_is_finished_by_the_next_up(project, kill, when, name):
    """Whatever was written is adopted; the list is whole and each domain went out once."""
    project.domains(A, B)
    kill("up", when, name)

    project.up()

    assert project.control.live(APPID) == [A, B]
    assert sent(project) == [A, B]
    assert [entry["outputs"]["pending_domains"] for entry in project.entries()] == [[A, B]]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["get", "add", "delete", "effective"])
def test_a_killed_update_is_finished_by_the_next_up(released, kill, when, name):
    """What is left of the difference is sent; what stays declared stays in force."""
    released.domains(A, C)
    kill("up", when, name)

    released.up()

    assert released.control.live(APPID) == [A, C]
    assert released.control.effective(APPID) == [A]
    assert sent(released) == [C]
    assert [entry["outputs"]["domains"] for entry in released.entries()] == [[A, C]]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["get", "delete"])
def test_a_killed_destroy_is_finished_by_the_next_one(released, kill, when, name):
    """The list is empty and the state too; nothing is deleted twice."""
    kill("destroy", when, name)

    released.destroy()

    assert released.control.live(APPID) == []
    assert [call.action for call in released.control.writes()] == ["delete"]
    assert released.entries() == []


@pytest.mark.parametrize("face", ["", ".native"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_update_of_server_domains_is_finished_by_the_next_up(project, kill, when):
    """As for webview domains: nothing goes out twice, and nothing goes before what replaces it is there."""
    program = "MiniProgramServerDomains('shop', appid={!r}, request={!r}, socket=['push.example.com'])\n"
    project.program(program.format(APPID, [A, B]))
    project.up()
    project.program(program.format(APPID, [A, C]))
    kill("up", when, "modify_domain_directly")

    project.up()

    writes = [(call.action, call.domains) for call in project.control.writes()][1:]
    assert writes == [("add", (C,)), ("delete", (B,))]
    assert [entry["outputs"]["request"] for entry in project.entries()] == [[A, C]]


@pytest.mark.parametrize("face", [".native"])
@pytest.mark.parametrize("call", ["add", "delete"])
def test_a_killed_update_of_a_platforms_list_is_finished_by_the_next_up(project, kill, call):
    """Its hosts are every app's, so none is lost, nor kept that the program drops; each write went out once."""
    own = FAMILY["platform webview"]
    own.seed(project.control)
    project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = TOKENS
    program = "ThirdPartyPlatformWebviewDomains('shop', **{!r})\n"
    project.program(program.format(own.declare("a.example.com", "b.example.com")))
    project.up()
    before = everything(project.control)
    project.program(program.format(own.declare("a.example.com", "c.example.com")))
    kill("up", "after", call)

    project.up()

    writes = [(made.action, made.domains) for made in project.control.writes()]
    assert writes == [("add", ("c.example.com",)), ("delete", ("b.example.com",))]
    expected = before - own.entries("b.example.com") | own.entries("c.example.com")
    assert everything(project.control) == expected
    (outputs,) = [entry["outputs"] for entry in project.entries()]
    assert outputs["publishedDomains"] == outputs["domains"] == ["a.example.com", "c.example.com"]


@pytest.mark.parametrize("seed", range(4))
def test_an_update_killed_anywhere_is_finished_by_the_next_up(released, seed):
    """The point is a random line of the engine's log, so that the engine's own work is hit too."""
    released.domains(A, C)
    run = released.start("up", *QUIET, "--logtostderr", "-v=9")
    run.read_lines(random.Random(seed).randrange(PRINTED_LINES))  # noqa: S311 - chance that repeats
    run.kill()
    released.run("cancel", "--yes")

    released.up()

    assert released.control.live(APPID) == [A, C]
    assert released.control.effective(APPID) == [A]
    assert sent(released) == [C]
    assert [entry["outputs"]["domains"] for entry in released.entries()] == [[A, C]]


def test_after_a_killed_create_an_additive_resource_owns_what_it_wrote_since(project, kill):
    """What the killed run added is adopted by the next one, and so stays, named, when the resource goes."""
    project.domains(A, mode="additive")
    kill("up", "after", "add")
    project.up()
    assert project.outputs()["added_domains"] == []

    printed = project.destroy()

    assert (
        f"warning: {APPID}: {A} stays on the live list, because this resource is not known to have added it"
        in printed
    )
    assert project.control.live(APPID) == [A]


def test_going_back_after_a_killed_destroy_needs_a_refresh(released, kill):
    """The state still has what is gone, so `up` alone sees nothing to do; with `--refresh` it repairs."""
    kill("destroy", "after", "delete")
    assert "2 unchanged" in released.up()

    released.up("--refresh")

    assert released.control.live(APPID) == [A, B]


def test_going_back_after_a_killed_update_needs_a_refresh(released, kill):
    """What the killed run added is drift to a program that no longer declares it."""
    released.domains(A, B, C)
    kill("up", "after", "add")
    released.domains(A, B)

    released.up("--refresh")

    assert released.control.live(APPID) == [A, B]
    assert released.control.effective(APPID) == [A, B]


def test_an_update_whose_second_write_is_refused_is_finished_by_the_next_up(released, golden):
    """The error says what is live by then; the state stays as it was, and only the delete is sent again."""
    released.domains(A, C)
    released.control.fault(action="delete", errcode=45009)
    golden("error-between-two-writes", released.up(fails=True))
    assert released.outputs()["domains"] == [A, B]
    released.calls()

    released.up()

    assert released.calls() == ["get", "delete", "effective"]
    assert released.control.live(APPID) == [A, C]
