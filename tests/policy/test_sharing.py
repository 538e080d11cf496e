"""Resources that share an appid, and appids that share a domain."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.policy import (
    DOMAIN_HEADROOM,
    NO_MIXED_MODES,
    ONE_AUTHORITATIVE,
    SUBJECTS_PER_DOMAIN,
)
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
            f"{second.name} is {second.mode} for {APPID}, alongside {first.name} ({first.mode}): an authoritative "
            "resource removes what an additive one added in another run."
        ],
        [],
    )


@pytest.mark.parametrize("rule", [ONE_AUTHORITATIVE, NO_MIXED_MODES])
@pytest.mark.parametrize("field", ["appid", "mode"])
def test_an_unknown_appid_or_mode_is_not_judged(rule, field):
    """It is named, and judged in the update."""
    violations, open_ends = judge(rule, declare("a.example.com", name="x", **{field: UNKNOWN}), A, C)

    assert (violations, [text.partition(" of ")[0] for text in open_ends]) == ([], [f"`{field}`"])


def many(count):
    return [f"https://h{number}.example.com" for number in range(count)]


def test_from_the_share_on_it_warns():
    """80 % of 300 are 240."""
    assert judge(DOMAIN_HEADROOM, declare(*many(240))) == (
        [f"{APPID} has 240 of at most 300 webview domains (80%); this warns from 80 %."],
        [],
    )
    assert judge(DOMAIN_HEADROOM, declare(*many(239))) == ([], [])


def test_the_share_can_be_set():
    """A team with long release cycles wants to know earlier."""
    violations, _ = judge(DOMAIN_HEADROOM, declare(*many(30)), percent=10)

    assert violations == [f"{APPID} has 30 of at most 300 webview domains (10%); this warns from 10 %."]


def test_additive_resources_of_an_appid_count_together_and_each_domain_once():
    """One list, several resources."""
    first = declare(*many(200), name="a", mode="additive")
    second = declare(*many(100), *(f"https://x{n}.example.com" for n in range(40)), name="b", mode="additive")

    violations, _ = judge(DOMAIN_HEADROOM, second, first)

    assert violations == [f"{APPID} has 240 of at most 300 webview domains (80%); this warns from 80 %."]


def test_an_unknown_element_counts_and_an_unknown_list_does_not():
    """How many there will be is known, or it is not judged."""
    violations, open_ends = judge(DOMAIN_HEADROOM, declare(*many(239), UNKNOWN))
    assert (len(violations), open_ends) == (1, [])

    violations, open_ends = judge(DOMAIN_HEADROOM, declare(domains=UNKNOWN))
    assert (violations, len(open_ends)) == ([], 1)


def apps(count):
    return [declare("shared.example.com", name=f"r{n}", appid=f"wx{n:016x}") for n in range(count)]


def test_the_hundred_and_first_subject_of_a_domain_is_a_violation():
    """The one that passes the limit is named."""
    assert judge(SUBJECTS_PER_DOMAIN, *reversed(apps(100))) == ([], [])
    assert judge(SUBJECTS_PER_DOMAIN, *reversed(apps(101))) == (
        [
            "shared.example.com is declared for 101 subjects in this stack, more than 100: WeChat accepts a domain "
            "for at most 100 (errcode 506015)."
        ],
        [],
    )


def test_the_appids_of_one_company_count_once():
    """WeChat counts subjects."""
    three = list(reversed(apps(3)))
    same = {declared.appid: "Example Ltd" for declared in three[:2]}

    assert judge(SUBJECTS_PER_DOMAIN, *three, limit=2, subjects=same) == ([], [])
    assert len(judge(SUBJECTS_PER_DOMAIN, *three, limit=2)[0]) == 1


def test_an_unknown_appid_is_not_counted_and_named():
    """It may be any subject."""
    violations, open_ends = judge(SUBJECTS_PER_DOMAIN, declare("a.example.com", appid=UNKNOWN))

    assert violations == []
    assert open_ends == [
        "`appid` of shop is known only during the update: not checked in this preview, but in the update, "
        "before it writes anything."
    ]
