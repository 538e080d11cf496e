"""A transcript shows what WeChat answered, and nobody's name."""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.calibration.points import judge
from pulumi_wechat_miniprogram.calibration.recorder import Recorder
from pulumi_wechat_miniprogram.calibration.seen import Exchange
from pulumi_wechat_miniprogram.calibration.transcript import (
    TranscriptUnreadable,
    read_transcript,
    write_transcript,
)
from pulumi_wechat_miniprogram.wechat.client import PLATFORM_LISTS, WEBVIEW_DOMAINS, WEBVIEW_EFFECTIVE
from pulumi_wechat_miniprogram.wechat.errors import Call
from pulumi_wechat_miniprogram.wechat.wire import Post
from tests.calibration.runs import APPID, Run, found, scene

PATH = WEBVIEW_DOMAINS["direct"]
CANARIES = (
    APPID,
    "wxdeadbeefdeadbeef",
    "bakery",
    "203.0.113.7",
    "2001:db8",
    "13800138000",
    "68f1c2a0",
    "CaNaRy",
    "kanarienvogel",
    "张三",
    "emulator-",
)


def response(answer, body='{"action": "get"}', endpoint=PATH):
    """An answer as a transcript has it."""
    text = write_transcript([Exchange(endpoint, body, answer)], "this test")
    return json.loads(text.splitlines()[1])["response"]


@pytest.mark.parametrize(
    "answer",
    [
        '{"errcode":40001,"errmsg":"invalid credential, access_token is invalid: CaNaRy99"}',
        f'{{"errcode":61003,"errmsg":"{APPID} and wxdeadbeefdeadbeef are no friends"}}',
        '{"errcode":61004,"errmsg":"access clientip requestIP: 203.0.113.7 rid: 68f1c2a0-1b2c3d4e-5f607182"}',
        '{"errcode":61004,"errmsg":"access clientip 2001:db8::7 of bakery.example.cn:8443"}',
        '{"errcode":0,"webviewdomain":["https://www.bakery.cn","https://u:CaNaRy@bakery.cn","bakery","https://bakery.cn/CaNaRy"]}',
        '{"errcode":0,"owner":"kanarienvogel","nickname":"张三","phone":13800138000}',
        '{"errcode":0,"CaNaRy":1,"data":{"wxdeadbeefdeadbeef":{"bakery.cn":["kanarienvogel"]}}}',
        '{"errcode":0,"wxdeadbeefdeadbeef":1}',
        '{"errcode":"CaNaRy","errmsg":["kanarienvogel"],"action":"kanarienvogel"}',
        '{"errcode":0,"prefetch_dns_domain":[{"url":"www.bakery.cn","status":"kanarienvogel"}]}',
        '{"testing_wxa_jump_h5_domain":"bakery.cn;www.bakery.cn https://bakery.com"}',
        '["kanarienvogel"]',
        "<html>kanarienvogel</html>",
        '{"errcode":0,"bizdomain":["gopher://bakery.cn","https://[2001:db8::1]"],"x":"\\u0043aNaRy"}',
    ],
)
def test_nothing_that_names_somebody_is_kept(answer):
    """Whatever WeChat, or a gateway in its place, may send."""
    held = response(answer)

    assert [canary for canary in CANARIES if canary.lower() in held.lower()] == []


def test_a_run_holds_no_secret_and_no_name(wechat_emulator, tmp_path):
    """Neither in a request nor in an answer; and tells as much as before."""
    theirs = {
        "live": ["https://www.bakery.cn"],
        "mp": ["https://bakery.com/"],
        "effective": ["https://bakery.com/"],
    }
    scene(wechat_emulator, app=theirs)
    with Run(wechat_emulator, tmp_path) as run:
        outcome = run.write()
    text = write_transcript(outcome.exchanges, "this test")

    assert [canary for canary in CANARIES if canary.lower() in text.lower()] == []
    assert "example.org" not in text
    assert {each.point.switch: each.left for each in judge(read_transcript(text, ""))} == found(outcome)


@pytest.mark.parametrize(
    "path",
    [
        "/cgi-bin/component/api_component_token",
        "/cgi-bin/component/api_authorizer_token",
        "/cgi-bin/component/api_get_authorizer_list",
        "/wxa/get_webviewdomain_confirmfile",
    ],
)
def test_calls_that_carry_credentials_are_not_recorded(path):
    """Their bodies and answers hold tokens, tickets and secrets."""
    recorder = Recorder()

    recorder(
        Post(Call(APPID, "token"), path, {"component_appsecret": "CaNaRy"}), b'{"access_token":"CaNaRy"}'
    )

    assert recorder.exchanges == []


def test_the_same_host_has_the_same_name_in_every_spelling():
    """So that what is equal stays equal, and what differs in spelling alone still does."""
    sent = [
        "https://a.cn",
        "a.cn",
        "http://a.cn",
        "https://A.cn",
        "https://a.cn/",
        "https://b.cn:443",
        "wss://a.cn",
    ]
    held = json.loads(response(json.dumps({"errcode": 0, "webviewdomain": sent})))["webviewdomain"]

    assert held == [
        "https://h1.example.com",
        "h1.example.com",
        "http://h1.example.com",
        "https://H1.EXAMPLE.COM",
        "https://h1.example.com/",
        "https://h2.example.com:8443",
        "wss://h1.example.com",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        '{"errcode":0,"errmsg":"ok","webviewdomain":["https:\\/\\/h1.example.com"]}',
        '{ "errcode" : "0",\n "errmsg": "ok" , "size_limit":5}',
        '{"errcode":86103,"errmsg":"check confirmfile fail! rid: xxxxxxxx-xxxxxxxx-xxxxxxxx"}',
        '{"errcode":506015,"errmsg":"域名绑定的小程序数量超过限制"}',
        '{"testing_wxa_jump_h5_domain":"h1.example.com;h2.example.com","errcode":null,"a":true,"b":[{},[]]}',
        "",
    ],
)
def test_a_transcript_of_a_transcript_is_the_same(answer):
    """Spaces, escapes, order and WeChat's own words are kept."""
    endpoint = PLATFORM_LISTS["webview"][0] if "testing" in answer else PATH

    assert response(answer, endpoint=endpoint) == answer


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "t.jsonl:1: not a line of a transcript: it is not valid JSON"),
        (
            '{"transcript": 2, "recorded_by": "x"}',
            "t.jsonl:1: not a line of a transcript: transcript: must be 1",
        ),
        (
            '{"transcript": 1, "recorded_by": "x"}\n{"endpoint": "/"}',
            "t.jsonl:2: not a line of a transcript: request: is missing",
        ),
    ],
)
def test_a_file_that_is_no_transcript_is_named_with_its_line(text, problem):
    """And what is wrong there."""
    with pytest.raises(TranscriptUnreadable) as raised:
        read_transcript(text, "t.jsonl")

    assert str(raised.value).startswith(problem)


def test_a_get_has_no_body():
    """It differs from a POST by that."""
    exchange = Exchange(WEBVIEW_EFFECTIVE, "", "{}")
    text = write_transcript([exchange], "this test")

    assert json.loads(text.splitlines()[1])["request"] == {"method": "GET", "body": ""}
    assert read_transcript(text, "") == [exchange]
