"""Each cause of a missing confirm file, against real HTTPS servers on loopback."""

from __future__ import annotations

import gzip
import json
import socket
import sys
import threading
import time

import pytest

from pulumi_wechat_miniprogram.safety.interruption import Interrupted, Interruption
from pulumi_wechat_miniprogram.settings import SettingsError, load_settings
from pulumi_wechat_miniprogram.wechat import probe as probe_module
from pulumi_wechat_miniprogram.wechat.probe import (
    AT_ONCE,
    CAUSES,
    MAX_BODY_BYTES,
    HostFinding,
    explain,
    failing,
)
from tests.https_hosts import CONTENT, FILE, NAME, http

DOMAIN = f"https://{NAME}"


def test_a_host_that_serves_the_file_passes_and_is_sent_no_credential(hosts):
    """One GET with the host's name, no cookie, no token, no compression."""
    host = hosts.start()

    (finding,) = hosts.ask(host.target)

    assert (finding.cause, finding.domain) == (None, DOMAIN)
    (request,) = host.asked
    lines = request.decode().lower().splitlines()
    assert lines[0] == "get /87pweoarbw.txt http/1.1"
    assert f"host: {NAME}" in lines
    assert "accept-encoding: identity" in lines
    assert not {line.partition(":")[0] for line in lines} & {"authorization", "cookie"}


@pytest.mark.parametrize(
    ("answer", "cause", "text"),
    [
        (http(b"", "302 Found", Location="https://user:pw@login.example.com/in?token=t#x"), "redirect", "redirects (302) to https://login.example.com"),
        (http(b"", "302 Found", Location="weixin:dl"), "redirect", "redirects (302) to an address of the scheme weixin"),
        (http(b"", "302 Found", Location="http://[::1"), "redirect", "redirects (302) to an address that cannot be read"),
        (http(CONTENT + b"\n", Set_Cookie=f"a=b; max-age={'9' * 400}"), "whitespace", "answers with 33 bytes"),
        (http(b"", "301 Moved Permanently", Location="/other"), "redirect", "redirects (301) to https://127.0.0.1"),
        (http(CONTENT, "404 Not Found"), "status", "answers with HTTP status 404"),
        (http(CONTENT, "304 Not Modified"), "status", "answers with HTTP status 304"),
        (http(b" <!doctype html><p>Log in"), "html", "answers with an HTML page"),
        (http(b"Log in", Content_Type="text/html; charset=utf-8"), "html", "answers with an HTML page"),
        (http(b"\xef\xbb\xbf" + CONTENT), "bom", "puts a byte order mark before the content"),
        (http(CONTENT + b"\n"), "whitespace", "answers with 33 bytes: the content with line breaks or spaces"),
        (http(b"0" * 32), "other-file", "answers with the content of another confirm file"),
        (http(b""), "content", "answers with an empty body"),
        (http(CONTENT[:-1]), "content", "answers with other content (31 bytes)"),
        (http(CONTENT * 1000), "content", f"answers with other content (more than {MAX_BODY_BYTES} bytes)"),
        (http(gzip.compress(CONTENT), Content_Encoding="gzip"), "encoded", "answers compressed (gzip)"),
        (b"", "connection", "breaks the connection (Server disconnected"),
        (b"SSH-2.0-OpenSSH\r\n", "connection", "breaks the connection ("),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_file_is_named(hosts, answer, cause, text):
    """Status, redirect without its query, and every way to spoil 32 bytes."""
    (finding,) = hosts.ask(hosts.start(answer).target)

    assert finding.cause == cause
    assert finding.text.startswith(text)
    assert str(finding) == f"{DOMAIN}: {finding.text}. {CAUSES[cause]}."


@pytest.mark.parametrize(
    ("kind", "cause", "text"),
    [
        ("name", "certificate-name", "its certificate names other hosts"),
        ("expired", "certificate-date", "its certificate has expired"),
        ("issuer", "certificate-issuer", "its certificate comes from an authority that is not trusted (unable to get local issuer certificate)"),
        pytest.param(
            "chain",
            "certificate-chain",
            "sends its own certificate alone, without the one that issued it",
            marks=pytest.mark.skipif(sys.version_info < (3, 13), reason="ssl shows no chain before Python 3.13"),
        ),
        ("plain", "tls", "does not complete a TLS handshake ("),
    ],
)  # fmt: skip
def test_a_certificate_that_wechat_would_not_take_is_named(hosts, kind, cause, text):
    """Name, dates, unknown issuer and a chain without its intermediate certificate are distinguished."""
    (finding,) = hosts.ask(hosts.start(kind=kind).target)

    assert finding.cause == cause
    assert finding.text.startswith(text)


def test_a_certificate_that_comes_alone_is_named_on_every_python():
    """Where ssl shows the chain, the host above is found by it."""
    assert probe_module._certificate_cause(20, "unable to get local issuer certificate", alone=True) == (
        "certificate-chain",
        "sends its own certificate alone, without the one that issued it",
    )


def test_a_host_that_vanishes_between_two_looks_counts_as_of_an_unknown_issuer(hosts, unused_target):
    """The second look, which only counts certificates, never fails the probe."""
    assert probe_module._sends_its_own_alone(NAME, unused_target) is False


def test_a_closed_port_is_refused(hosts, unused_target):
    """Nobody listens."""
    (finding,) = hosts.ask(unused_target)

    assert (finding.cause, finding.text) == ("refused", "refuses the connection on port 443")


def test_a_name_without_an_address_is_a_dns_finding(hosts, monkeypatch):
    """The resolver's own text is shown."""
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: (_ for _ in ()).throw(error))

    (finding,) = hosts.ask("127.0.0.1:443")

    assert finding.text == "its name is not found in DNS (Name or service not known)"
    assert finding.cause == "dns"


def test_a_host_that_does_not_answer_is_a_timeout(hosts):
    """The limit is the prober's own."""
    (finding,) = hosts.ask(hosts.start(None).target, seconds=0.2)

    assert (finding.cause, finding.text) == ("timeout", "did not send a complete answer within 0.2 s")


def test_a_resolver_that_hangs_does_not_hold_up_the_probe(hosts, monkeypatch):
    """A look-up cannot be ended, and nobody waits for it."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10) and [])

    (finding,) = hosts.ask("localhost:443", seconds=0.1)
    over.set()

    assert finding.cause == "timeout"


def test_a_slow_host_passes_with_a_warning(hosts):
    """WeChat recommends one second; more is reported, and counts as passed."""
    clock = iter([0.0, 1.5])

    findings = hosts.ask(hosts.start().target, clock=lambda: next(clock))

    assert failing(findings) == ()
    assert explain(findings, FILE)[0] == (
        f"{DOMAIN}: serves the file, but took 1.5 s; WeChat recommends at most 1 s."
    )


def test_every_host_is_asked_and_named_in_order(hosts, unused_target):
    """Good hosts are counted, bad ones named with the file to serve."""
    good, html = hosts.start(), hosts.start(http(b"<html>"), name="h1.example.com")

    findings = hosts.ask(good.target, html.target, unused_target)

    assert failing(findings) == ("https://h1.example.com", "https://h2.example.com")
    assert explain(findings, FILE) == [
        f"https://h1.example.com: answers with an HTML page. {CAUSES['html']}.",
        f"https://h2.example.com: refuses the connection on port 443. {CAUSES['refused']}.",
        "Seen from this machine, 1 of 3 new hosts serves the file.",
        "Serve /87PweoaRBw.txt (32 bytes) at their roots, then run `pulumi up`.",
    ]


def test_when_every_host_looks_right_the_rest_is_named():
    """What this machine cannot see: firewalls, CDN regions, caches."""
    findings = [HostFinding(DOMAIN), HostFinding("https://b.example.com")]

    (line,) = explain(findings, FILE)

    assert line.startswith(
        "Seen from this machine, all 2 new hosts serve /87PweoaRBw.txt correctly. Possible causes: a firewall"
    )
    assert str(findings[0]) == f"{DOMAIN}: serves the file"


def test_more_hosts_than_fit_at_once_are_all_probed(hosts):
    """The number of concurrent probes is bounded, the number of hosts is not."""
    target = hosts.start().target

    findings = hosts.ask(*[target] * (AT_ONCE + 8))

    assert [finding.cause for finding in findings] == [None] + ["certificate-name"] * (AT_ONCE + 7)


@pytest.mark.parametrize(
    "target", ["10.0.0.1:443", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "h.example.com:443"]
)
def test_the_host_map_leads_to_loopback_only(target):
    """It is for tests; elsewhere DNS decides."""
    with pytest.raises(SettingsError, match="not a loopback address and port, such as 127.0.0.1:8443"):
        load_settings({"probeHostMap": json.dumps({NAME: target})})


def test_a_host_map_that_is_no_json_is_named():
    """The text tells the shape."""
    with pytest.raises(
        Exception,
        match=("wechat-miniprogram:probeHostMap is not a JSON object that maps hosts to address:port"),
    ):
        load_settings({"probeHostMap": "x"})


def test_an_unexpected_error_of_one_host_is_a_finding(hosts, monkeypatch):
    """The other hosts are still asked."""
    good = hosts.start()
    judge = probe_module._judge

    def fail_once(*arguments):
        monkeypatch.setattr(probe_module, "_judge", judge)
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(probe_module, "_judge", fail_once)

    (odd,) = hosts.ask(good.target)
    (fine,) = hosts.ask(good.target)

    assert (odd.cause, odd.text) == ("connection", "breaks the connection (ZeroDivisionError: odd)")
    assert fine.cause is None


def test_an_interrupted_run_asks_no_host(hosts):
    """Nothing is sent."""
    host, interruption = hosts.start(), Interruption()
    interruption.interrupt()

    with pytest.raises(Interrupted):
        hosts.ask(host.target, interruption=interruption)

    assert host.asked == []


def test_an_interruption_ends_a_probe_of_hosts_that_do_not_answer(hosts):
    """Nobody waits for them, and those that wait for their turn are not asked."""
    host, interruption = hosts.start(None), Interruption()
    interrupting = threading.Timer(0.1, interruption.interrupt)
    interrupting.start()
    began = time.monotonic()

    with pytest.raises(Interrupted):
        hosts.ask(*[host.target] * 3, interruption=interruption)

    assert time.monotonic() - began < 2
    interrupting.join()


def test_the_threads_of_a_probe_keep_no_process_from_its_end(hosts):
    """Ctrl-C waits for no host."""
    daemons = []

    def clock():
        daemons.append(threading.current_thread().daemon)
        return 0.0

    hosts.ask(hosts.start().target, clock=clock)

    assert daemons == [True, True]
