"""Ask each host for the confirm file, as WeChat does, and report why a host does not serve it.

After 86103 WeChat names no host. A probe is one GET of `https://host/<file name>` without credentials. It
expects status 200 and the 32 bytes of the file, without a redirect. Sources: WeChat's self-check list for the
file (curl prints only the content, preferably within 1 s; TLS 1.2; case matters) and the threads on 86103.
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

PROBE_SECONDS: Final = 5.0
"""The time for one host, from the connection to the last byte."""
SLOW_SECONDS: Final = 1.0
"""WeChat recommends that `time curl` of the file takes at most this. A slower host passes with a warning."""
AT_ONCE: Final = 32
"""Hosts that are probed in parallel: 300 hosts take at most 10 rounds of `PROBE_SECONDS`."""
MAX_BODY_BYTES: Final = 4096
_MAX_SHOWN: Final = 300

CAUSES: Final[Mapping[str, str]] = {
    "dns": "Publish the name in public DNS",
    "refused": "Make the web server listen on port 443",
    "timeout": "Open port 443 to the internet, and check the firewall and the server",
    "connection": "Check the web server, and any proxy or load balancer in front of it",
    "proxy": "Add the host to NO_PROXY, or set probe to false",
    "environment": "Correct the environment variable, or set probe to false",
    "certificate-name": "Get a certificate that names this host",
    "certificate-date": "Install a certificate that is valid now",
    "certificate-issuer": "Use a certificate from a public authority, and serve its complete chain",
    "certificate-chain": (
        "Serve the complete chain: the host's certificate, followed by the intermediate certificates"
    ),
    "tls": "Serve TLS 1.2 or newer on port 443",
    "redirect": "Answer with the file itself: WeChat is not known to follow redirects",
    "status": "Put the file at the root, and remove access rules from this path; case matters",
    "html": "Serve the file ahead of any login page or single-page fallback",
    "bom": "Save the file without a byte order mark",
    "whitespace": "Save the file without line breaks or spaces around its 32 bytes",
    "encoded": "Serve the file uncompressed when the client does not ask for compression",
    "other-file": "Serve the file of this appid: each Mini Program has its own",
    "content": "Serve the file unchanged, byte for byte",
}
"""Each cause by its stable id, with the remedy."""

_BOM: Final = b"\xef\xbb\xbf"
_FILE: Final = re.compile(rb"[0-9a-f]{32}")
# OpenSSL's X509_V_ERR_… codes.
_OTHER_NAME: Final = 62
_OUT_OF_DATE: Final = {9: "is not valid yet", 10: "has expired"}
_NO_ISSUER: Final = {20, 21}


@dataclass(frozen=True, slots=True)
class HostFinding:
    """What one host answered. `cause` is an id of `CAUSES`, or None if the host serves the file."""

    domain: str
    cause: str | None = None
    text: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        said = f"{self.text}. {CAUSES[self.cause]}." if self.cause else "serves the file"
        return f"{self.domain}: {said}"


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
        self._settings = settings
        self._seconds = seconds
        self._clock = clock
        self._interruption = interruption or Interruption()

    def probe(self, domains: Sequence[str], file: ConfirmFile) -> tuple[HostFinding, ...]:
        """Ask every host, `AT_ONCE` in parallel, and return one finding for each, in order.

        Every error of a host, a proxy or the environment is a finding.

        Raises:
            Interrupted: the run was interrupted.
        """
        mapped = bool(self._settings.probe_host_map)
        try:
            authorities = trusted_authorities(self._settings, environment=not mapped)
        except SettingsError as error:
            return tuple(_unasked(domain, error) for domain in domains)
        http = httpx.Client(transport=Transport(authorities), timeout=self._seconds, trust_env=False)
        with http:
            asked = each(domains, partial(self._ask, http, file), AT_ONCE, self._interruption.check)
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
            if isinstance(error, httpx.TimeoutException):
                cause, text = "timeout", f"did not send a complete answer within {self._seconds:g} s"
            else:
                cause, text = _connection_cause(error, host, target, directly=proxy is None)
            return (cause, text) if proxy is None else ("proxy", _blamed(proxy, error, cause, text))


def _body(response: httpx.Response) -> bytes:
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            break
    return body


def _unasked(domain: str, error: SettingsError) -> HostFinding:
    return HostFinding(domain, "environment", f"was not asked, because {error}")


def _blamed(proxy: Proxy, error: httpx.HTTPError, cause: str, text: str) -> str:
    """Describe an error on the way through a proxy, as far as it is visible on this side."""
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
    """Return the lines for the user: failing hosts with cause and remedy, slow hosts, and what to do."""
    failed = [finding for finding in findings if finding.cause]
    passed = len(findings) - len(failed)
    lines = [str(finding) for finding in failed]
    lines += [
        f"{finding.domain}: serves the file, but took {finding.seconds:.1f} s; WeChat recommends at most "
        f"{SLOW_SECONDS:g} s."
        for finding in findings
        if not finding.cause and finding.seconds > SLOW_SECONDS
    ]
    if failed:
        if passed:
            serve = "serves" if passed == 1 else "serve"
            lines.append(f"Seen from this machine, {passed} of {len(findings)} new hosts {serve} the file.")
        roots = "their roots" if len(failed) > 1 else "its root"
        size = len(file.file_content.encode())
        lines.append(f"Serve /{file.file_name} ({size} bytes) at {roots}, then run `pulumi up`.")
        return lines
    served = "the new host serves" if passed == 1 else f"all {passed} new hosts serve"
    lines.append(
        f"Seen from this machine, {served} /{file.file_name} correctly. Possible causes: a firewall that "
        "blocks WeChat's servers, a CDN region or cache with an older answer, or a file published moments "
        "ago. Run `pulumi up` again, or set confirm_file_timeout."
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
    return _judge_other(response.headers.get("content-type", ""), body, content)


def _judge_other(content_type: str, body: bytes, content: bytes) -> tuple[str, str]:
    bare = body.removeprefix(_BOM).strip()
    if bare == content and body.startswith(_BOM):
        return "bom", "puts a byte order mark before the content"
    if bare == content:
        return "whitespace", f"answers with {len(body)} bytes: the content with line breaks or spaces"
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
    """Return whether a host sends no intermediate certificate.

    OpenSSL's code does not say whether that or an unknown authority is the cause, so the host is asked again.
    """
    address, _, port = target.rpartition(":") if ":" in target else (target, "", "443")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        secured = Network().connect_tcp(address, int(port)).start_tls(context, host)
    except (httpcore.NetworkError, httpcore.TimeoutException):
        return False
    # Before Python 3.13, only a private attribute of ssl has the chain.
    read_chain = getattr(secured.get_extra_info("ssl_object"), "get_unverified_chain", tuple)
    try:
        return len(read_chain()) == 1
    finally:
        secured.close()
