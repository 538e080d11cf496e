"""The engine creates before it deletes: two resources, one appid, one live list.

In every story but the last the list keeps each declared domain, and none that is live is sent again.
"""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.exports.kinds import CLASSES
from tests import family
from tests.engine.conftest import APPID, A, B, both_faces

face = both_faces

OTHER = "wxfedcba9876543210"
OTHER_LISTS = ("registered webview", "registered server", "platform webview", "prefetch")
"""Those that no file of their own has on the engine."""


@pytest.fixture
def urn(released):
    """The URN of the resource in the state."""
    return released.resources()["shop"]["urn"]


def delete_first(appid):
    """A program whose resource is deleted before it is replaced."""
    return (
        f"MiniProgramWebviewDomains('shop', appid={appid!r}, domains={[A, B]!r},\n"
        "    opts=pulumi.ResourceOptions(delete_before_replace=True))\n"
    )


def test_a_rename_without_alias(released, golden):
    """Created under the new name, deleted under the old one."""
    released.domains(A, B, name="store")

    golden("warning-spared-rename", released.up())

    assert released.calls() == ["get", "effective", "get"]
    assert list(released.resources()) == ["store"]
    assert released.control.effective(APPID) == [A, B]


def test_a_forced_replacement(released, urn):
    """The engine asks for no diff."""
    released.up("--replace", urn)

    assert released.calls() == ["get", "effective", "get"]
    assert released.control.effective(APPID) == [A, B]


def test_a_tainted_resource(released, urn):
    """`pulumi state taint` ends as `--replace` does."""
    released.run("state", "taint", urn, "--yes")

    released.up()

    assert released.calls() == ["get", "effective", "get"]
    assert released.control.effective(APPID) == [A, B]


def test_a_forced_replacement_that_deletes_first(released, urn):
    """Check comes before delete in that order too, so the list is not emptied."""
    released.program(delete_first(APPID))

    released.up("--replace", urn)

    assert released.calls() == ["get", "get", "effective"]
    assert released.control.effective(APPID) == [A, B]


def test_an_old_copy_whose_deletion_failed(released, urn):
    """The next up deletes the copy in the state, and nothing of what its own check declared."""
    released.control.fault(action="get", errcode=45009, skip=1)
    released.up("--replace", urn, fails=True)
    assert [entry.get("delete", False) for entry in released.entries()] == [False, True]
    released.calls()

    released.up()

    assert released.calls() == ["get"]
    assert len(released.entries()) == 1
    assert released.control.effective(APPID) == [A, B]


@pytest.fixture
def refusing_app(released):
    """Another app, to which nothing can be added."""
    tokens = {appid: f"emulator-{appid}" for appid in (APPID, OTHER)}
    released.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = json.dumps(tokens)
    released.control.seed(OTHER)
    released.control.fault(appid=OTHER, action="set", errcode=506015)
    return OTHER


def test_a_move_to_another_app_that_fails_leaves_the_old_one(released, refusing_app):
    """The create comes first, and taking the move back does not count as a change."""
    released.domains(A, B, appid=refusing_app)
    released.up(fails=True)
    released.domains(A, B)

    assert "2 unchanged" in released.up()

    assert released.control.effective(APPID) == [A, B]


def test_a_move_to_another_app_that_deletes_first_fails_and_is_taken_back(released, refusing_app):
    """The old app's list was emptied by then; the revert fills it, and the old copy's deletion spares it."""
    released.program(delete_first(refusing_app))
    released.up(fails=True)
    assert [entry.get("pendingReplacement", False) for entry in released.entries()] == [True]
    released.calls()
    released.domains(A, B)

    released.up()

    assert released.calls() == ["get", "set", "effective", "get"]
    assert released.control.live(APPID) == [A, B]
    assert len(released.entries()) == 1


def test_an_additive_resource_goes_whose_domain_another_one_declares(project, golden):
    """The one that added the domain leaves it to the other."""
    program = "MiniProgramWebviewDomains({!r}, appid={!r}, domains={!r}, mode='additive')\n"
    stays = program.format("stays", APPID, [B])
    project.program(program.format("goes", APPID, [A, B]))
    project.up()
    project.control.release(APPID)
    project.program(program.format("goes", APPID, [A, B]) + stays)
    project.up()
    project.calls()
    project.program(stays)

    golden("warning-spared-additive", project.up())

    assert project.calls() == ["get", "effective", "get", "delete", "effective"]
    assert project.control.effective(APPID) == [B]


def test_target_skips_the_checks_that_spare(released, urn):
    """The known limit: after a rename, `--target` at the old name takes away what the new one declares."""
    released.domains(A, B, name="store")

    released.up("--target", urn)

    assert released.calls() == ["get", "delete", "effective"]
    assert released.control.live(APPID) == []


def test_every_other_list_is_renamed_and_replaced(project):
    """The old copies go last, and nothing that the new ones declare goes with them: nobody writes."""
    project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = family.TOKENS
    lists = {name: family.FAMILY[name] for name in OTHER_LISTS}
    lists["registered webview"].seed(project.control)
    inputs = {name: own.declare(family.A, family.B) for name, own in lists.items()}
    program = "".join(f"{CLASSES[lists[name].kind]}('old {name}', **{inputs[name]!r})\n" for name in lists)
    project.program(program)
    project.up()
    project.control.release(APPID)
    before = family.everything(project.control)
    project.program(program.replace("old ", "new "))

    project.up()
    entries = project.resources()
    project.up(*(word for entry in entries.values() for word in ("--replace", entry["urn"])))

    assert project.control.writes() == []
    assert family.everything(project.control) == before
    assert set.union(*(own.entries(family.A, family.B) for own in lists.values())) <= before
    assert {*project.resources()} == {f"new {name}" for name in lists}
