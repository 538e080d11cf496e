"""Runs that leave resources out: what these declare stays in force, and is not leaked by a whole destroy."""

from __future__ import annotations

import pytest

from tests.engine.conftest import APPID, A, B, C, both_faces
from tests.engine.test_moves import additive

face = both_faces


@pytest.fixture
def shared(project, prepare):
    """Two resources that share C, which `a` put on the list; released. The second `up` has recorded it."""
    program = additive("a", A, C) + additive("b", B, C)
    project.begin(prepare(project.face, program, program))
    return project


def urn(project, name):
    """The URN of a resource in the state."""
    return project.resources()[name]["urn"]


@pytest.mark.parametrize("flag", ["--target", "--exclude"])
def test_an_update_of_one_resource_keeps_what_the_other_one_declares(shared, flag):
    """`b` is not checked in this run."""
    shared.program(additive("a", A) + additive("b", B, C))

    shared.up(flag, urn(shared, "a" if flag == "--target" else "b"))

    assert shared.control.writes(APPID) == []
    assert sorted(shared.control.effective(APPID)) == [A, B, C]


@pytest.mark.parametrize("gone", ["a", "b"])
@pytest.mark.parametrize("flag", ["--target", "--exclude"])
def test_a_destroy_of_one_resource_keeps_what_the_other_one_declares(shared, gone, flag):
    """No program is run; the state knows what is shared. An `up` tells it that this is over."""
    stays = {"a": "b", "b": "a"}[gone]

    shared.destroy(flag, urn(shared, gone if flag == "--target" else stays))

    assert C in shared.control.effective(APPID)
    shared.program(additive("a", A, C) if stays == "a" else additive("b", B, C))
    shared.up()
    shared.destroy()
    assert shared.control.live(APPID) == []


def test_what_is_left_of_two_partial_destroys_is_said(shared):
    """Without an `up` between them the second one cannot know that the other resource is gone: it errs to keeping."""
    shared.destroy("--target", urn(shared, "a"))

    printed = shared.destroy()

    assert shared.control.live(APPID) == [C]
    assert (
        f"{C} stays on the live list, because 'a' of this stack declares it too, as of the last `pulumi up`"
        in printed
    )


def test_a_protected_resource_keeps_what_it_shares(shared):
    """`destroy --exclude-protected` takes the other one."""
    shared.run("state", "protect", urn(shared, "b"), "--yes")

    printed = shared.destroy("--exclude-protected")

    assert sorted(shared.control.effective(APPID)) == [B, C]
    assert (
        f"{C} stays on the live list, because 'b' of this stack declares it too, as of the last `pulumi"
        in printed
    )


def test_a_whole_destroy_leaves_nothing(shared):
    """The last of those that share a domain removes it."""
    shared.destroy()

    assert shared.control.live(APPID) == []


def test_a_target_that_the_program_has_renamed_is_said(released):
    """The engine tells the provider nothing of the new resource, so the removal is at least not silent."""
    old = urn(released, "shop")
    released.domains(A, B, name="store")

    printed = released.up("--target", old)

    assert f"warning: {APPID}: {A}, {B} were removed from the live list (2 in force until now)." in printed
    assert "`pulumi up --refresh` adds it again" in printed
