"""One call over the wire: typed replies, typed errors, and no token in anything that is shown."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import threading

import httpx
import pytest

from pulumi_wechat_miniprogram.settings import Settings, SettingsError
from pulumi_wechat_miniprogram.wechat import errors
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.tokens import Tokens
from pulumi_wechat_miniprogram.wechat.wire import MAX_REPLY_BYTES, Wire
from tests.bench import APPID, A, Bench, RotatingTokens
from tests.misbehaving import ODD_HEADERS, Misbehaving, Script, answer_of


@pytest.mark.parametrize(
    ("fault", "kind", "text"),
    [
        ({"body": ""}, errors.BadReply, "it is empty"),
        ({"body": "{"}, errors.BadReply, "it is not JSON"),
        ({"body": "<html>"}, errors.BadReply, "it is HTML"),
        ({"body": "[1]"}, errors.BadReply, "it is not a JSON object"),
        ({"body": '{"errcode": "x"}'}, errors.BadReply, "its fields are not as documented: errcode"),
        ({"body": '{"webviewdomain": [5]}'}, errors.BadReply, "not as documented: webviewdomain"),
        ({"body": "x" * (MAX_REPLY_BYTES + 1)}, errors.BadReply, f"longer than {MAX_REPLY_BYTES} bytes"),
        ({"http_status": 503}, errors.GatewayFault, "got HTTP status 503"),
        ({"cut": "before"}, errors.OutcomeUnknown, "got no answer from 127.0.0.1"),
        ({"delay": 0.3}, errors.OutcomeUnknown, "timed out"),
        ({"slow_body": 0.3}, errors.OutcomeUnknown, "timed out"),
    ],
)
def test_every_bad_answer_is_a_typed_error(wechat_emulator, fault, kind, text):
    """No raw transport error gets out, and no message contains a token."""
    bench = Bench(wechat_emulator, request_timeout=0.2, max_attempts=1)
    bench.control.fault(action="get", **fault)

    with pytest.raises(kind) as failed:
        bench.client.live(APPID)

    assert text in str(failed.value)
    assert "emulator-wx" not in str(failed.value)
    bench.client.close()


def client_of(settings, token="t", **options):
    """A client with one token."""
    wire = Wire(settings, warn=print, **options)
    return Client(wire, Tokens(RotatingTokens(token), wire.attempts))


class RaisingTransport(httpx.BaseTransport):
    """A transport that fails in one way."""

    def __init__(self, error):
        """Keep the error."""
        self.error = error

    def handle_request(self, request):
        """Fail."""
        raise self.error


def subclasses(kind):
    """Every class below one, itself left out."""
    return [found for child in kind.__subclasses__() for found in (child, *subclasses(child))]


@pytest.mark.parametrize("kind", sorted(subclasses(httpx.RequestError), key=str))
def test_every_transport_error_is_mapped(kind):
    """Whatever httpx raises becomes ours; its text is kept, a token in it is not."""
    raised = kind("at /?access_token=canary-77 broken")
    client = client_of(Settings(max_attempts=1), "canary-77", transport=RaisingTransport(raised))

    with pytest.raises((errors.NotSent, errors.OutcomeUnknown)) as failed:
        client.live(APPID)

    assert "access_token=*** broken" in str(failed.value)
    assert "canary-77" not in str(failed.value)
    client.close()


def test_a_nameless_transport_error_has_its_kind():
    """An httpx error without text shows as its class."""
    client = client_of(Settings(max_attempts=1), transport=RaisingTransport(httpx.ReadError("")))

    with pytest.raises(errors.OutcomeUnknown, match="ReadError"):
        client.live(APPID)

    client.close()


def test_an_unreachable_endpoint_is_one_error(unused_port):
    """Host and cause are named, and that nothing was sent."""
    client = client_of(Settings(endpoint=f"http://127.0.0.1:{unused_port}", max_attempts=1))

    with pytest.raises(errors.NotSent) as failed:
        client.live(APPID)

    assert str(failed.value).startswith(
        f"get for {APPID} not sent: no connection to 127.0.0.1:{unused_port}: "
    )
    assert "Nothing was sent." in str(failed.value)
    client.close()


@pytest.fixture
def unused_port():
    """A loopback port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize(
    "body",
    [
        '{"webviewdomain": ["https:\\/\\/a.example.com"]}',
        '{"errcode": "0", "webviewdomain": ["https://a.example.com"], "new": 1}',
    ],
)
def test_success_is_an_errcode_that_is_absent_or_zero(bench, body):
    """Number, numeral or nothing; unknown fields and the Content-Type do not matter."""
    bench.control.fault(action="get", body=body, content_type="text/html")

    assert bench.client.live(APPID) == (A,)


def test_logs_of_the_http_library_hide_the_token(bench, caplog):
    """Httpx logs each URL; the token in it is blotted out."""
    with caplog.at_level(logging.DEBUG):
        bench.client.live(APPID)

    assert "access_token=***" in caplog.text
    assert f"emulator-{APPID}" not in caplog.text


def test_a_ca_file_is_used(tmp_path):
    """A custom authority replaces the usual ones."""
    import trustme  # noqa: PLC0415 - used here alone

    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))

    client_of(Settings(ca_file=path)).close()


@pytest.fixture
def with_fallback(bench, unused_port):
    """A client whose endpoint is out of reach, with the emulator to fall back to."""
    warnings: list[str] = []
    settings = Settings(
        endpoint=f"http://127.0.0.1:{unused_port}", fallback_endpoint=bench.control.url, max_attempts=1
    )
    wire = Wire(settings, warn=warnings.append)
    client = Client(wire, Tokens(RotatingTokens(f"emulator-{APPID}"), wire.attempts))
    yield client, warnings
    client.close()


def test_the_fallback_serves_where_no_connection_could_be_made(bench, with_fallback, unused_port):
    """It is announced once and used from then on."""
    client, warnings = with_fallback

    assert client.live(APPID) == client.live(APPID) == ()

    (line,) = warnings
    assert line.startswith(f"get for {APPID} not sent: no connection to 127.0.0.1:{unused_port}: ")
    assert line.endswith(f"Using {bench.control.url} instead of http://127.0.0.1:{unused_port} from now on")


def test_a_fallback_out_of_reach_is_an_error_of_its_own(unused_port):
    """The text names the last host that was tried."""
    settings = Settings(
        endpoint=f"http://127.0.0.1:{unused_port}", fallback_endpoint="http://localhost:9", max_attempts=1
    )
    client = client_of(settings)

    with pytest.raises(errors.NotSent, match="no connection to localhost:9"):
        client.live(APPID)

    client.close()


def test_a_call_that_was_sent_never_goes_to_the_fallback(bench):
    """A write may have been done: the other endpoint would do it twice."""
    settings = Settings(endpoint=bench.control.url, fallback_endpoint="http://127.0.0.1:9", max_attempts=1)
    client = client_of(settings, f"emulator-{APPID}")
    bench.control.fault(action="add", cut="after")

    with pytest.raises(errors.OutcomeUnknown, match="got no answer from 127.0.0.1:"):
        client.write(APPID, "add", [A])

    assert bench.calls == ["add"]
    client.close()


class Proxy:
    """A proxy on loopback that notes what it is asked for, and refuses."""

    def __init__(self):
        """Listen for one client."""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.asked = b""
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        connection, _ = self.socket.accept()
        with connection:
            self.asked = connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    def close(self):
        """Stop listening."""
        self.thread.join()
        self.socket.close()


def test_the_proxy_of_the_environment_is_used(monkeypatch):
    """For WeChat; the token is in the tunnel alone, and what the proxy refuses was not sent."""
    proxy = Proxy()
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    client = client_of(Settings(max_attempts=1), "canary-77")

    with pytest.raises(
        errors.NotSent,
        match="no connection to api.weixin.qq.com through the proxy of HTTPS_PROXY: 403 Forbidden",
    ):
        client.live(APPID)

    assert proxy.asked.startswith(b"CONNECT api.weixin.qq.com:443 ")
    assert b"canary-77" not in proxy.asked
    client.close()
    proxy.close()


def test_loopback_needs_no_proxy(bench, monkeypatch, unused_port):
    """What is meant to stay on this machine does."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port}")
    client = client_of(Settings(endpoint=bench.control.url), f"emulator-{APPID}")

    assert client.live(APPID) == ()
    client.close()


def test_each_call_is_one_line_of_the_log(bench, caplog):
    """For support: what was asked and answered, and never a domain or a token."""
    bench.control.fault(action="delete", errcode=45009)
    with caplog.at_level(logging.DEBUG, logger="pulumi_wechat_miniprogram"):
        bench.client.write(APPID, "set", [A])
        with pytest.raises(errors.WeChatError):
            bench.client.write(APPID, "delete", [A])
        bench.line.fail(0, "before", httpx.ReadTimeout("late"))
        with pytest.raises(errors.OutcomeUnknown):
            bench.client.write(APPID, "add", [A])

    lines = [json.loads(record.message) for record in caplog.records]
    common = {
        "method": "POST",
        "path": "/wxa/setwebviewdomain_directly",
        "appid": APPID,
        "domains": 1,
        "ms": 0,
    }
    rid = lines[1].pop("rid")
    assert lines == [
        {**common, "action": "set", "errcode": 0, "rid": None},
        {**common, "action": "delete", "errcode": 45009},
        {**common, "action": "add", "errcode": None, "failed": "OutcomeUnknown"},
    ]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{8}){2}", rid)


def test_every_logger_of_the_http_libraries_is_redacted(bench, caplog):
    """A logger that a new release brings fails this test, instead of showing a token."""
    with caplog.at_level(logging.DEBUG):
        bench.client.live(APPID)

    used = {record.name for record in caplog.records}
    assert used >= {"httpx", "httpcore.connection", "httpcore.http11"}
    known = {
        name for name in logging.Logger.manager.loggerDict if name.partition(".")[0] in {"httpx", "httpcore"}
    }
    assert {name for name in known - {"httpcore"} if not logging.getLogger(name).filters} == set()


def test_a_loopback_fallback_needs_no_proxy(bench, monkeypatch, unused_port):
    """Its token stays on this machine, although the endpoint's goes through the proxy."""
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{unused_port}")
    settings = Settings(fallback_endpoint=bench.control.url, max_attempts=1)
    client = client_of(settings, f"emulator-{APPID}")

    assert client.live(APPID) == ()
    client.close()


def test_a_ca_file_that_is_missing_or_none_is_named(tmp_path):
    """The key, the path and the reason; no exception of Python's own."""
    (tmp_path / "none.pem").write_text("no certificate", encoding="utf-8")

    with pytest.raises(SettingsError) as missing:
        client_of(Settings(ca_file=tmp_path / "gone.pem"))
    with pytest.raises(SettingsError) as none:
        client_of(Settings(ca_file=tmp_path / "none.pem"))

    key = "wechat-miniprogram:caFile"
    assert str(missing.value) == f"{key} {tmp_path}/gone.pem cannot be used: No such file or directory"
    assert str(none.value) == f"{key} {tmp_path}/none.pem cannot be used: it holds no certificate in PEM form"


@pytest.mark.parametrize("header", ODD_HEADERS.values(), ids=ODD_HEADERS)
def test_a_write_that_is_answered_with_odd_headers_is_in_doubt(header):
    """The request has been sent: whatever httpx makes of the answer, the write may have taken effect."""
    with Misbehaving(Script(parts=(answer_of("302 Found", header),))) as server:
        client = client_of(Settings(endpoint=server.url))
        with pytest.raises(errors.GatewayFault, match="got HTTP status 302") as failed:
            client.write(APPID, "add", [A])

    assert failed.value.in_doubt
    client.close()


def test_an_unexpected_error_of_a_write_leaves_it_in_doubt():
    """Nobody knows what was sent before it."""
    transport = RaisingTransport(ZeroDivisionError("a\nb ?access_token=canary-77"))
    client = client_of(Settings(), "canary-77", transport=transport)

    with pytest.raises(errors.OutcomeUnknown, match=r"ZeroDivisionError: a\\nb \?access_token=\*\*\*"):
        client.write(APPID, "add", [A])

    client.close()


def test_a_cookie_is_not_kept():
    """The next request carries none."""
    body = b'{"webviewdomain":[]}'
    answer = answer_of("200 OK", "Connection: close\r\nSet-Cookie: session=1", body)
    with Misbehaving(Script(parts=(answer,))) as server:
        client = client_of(Settings(endpoint=server.url))
        client.live(APPID)
        client.live(APPID)

    assert len(server.received) == 2
    assert b"cookie" not in server.received[1].lower()
    client.close()


@pytest.mark.parametrize(
    ("kind", "body", "shown"),
    [
        (
            "text/plain; charset=utf-8",
            "the emulator failed: disk full\nmore",
            "the emulator failed: disk full",
        ),
        ("application/json", '{"error": "busy"}', '{"error": "busy"}'),
        ("text/plain", "\x1b[31m access_token=canary-77 " + "x" * 999, "\\x1b[31m access_token=*** xxx"),
        ("text/html", "<h1>no</h1>", "a gateway or proxy answered, not WeChat's API"),
        ("text/plain", "", "a gateway or proxy answered, not WeChat's API"),
        ("text/plain", "x" * (MAX_REPLY_BYTES + 1), "a gateway or proxy answered, not WeChat's API"),
    ],
)
def test_the_reason_of_a_server_on_this_machine_is_shown(kind, body, shown):
    """As of an emulator whose disk is full: one line, redacted, at most 200 characters."""
    answer = answer_of("500 Internal Server Error", f"Content-Type: {kind}", body.encode())
    with Misbehaving(Script(parts=(answer,))) as server:
        client = client_of(Settings(endpoint=server.url, max_attempts=1), "canary-77")
        with pytest.raises(errors.GatewayFault) as failed:
            client.live(APPID)

    reason = failed.value.headline.partition(f"{server.target}: ")[2]
    assert reason.startswith(shown)
    assert len(reason) <= 203
    assert "canary-77" not in str(failed.value)
    client.close()


def test_what_a_gateway_elsewhere_says_is_not_shown():
    """It may be anybody's text."""
    answer = httpx.Response(500, text="secret of a gateway")
    client = client_of(Settings(max_attempts=1), transport=httpx.MockTransport(lambda _: answer))

    with pytest.raises(errors.GatewayFault, match="a gateway or proxy answered") as failed:
        client.live(APPID)

    assert "secret" not in str(failed.value)
    client.close()


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_a_key_log_that_cannot_be_written_is_named(tmp_path, monkeypatch, kind):
    """Python opens it for each set of authorities; the file of these is fine."""
    import trustme  # noqa: PLC0415 - as above

    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    os.mkfifo(tmp_path / "pipe")
    log, reason = {
        "missing": (tmp_path / "gone" / "x", "No such file or directory"),
        "folder": (tmp_path, "Is a directory"),
        "pipe": (tmp_path / "pipe", "it is a named pipe, not a file"),
    }[kind]
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))

    with pytest.raises(SettingsError) as failed:
        client_of(Settings(ca_file=path))

    assert str(failed.value) == (
        f"SSLKEYLOGFILE {log} cannot be used: {reason}. Unset it, or name a file to write to"
    )


def test_a_key_log_that_can_be_written_is_used(tmp_path, monkeypatch):
    """As Python does."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))

    client_of(Settings()).close()

    assert (tmp_path / "keys.log").exists()
