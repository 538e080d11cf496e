"""Connections: kept open, one deadline for a whole call, no answer that came before its request."""

from __future__ import annotations

import gzip
import logging
import socket
import struct
import threading
import time
import zlib

import httpcore
import httpx
import pytest

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat import errors
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.models import split_rid
from pulumi_wechat_miniprogram.wechat.streams import Network, deadline
from pulumi_wechat_miniprogram.wechat.tokens import Tokens
from pulumi_wechat_miniprogram.wechat.transport import Transport
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, A, RotatingTokens
from tests.https_hosts import NAME, http
from tests.misbehaving import Misbehaving, Script

ANSWER = b'{"errcode":0,"webviewdomain":[]}'
KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
WORD = "emulator-" + APPID


def client_of(url, seconds=1.0, *, warn=pytest.fail, **more):
    """A client that tries once."""
    settings = Settings(endpoint=url, request_timeout=seconds, **more)
    wire = Wire(settings, attempts=Attempts(1), warn=warn)
    return Client(wire, Tokens(RotatingTokens(WORD), wire.attempts))


def test_calls_share_a_connection(bench, caplog):
    """One hundred of them connect once."""
    client = client_of(bench.control.url)

    with caplog.at_level(logging.DEBUG, logger="httpcore.connection"):
        for _ in range(100):
            client.live(APPID)

    assert caplog.text.count("connect_tcp.complete") == 1
    client.close()


def test_an_answer_too_many_answers_no_later_call():
    """A server that answers twice would else have its second answer count for a write."""
    with Misbehaving(Script(parts=(KEPT, KEPT), end="silence")) as server:
        client = client_of(server.url)
        assert client.live(APPID) == ()

        with pytest.raises(errors.CallFailed, match="before the request"):
            client.write(APPID, "add", [A])

        client.close()


def tls_pair(hosts, script):
    """A connection over TLS to a server that plays a script, and that server."""
    server = Misbehaving(script, hosts.authorities.context(NAME))
    context = httpx.create_ssl_context()
    hosts.authorities.root.configure_trust(context)
    host, port = server.target.split(":")
    return server, Network().connect_tcp(host, int(port)).start_tls(context, NAME)


def test_a_record_too_many_answers_no_later_request(hosts):
    """Within TLS the second answer waits where the socket no longer shows it."""
    server, stream = tls_pair(hosts, Script(parts=(KEPT,), endless=KEPT, pause=0.0, end="silence"))
    with server:
        stream.write(b"GET / HTTP/1.1\r\n\r\n", 1)
        stream.read(10, 1)

        with pytest.raises(httpcore.ConnectError, match="bytes came before the request"):
            stream.write(b"GET / HTTP/1.1\r\n\r\n", 1)

        stream.close()


def test_what_breaks_within_tls_comes_before_a_request_too(hosts):
    """An end, or bytes that are no record, are no way to send anything."""
    server, stream = tls_pair(hosts, Script(parts=(b"x",), end="close"))
    with server:
        stream.write(b"GET / HTTP/1.1\r\n\r\n", 1)
        assert (stream.read(10, 1), stream.read(10, 1)) == (b"x", b"")

        with pytest.raises(httpcore.ConnectError, match="bytes came before the request"):
            stream.write(b"GET / HTTP/1.1\r\n\r\n", 1)

        stream.close()
        assert stream.get_extra_info("is_readable")


def test_a_server_that_resets_the_handshake_was_not_sent_to(hosts):
    """TLS has not begun, so nothing of a request went out."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset():
            connection, _ = server.accept()
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        thread = threading.Thread(target=reset)
        thread.start()
        client = client_of(f"https://127.0.0.1:{server.getsockname()[1]}")

        with pytest.raises(errors.NotSent, match="reset"):
            client.write(APPID, "add", [A])

        thread.join()
        client.close()


@pytest.fixture
def full():
    """A port that neither takes nor refuses a connection: its queue is full."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(server.getsockname())
        yield server.getsockname()[1]
        for each in waiting:
            each.close()


def test_an_endpoint_that_does_not_answer_leaves_time_for_the_fallback(bench, full):
    """Both share the time of one call."""
    reported: list[str] = []
    client = client_of(
        f"http://127.0.0.1:{full}", 1.5, fallback_endpoint=bench.control.url, warn=reported.append
    )
    began = time.monotonic()

    assert client.live(APPID) == ()

    assert 0.4 < time.monotonic() - began < 1.5
    assert reported[0].startswith(
        f"get for {APPID} not sent: no connection to 127.0.0.1:{full}: timed out. Using "
    )
    client.close()


def test_two_endpoints_that_do_not_answer_take_the_time_of_one_call(full):
    """Not of two."""
    client = client_of(
        f"http://127.0.0.1:{full}", 0.9, fallback_endpoint=f"http://localhost:{full}", warn=str
    )
    began = time.monotonic()

    with pytest.raises(errors.NotSent):
        client.live(APPID)

    assert time.monotonic() - began < 1.4
    client.close()


def named(*ports):
    """A look-up that finds these ports of loopback."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]


def test_each_address_of_a_host_gets_its_share_of_the_time(bench, full, monkeypatch):
    """One that does not answer keeps nobody from the next."""
    good = int(bench.control.url.rpartition(":")[2])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: named(full, good))
    client = client_of("http://localhost:80", 1.2)

    assert client.live(APPID) == ()

    client.close()


@pytest.mark.parametrize("ports", [(), (1,), (1, 1)])
def test_a_host_without_an_address_that_answers_was_not_sent_to(monkeypatch, ports):
    """However many it has."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: named(*ports))
    client = client_of("http://localhost:80")

    with pytest.raises(errors.NotSent):
        client.live(APPID)

    client.close()


def test_a_name_server_that_hangs_holds_no_call_up_and_nothing_is_sent_later(monkeypatch):
    """The look-up goes on alone, and its outcome is of no use to anybody."""
    over = threading.Event()
    with Misbehaving(Script(parts=(KEPT,))) as server:
        port = int(server.target.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: named(port) if over.wait(5) else [])
        client = client_of("http://localhost:80", 0.2)
        began = time.monotonic()

        with pytest.raises(errors.NotSent, match="timed out looking up localhost"):
            client.write(APPID, "add", [A])

        assert time.monotonic() - began < 0.7
        over.set()
        for thread in [each for each in threading.enumerate() if each.name == "background"]:
            thread.join()
        client.close()

    assert server.received == []


def test_a_name_that_dns_cannot_hold_is_an_error_of_ours():
    """Python raises no OSError for it."""
    with deadline(1), pytest.raises(httpcore.ConnectError, match="label"):
        Network().connect_tcp(f"{'a' * 64}.localhost", 80)


def test_a_fault_of_the_lookup_itself_is_not_hidden(monkeypatch):
    """It is nobody's network: the kind of the error is named."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: 1 / 0)

    client = client_of("http://localhost:80")

    with pytest.raises(errors.OutcomeUnknown, match="ZeroDivisionError: division by zero"):
        client.live(APPID)

    client.close()


def test_a_server_that_does_not_read_ends_in_time():
    """The time covers what is sent too."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = client_of(f"http://127.0.0.1:{server.getsockname()[1]}", 0.3)
        began = time.monotonic()

        with pytest.raises(errors.OutcomeUnknown, match="timed out"):
            client.write(APPID, "set", [A + "/" + "x" * (1 << 24)])

        assert time.monotonic() - began < 10  # without the limit it never ends
        client.close()


def test_a_handshake_that_nobody_answers_ends_in_time():
    """Nothing was sent that WeChat could have taken."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = client_of(f"https://127.0.0.1:{server.getsockname()[1]}", 0.3)

        with pytest.raises(errors.CallFailed, match="timed out") as failed:
            client.write(APPID, "set", [A])

        assert not isinstance(failed.value, errors.OutcomeUnknown)
        client.close()


def test_no_time_is_left_after_the_deadline(unused_target):
    """Nothing begins."""
    port = int(unused_target.rpartition(":")[2])

    with deadline(0), pytest.raises(httpcore.ConnectTimeout):
        Network().connect_tcp("127.0.0.1", port, timeout=9)


@pytest.mark.parametrize(
    "kind", ["TimeoutException", "NetworkError", "ProtocolError", "ProxyError", "UnsupportedProtocol"]
)
def test_every_error_of_httpcore_has_a_namesake_in_httpx(kind):
    """That is how one reports to the other."""
    below = [getattr(httpcore, kind), *getattr(httpcore, kind).__subclasses__()]

    assert [
        each.__name__ for each in below if not issubclass(getattr(httpx, each.__name__), httpx.TransportError)
    ] == []


def test_an_address_of_another_kind_is_an_error_of_httpx():
    """As with httpx's own transport."""
    with httpx.Client(transport=Transport()) as client, pytest.raises(httpx.UnsupportedProtocol):
        client.get("ftp://127.0.0.1/")


def packed(content):
    """Gzip, the same bytes each time."""
    return gzip.compress(content, mtime=0)


def raw_deflate(content):
    """Deflate without zlib's header."""
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(content) + packing.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", packed(ANSWER)),
        ("x-gzip", packed(ANSWER)),
        ("GZIP", packed(ANSWER)),
        ("deflate", zlib.compress(ANSWER)),
        ("deflate", raw_deflate(ANSWER)),
        ("identity", ANSWER),
        ("", ANSWER),
    ],
)
def test_one_layer_of_compression_is_undone(coding, body):
    """A gateway may compress although nobody asked for it."""
    with Misbehaving(Script(parts=(http(body, Content_Encoding=coding),))) as server:
        client = client_of(server.url)

        assert client.live(APPID) == ()

        client.close()

    assert b"accept-encoding: identity\r\n" in server.received[0].lower()


@pytest.mark.parametrize(
    ("coding", "body", "problem"),
    [
        (
            "gzip, gzip",
            packed(packed(ANSWER)),
            "it is compressed in a way that was not asked for",
        ),
        ("br", ANSWER, "it is compressed in a way that was not asked for"),
        ("gzip", packed(ANSWER)[:-1], "it is not a complete gzip stream"),
        ("gzip", packed(ANSWER) + b"x", "it is not a complete gzip stream"),
        ("gzip", ANSWER, "it is not a complete gzip stream"),
        ("deflate", ANSWER, "it is not a complete deflate stream"),
        ("gzip", packed(bytes(1 << 21)), "it is longer than 1048576 bytes"),
        ("gzip", packed(packed(ANSWER)), "it is not JSON"),
    ],
)
def test_anything_else_is_no_answer(coding, body, problem):
    """Two layers, another coding, half a stream, too much of it."""
    with Misbehaving(Script(parts=(http(body, Content_Encoding=coding),))) as server:
        client = client_of(server.url)

        with pytest.raises(errors.BadReply) as failed:
            client.live(APPID)

        client.close()

    assert failed.value.headline.endswith(f"that is not WeChat's: {problem}")


@pytest.mark.parametrize("text", ["\n", " rid:", "rid: ", "\u3000", "requestIP: 1", "requestIP:"])
def test_an_errmsg_of_any_length_is_read_in_linear_time(text):
    """Eight times the length takes about eight times the time, not sixty-four times."""

    def seconds(length):
        began = time.perf_counter()
        for _ in range(5):
            errmsg, rid = split_rid(text * length + "x")
            errors.wechat_error(errors.Call(APPID, "get"), 61004, errmsg, rid)
            errors.wechat_error(errors.Call(APPID, "get"), 61004, text * length, rid)
        return time.perf_counter() - began

    small, large = seconds(4_000), seconds(32_000)

    assert large < 32 * small + 0.05
