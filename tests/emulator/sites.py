"""An HTTPS server on loopback that serves confirm files, or fails to."""

from __future__ import annotations

import contextlib
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme


class FileServer(ThreadingHTTPServer):
    """Answers by path with status, headers and body; `meet` may hold a request back.

    Without a context it speaks plain HTTP.
    """

    daemon_threads = True

    def __init__(self, context=None):
        """Listen."""
        super().__init__(("127.0.0.1", 0), FileHandler)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.seen: list[tuple[str | None, str]] = []
        self.meet = lambda: None
        self.target = f"127.0.0.1:{self.server_port}"
        self._context = context

    def finish_request(self, request, client_address):
        """Speak TLS first."""
        if self._context is None:
            super().finish_request(request, client_address)
            return
        with self._context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def shutdown_request(self, request):
        """Close without a word."""
        self.close_request(request)

    def handle_error(self, request, client_address):
        """A client that does not trust this server, or waits no longer, hangs up; that is its test."""


class FileHandler(BaseHTTPRequestHandler):
    """Answers what the server was asked to."""

    server: FileServer

    def do_GET(self):
        """Note the request, meet it, answer."""
        self.server.seen.append((self.headers["host"], self.path))
        self.server.meet()
        status, headers, body = self.server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # noqa: A002 - as in the base class
        """Keep quiet."""


class Authority:
    """A private authority, and the file that names it."""

    def __init__(self, path):
        """Make the keys."""
        self._ca = trustme.CA()
        self.path = path
        self._ca.cert_pem.write_to_path(str(path))

    @contextlib.contextmanager
    def site(self, *names):
        """Serve these hosts over HTTPS; without names, anything over plain HTTP."""
        context = None
        if names:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._ca.issue_cert(*names).configure_cert(context)
        with FileServer(context) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield server
            server.shutdown()
            thread.join()
