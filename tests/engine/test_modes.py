"""Additive resources that share a Mini Program, and a change of `mode` both ways."""

from __future__ import annotations

import pytest

from tests.engine.conftest import APPID, A, B, C, D


def additive(**resources):
    """A program with additive resources on one app, by logical name."""
    return "".join(
        f"MiniProgramWebviewDomains({name!r}, appid={APPID!r}, domains={domains!r}, mode='additive')\n"
        for name, domains in resources.items()
    )


@pytest.mark.parametrize("resources", [{"a": [A], "b": [B]}, {"a": [A], "b": [B], "c": [C]}], ids=len)
def test_additive_resources_share_an_app_in_one_up(project, resources):
    """Each observes, writes and observes by itself; each adds its own and sees nothing of the others."""
    project.control.seed(APPID, live=[D])
    project.program(additive(**resources))

    project.up()

    assert project.calls() == ["get", "add", "effective"] * len(resources)
    assert sorted(project.control.live(APPID)) == [*(A, B, C)[: len(resources)], D]
    assert {name: project.outputs(name)["added_domains"] for name in resources} == resources
    assert f"{len(resources) + 1} unchanged" in project.refresh()


def test_removing_an_additive_resource_removes_what_it_added(project):
    """The others' domains and those that were there before stay, also at the end of the stack."""
    project.control.seed(APPID, live=[D])
    project.program(additive(shop=[A], pay=[B, D]))
    project.up()
    project.control.release(APPID)
    project.calls()

    project.program(additive(pay=[B, D]))
    project.up()
    assert project.calls() == ["get", "delete", "effective"]
    assert sorted(project.control.live(APPID)) == [B, D]

    project.destroy()
    assert project.control.live(APPID) == [D]
    assert project.control.effective(APPID) == [D]


def test_a_change_of_mode_writes_nothing_when_the_list_fits(released):
    """Both ways it is an update in place: one observation, and what is in force stays so."""
    released.domains(A, B, mode="additive")
    assert "~ 1 updated" in released.up()
    assert released.calls() == ["get", "effective"]

    released.domains(A, B)
    assert "~ 1 updated" in released.up()
    assert released.calls() == ["get", "effective"]
    assert released.control.effective(APPID) == [A, B]


def test_taking_over_the_whole_list_refuses_what_others_added(released, golden):
    """From additive to authoritative does not permit a removal."""
    released.domains(A, B, mode="additive")
    released.up()
    released.control.seed(APPID, live=[A, B, C])
    released.calls()
    released.domains(A, B)

    golden("refused-mode-change", released.up(fails=True))
    assert released.control.writes() == []
