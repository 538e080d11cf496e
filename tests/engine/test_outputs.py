"""The outputs through create, update, release and refresh, and what a preview knows of them."""

from __future__ import annotations

import re

import pytest

from tests.engine.conftest import APPID, OUTPUTS, A, B, C


def telling(*domains):
    """A program with one resource that tells each output which it knows."""
    return (
        f"r = MiniProgramWebviewDomains('shop', appid={APPID!r}, domains={list(domains)!r})\n"
        f"for key in {OUTPUTS!r}:\n"
        "    getattr(r, key).apply(lambda value, key=key: pulumi.info(f'{key} is known: {value}'))\n"
    )


def known(text):
    """The outputs that a program of `telling` knew, by name."""
    return dict(re.findall(r"^ +(\w+) is known: (.*)$", text, re.MULTILINE))


def test_outputs_follow_create_release_and_update(project):
    """What is in force changes by a release and by a removal, never by an add."""
    project.control.seed(APPID, live=[A], effective=[A])
    project.domains(A, B)
    project.up()
    assert project.outputs() == {
        "domains": [A, B],
        "effective_domains": [A],
        "pending_domains": [B],
        "release_required": True,
        "added_domains": [B],
    }

    project.control.release(APPID)
    project.refresh()
    assert project.outputs() == {
        "domains": [A, B],
        "effective_domains": [A, B],
        "pending_domains": [],
        "release_required": False,
        "added_domains": [B],
    }

    project.domains(B, C)
    project.up()
    assert project.outputs() == {
        "domains": [B, C],
        "effective_domains": [B],
        "pending_domains": [C],
        "release_required": True,
        "added_domains": [B, C],
    }


def test_a_removal_that_waits_for_a_release_requires_one(released):
    """By the other reading of WeChat's documents a deleted domain stays in force until the release."""
    released.control.switch(delete_effect="on-release")
    released.domains(A)

    released.up()

    assert released.outputs() == {
        "domains": [A],
        "effective_domains": [A, B],
        "pending_domains": [],
        "release_required": True,
        "added_domains": [A],
    }


def test_a_preview_knows_every_output_that_will_stay(released):
    """Nothing to do, nothing unknown: what depends on the outputs shows no change either."""
    released.program(telling(A, B))

    assert known(released.preview()) == {
        "domains": f"{[A, B]}",
        "effective_domains": f"{[A, B]}",
        "pending_domains": "[]",
        "release_required": "False",
        "added_domains": f"{[A, B]}",
    }


@pytest.mark.parametrize("domains", [(A, B, C), (A,)])
def test_a_preview_of_an_update_knows_the_inputs_alone(released, domains):
    """WeChat gives the outputs after the write."""
    released.program(telling(*domains))

    assert known(released.preview()) == {"domains": f"{list(domains)}"}


def test_a_preview_of_a_create_knows_the_inputs_alone(project):
    """Nothing of WeChat was asked."""
    project.program(telling(A))

    assert known(project.preview()) == {"domains": f"{[A]}"}
