"""How a resource is declared."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.policy import GUARDS_ON, OWNER_IN_NAME, PROTECTED
from pulumi_wechat_miniprogram.policy.rule import Remedy
from tests.policy.conftest import APPID, UNKNOWN, config_of, declare, judge, spelled

GUARDS = ("overwrite_existing", "allow_mass_removal")
PATTERN = "(?P<owner>[a-z]+)-.+"


def test_a_resource_without_protect_is_a_violation():
    """Nothing else guards a destroy."""
    assert judge(PROTECTED, declare()) == (
        [
            "shop is not protected: removing it from the program, or `pulumi destroy`, removes the domains of "
            f"{APPID}."
        ],
        [],
    )
    assert judge(PROTECTED, declare(protected=True)) == ([], [])


def test_a_name_without_owner_is_a_violation():
    """The whole name must match."""
    assert judge(OWNER_IN_NAME, declare(), pattern=PATTERN) == (
        [f"The name shop does not match {PATTERN}."],
        [],
    )
    assert judge(OWNER_IN_NAME, declare(name="pay-shop"), pattern=PATTERN) == ([], [])
    assert len(judge(OWNER_IN_NAME, declare(name="shop-1"), pattern="[a-z]+")[0]) == 1


def test_an_owner_that_there_is_not_is_a_violation():
    """The group `owner` is compared with the list."""
    config = {"pattern": PATTERN, "owners": ["pay", "growth"]}

    assert judge(OWNER_IN_NAME, declare(name="pay-shop"), **config) == ([], [])
    assert judge(OWNER_IN_NAME, declare(name="ops-shop"), **config) == (
        ["The name ops-shop gives the owner ops, which is not one of pay, growth."],
        [],
    )


def test_each_lifted_guard_is_a_violation(face):
    """Both switches are for one update; they are named as the inputs spell them."""
    overwrite, removal = spelled(face, dict.fromkeys(GUARDS))

    assert judge(GUARDS_ON, declare(**dict.fromkeys(GUARDS, True), face=face)) == (
        [
            f"shop has {overwrite}=True: it may remove live domains that no resource declares.\n"
            f"shop has {removal}=True: it may remove any number of domains in one update."
        ],
        [],
    )
    assert judge(GUARDS_ON, declare(face=face)) == ([], [])


@pytest.mark.parametrize("flag", GUARDS)
def test_an_unknown_switch_is_not_judged(face, flag):
    """It is named, and judged in the update."""
    violations, open_ends = judge(GUARDS_ON, declare(**{flag: UNKNOWN}, face=face))

    (name,) = spelled(face, {flag: UNKNOWN})
    assert (violations, [text.partition(" of ")[0] for text in open_ends]) == ([], [f"`{name}`"])


@pytest.mark.parametrize("flag", GUARDS)
def test_the_remedy_turns_off_what_is_on(face, flag):
    """By the name that the inputs have, and leaves a resource alone that needs none."""
    config = config_of(GUARDS_ON)

    assert GUARDS_ON.remedy is not None
    assert GUARDS_ON.remedy(declare(**{flag: True}, face=face), config) == Remedy(
        turn_off=tuple(spelled(face, {flag: True}))
    )
    assert GUARDS_ON.remedy(declare(face=face), config) is None
