"""Arbitrary requests: whatever arrives, no answer is a 500, and the emulator goes on."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.emulator.conftest import APPID, COMPONENT, SET_PATH, only
from tests.emulator.flow import REFRESH_TOKEN, SECRET, Flow
from wechat_miniprogram_emulator.routes import ROUTES

OWN = {"grant_type": "client_credential", "appid": APPID, "secret": f"emulator-secret-{APPID}"}
FIELDS = (
    "action",
    "webviewdomain",
    "requestdomain",
    "tcpdomain",
    "wxa_jump_h5_domain",
    "wxa_server_domain",
    "is_modify_published_together",
    "prefetch_dns_domain",
    "component_appid",
    "component_appsecret",
    "component_secret",
    "component_verify_ticket",
    "authorizer_appid",
    "authorizer_refresh_token",
    "authorization_code",
    "appid",
    "appsecret",
    "secret",
    "grant_type",
    "force_refresh",
    "offset",
    "count",
    "cgi_path",
    "rid",
)
GOOD = (
    "get",
    "set",
    "add",
    "delete",
    "getbizdomain",
    "client_credential",
    "https://a.example.com",
    "a.example.com;b.example.com",
    "wss://a.example.com:1",
    "http://[",
    ["https://a.example.com", "https://b.example.com"],
    [{"url": "a.example.com"}],
    APPID,
    COMPONENT,
    SECRET,
    REFRESH_TOKEN,
    OWN["secret"],
    SET_PATH,
    "00000000-00000000-00000000",
)
CONTROL = (
    "seed",
    "switches",
    "profile",
    "faults",
    "clock",
    "trust",
    "unfiled",
    "limit",
    "release",
    "submit",
    "authorize",
    "revoke",
    "ticket",
    "tokens",
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
values = st.sampled_from(GOOD) | anything | st.lists(st.text(max_size=30), max_size=4)
objects = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), values, max_size=6)
bodies = objects.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=60)
controls = st.dictionaries(
    st.sampled_from(["appid", "apps", "platforms", "hosts", "advance", "path", "kind", "daily", "profile"]),
    values,
    max_size=4,
).map(lambda body: json.dumps(body).encode())
methods = st.sampled_from(["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND"])


@pytest.fixture
def tokens(wechat_emulator, wechat):
    """A token of each kind, a wrong one, and none."""
    wechat_emulator.seed(APPID)
    flow = Flow(wechat_emulator, wechat)
    flow.component_token()
    own = wechat.call(wechat_emulator.url, "/cgi-bin/stable_token", OWN, None)["access_token"]
    return [f"emulator-{APPID}", flow.component, own, "nobody", None]


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(sorted(ROUTES)), method=methods, kind=st.integers(0, 4), content=bodies)
@example(path=SET_PATH, method="POST", kind=0, content=b"9" * 5000)
@example(path=SET_PATH, method="POST", kind=0, content=b'{"action": "set", "webviewdomain": ["\\u0000"]}')
@example(path=SET_PATH, method="POST", kind=0, content=b'{"action": "\\ud800"}')
@example(path=SET_PATH, method="POST", kind=0, content=b'{"action": "get", "x": NaN, "y": 1e999}')
@example(path="/cgi-bin/token", method="GET", kind=4, content=b"")
def test_no_request_breaks_an_endpoint(wechat_emulator, wechat, tokens, path, method, kind, content):
    """Any method, token and body gets HTTP 200 and a JSON object: fields, or an errcode with a rid."""
    response = wechat.raw(wechat_emulator.url, path, content, tokens[kind], method)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    document = json.loads(response.content) if method != "HEAD" else {}
    assert int(document.get("errcode", 0)) == 0 or " rid: " in document["errmsg"]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=30), query=st.text(max_size=30), method=methods)
@example(path="_emulator", query="", method="GET")
@example(path="_emulator/", query="%", method="POST")
@example(path="wxa/setwebviewdomain_directly/", query="access_token=%ff&&=", method="POST")
def test_no_path_breaks_the_emulator(wechat_emulator, wechat, path, query, method):
    """What is not emulated is 404; a control route by the wrong method is 405; the page's path lacks its slash."""
    url = f"{wechat_emulator.url}/{'%' + path.encode().hex('%') if path else ''}"

    response = wechat.request(method, url, params=query, content=b"{")

    assert response.status_code in {307, 404, 405}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(CONTROL), content=bodies | controls)
def test_no_control_request_breaks_the_emulator(wechat_emulator, wechat, name, content):
    """It is carried out, or refused with one text."""
    response = wechat.request("POST", f"{wechat_emulator.url}/_emulator/{name}", content=content)

    assert response.status_code in {200, 400}
    assert response.status_code == 200 or response.json()["error"]


@only("over HTTP")
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"", b"POST ", b"POST /wxa/release HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n"]
    ),
    rest=st.binary(max_size=80),
)
@example(head=b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", rest=b"{}")
@example(head=b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", rest=b"zz\r\n")
@example(head=b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", rest=b"")
def test_no_bytes_break_the_server(wechat_emulator, wechat, head, rest):
    """What is not HTTP is closed or answered by a 4xx, and the next request is met."""
    address = urlsplit(wechat_emulator.url)

    with socket.create_connection((address.hostname, address.port), timeout=5) as client:
        client.sendall(head + rest)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(4096), b""))

    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert wechat.raw(wechat_emulator.url, token="nobody").json()["errcode"] == 40001


@pytest.mark.parametrize(("size", "errcode"), [(1 << 20, 40097), ((1 << 20) + 1, 45002)])
def test_a_body_has_a_limit(wechat_emulator, wechat, size, errcode):
    """One MiB; more is not read into memory."""
    wechat_emulator.seed(APPID)
    frame = b'{"x": ""}'
    content = b'{"x": "' + b"x" * (size - len(frame)) + b'"}'

    response = wechat.raw(wechat_emulator.url, content=content)

    assert response.json()["errcode"] == errcode


@only("over HTTP")
def test_a_client_may_wait_before_it_sends_its_body(wechat_emulator):
    """`Expect: 100-continue`, as curl sends it, is answered immediately."""
    address = urlsplit(wechat_emulator.url)
    head = f"POST {SET_PATH}?access_token=nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"

    with socket.create_connection((address.hostname, address.port), timeout=5) as client:
        client.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        first = client.recv(4096)
        client.sendall(b"{}")
        second = client.recv(4096)

    assert first.startswith(b"HTTP/1.1 100 ")
    assert second.startswith(b"HTTP/1.1 200 ")
    assert b'"errcode":40001' in second
