"""A server on loopback that speaks HTTP badly, byte by byte, for the tests of what has to end in time."""

from __future__ import annotations

import gzip
import itertools
import re
import socket
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SIZED = OK + b"Content-Length: 400\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
UNSIZED = OK + b"Connection: close\r\n\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
PACKED_TWICE = OK + b"Content-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n"
DEFLATE = OK + b"Content-Encoding: deflate\r\nConnection: close\r\n\r\n"
BROTLI = OK + b"Content-Encoding: br\r\nConnection: close\r\n\r\n"
CUT = b'{"errcode":0,"errmsg":"ok"'
"""The start of a success: whatever follows from the parts below, it never becomes one."""
BOMB = gzip.compress(bytes(1 << 28), mtime=0)
"""A quarter of a GiB in a quarter of a MiB."""

PARTS = {
    "nothing": b"",
    "junk": bytes(range(128, 256)),
    "TLS record": b"\x16\x03\x01\x00\x05hello",
    "status line": b"HTTP/1.1 200 OK\r\n",
    "half a status line": b"HTTP/1.",
    "informational": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    "switch": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "HTTP 0.9": b"hello\n",
    "redirect to nowhere": b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: https://u:p@h.example.com/?q\r\nContent-Length: 0\r\n\r\n",
    "cookie": OK + b'Set-Cookie: a="; Expires=' + b"9" * 999 + b"\r\n",
    "header": b"X-A: b\r\n",
    "header without a colon": b"nonsense\r\n",
    "sized": SIZED,
    "chunked": CHUNKED,
    "unsized": UNSIZED,
    "gzip": GZIP,
    "gzip in gzip": PACKED_TWICE + gzip.compress(BOMB, mtime=0),
    "gzip of much": GZIP + BOMB,
    "deflate": DEFLATE + zlib.compress(CUT),
    "brotli": BROTLI + CUT,
    "chunk": b"1a\r\n" + CUT + b"\r\n",
    "bad chunk": b"zz\r\n",
    "chunk without end": b"ffffffff\r\n",
    "last chunk": b"0\r\n\r\n",
    "start of a success": CUT,
}
ENDLESS = {
    "informational answers": b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n",
    "headers": b"X-A: b\r\n",
    "a header": b"a",
    "chunk extension": b"1;",
    "chunks of a byte": b"1\r\n{\r\n",
    "a number": b"1",
    "blanks": b" ",
    "line breaks": b"\r\n",
    "zeros": bytes(4096),
    "a gzip header": b"\x1f\x8b\x08\x08\0\0\0\0\0\0name",
}

ODD_HEADERS = {
    **{
        link: f"Location: {link}"
        for link in (
            "weixin:dl",
            "mailto:a@example.com",
            "about:blank",
            "javascript:void(0)",
            "tel:+1",
            "data:text/plain,x",
            "urn:x:y",
            "http://[::1",
            "http://h\xe4.example.com:99999999/",
            "https:///path",
        )
    },
    "a cookie for ever": f"Set-Cookie: a=b; max-age={'9' * 400}",
    "a cookie of odd dates": f'Set-Cookie: a="; Expires={"9" * 999}',
}
"""Headers for which httpx, where it acts upon them, fails once a request has been sent."""


def answer_of(status, header, body=b""):
    """An answer with one header more."""
    length = f"Content-Length: {len(body)}"
    return f"HTTP/1.1 {status}\r\n{length}\r\n{header}\r\n\r\n".encode("latin-1") + body


@dataclass(frozen=True)
class Script:
    """What a connection gets: `early` before its request is read, `parts` after it, and `endless` for ever.

    `pause` seconds go by after every byte (0: none, everything as fast as it goes). In the end the server closes
    its side alone (`half`), both (`close`), or says nothing more (`silence`).
    """

    early: bytes = b""
    parts: tuple[bytes, ...] = ()
    endless: bytes = b""
    pause: float = 0.0
    end: str = "close"

    def pieces(self) -> Iterable[bytes]:
        """What to send, in pieces to pause after."""
        whole = b"".join(self.parts)
        if self.pause:
            bytes_ = (whole[at : at + 1] for at in range(len(whole)))
            return itertools.chain(bytes_, self._endless(1))
        return itertools.chain([whole], self._endless(1 + (1 << 16) // (1 + len(self.endless))))

    def _endless(self, times: int) -> Iterable[bytes]:
        return itertools.repeat(self.endless * times) if self.endless else ()


class Misbehaving:
    """Plays a script on each connection, over TLS where a context is given; `received` has the requests."""

    def __init__(self, script, context=None):
        """Listen."""
        self.script = script
        self.context = context
        self.over = threading.Event()
        self.received: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.url = f"http://{self.target}"
        self.players: list[threading.Thread] = []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def __enter__(self):
        """Be there."""
        return self

    def __exit__(self, *_):
        """Stop, and wait for every connection's end."""
        self.over.set()
        with socket.create_connection(self.socket.getsockname()):
            self.thread.join()
        self.socket.close()
        for player in self.players:
            player.join()

    def _serve(self):
        while True:
            connection, _ = self.socket.accept()
            if self.over.is_set():
                connection.close()
                return
            self.players.append(threading.Thread(target=self._play, args=(connection,)))
            self.players[-1].start()

    def _play(self, connection):
        with connection:
            connection.settimeout(0.5)
            try:
                if self.context:
                    with self.context.wrap_socket(connection, server_side=True) as secured:
                        self._speak(secured)
                else:
                    self._speak(connection)
            except OSError:  # the client hung up, or does not read
                return

    def _speak(self, connection):
        script = self.script
        connection.sendall(script.early)
        self.received.append(self._request(connection))
        for piece in script.pieces():
            connection.sendall(piece)
            if self.over.wait(script.pause):
                return
        if script.end == "half":
            connection.shutdown(socket.SHUT_WR)
        if script.end != "close":
            self.over.wait(5)

    def _request(self, connection):
        """Read a request whole: what is left unread when a connection closes takes the answer with it."""
        read = b""
        while b"\r\n\r\n" not in read and (more := connection.recv(1 << 16)):
            read += more
        head, _, body = read.partition(b"\r\n\r\n")
        size = re.search(rb"content-length: (\d+)", head.lower())
        missing = int(size[1]) - len(body) if size else 0
        return read + (
            connection.recv(missing, socket.MSG_WAITALL) if missing > 0 and not self.context else b""
        )
