"""Several resources of one appid."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.policy import NO_MIXED_MODES, ONE_AUTHORITATIVE
from tests.policy.conftest import APPID, OTHER, UNKNOWN, declare, judge

A = declare("a.example.com", name="a")
B = declare("b.example.com", name="b")
C = declare("c.example.com", name="c", mode="additive")
D = declare("d.example.com", name="d", mode="additive")


def test_a_second_authoritative_resource_is_a_violation():
    """Each would remove what the other adds."""
    assert judge(ONE_AUTHORITATIVE, B, A) == (
        [f"b owns the whole list of {APPID}, and a too: each removes what the other adds."],
        [],
    )


@pytest.mark.parametrize("before", [[], [declare(name="x", appid=OTHER)], [C]])
def test_one_authoritative_resource_of_an_appid_passes(before):
    """Alone, beside another appid, and beside an additive one, which is another policy's matter."""
    assert judge(ONE_AUTHORITATIVE, A, *before) == ([], [])


def test_a_resource_that_is_judged_twice_is_one():
    """The engine may ask again."""
    assert judge(ONE_AUTHORITATIVE, A, A) == ([], [])


def test_additive_resources_share_an_appid():
    """That is what the mode is for."""
    assert judge(ONE_AUTHORITATIVE, D, C) == ([], [])
    assert judge(NO_MIXED_MODES, D, C) == ([], [])


@pytest.mark.parametrize(("second", "first"), [(C, A), (A, C)])
def test_both_modes_for_one_appid_are_a_violation(second, first):
    """Whichever comes second is named, with the first."""
    assert judge(NO_MIXED_MODES, second, first) == (
        [
            f"{second.name} is {second.mode} for {APPID}, beside {first.name} ({first.mode}): an authoritative "
            "resource removes what an additive one of another run added."
        ],
        [],
    )


@pytest.mark.parametrize("rule", [ONE_AUTHORITATIVE, NO_MIXED_MODES])
@pytest.mark.parametrize("field", ["appid", "mode"])
def test_an_unknown_appid_or_mode_is_not_judged(rule, field):
    """It is named, and judged in the update."""
    violations, open_ends = judge(rule, declare("a.example.com", name="x", **{field: UNKNOWN}), A, C)

    assert (violations, [text.partition(" of ")[0] for text in open_ends]) == ([], [f"`{field}`"])
