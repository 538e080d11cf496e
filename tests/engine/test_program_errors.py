"""Programs that do not say all that they declare: nothing is removed on the strength of silence."""

from __future__ import annotations

import pytest

from tests.engine.conftest import APPID, A, B, C, D, both_faces
from tests.engine.test_moves import additive, slow

face = both_faces

RAISE = "if not pulumi.runtime.is_dry_run(): raise RuntimeError('the vault is down')\n"


@pytest.fixture
def moved(project, prepare):
    """C was put there by `common`, moved to `shop` in one update, and is in force."""
    moved = additive("common", A, B) + additive("shop", C)
    project.begin(prepare(project.face, additive("common", A, B, C), moved))
    return project


def test_a_program_that_raises_before_the_other_resource_removes_nothing(moved):
    """The SDK sends what was registered before the exception."""
    moved.program(additive("common", A) + RAISE + additive("shop", B, C))

    printed = moved.up(fails=True)

    assert f"the program ended with an error before it had declared all of its resources, so {B}" in printed
    assert moved.control.writes(APPID) == []
    moved.program(additive("common", A) + additive("shop", B, C))
    moved.up()
    assert moved.control.effective(APPID) == [A, B, C]


def test_what_was_moved_survives_a_program_that_raises(moved):
    """A program that is unchanged except for the exception."""
    moved.program(additive("common", A, B) + RAISE + additive("shop", C))

    moved.up(fails=True)

    assert moved.control.writes(APPID) == []


@pytest.mark.parametrize("way", ["state delete", "retain"])
def test_what_was_moved_survives_a_resource_that_leaves_without_a_deletion(moved, way):
    """It is not this stack's any more."""
    if way == "retain":
        moved.program(additive("common", A, B) + additive("shop", C, opts="retain_on_delete=True"))
        moved.up()
    else:
        moved.run("state", "delete", moved.resources()["shop"]["urn"], "--yes")
    moved.program(additive("common", A, B))

    moved.up()

    assert moved.control.writes(APPID) == []
    assert moved.control.effective(APPID) == [A, B, C]
    assert "unchanged" in moved.up()


def test_the_documented_move_to_a_computed_list(project):
    """Declared in the new resource first, dropped from the old one later: its list is unknown until its check."""
    project.program(additive("common", A, B, D))
    project.up()
    both = additive("shop", C, "{server.host}")
    project.program(slow() + additive("common", A, B, D) + both)
    project.up()
    project.control.release(APPID)
    project.refresh()
    project.calls()
    project.program(slow(stamp="2") + additive("common", A, B) + both)

    project.up()

    assert project.control.writes(APPID) == []
    assert sorted(project.control.effective(APPID)) == [A, B, C, D]


def test_what_a_computed_list_does_not_take_is_removed(project):
    """By the resource whose check shows it: the one that dropped it could not know."""
    project.program(slow() + additive("common", A, B) + additive("shop", C, "{server.host}"))
    project.up()
    project.program(slow() + additive("common", A) + additive("shop", C, "{server.host}"))

    project.up()

    assert sorted(project.control.live(APPID)) == [A, C, D]
    project.destroy()
    assert project.control.live(APPID) == []


def test_a_deletion_before_a_replacement_keeps_the_list(project):
    """The engine deletes what depends on a delete-first replacement before the program announces it."""
    same = "DiffResult(changes=(olds"
    deletes = "DiffResult(replaces=['stamp'] * (olds['stamp'] != news['stamp']), delete_before_replace=True, changes=(olds"
    first, second = (slow(stamp=stamp).replace(same, deletes) for stamp in "12")
    shop = (
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[{A!r}, server.host],\n"
        "    opts=pulumi.ResourceOptions(replace_on_changes=['domains']))\n"
    )
    project.program(first + shop)
    project.up()
    project.control.release(APPID)
    project.refresh()
    project.calls()
    project.program(second + shop)

    printed = project.up()

    assert (
        f"{A}, {D} stay on the live list, because this resource is deleted before it is created again"
        in printed
    )
    assert project.control.writes(APPID) == []
    assert sorted(project.control.effective(APPID)) == [A, D]
