"""What a person reads of a finding."""

from __future__ import annotations

from pulumi_wechat_miniprogram.calibration.points import judge
from pulumi_wechat_miniprogram.calibration.seen import Exchange
from pulumi_wechat_miniprogram.calibration.table import row, rows, seed_of
from pulumi_wechat_miniprogram.wechat.client import PLATFORM_LISTS, WEBVIEW_DOMAINS, WEBVIEW_EFFECTIVE

GET = '{"action": "get"}'
LISTS = '{"errcode":0,"mp_webviewdomain":[],"direct_webviewdomain":[],"effective_webviewdomain":["https://h1.example.com"]}'


def read(answer, endpoint=WEBVIEW_DOMAINS["direct"]):
    """A read with its answer."""
    return Exchange(endpoint, GET, answer)


def found(switch, *exchanges):
    """The row of one switch."""
    return row(next(each for each in judge(exchanges) if each.point.switch == switch))


def test_answers_that_contradict_each_other_are_reported_as_such():
    """And settle nothing."""
    both = [
        read('{"errcode":0,"webviewdomain":[]}'),
        Exchange(WEBVIEW_DOMAINS["direct"], '{"action": "add"}', "{}"),
    ]
    both += [read(LISTS, WEBVIEW_EFFECTIVE), read('{"errcode":0}')]

    assert found("empty_get", *both) == (
        "empty_get",
        "contradictory",
        "",
        "setwebviewdomain_directly {action: get} → 0",
    )
    assert "empty_get" not in seed_of(judge(both))


def test_an_answer_with_another_possible_cause_is_likely():
    """A domain in force that no way lists may be the console's."""
    assert found("delete_effect", read(LISTS, WEBVIEW_EFFECTIVE))[:3] == (
        "delete_effect",
        "on-release",
        "likely",
    )


def test_an_answer_without_errcode_says_so():
    """It is the evidence."""
    answer = read('{"testing_wxa_jump_h5_domain":""}', PLATFORM_LISTS["webview"][0])

    assert found("platform_get", answer) == (
        "platform_get",
        "bare",
        "certain",
        "modify_wxa_jump_domain {action: get} → no errcode",
    )


def test_what_is_no_answer_of_wechats_settles_nothing():
    """Neither a page of HTML, nor another service's JSON, nor fields of other types."""
    answers = ["<html>", "[]", '{"error":"login"}', '{"errcode":[]}', '{"errcode":0,"mp_webviewdomain":7}']
    exchanges = [
        read(answer, path) for answer in answers for path in (WEBVIEW_DOMAINS["direct"], WEBVIEW_EFFECTIVE)
    ]

    assert seed_of(judge(exchanges[:-2])) == "switches: {}\n"
    assert {each[1] for each in rows(judge(exchanges[:-2]))} == {"not seen", "not observable"}
