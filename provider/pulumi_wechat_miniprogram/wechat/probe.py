"""Ask each host for the confirm file, as WeChat does, and say why it does not serve it.

After 86103 WeChat names no host. A probe is one GET of `https://host/<file name>` without credentials:
status 200 and the 32 bytes of the file, no redirect. Sources: WeChat's self-check list for the file
(curl gives the content alone, at most 1 s recommended, TLS 1.2, case matters) and the threads on 86103.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote, urlsplit

import httpcore
import httpx

from pulumi_wechat_miniprogram.safety.background import each
from pulumi_wechat_miniprogram.safety.interruption import Interruption
from pulumi_wechat_miniprogram.settings import Settings, SettingsError
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile
from pulumi_wechat_miniprogram.wechat.proxies import Proxy, proxy_for
from pulumi_wechat_miniprogram.wechat.streams import Network, deadline
from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities
from pulumi_wechat_miniprogram.wechat.transport import IDENTITY, Transport, redirect_target
from pulumi_wechat_miniprogram.wechat.wire import cause_of

__all__ = ["CAUSES", "HostFinding", "Prober", "explain", "failing"]

PROBE_SECONDS: Final = 5.0
"""Time for one host, from the connection to the last byte."""
SLOW_SECONDS: Final = 1.0
"""WeChat recommends that `time curl` of the file takes at most this; a slower host passes with a warning."""
AT_ONCE: Final = 32
"""Hosts probed at the same time: 300 hosts take at most 10 rounds of `PROBE_SECONDS`."""
MAX_BODY_BYTES: Final = 4096
_MAX_SHOWN: Final = 300
"""Characters that are shown of what a host, a proxy or the network says."""

CAUSES: Final[Mapping[str, str]] = {
    "dns": "Publish the name in public DNS",
    "refused": "Let the web server listen on port 443",
    "timeout": "Open port 443 to the internet, and look at the firewall and the server",
    "connection": "Look at the web server and at what stands before it",
    "proxy": "Put the host into NO_PROXY, or set probe to false",
    "environment": "Correct the environment variable, or set probe to false",
    "certificate-name": "Get a certificate that names this host",
    "certificate-date": "Install a certificate that is valid now",
    "certificate-issuer": "Use a certificate of a public authority, and serve its whole chain",
    "certificate-chain": (
        "Serve the whole chain: the host's certificate, then the intermediate ones, up to a public authority"
    ),
    "tls": "Serve TLS 1.2 or newer on port 443",
    "redirect": "Answer with the file itself: WeChat is not known to follow redirects",
    "status": "Put the file at the root and take every access rule off this one path; case matters",
    "html": "Serve the file ahead of any login page or single-page fallback",
    "bom": "Save the file without a byte order mark",
    "whitespace": "Save the file without the line break or blanks around its 32 bytes",
    "encoded": "Serve the file uncompressed when the client does not ask for compression",
    "other-file": "Serve the file of this very appid: each Mini Program has its own",
    "content": "Serve the file as it is, byte for byte",
}
"""Each cause by its stable id, with what to do."""

_BOM: Final = b"\xef\xbb\xbf"
_FILE: Final = re.compile(rb"[0-9a-f]{32}")
# OpenSSL's X509_V_ERR_… codes.
_OTHER_NAME: Final = 62
_OUT_OF_DATE: Final = {9: "is not valid yet", 10: "has expired"}
_NO_ISSUER: Final = {20, 21}


@dataclass(frozen=True, slots=True)
class HostFinding:
    """What one host answered. `cause` is an id of `CAUSES`, or None when it serves the file."""

    domain: str
    cause: str | None = None
    text: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        """Name the host, the cause and the remedy."""
        return (
            f"{self.domain}: {self.text}. {CAUSES[self.cause]}."
            if self.cause
            else f"{self.domain}: serves it"
        )


class Prober:
    """Probes hosts. Safe for concurrent use."""

    def __init__(
        self,
        settings: Settings,
        *,
        seconds: float = PROBE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        interruption: Interruption | None = None,
    ) -> None:
        """Keep the host map and the authorities; nothing is opened yet. An `interruption` ends a probe."""
        self._settings = settings
        self._seconds = seconds
        self._clock = clock
        self._interruption = interruption or Interruption()

    def probe(self, domains: Sequence[str], file: ConfirmFile) -> tuple[HostFinding, ...]:
        """Ask every host at once, `AT_ONCE` at a time, and return one finding for each, in order.

        Never raises for what a host, a proxy or the environment does: that is a finding. The threads are
        daemons: a caller that leaves early, as by Ctrl-C, waits for no host.

        Raises:
            Interrupted: the run is not to go on.
        """
        mapped = bool(self._settings.probe_host_map)
        try:
            authorities = trusted_authorities(self._settings, environment=not mapped)
        except SettingsError as error:
            return tuple(_unasked(domain, error) for domain in domains)
        with httpx.Client(
            transport=Transport(authorities, proxy_for), timeout=self._seconds, trust_env=False
        ) as http:
            ask = partial(self._ask, http, file)
            asked = each(domains, ask, AT_ONCE, self._interruption.check)
            findings = {finding.domain: finding for finding in asked}
        return tuple(findings[domain] for domain in domains)

    def _ask(self, http: httpx.Client, file: ConfirmFile, domain: str) -> HostFinding:
        host = urlsplit(domain).netloc
        target = (self._settings.probe_host_map or {}).get(host, host)
        started = self._clock()
        with deadline(self._seconds):
            try:
                proxy = proxy_for(f"https://{target}")
                cause, text = self._answer(http, host, target, file, proxy)
            except SettingsError as error:
                return _unasked(domain, error)
            except Exception as error:  # noqa: BLE001 - a host must not end the probe of the others
                cause, text = "connection", f"breaks the connection ({cause_of(error)})"
        return HostFinding(domain, cause, text, self._clock() - started)

    def _answer(
        self, http: httpx.Client, host: str, target: str, file: ConfirmFile, proxy: Proxy | None
    ) -> tuple[str | None, str]:
        try:
            with http.stream(
                "GET",
                f"https://{target}/{quote(file.file_name)}",
                headers={"host": host, "accept": "*/*", **IDENTITY},
                extensions={"sni_hostname": host},
            ) as response:
                return _judge(response, _body(response), file)
        except httpx.HTTPError as error:
            cause, text = (
                ("timeout", f"gave no whole answer within {self._seconds:g} s")
                if isinstance(error, httpx.TimeoutException)
                else _connection_cause(error, host, target, directly=proxy is None)
            )
            return (cause, text) if proxy is None else ("proxy", _blamed(proxy, error, cause, text))


def _body(response: httpx.Response) -> bytes:
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            break
    return body


def _unasked(domain: str, error: SettingsError) -> HostFinding:
    return HostFinding(domain, "environment", f"was not asked, since {error}")


def _blamed(proxy: Proxy, error: httpx.HTTPError, cause: str, text: str) -> str:
    """Say what went wrong on the way through a proxy, as far as it can be seen from before it."""
    if isinstance(error, httpx.ProxyError):
        what = f"which refuses to connect ({_said(error)})"
    elif cause == "refused":
        what = "which refuses the connection"
    elif text.startswith("its name"):
        what = f"whose {text.removeprefix('its ')}"
    elif text.startswith("its certificate"):
        what = f"and {text}; the proxy may have replaced it"
    else:
        what = f"which {text}"
    return f"was asked through the proxy of {proxy.variable}, {what}"


def failing(findings: Sequence[HostFinding]) -> tuple[str, ...]:
    """Return the domains that do not serve the file."""
    return tuple(finding.domain for finding in findings if finding.cause)


def explain(findings: Sequence[HostFinding], file: ConfirmFile) -> list[str]:
    """Return the lines for the user: each failing host with cause and remedy, slow ones, and what to do."""
    failed = [finding for finding in findings if finding.cause]
    passed = len(findings) - len(failed)
    lines = [str(finding) for finding in failed]
    lines += [
        f"{finding.domain}: serves it, but took {finding.seconds:.1f} s; WeChat recommends at most "
        f"{SLOW_SECONDS:g} s."
        for finding in findings
        if not finding.cause and finding.seconds > SLOW_SECONDS
    ]
    if failed:
        if passed:
            serve = "serves" if passed == 1 else "serve"
            lines.append(f"Seen from here, {passed} of {len(findings)} new hosts {serve} it.")
        roots = "their roots" if len(failed) > 1 else "its root"
        size = len(file.file_content.encode())
        lines.append(f"Serve /{file.file_name} ({size} bytes) at {roots}, then run `pulumi up`.")
        return lines
    served = "the new host serves" if passed == 1 else f"all {passed} new hosts serve"
    lines.append(
        f"Seen from here {served} /{file.file_name} as it must be. What is left: a firewall that keeps "
        "WeChat's fetchers out, a CDN region or a cache that still answers otherwise, or a file published "
        "moments ago. Run `pulumi up` again, or set confirm_file_timeout."
    )
    return lines


def _judge(response: httpx.Response, body: bytes, file: ConfirmFile) -> tuple[str | None, str]:
    status = response.status_code
    if to := redirect_target(response):
        return "redirect", f"redirects ({status}) to {to}"
    if status != httpx.codes.OK:
        return "status", f"answers with HTTP status {status}"
    encoding = response.headers.get("content-encoding", "identity")
    if encoding != "identity":
        return "encoded", f"answers compressed ({encoding[:_MAX_SHOWN]})"
    content = file.file_content.encode()
    if body == content:
        return None, ""
    if body.removeprefix(_BOM).strip() == content:
        return _judge_wrapping(body)
    return _judge_content(response.headers.get("content-type", ""), body)


def _judge_wrapping(body: bytes) -> tuple[str, str]:
    if body.startswith(_BOM):
        return "bom", "puts a byte order mark before the content"
    return "whitespace", f"answers with {len(body)} bytes: the content and a line break or blanks"


def _judge_content(content_type: str, body: bytes) -> tuple[str, str]:
    bare = body.removeprefix(_BOM).strip()
    if not bare:
        return "content", "answers with an empty body"
    if bare.startswith(b"<") or "html" in content_type:
        return "html", "answers with an HTML page"
    if _FILE.fullmatch(bare):
        return "other-file", "answers with the content of another confirm file"
    size = f"more than {MAX_BODY_BYTES}" if len(body) > MAX_BODY_BYTES else str(len(body))
    return "content", f"answers with other content ({size} bytes)"


def _connection_cause(error: httpx.HTTPError, host: str, target: str, *, directly: bool) -> tuple[str, str]:
    for reason in _reasons(error):
        match reason:
            case socket.gaierror():
                return "dns", f"its name is not found in DNS ({reason.strerror})"
            case ConnectionRefusedError():
                return "refused", "refuses the connection on port 443"
            case ssl.SSLCertVerificationError(verify_code=code):
                sends = directly and code in _NO_ISSUER and _sends_its_own_alone(host, target)
                return _certificate_cause(code, reason.verify_message, alone=sends)
            case ssl.SSLError():
                return "tls", f"does not complete a TLS handshake ({reason.reason or 'closed'})"
    return "connection", f"breaks the connection ({_said(error)})"


def _said(error: httpx.HTTPError) -> str:
    return str(error)[:_MAX_SHOWN] or type(error).__name__


def _reasons(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def _certificate_cause(code: int, message: str, *, alone: bool) -> tuple[str, str]:
    if code == _OTHER_NAME:
        return "certificate-name", "its certificate names other hosts"
    if code in _OUT_OF_DATE:
        return "certificate-date", f"its certificate {_OUT_OF_DATE[code]}"
    if alone:
        return "certificate-chain", "sends its own certificate alone, without the one that issued it"
    return "certificate-issuer", f"its certificate comes from an authority that is not trusted ({message})"


def _sends_its_own_alone(host: str, target: str) -> bool:
    """Tell a chain without intermediate certificates from one of an unknown authority.

    OpenSSL gives both the same code, so the host is asked once more for what it sends.
    """
    address, _, port = target.rpartition(":") if ":" in target else (target, "", "443")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        secured = Network().connect_tcp(address, int(port)).start_tls(context, host)
    except (httpcore.NetworkError, httpcore.TimeoutException):
        return False
    # Before Python 3.13 only a private attribute of ssl has the chain.
    read_chain = getattr(secured.get_extra_info("ssl_object"), "get_unverified_chain", tuple)
    try:
        return len(read_chain()) == 1
    finally:
        secured.close()
