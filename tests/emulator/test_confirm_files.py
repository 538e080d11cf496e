"""Confirm files: fetched from mapped hosts, else taken on trust; and two writes that meet while they wait."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.emulator.conftest import APPID, SET_PATH
from wechat_miniprogram_emulator import Emulator

A, B, C = (f"https://{name}.example.com" for name in "abc")
CONTENT = b"0123abcd"
GOOD: tuple[int, dict[str, str], bytes] = (200, {}, CONTENT)


@pytest.fixture
def site(authority):
    """The HTTPS server of c.example.com."""
    with authority.site("c.example.com") as server:
        yield server


@pytest.fixture
def mapped(authority, site, start):
    """An emulator that fetches c.example.com's and d.example.com's confirm file from that server."""
    hosts = {"c.example.com": site.target, "D.example.com": site.target}
    control = start(host_map=hosts, ca_file=authority.path)
    control.seed(APPID, confirm_file={"file_name": "x.txt", "file_content": CONTENT.decode()})
    return control


def test_only_trusted_hosts_serve_a_confirm_file(wechat_emulator, wechat):
    """A host outside the trust list is refused, whatever else the call names."""
    wechat_emulator.seed(APPID)
    wechat_emulator.trust("c.example.com")

    assert wechat.domains(wechat_emulator.url, "add", C)["errcode"] == 0
    assert wechat.domains(wechat_emulator.url, "add", "https://d.example.com")["errcode"] == 86103


@pytest.mark.parametrize(
    ("answer", "errcode"),
    [
        (GOOD, 0),
        ((200, {}, CONTENT + b"\n"), 86103),
        ((200, {}, CONTENT[:-1]), 86103),
        ((200, {}, b"\xef\xbb\xbf" + CONTENT), 86103),
        ((200, {}, b"0" * 100_000), 86103),
        ((302, {"location": "/good.txt"}, CONTENT), 86103),
        ((301, {"location": "/good.txt"}, b""), 86103),
        ((404, {}, CONTENT), 86103),
        ((500, {}, b""), 86103),
    ],
)
def test_a_mapped_host_must_serve_the_exact_bytes(mapped, site, wechat, answer, errcode):
    """The file is fetched over HTTPS from the mapped address; a redirect is not followed."""
    site.answers = {"/x.txt": answer, "/good.txt": GOOD}

    got = wechat.domains(mapped.url, "add", C)

    assert got["errcode"] == errcode
    assert site.seen == [("c.example.com", "/x.txt")]


def test_a_certificate_must_be_the_hosts_own(mapped, site, wechat):
    """The server has no certificate for d.example.com, so nothing is asked of it."""
    site.answers = {"/x.txt": GOOD}

    assert wechat.domains(mapped.url, "add", "https://d.example.com")["errcode"] == 86103
    assert site.seen == []


def test_a_mapped_host_is_never_taken_on_trust(mapped, site, wechat):
    """Trust is for hosts outside the host map: the missing file of a mapped one is missed."""
    mapped.trust("*")

    assert wechat.domains(mapped.url, "add", C)["errcode"] == 86103
    assert wechat.domains(mapped.url, "add", A)["errcode"] == 0


def test_a_mapped_address_may_be_dead(start, wechat):
    """Nobody listens: the file is not served, and the emulator answers all the same."""
    control = start(host_map={"c.example.com": "127.0.0.1:1"})
    control.seed(APPID)

    assert wechat.domains(control.url, "add", C)["errcode"] == 86103


@pytest.mark.parametrize(
    "target",
    ["192.0.2.1:443", "example.com:443", "localhost:8443", "127.0.0.1:http", "127.0.0.1:70000", "::", ""],
)
def test_the_host_map_stays_on_loopback(target):
    """No test fetches from a machine that is not this one."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole text is compared
        Emulator(host_map={"c.example.com": target})

    assert str(refusal.value) == (
        f"host map: c.example.com -> {target}: the target must be a loopback address and a port, "
        "such as 127.0.0.1:8443"
    )


# --- switches


@pytest.mark.parametrize(
    ("position", "location", "errcode"),
    [
        ("refuse", "/good.txt", 86103),
        ("follow", "/good.txt", 0),
        ("follow", "https://c.example.com/good.txt", 0),
        ("follow", "http://c.example.com/good.txt", 86103),
        ("follow", "https://elsewhere.example.com/good.txt", 86103),
        ("follow", "/x.txt", 86103),
        ("follow", "https://[", 86103),
    ],
)
def test_the_switch_redirects(mapped, site, wechat, position, location, errcode):
    """A redirect is followed, or not; never off the host map, never to plain HTTP, and not for ever."""
    mapped.switch(redirects=position)
    site.answers = {"/x.txt": (302, {"location": location}, b""), "/good.txt": GOOD}

    assert wechat.domains(mapped.url, "add", C)["errcode"] == errcode


@pytest.mark.parametrize(("plain_http", "errcode"), [("refuse", 86103), ("accept", 0)])
def test_a_redirect_to_plain_http(authority, start, wechat, plain_http, errcode):
    """Is followed where a file over plain HTTP counts."""
    with authority.site("c.example.com") as site, authority.site() as plain:
        site.answers = {"/x.txt": (302, {"location": "http://d.example.com/good.txt"}, b"")}
        plain.answers = {"/good.txt": GOOD}
        hosts = {"c.example.com": site.target, "d.example.com": plain.target}
        control = start(host_map=hosts, ca_file=authority.path)
        control.seed(APPID, confirm_file={"file_name": "x.txt", "file_content": CONTENT.decode()})
        control.switch(redirects="follow", plain_http=plain_http)

        assert wechat.domains(control.url, "add", C)["errcode"] == errcode


@pytest.mark.parametrize(("position", "errcode"), [("refuse", 86103), ("accept", 0)])
def test_the_switch_plain_http(authority, start, wechat, position, errcode):
    """A host without TLS serves its file, or does not."""
    with authority.site() as plain:
        plain.answers = {"/x.txt": GOOD}
        control = start(host_map={"c.example.com": plain.target})
        control.seed(APPID, confirm_file={"file_name": "x.txt", "file_content": CONTENT.decode()})
        control.switch(plain_http=position)

        assert wechat.domains(control.url, "add", C)["errcode"] == errcode


@pytest.mark.parametrize(("position", "errcode"), [("5", 0), ("1", 86103)])
def test_the_switch_file_seconds(mapped, site, wechat, position, errcode):
    """A host that answers after more than a second is in time, or is not."""
    over = threading.Event()
    site.answers = {"/x.txt": GOOD}
    site.meet = lambda: over.wait(1.2)
    mapped.switch(file_seconds=position)

    assert wechat.domains(mapped.url, "add", C)["errcode"] == errcode
    over.set()


@pytest.mark.parametrize(
    ("position", "errcodes", "count"),
    [("serial", [0, 0], 2), ("lost", [0, 0], 1), ("refused", [0, 9402202], 1)],
)
def test_the_switch_parallel_writes(authority, start, wechat, position, errcodes, count):
    """Two writes that overlap are both kept, or the last one wins, or the second is refused."""
    arrived, go = threading.Event(), threading.Event()

    def meet():
        if arrived.is_set():
            go.set()
        arrived.set()
        go.wait(5)

    async def overlap(url):
        async with wechat.asynchronous(url) as client:

            async def add(value):
                body = {"action": "add", "webviewdomain": [value]}
                params = {"access_token": f"emulator-{APPID}"}
                response = await client.post(url + SET_PATH, params=params, json=body)
                return response.json()["errcode"]

            first = asyncio.create_task(add(C))
            await asyncio.to_thread(arrived.wait, 5)
            second = await add("https://d.example.com")
            go.set()
            return [await first, second]

    names = ("c.example.com", "d.example.com")
    with authority.site(*names) as site:
        site.answers, site.meet = {"/x.txt": GOOD}, meet
        control = start(host_map=dict.fromkeys(names, site.target), ca_file=authority.path)
        control.seed(APPID, confirm_file={"file_name": "x.txt", "file_content": CONTENT.decode()})
        control.switch(parallel_writes=position)

        got = asyncio.run(overlap(control.url))

    assert got == errcodes
    assert len(control.live(APPID)) == count
