"""What gateways, proxies and wrappers answer with HTTP 200: no such answer counts as one of WeChat's."""

from __future__ import annotations

import json

import httpx
import pytest

from pulumi_wechat_miniprogram.lifecycle.reconcile import Recorded
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errors import BadReply, WeChatError
from pulumi_wechat_miniprogram.wechat.tokens import Tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, A, B, Bench, RotatingTokens, declare

# Shapes from the public documentation of each product.
ANSWERS = {
    "Kong": {"message": "no Route matched with those values"},
    "Kong, with an id": {"message": "An unexpected error occurred", "request_id": "5e1f0a"},
    "APISIX": {"error_msg": "404 Route Not Found"},
    "Spring Cloud Gateway": {"timestamp": "2026-01-01T00:00:00Z", "path": "/wxa", "status": 502, "error": "Bad Gateway", "requestId": "a-1"},
    "Spring Boot": {"timestamp": 1, "status": 500, "error": "Internal Server Error", "message": "", "path": "/wxa"},
    "AWS API Gateway": {"message": "Missing Authentication Token"},
    "AWS API Gateway, integration": {"message": None},
    "AWS Lambda": {"errorMessage": "Task timed out", "errorType": "TimeoutError"},
    "Azure API Management": {"statusCode": 401, "message": "Access denied due to missing subscription key."},
    "Azure, nested": {"error": {"code": "ResourceNotFound", "message": "not found"}},
    "Google": {"error": {"code": 403, "message": "denied", "status": "PERMISSION_DENIED"}},
    "gRPC transcoding": {"code": 14, "message": "upstream connect error", "details": []},
    "Istio": {"message": "RBAC: access denied", "code": 403},
    "Cloudflare": {"success": False, "errors": [{"code": 1015, "message": "rate limited"}], "messages": [], "result": None},
    "Tencent Cloud": {"Response": {"Error": {"Code": "AuthFailure", "Message": "denied"}, "RequestId": "r"}},
    "Tencent Cloud, success": {"Response": {"RequestId": "r"}},
    "Aliyun": {"Code": "Forbidden", "Message": "denied", "RequestId": "r", "HostId": "h"},
    "Huawei Cloud": {"error_msg": "The API does not exist", "error_code": "APIG.0101", "request_id": "r"},
    "protobuf of WeChat": {"base_resp": {"ret": -1, "err_msg": "system error"}},
    "protobuf of WeChat, success": {"base_resp": {"ret": 0}},
    "envelope, success": {"code": 0, "msg": "ok", "data": {}},
    "envelope, failure": {"code": 502, "message": "bad gateway"},
    "envelope with a list": {"code": 0, "data": {"webviewdomain": []}},
    "envelope around WeChat": {"code": 200, "data": {"errcode": 0, "errmsg": "ok"}},
    "boolean envelope": {"success": False, "data": None},
    "boolean envelope, success": {"success": True, "errmsg": "ok"},
    "token wrapper": {"access_token": "t", "expires_in": 7200},
    "OAuth": {"error": "invalid_client", "error_description": "unknown"},
    "GraphQL": {"errors": [{"message": "Cannot query field"}], "data": None},
    "problem+json": {"type": "about:blank", "title": "Bad Gateway", "status": 502, "detail": "upstream"},
    "captive portal": {"captive": True, "user-portal-url": "https://login.example.com/"},
    "health check": {"status": "UP"},
    "echo of the request": {"action": "get"},
    "empty object": {},
    "errmsg of a failure": {"errmsg": "system busy"},
    "errmsg, and more": {"errmsg": "ok", "trace": "1"},
    "spelt otherwise": {"errCode": 0, "errMsg": "ok"},
    "errcode null": {"errcode": None, "errmsg": "ok"},
    "errcode false": {"errcode": False},
    "errcode true": {"errcode": True},
    "errcode float": {"errcode": 0.0, "errmsg": "ok"},
    "errcode list": {"errcode": [0]},
    "errcode object": {"errcode": {"value": 0}},
    "errcode word": {"errcode": "OK"},
    "errcode empty": {"errcode": ""},
    "errcode beyond any": {"errcode": 10**12},
    "list null": {"webviewdomain": None},
    "list of no list": {"webviewdomain": "https://a.example.com"},
    "array": [{"errcode": 0}],
    "empty array": [],
    "string": "ok",
    "number": 0,
    "null": None,
    "true": True,
}  # fmt: skip
TEXTS = {
    "nginx": "<html><head><title>502 Bad Gateway</title></head></html>",
    "Envoy": "upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
    "Envoy, service mesh": "no healthy upstream",
    "JSON Lines": '{"errcode":0}\n{"errcode":0}',
    "JSONP": 'callback({"errcode":0})',
    "XML": "<xml><errcode>0</errcode></xml>",
    "nested beyond reason": "[" * 100_000,
    "a number without end": '{"errcode":' + "1" * 10_000 + "}",
}
BODIES = {**{name: json.dumps(answer) for name, answer in ANSWERS.items()}, **TEXTS}
LIVE = (A, B)
OPERATIONS = {
    "create": lambda use: use.create(declare(A)),
    "update": lambda use: use.update(Recorded(APPID, LIVE), declare(A)),
    "read": lambda use: use.read(Recorded(APPID, LIVE)),
    "delete": lambda use: use.delete(Recorded(APPID, LIVE)),
    "confirm file": lambda use: use.confirm_file(APPID),
}


@pytest.fixture
def bench(wechat_emulator):
    """A bench over an app with two live domains, which tries every call twice."""
    bench = Bench(wechat_emulator, live=LIVE, max_attempts=2)
    yield bench
    bench.client.close()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_foreign_answer_to_every_call_ends_in_an_error_without_a_write(bench, operation, body):
    """Nothing is treated as an empty list, and nothing is written by what such an answer says."""
    bench.control.fault(body=body, times=None)

    with pytest.raises(BadReply):
        OPERATIONS[operation](bench.use)

    assert set(bench.calls) <= {"get", "confirmfile"}
    assert set(bench.control.live(APPID)) == set(LIVE)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("action", ["add", "delete"])
def test_a_foreign_answer_to_a_write_is_no_success(bench, action, body):
    """The write is in doubt: the list is read again, and tells that nothing was done."""
    bench.control.fault(action=action, body=body, times=None)

    with pytest.raises(BadReply) as failed:
        bench.client.write(APPID, action, [B])

    assert failed.value.in_doubt
    assert set(bench.control.live(APPID)) == set(LIVE)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_foreign_answer_to_a_call_without_a_token_shows_no_api(bench, body):
    """`doctor` says so."""
    bench.control.fault(body=body)

    with pytest.raises(BadReply):
        bench.client.reach()


@pytest.mark.parametrize(
    "body", ['{"errmsg":"ok"}', '{"errcode":0}', '{"errcode":"0","errmsg":"ok","new":[]}']
)
def test_a_write_succeeds_by_its_errcode_or_the_bare_success(bench, body):
    """All that WeChat is known to answer."""
    bench.control.fault(action="add", body=body)

    bench.client.write(APPID, "add", ["https://c.example.com"])


@pytest.mark.parametrize(
    ("body", "live"),
    [
        ('{"webviewdomain":[]}', ()),
        ('{"errcode":0,"webviewdomain":[]}', ()),
        ('{"errcode":0,"webviewdomain":null}', None),
        ('{"errcode":0,"errmsg":"ok"}', None),
    ],
)
def test_an_empty_list_differs_from_an_answer_without_one(bench, body, live):
    """Only a list that is there proves that nothing is live."""
    bench.control.fault(action="get", body=body)

    assert bench.client.live(APPID) == live


def test_a_lone_surrogate_in_an_answer_can_be_read_and_sent_back():
    """A live value like that has to be deletable, and an errmsg with one can be shown."""
    sent = []

    def answer(request):
        sent.append(request.content)
        more = {"errcode": 7, "errmsg": "no \ud800"} if b"delete" in request.content else {"errcode": 0}
        return httpx.Response(
            200, content=json.dumps({"webviewdomain": ["https://\ud800.example.com"], **more})
        )

    wire = Wire(
        Settings(endpoint="http://127.0.0.1:1"), transport=httpx.MockTransport(answer), warn=pytest.fail
    )
    client = Client(wire, Tokens(RotatingTokens("t"), wire.attempts))

    live = client.live(APPID) or ()
    with pytest.raises(WeChatError) as refused:
        client.write(APPID, "delete", live)

    assert json.loads(sent[1])["webviewdomain"] == list(live) == ["https://\ud800.example.com"]
    assert refused.value.errmsg == "no \\ud800"
    client.close()


@pytest.mark.parametrize("field", ["file_name", "file_content"])
@pytest.mark.parametrize("value", ["", "\ud800", None, "a\n", "a\n::error::x", "a\x1b[2J", "é", "x" * 129])
def test_a_confirm_file_needs_a_name_and_content_that_can_be_written(bench, field, value):
    """It goes into a URL and onto a disk."""
    file = {"errcode": 0, "file_name": "a.txt", "file_content": "b", field: value}
    bench.control.fault(action="confirmfile", body=json.dumps(file), times=None)

    with pytest.raises(BadReply, match=f"not as documented: {field}"):
        bench.client.confirm_file(APPID)


@pytest.mark.parametrize("name", ["a/b", "/a", "..", ".", "a b", "a\\b", "x" * 65])
def test_the_name_of_a_confirm_file_is_one_segment_of_a_path(bench, name):
    """It is shown, asked for, and written into a folder."""
    file = {"errcode": 0, "file_name": name, "file_content": "b"}
    bench.control.fault(action="confirmfile", body=json.dumps(file), times=None)

    with pytest.raises(BadReply, match="not as documented: file_name"):
        bench.client.confirm_file(APPID)


def test_a_confirm_file_may_have_any_printable_content(bench):
    """WeChat says nothing of its form."""
    file = {"errcode": 0, "file_name": "~" * 64, "file_content": " ~" * 64}
    bench.control.fault(action="confirmfile", body=json.dumps(file))

    assert bench.client.confirm_file(APPID).model_dump(include={"file_name", "file_content"}) == {
        "file_name": "~" * 64,
        "file_content": " ~" * 64,
    }
