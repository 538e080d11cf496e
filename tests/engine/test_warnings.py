"""Warnings that reach the user in the CLI's output, each with the operation that goes on."""

from __future__ import annotations

from tests.engine.conftest import APPID, A, B, C, D


def test_an_effective_domain_goes_while_a_declared_one_waits(released, golden):
    """The preview names the safe order; the update is done as asked."""
    released.domains(A, C)

    golden("warning-exchange", released.preview())
    golden("warning-removed-while-pending", released.up())
    assert released.control.live(APPID) == [A, C]


def test_a_declared_domain_that_only_another_mode_lists(released, golden):
    """It may drop out at the next release; an undeclared one of that mode is left alone."""
    released.control.switch(get_returns="all")
    released.control.seed(APPID, live=[A, B], third=[C, D])
    released.domains(A, B, C)

    golden("warning-only-another-mode", released.up())
    assert released.control.writes() == []


def test_a_delete_leaves_what_only_another_mode_lists(released, golden):
    """The console's domains are not ours, and are named."""
    released.control.switch(get_returns="all")
    released.control.seed(APPID, live=[A, B], mp=[C])

    golden("warning-left-to-another-mode", released.destroy())
    assert released.control.live(APPID) == []
    assert released.control.effective(APPID) == [C]


def test_an_additive_delete_leaves_what_it_did_not_add(project, golden):
    """A domain that was there before stays and is named."""
    project.control.seed(APPID, live=[A])
    project.domains(A, B, mode="additive")
    project.up()

    golden("warning-left", project.destroy())
    assert project.control.live(APPID) == [A]
