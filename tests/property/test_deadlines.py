"""Whatever a server sends, and however slowly: each call ends in time, with a typed error, in little memory."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errors import CallFailed
from pulumi_wechat_miniprogram.wechat.probe import Prober
from pulumi_wechat_miniprogram.wechat.tokens import Tokens, TokenUnavailable
from pulumi_wechat_miniprogram.wechat.tokens.url import UrlTokens
from pulumi_wechat_miniprogram.wechat.transport import Transport
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, A, RotatingTokens
from tests.https_hosts import FILE, NAME, Authorities
from tests.misbehaving import BOMB, CHUNKED, ENDLESS, GZIP, OK, PARTS, SIZED, UNSIZED, Misbehaving, Script
from tests.strategies import share_of_examples

SECONDS = 0.3
MEMORY = 16 << 20
SCRIPTS = st.builds(
    Script,
    early=st.sampled_from([b"", PARTS["junk"], PARTS["informational"], PARTS["start of a success"], SIZED]),
    parts=st.lists(st.sampled_from(sorted(PARTS.values())), max_size=4).map(tuple),
    endless=st.sampled_from([b"", *ENDLESS.values()]),
    pause=st.sampled_from([0.0, 0.01]),
    end=st.sampled_from(["close", "half", "silence"]),
)
SLOW = 0.02
NAMED = {
    "silence": Script(end="silence"),
    "closed": Script(),
    "half closed": Script(end="half"),
    "informational answers, slowly": Script(endless=ENDLESS["informational answers"], pause=SLOW),
    "informational answers, fast": Script(endless=ENDLESS["informational answers"]),
    "headers, slowly": Script(parts=(OK,), endless=ENDLESS["headers"], pause=0.001),
    "headers, fast": Script(parts=(OK,), endless=ENDLESS["headers"]),
    "a header, byte by byte": Script(parts=(OK,), endless=b"a", pause=SLOW),
    "a body, byte by byte": Script(parts=(SIZED,), endless=b" ", pause=0.001),
    "a body that is not whole": Script(parts=(SIZED, b"{"), end="silence"),
    "a chunk extension": Script(parts=(CHUNKED, b"1;"), endless=b"a", pause=0.001),
    "chunks of a byte": Script(parts=(CHUNKED,), endless=b"1\r\n{\r\n", pause=0.001),
    "trailers": Script(parts=(CHUNKED, b"0\r\n"), endless=ENDLESS["headers"], pause=0.001),
    "a body without end": Script(parts=(UNSIZED,), endless=bytes(4096)),
    "a gzip header": Script(parts=(GZIP, b"\x1f\x8b\x08\x08\0\0\0\0\0\0"), endless=b"a", pause=0.001),
    "much in gzip": Script(parts=(GZIP + BOMB,)),
    "gzip in gzip": Script(parts=(PARTS["gzip in gzip"],)),
    "bytes before the request": Script(early=PARTS["junk"], end="silence"),
}


def call(url):
    """Write over the wire."""
    wire = Wire(
        Settings(endpoint=url, request_timeout=SECONDS),
        attempts=Attempts(1),
        warn=pytest.fail,
    )
    client = Client(wire, Tokens(RotatingTokens("t"), wire.attempts))
    try:
        with pytest.raises(CallFailed):
            client.write(APPID, "add", [A])
    finally:
        client.close()


def fetch(url):
    """Ask a token service."""
    where = f"{url}/{{appid}}"
    transport = Transport()
    source = UrlTokens(Settings(access_token_url=where, request_timeout=SECONDS), where, transport=transport)
    try:
        with pytest.raises(TokenUnavailable):
            source.fetch(APPID)
    finally:
        transport.close()


def in_time(face, script):
    """Let a face meet a script, and return the seconds it took."""
    with Misbehaving(script) as server:
        began = time.monotonic()
        face(server.url)
        return time.monotonic() - began


@pytest.mark.parametrize("script", NAMED.values(), ids=NAMED)
@pytest.mark.parametrize("face", [call, fetch])
def test_each_way_to_stall_ends_in_time(face, script):
    """Those that got past the time limits of single reads among them."""
    assert in_time(face, script) < SECONDS + 1


@pytest.mark.parametrize("face", [call, fetch])
@given(script=SCRIPTS)
@share_of_examples(0.4)
def test_whatever_a_server_sends_the_call_ends_in_time(face, script):
    """With an error of ours; no prefix of a success counts as one."""
    assert in_time(face, script) < SECONDS + 1


@pytest.mark.parametrize("name", ["much in gzip", "gzip in gzip", "a body without end", "headers, fast"])
@pytest.mark.parametrize("face", [call, fetch])
def test_no_answer_takes_much_memory(face, name):
    """A quarter of a GiB that is zeros fits into a quarter of a MiB."""
    with Misbehaving(NAMED[name]) as server:
        tracemalloc.start()
        face(server.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < MEMORY


@pytest.fixture(scope="module")
def tls_side():
    """A certificate for the host of the probes, and the authority that made it."""
    return Authorities()


def probed(tls_side, ca_file, script, *, tls=True):
    """Let the prober meet a script, and return the cause that it finds, and the seconds it took."""
    tls_side.root.cert_pem.write_to_path(str(ca_file))
    with Misbehaving(script, tls_side.context(NAME) if tls else None) as server:
        settings = Settings(ca_file=ca_file, probe_host_map={NAME: server.target})
        began = time.monotonic()
        (finding,) = Prober(settings, seconds=SECONDS).probe([f"https://{NAME}"], FILE)
        return finding.cause, time.monotonic() - began


@pytest.mark.parametrize("script", NAMED.values(), ids=NAMED)
def test_each_way_to_stall_a_probe_ends_in_time(tls_side, tmp_path, script):
    """Over TLS too."""
    cause, seconds = probed(tls_side, tmp_path / "ca.pem", script)

    assert cause
    assert seconds < SECONDS + 1


@given(script=SCRIPTS, tls=st.booleans())
@share_of_examples(0.4)
def test_whatever_a_host_sends_its_probe_ends_in_time(tls_side, tmp_path_factory, script, tls):
    """With a cause; without TLS the handshake is what stalls."""
    cause, seconds = probed(tls_side, tmp_path_factory.mktemp("ca") / "ca.pem", script, tls=tls)

    assert cause
    assert seconds < SECONDS + 1
