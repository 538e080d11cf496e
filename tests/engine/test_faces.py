"""From the dynamic face to the native one and back, by the built-in aliases: one update, no call, nothing lost."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.state import from_wire
from tests.engine.conftest import APPID, A, B, C

PROGRAM = """
MiniProgramWebviewDomains("shop", appid={0!r}, domains={1}, mode="additive"{2})
MiniProgramWebviewDomains("blog", appid={0!r}, domains=[{3!r}], mode="additive")
MiniProgramConfirmFile("file", appid={0!r})
"""
FACES = {"": "pulumi-python:dynamic/wechat-miniprogram:", ".native": "wechat-miniprogram:index:"}


def write(project, face, *domains, more=""):
    """Write the program of two lists and a file for a face."""
    project.face = face
    project.program(PROGRAM.format(APPID, list(domains), more, C))


def tokens(project):
    """The types in the state, without their names."""
    return {entry["type"].rpartition("MiniProgram")[0] for entry in project.entries()}


@pytest.fixture(params=["", ".native"], ids=["to-native", "to-dynamic"])
def moving(project, request):
    """A released stack of one face, and the other face to which it goes."""
    project.control.seed(APPID, live=[A])
    write(project, request.param, A, B)
    project.up()
    project.control.release(APPID)
    project.refresh()
    project.calls()
    project.other = ".native" if not request.param else ""
    return project


def test_a_move_is_one_update_without_a_call(moving):
    """The state is spelled anew, with all that it knew, and later operations are as before."""
    before = moving.resources()
    write(moving, moving.other, A, B)

    printed = moving.preview("--diff")
    assert "delete" not in printed.replace("[diff", "")
    assert "replace" not in printed
    moving.up()

    assert moving.calls() == []
    assert tokens(moving) == {FACES[moving.other]}
    known = {name: spelled(entry["outputs"]) for name, entry in moving.resources().items()}
    assert known == {name: spelled(entry["outputs"]) for name, entry in before.items()}
    dynamic = not moving.other
    assert all(("__provider" in entry["outputs"]) == dynamic for entry in moving.resources().values())
    assert dynamic or "overwriteExisting" in moving.resources()["shop"]["outputs"]
    moving.up("--expect-no-changes")
    assert moving.calls() == []
    moving.refresh()
    moving.destroy()
    assert moving.control.live(APPID) == [A]  # the additive resource found it there


def test_a_move_with_a_change_changes_it(moving):
    """One update does both."""
    write(moving, moving.other, A)

    moving.up()

    assert moving.calls() == ["get", "delete", "effective"]
    assert moving.control.live(APPID) == [A, C]
    assert tokens(moving) == {FACES[moving.other]}


def test_a_move_with_another_name_needs_one_alias(moving):
    """The alias of the old name covers that of the other face too."""
    moving.face = moving.other
    moving.program(
        PROGRAM.format(
            APPID, [A, B], ", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name='shop')])", C
        ).replace('"shop", ', '"store", ')
    )

    moving.up()

    assert not {"set", "add", "delete"} & set(moving.calls())
    assert sorted(moving.control.live(APPID)) == [A, B, C]
    assert set(moving.resources()) == {"store", "blog", "file"}


def test_a_state_of_the_other_face_is_refreshed_and_destroyed_without_a_move(moving):
    """The program is not run, so the plugin of the state's face does it."""
    write(moving, moving.other, A, B)

    moving.refresh()
    moving.destroy()

    assert moving.control.live(APPID) == [A]


def test_a_move_is_no_change_to_replace_on(moving):
    """A replacement would be deleted by the other face's process, which knows nothing of its successor."""
    star = ", opts=pulumi.ResourceOptions(replace_on_changes=['*'])"
    write(moving, moving.other, A, B, more=star)

    moving.up()

    assert moving.calls() == []
    assert sorted(moving.control.effective(APPID)) == [A, B, C]


def test_an_update_with_a_refresh_moves_too(moving):
    """The refresh reads by the old face, the update writes the state by the new one."""
    write(moving, moving.other, A, B)

    moving.up("--refresh")

    assert not {"set", "add", "delete"} & set(moving.calls())
    assert tokens(moving) == {FACES[moving.other]}


def spelled(outputs):
    """Outputs by the names that both faces share, without what only one of them has."""
    return {name: value for name, value in from_wire(outputs).items() if name != "__provider"}
