"""Print each alert that is posted here: on this machine, the chat group of the person on call."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Alerts(BaseHTTPRequestHandler):
    """Takes what a plain webhook is sent."""

    def do_POST(self) -> None:
        """Print the text of an alert."""
        alert = json.loads(self.rfile.read(int(self.headers["content-length"])))
        print(alert["text"], flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing but alerts."""


with HTTPServer(("127.0.0.1", int(sys.argv[1])), Alerts) as server:
    print(f"alerts go to http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
