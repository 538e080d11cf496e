"""Proxies and authorities of the environment: which call they are for, and how a bad one is named."""

from __future__ import annotations

import base64
import socket
import sys
import urllib.request
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from pulumi_wechat_miniprogram.settings import Settings, SettingsError
from pulumi_wechat_miniprogram.wechat import errors
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.probe import CAUSES, Prober
from pulumi_wechat_miniprogram.wechat.proxies import proxy_for
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities
from pulumi_wechat_miniprogram.wechat.tokens import Tokens, TokenUnavailable
from pulumi_wechat_miniprogram.wechat.tokens.url import UrlTokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, A, RotatingTokens
from tests.https_hosts import CONTENT, FILE, NAME, http
from tests.misbehaving import Misbehaving, Script
from tests.proxy_servers import HTTP_SUCCESS, SOCKS_SUCCESS, ProxyServer

URL = "https://api.weixin.qq.com"
V4, V6 = "https://10.1.2.3:8443", "https://[fd07:b51a:cc66:f0::5]"
EMPTY = http(b'{"errcode":0,"webviewdomain":[]}')


@pytest.fixture(autouse=True)
def usual_authorities(monkeypatch):
    """What the caller's shell says of authorities does not count."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("entries", "url", "past"),
    [
        ("", URL, False),
        ("*", URL, True),
        ("localhost, *", URL, True),
        (".weixin.qq.com", URL, True),
        ("*.weixin.qq.com", URL, True),
        ("weixin.qq.com", URL, True),
        ("API.WEIXIN.qq.com", URL, True),
        ("localhost api.weixin.qq.com", URL, True),
        ("xin.qq.com", URL, False),
        ("api.weixin.qq.com.", URL, False),
        (".", URL, False),
        ("api.weixin.qq.com:443", URL, True),
        ("api.weixin.qq.com:8443", URL, False),
        ("10.0.0.0/8", URL, False),
        ("10.0.0.0/8", V4, True),
        ("11.0.0.0/8", V4, False),
        ("10.1.2.3", V4, True),
        ("10.1.2.3:8443", V4, True),
        ("10.1.2.3:443", V4, False),
        ("localhost,127.0.0.1,::1,fd07:b51a:cc66:f0::/64", V6, True),
        ("fd07:b51a:cc66:f0::/64", V4, False),
        ("fd07:b51a:cc66:f0::/64", URL, False),
        ("[fd07:b51a:cc66:f0::]/64", V6, True),
        ("[fd07:b51a:cc66:f0::/64]", V6, True),
        ("fd07:b51a:cc66:f0:0::5", V6, True),
        ("[fd07:b51a:cc66:f0::5]", V6, True),
        ("[fd07:b51a:cc66:f0::5]:443", V6, True),
        ("[fd07:b51a:cc66:f0::5]:80", V6, False),
        ("[::1]", V6, False),
    ],
)
def test_no_proxy_knows_hosts_networks_and_ports(monkeypatch, entries, url, past):
    """IPv4 and IPv6, with brackets and without."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", entries)

    assert (proxy_for(url) is None) == past


def test_the_system_may_have_exceptions_of_its_own(monkeypatch):
    """As macOS and Windows do, which the standard library asks."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: host == "api.weixin.qq.com")

    assert proxy_for(URL) is None


@pytest.mark.parametrize(
    ("names", "variable"),
    [
        (["HTTPS_PROXY", "ALL_PROXY"], "HTTPS_PROXY"),
        (["https_proxy", "HTTPS_PROXY"], "https_proxy"),
        (["all_proxy", "HTTP_PROXY"], "all_proxy"),
        (["Https_Proxy"], "Https_Proxy"),
    ],
)
def test_the_variable_is_named_as_it_was_set(monkeypatch, names, variable):
    """The scheme's own one comes first, lower case before upper."""
    for name in names:
        monkeypatch.setenv(name, "http://proxy.example.com")

    proxy = proxy_for(URL)

    assert proxy
    assert proxy.variable == variable
    assert repr(proxy) == f"Proxy(variable='{variable}')"


@pytest.mark.parametrize("value", ["proxy.example.com:3128", " http://proxy.example.com:3128 "])
def test_a_proxy_may_lack_its_scheme(monkeypatch, value):
    """As curl has it."""
    monkeypatch.setenv("HTTPS_PROXY", value)

    proxy = proxy_for(URL)

    assert proxy
    assert str(proxy.url) == "http://proxy.example.com:3128"
    assert proxy.auth is None


def test_the_proxy_of_the_system_is_named_by_the_variable_that_would_replace_it(monkeypatch):
    """The environment has none."""
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"https": "http://p.example.com"})

    proxy = proxy_for(URL)

    assert proxy
    assert proxy.variable == "HTTPS_PROXY"


NOT_A_URL = (
    "HTTPS_PROXY is not the URL of a proxy, such as http://user:password@proxy.example.com:3128. Percent-encode "
    "characters such as / # ? @ in the user or password (%2F %23 %3F %40)"
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((f"http://pxuser:s3cr{c}tpw1@proxy.example.com:3128", NOT_A_URL) for c in "/#?"),
        *((f"http://pxuser:77{c}tpw1@proxy.example.com:3128", NOT_A_URL) for c in "/#?"),
        ("http://127.0.0.1:port", NOT_A_URL),
        ("http://", NOT_A_URL),
        ("http://[::1", NOT_A_URL),
        ("gopher://pxuser:s3cret-pw@127.0.0.1:9", "HTTPS_PROXY names a proxy of an unknown kind. Use http, https, socks5 or socks5h"),
    ],
)  # fmt: skip
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable_alone(monkeypatch, value, text):
    """No part of its URL is shown, whatever is a password in it."""
    monkeypatch.setenv("HTTPS_PROXY", value)

    with pytest.raises(SettingsError) as wrong:
        client_of(Settings())

    assert str(wrong.value) == text


def client_of(settings, **options):
    """A client with one token."""
    wire = Wire(settings, warn=pytest.fail, **options)
    return Client(wire, Tokens(RotatingTokens("canary-token-77"), wire.attempts))


def test_socks_without_its_package_names_what_to_install(monkeypatch):
    """It is an extra of httpx."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setitem(sys.modules, "socksio", None)

    with pytest.raises(SettingsError) as missing:
        client_of(Settings())

    assert str(missing.value) == (
        "ALL_PROXY names a SOCKS proxy, which needs one more package: run `pip install 'httpx[socks]'`"
    )


@pytest.mark.parametrize(
    ("entry", "shown", "problem"),
    [
        ("10.0.0.0/99", "the entry '10.0.0.0/99'", "it is neither a host nor a network such as 10.0.0.0/8"),
        ("fd07::/64x", "the entry 'fd07::/64x'", "it is neither a host nor a network such as 10.0.0.0/8"),
        ("[::1", "the entry '[::1'", "its brackets do not match"),
        ("[::1]x", "the entry '[::1]x'", "its brackets do not match"),
        ("http://u:pw@h/", "an entry", "it is neither a host nor a network such as 10.0.0.0/8"),
    ],
)
def test_an_entry_of_no_proxy_that_cannot_be_used_is_named(monkeypatch, entry, shown, problem):
    """Passed over, it could send a call through a proxy that is not meant for it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", f"localhost,{entry}")

    with pytest.raises(SettingsError) as wrong:
        client_of(Settings())

    assert str(wrong.value) == (
        f"no_proxy has {shown} that cannot be used: {problem}. Correct or remove the entry"
    )


BROKEN = {
    "HTTPS_PROXY": "http://pxuser:s3cr/tpw1@proxy:3128",
    "HTTP_PROXY": "socks5://127.0.0.1:1",
    "ALL_PROXY": "gopher://",
    "NO_PROXY": "localhost,fd07::/999",
    "SSL_CERT_FILE": "/no/such/file",
    "SSL_CERT_DIR": "/no/such/directory",
}


def test_nothing_of_a_broken_environment_matters_for_loopback(bench, monkeypatch):
    """An emulator works all the same."""
    for name, value in BROKEN.items():
        monkeypatch.setenv(name, value)
    client = client_of(Settings(endpoint=bench.control.url))

    with pytest.raises(errors.TokenRejected):
        client.live(APPID)

    client.close()
    where = f"{bench.control.url}/{{appid}}"
    with pytest.raises(TokenUnavailable, match="HTTP status 404"):
        UrlTokens(Settings(access_token_url=where), where).fetch(APPID)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("SSL_CERT_FILE", "/no/such/file", "SSL_CERT_FILE /no/such/file cannot be used: No such file or directory"),
        ("SSL_CERT_FILE", "/dev/null", "SSL_CERT_FILE /dev/null cannot be used: it is a device, not a file"),
        ("SSL_CERT_DIR", "/no/a:/no/b", (
            "SSL_CERT_DIR /no/a:/no/b cannot be used: the directory does not exist"
        )),
    ],
)  # fmt: skip
def test_authorities_of_the_environment_that_cannot_be_used_are_named(monkeypatch, name, value, text):
    """The variable, its value and the reason."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as wrong:
        client_of(Settings())

    assert str(wrong.value) == text


@pytest.fixture
def weixin(authorities):
    """The TLS side of the server behind a proxy."""
    return authorities.context("api.weixin.qq.com")


@pytest.fixture
def trusting(authorities, tmp_path, monkeypatch):
    """An environment that trusts the tests' authority, by the file that it names or by its directory."""
    authorities.root.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def test_a_directory_of_authorities_is_used(monkeypatch, tmp_path):
    """The first that is there, as OpenSSL has it."""
    monkeypatch.setenv("SSL_CERT_DIR", f"/no/such/directory:{tmp_path}")

    assert trusted_authorities(Settings()).get_ca_certs() == []


@pytest.mark.parametrize(
    ("scheme", "says", "first"),
    [
        ("http", HTTP_SUCCESS, b"CONNECT api.weixin.qq.com:443 HTTP/1.1"),
        ("https", HTTP_SUCCESS, b"CONNECT api.weixin.qq.com:443 HTTP/1.1"),
        ("socks5", SOCKS_SUCCESS, b"\x05\x01\x00"),
    ],
)
def test_a_call_goes_through_each_kind_of_proxy(
    monkeypatch, authorities, weixin, trusting, scheme, says, first
):
    """TLS goes on behind the proxy, within its own TLS where it has one; the proxy sees no token."""
    outer = authorities.context("localhost") if scheme == "https" else None
    with ProxyServer(says, weixin, outer, EMPTY) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://localhost:{proxy.port}")
        client = client_of(Settings(max_attempts=1))

        assert client.live(APPID) == ()

        client.close()

    said = proxy.heard[: len(says)]
    assert said[0].startswith(first)
    assert b"canary-token-77" not in b"".join(said)
    assert b"canary-token-77" in b"".join(proxy.heard)


def test_the_user_of_a_proxy_is_sent_to_it(monkeypatch, weixin, trusting):
    """Decoded, and remembered so that it is masked wherever it shows."""
    with ProxyServer(HTTP_SUCCESS, weixin, answer=EMPTY) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://pxuser:s3cr%2Ftpw1@127.0.0.1:{proxy.port}")
        client = client_of(Settings(max_attempts=1))

        assert client.live(APPID) == ()

        client.close()

    assert b"Proxy-Authorization: Basic cHh1c2VyOnMzY3IvdHB3MQ==\r\n" in proxy.heard[0]


REFUSALS = {
    "403": ("http", (b"HTTP/1.1 403 Forbidden\r\n\r\n",), "403 Forbidden"),
    "407": ("http", (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",), "407 Proxy Authentication Required"),
    "SOCKS, not allowed": ("socks5", (b"\x05\x00", b"\x05\x02\x00\x01\0\0\0\0\0\0"), "Connection not allowed by ruleset"),
    "no SOCKS": ("socks5", (b"HTTP/1.1 400 Bad Request\r\n\r\n",), "it does not speak SOCKS 5"),
}  # fmt: skip


@pytest.mark.parametrize(("scheme", "says", "text"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_proxy_refuses_was_not_sent(monkeypatch, scheme, says, text):
    """The error names its variable."""
    with ProxyServer(says) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{proxy.port}")
        client = client_of(Settings(max_attempts=1))

        with pytest.raises(errors.NotSent) as failed:
            client.write(APPID, "add", [A])

        client.close()

    assert failed.value.headline.startswith(
        f"add of 1 domain for {APPID} not sent: no connection to api.weixin.qq.com through the proxy of ALL_PROXY: "
    )
    assert text in failed.value.headline


@pytest.mark.parametrize("login", ["tok-9e1", "token-of-9e1f", "bob:pw-9e1f", "bobby:x", "bo%2Db:pw%2D9e1"])
def test_a_login_is_not_in_what_a_proxy_says(monkeypatch, login):
    """A user name alone may be a token; a short password is masked as a whole word, and in base64 with its user."""
    words = [word for word in login.split(":") if len(word) >= 4]
    words += [unquote(word) for word in words]
    coded = base64.b64encode(unquote(login).encode()).decode().strip("=")[:-1]
    says = f"HTTP/1.1 407 no {' '.join(words)} {coded if len(login) > 7 else ''}".encode()
    with ProxyServer((says + b"\r\n\r\n",)) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://{login}@127.0.0.1:{proxy.port}")
        client = client_of(Settings(max_attempts=1))

        with pytest.raises(errors.NotSent) as failed:
            client.write(APPID, "add", [A])

        client.close()

    assert "407 no ***" in failed.value.headline
    assert [word for word in [*words, coded] if word in failed.value.headline] == []


def test_a_token_service_behind_a_proxy_is_reported_so(monkeypatch, unused_target):
    """The proxy may be the cause."""
    monkeypatch.setenv("https_proxy", f"http://{unused_target}")
    where = "https://tokens.example.com/{appid}"
    source = UrlTokens(Settings(access_token_url=where, access_token_url_bearer=SecretStr("b-1")), where)

    with pytest.raises(TokenUnavailable, match="gave no answer through the proxy of https_proxy: .*refused"):
        source.fetch(APPID)


def probe(**settings):
    """Probe a host without a host map."""
    (finding,) = Prober(Settings(**settings), seconds=0.5).probe([f"https://{NAME}"], FILE)
    return finding


@pytest.mark.parametrize(
    ("says", "text"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "which refuses to connect (403 Forbidden)"),
        (b"HTTP/1.1 407 Who\r\n\r\n", "which refuses to connect (407 Who)"),
        (HTTP_SUCCESS[0], "which does not complete a TLS handshake ("),
        (b"SSH-2.0-OpenSSH\r\n", "which breaks the connection ("),
    ],
)
def test_what_a_proxy_does_is_not_blamed_on_the_host(monkeypatch, says, text):
    """A cause of its own, with its own remedy."""
    with ProxyServer((says,)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        finding = probe()

    assert finding.cause == "proxy"
    assert finding.text.startswith(f"was asked through the proxy of HTTPS_PROXY, {text}")
    assert str(finding).endswith(f". {CAUSES['proxy']}.")


def test_a_proxy_that_is_not_there_is_not_blamed_on_the_host(monkeypatch, unused_target):
    """A closed port."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{unused_target}")

    assert probe().text == "was asked through the proxy of HTTPS_PROXY, which refuses the connection"


def test_a_proxy_without_an_address_is_not_blamed_on_the_host(monkeypatch):
    """Its own name is what is not found."""
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: (_ for _ in ()).throw(error))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")

    assert probe().text == (
        "was asked through the proxy of HTTPS_PROXY, whose name is not found in DNS (Name or service not known)"
    )


def test_a_proxy_that_says_nothing_is_not_blamed_on_the_host(monkeypatch):
    """It takes the connection and that is all."""
    with Misbehaving(Script(end="silence")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)

        assert probe().text == (
            "was asked through the proxy of HTTPS_PROXY, which did not send a complete answer within 0.5 s"
        )


def test_a_host_that_serves_the_file_behind_a_proxy_passes(monkeypatch, authorities, trusting):
    """The way is not a fault by itself."""
    with ProxyServer(HTTP_SUCCESS, authorities.context(NAME), answer=http(CONTENT)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")

        assert probe().cause is None


@pytest.mark.parametrize("kind", ["issuer", "chain", "expired", "name"])
def test_a_certificate_behind_a_proxy_may_be_the_proxys(monkeypatch, authorities, trusting, kind):
    """A proxy that looks into TLS shows one of its own; the host is not asked past the proxy."""
    with ProxyServer(HTTP_SUCCESS, authorities.context(NAME, kind)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        finding = probe()

    assert finding.cause == "proxy"
    assert "HTTPS_PROXY, and its certificate " in finding.text
    assert finding.text.endswith("; the proxy may have replaced it")


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "gopher://x"), ("SSL_CERT_FILE", "/no/such/file")]
)
def test_a_host_that_cannot_be_asked_in_this_environment_is_a_finding(monkeypatch, name, value):
    """The error that the probe explains stays the error."""
    monkeypatch.setenv(name, value)

    finding = probe()

    assert finding.cause == "environment"
    assert finding.text.startswith(f"was not asked, because {name} ")
