"""A loopback proxy between provider and emulator that can hold one call before or after it is forwarded."""

from __future__ import annotations

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from urllib.parse import urlsplit

from wechat_miniprogram_emulator.model import call_name

PATIENCE = 60
"""Seconds until a call that never comes, or is never let go, fails the test."""


class Hold:
    """The next call of one name stops here until the test decides on it."""

    def __init__(self, when, name):
        """Stop it `before` it is forwarded, or `after`, when its answer has come back."""
        self.point = (when, name)
        self.taken = False
        self._reached = threading.Event()
        self._decided = threading.Event()
        self._goes_on = True

    def wait(self):
        """Wait until the call is here."""
        assert self._reached.wait(PATIENCE), f"no call came to {' '.join(self.point)}"

    def let_go(self):
        """Forward it, or answer it."""
        self._decided.set()

    def drop(self):
        """Neither forward nor answer it: whoever sent it is gone."""
        self._goes_on = False
        self._decided.set()

    def stop(self):
        """Keep the call here until it is decided on, and tell whether it goes on."""
        self._reached.set()
        assert self._decided.wait(PATIENCE), f"a call stayed {' '.join(self.point)}"
        return self._goes_on


class Proxy(ThreadingTCPServer):
    """Forwards what the provider sends, each call in a thread of its own."""

    def __init__(self, target):
        """Listen."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._target = urlsplit(target).netloc
        self._guard = threading.Lock()
        self._holds: list[Hold] = []
        self._thread = threading.Thread(target=self.serve_forever, args=[0.01])
        self._thread.start()

    def hold(self, when, name):
        """Hold the next call of this name."""
        with self._guard:
            self._holds.append(Hold(when, name))
            return self._holds[-1]

    def close(self):
        """Drop what is still held, and stop."""
        for hold in self._holds:
            hold.drop()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def goes_on(self, when, names):
        """Stop a call if the test holds it by one of its names, and tell whether it goes on."""
        points = {(when, name) for name in names}
        with self._guard:
            waiting = [hold for hold in self._holds if hold.point in points and not hold.taken]
            for hold in waiting[:1]:
                hold.taken = True
        return not waiting or waiting[0].stop()

    def forward(self, path, body):
        """Return the emulator's answer to one call."""
        connection = http.client.HTTPConnection(self._target, timeout=PATIENCE)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            return connection.getresponse().read()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        action = json.loads(body).get("action")
        names = {call_name(urlsplit(self.path).path, action), action}
        if not self.server.goes_on("before", names):
            return
        answer = self.server.forward(self.path, body)
        if not self.server.goes_on("after", names):
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments):
        """Print nothing."""
