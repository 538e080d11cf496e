"""Hosts on loopback that answer, or fail to, in one way each: over real TLS, with authorities made here."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone

import trustme

from pulumi_wechat_miniprogram.wechat.models import ConfirmFile
from tests.loopback import Loopback

NAME = "app.example.com"
CONTENT = b"7c5ffce3ba1f0e2c4b0fd684e371f25b"
FILE = ConfirmFile(file_name="87PweoaRBw.txt", file_content=CONTENT.decode())
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


class Host(Loopback):
    """One port of loopback that gives the same bytes to every connection.

    `context` is the TLS side, or None for a port that speaks none; `answer` None never answers. `asked`
    holds the requests that arrived.
    """

    def __init__(self, context, answer):
        """Listen."""
        self.context = context
        self.answer = answer
        self.asked: list[bytes] = []
        super().__init__(5)

    def meet(self, connection):
        """Speak TLS and answer."""
        if self.context is None:
            connection.recv(100)
            connection.sendall(b"no TLS here")
            return
        with self.context.wrap_socket(connection, server_side=True) as secured:
            if request := secured.recv(10_000):
                self.asked.append(request)
                if self.answer is None:
                    self.over.wait(5)
                else:
                    secured.sendall(self.answer)


def http(body, status="200 OK", **headers):
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


GOOD = http(CONTENT)


class Authorities:
    """A trusted authority with an intermediate one, and one that nobody trusts."""

    def __init__(self):
        """Make the keys."""
        self.root = trustme.CA()
        self.intermediate = self.root.create_child_ca()
        self.unknown = trustme.CA().create_child_ca()

    def context(self, name, kind="good"):
        """The TLS side of a host: with a good certificate, or one that is wrong in one way."""
        if kind == "name":
            name = "other.example.org"
        authority = self.unknown if kind == "issuer" else self.intermediate
        end = LONG_AGO + timedelta(days=90) if kind == "expired" else None
        certificate = authority.issue_cert(name, not_before=end and LONG_AGO, not_after=end)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if kind == "chain":
            with (
                certificate.private_key_pem.tempfile() as key,
                certificate.cert_chain_pems[0].tempfile() as own,
            ):
                context.load_cert_chain(own, key)
        else:
            certificate.configure_cert(context)
        return context
