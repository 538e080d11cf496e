"""Posting alerts, to a webhook on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from pulumi_wechat_miniprogram.alerting.webhook import SHAPES, NotNotified, Webhook
from pulumi_wechat_miniprogram.settings import Settings, SettingsError

NOW = 1_796_000_000.5
TEXT = "1 of 2 differs <!channel> & more"
DOCUMENT = {"version": 1, "apps": []}
PATH = "/hook/k3yK3yk3yK3y"


def webhook(url="", kind=None, **settings):
    """A webhook whose clock does not move."""
    return Webhook(Settings(**settings), url, kind, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", "slack"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/x", "feishu"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/x", "feishu"),
        ("https://oapi.dingtalk.com/robot/send?access_token=x", "dingtalk"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", "wecom"),
        ("https://alerts.example.com/x", "webhook"),
    ],
)
def test_a_kind_is_known_by_its_host(url, kind):
    """Any other host is a plain webhook."""
    assert webhook(url).kind == kind
    assert webhook(alert_url=url).kind == kind


@pytest.mark.parametrize(
    ("kind", "answer", "body"),
    [
        (
            "slack",
            "ok",
            {"text": "1 of 2 differs &lt;!channel&gt; &amp; more", "unfurl_links": False},
        ),
        (
            "feishu",
            '{"code": 0}',
            {"msg_type": "text", "content": {"text": "1 of 2 differs \uff1c!channel> & more"}},
        ),
        ("dingtalk", '{"errcode": 0, "errmsg": "ok"}', {"msgtype": "text", "text": {"content": TEXT}}),
        ("wecom", '{"errcode": 0, "errmsg": "ok"}', {"msgtype": "text", "text": {"content": TEXT}}),
        ("webhook", "", {"text": TEXT, "drift": DOCUMENT}),
    ],
)
def test_each_kind_has_its_shape(receiver, kind, answer, body):
    """A live value can mention nobody; a plain webhook also gets what machines read."""
    receiver.said = answer

    webhook(receiver.url + PATH, kind).post(TEXT, DOCUMENT)

    assert receiver.posts == [(PATH, body)]


def test_every_shape_has_a_test():
    """A new one is added above."""
    assert sorted(SHAPES) == ["dingtalk", "feishu", "slack", "webhook", "wecom"]


def test_an_alert_to_feishu_is_signed(receiver):
    """With time and secret as the key of nothing."""
    receiver.said = '{"StatusCode": 0}'

    webhook(receiver.url + PATH, "feishu", alert_secret="s3cret-s3cret").post(TEXT, DOCUMENT)

    ((_, body),) = receiver.posts
    expected = hmac.new(b"1796000000\ns3cret-s3cret", b"", hashlib.sha256).digest()
    assert (body["timestamp"], base64.b64decode(body["sign"])) == ("1796000000", expected)


def test_an_alert_to_dingtalk_is_signed(receiver):
    """In the query, beside the token."""
    receiver.said = '{"errcode": 0}'
    url = f"{receiver.url}/robot/send?access_token=t0k3nt0k3n"

    webhook(url, "dingtalk", alert_secret="SEC0123456789").post(TEXT, DOCUMENT)

    ((path, _),) = receiver.posts
    query = {name: value for name, (value,) in parse_qs(urlsplit(path).query).items()}
    expected = hmac.new(b"SEC0123456789", b"1796000000500\nSEC0123456789", hashlib.sha256).digest()
    assert (query["access_token"], query["timestamp"]) == ("t0k3nt0k3n", "1796000000500")
    assert base64.b64decode(query["sign"]) == expected


@pytest.mark.parametrize(
    ("kind", "status", "said", "problem"),
    [
        ("slack", 404, "no_service", "HTTP status 404: no_service"),
        ("webhook", 500, "", "HTTP status 500"),
        (
            "feishu",
            200,
            '{"code": 19021, "msg": "sign match fail"}',
            'it answered {"code": 19021, "msg": "sign match fail"}',
        ),
        ("wecom", 200, "[]", "it answered []"),
        ("dingtalk", 200, "", "it answered nothing"),
    ],
)
def test_a_refusal_is_one_error_without_the_url(receiver, kind, status, said, problem):
    """WeCom, DingTalk and Feishu refuse with HTTP status 200."""
    receiver.status, receiver.said = status, said

    with pytest.raises(NotNotified) as failed:
        webhook(receiver.url + PATH, kind).post(TEXT, DOCUMENT)

    host = receiver.url.removeprefix("http://")
    assert str(failed.value) == f"the alert was not posted to {kind} at {host}: {problem}"


def test_an_answer_that_repeats_the_key_is_masked(receiver):
    """It may be shown in the log of a CI job."""
    receiver.status, receiver.said = 403, f"no such hook: {PATH}"

    with pytest.raises(NotNotified, match="403: no such hook: \\*\\*\\*$"):
        webhook(receiver.url + PATH).post(TEXT, DOCUMENT)


def test_a_redirect_is_not_followed(receiver):
    """It would take the alert elsewhere."""
    receiver.status, receiver.headers = 302, {"location": "https://login.example.com/x"}

    with pytest.raises(NotNotified, match="it redirects to https://login.example.com$"):
        webhook(receiver.url + PATH).post(TEXT, DOCUMENT)


def test_nobody_listens():
    """One line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(NotNotified, match=f"webhook at 127.0.0.1:{port}: .*refused"):
        webhook(f"http://127.0.0.1:{port}{PATH}").post(TEXT, DOCUMENT)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (
            "http://alerts.example.com/x",
            "is plain http to another machine, which would show its key on the way; use https",
        ),
        ("https://u:p@alerts.example.com/x", "has a user or password, which no kind of webhook accepts"),
        ("slack", "is not the URL of a server, such as https://hooks.slack.com/services/…"),
        ("https://a.example.com/x y", "is more than one word; give the value alone"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url, problem):
    """Before anything is compared."""
    with pytest.raises(ValueError, match="^--notify ") as refused:
        webhook(url)

    assert str(refused.value) == f"--notify {problem}"


def test_a_url_from_a_file_is_checked_too(tmp_path):
    """By the name of its variable; a file that is not there is an error of the settings."""
    (tmp_path / "url").write_text("http://alerts.example.com/x\n", encoding="utf-8")

    with pytest.raises(ValueError, match="^WECHAT_MINIPROGRAM_ALERT_URL is plain http"):
        webhook(alert_url=f"file:{tmp_path}/url")
    with pytest.raises(SettingsError, match="cannot be read"):
        webhook(f"file:{tmp_path}/other")


def test_a_secret_without_use_is_refused():
    """Slack takes no signature, so the kind is wrong or the secret."""
    with pytest.raises(ValueError, match="^--notify is treated as slack") as refused:
        webhook("https://hooks.slack.com/services/x", alert_secret="s3cret-s3cret")

    assert str(refused.value) == (
        "--notify is treated as slack, and WECHAT_MINIPROGRAM_ALERT_SECRET applies to feishu and dingtalk "
        "only; unset it, or give --notify-kind"
    )
