"""A port of loopback that meets one connection at a time."""

from __future__ import annotations

import socket
import threading


class Loopback:
    """Listens from the start until `close`; a subclass says in `meet` what a connection gets."""

    def __init__(self, seconds):
        """Listen; a connection that is silent for so many seconds is left."""
        self.seconds = seconds
        self.over = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.target = f"127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def __enter__(self):
        """Be there."""
        return self

    def __exit__(self, *_):
        """Stop."""
        self.close()

    def close(self):
        """Stop listening and wait for the last answer."""
        self.over.set()
        with socket.create_connection(self.socket.getsockname()):
            self.thread.join()
        self.socket.close()

    def meet(self, connection):
        """Read and answer."""
        raise NotImplementedError

    def _serve(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                if self.over.is_set():
                    return
                connection.settimeout(self.seconds)
                try:
                    self.meet(connection)
                except OSError:  # the client hung up, as on a certificate that it does not take
                    continue
