"""The room below WeChat's limits."""

from __future__ import annotations

from pulumi_wechat_miniprogram.policy import DOMAIN_HEADROOM, SUBJECTS_PER_DOMAIN
from tests.policy.conftest import APPID, UNKNOWN, declare, judge


def many(count):
    return [f"https://h{number}.example.com" for number in range(count)]


def test_from_the_share_on_it_warns():
    """80 % of 300 are 240."""
    assert judge(DOMAIN_HEADROOM, declare(*many(240))) == (
        [f"{APPID} has 240 of at most 300 webview domains (80%); this warns from 80 % on."],
        [],
    )
    assert judge(DOMAIN_HEADROOM, declare(*many(239))) == ([], [])


def test_the_share_can_be_set():
    """A team with long release cycles wants to know earlier."""
    violations, _ = judge(DOMAIN_HEADROOM, declare(*many(30)), percent=10)

    assert violations == [f"{APPID} has 30 of at most 300 webview domains (10%); this warns from 10 % on."]


def test_additive_resources_of_an_appid_count_together_and_each_domain_once():
    """One list, several resources."""
    first = declare(*many(200), name="a", mode="additive")
    second = declare(*many(100), *(f"https://x{n}.example.com" for n in range(40)), name="b", mode="additive")

    violations, _ = judge(DOMAIN_HEADROOM, second, first)

    assert violations == [f"{APPID} has 240 of at most 300 webview domains (80%); this warns from 80 % on."]


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
            "shared.example.com is declared for 101 subjects in this stack, more than 100: WeChat takes a domain "
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
        "`appid` of shop is known only during the update: not judged in this preview, the update judges before it "
        "writes anything."
    ]
