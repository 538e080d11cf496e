"""A proxy on loopback that plays the server behind it too, so that nothing leaves this machine."""

from __future__ import annotations

import ssl

from tests.loopback import Loopback

SOCKS_SUCCESS = (b"\x05\x00", b"\x05\x00\x00\x01\0\0\0\0\0\0")
HTTP_SUCCESS = (b"HTTP/1.1 200 Connection established\r\n\r\n",)


class ProxyServer(Loopback):
    """Answers what a client says first with `says`, one after the other, then speaks TLS as the server behind it.

    `outer` is the TLS side of the proxy itself, if it has one; without `inner` it hangs up instead. `heard` has
    all that arrived.
    """

    def __init__(self, says, inner=None, outer=None, answer=b""):
        """Listen."""
        self.says = says
        self.inner = inner
        self.outer = outer
        self.answer = answer
        self.heard: list[bytes] = []
        super().__init__(3)

    def meet(self, connection):
        """Be the proxy, then the server."""
        layers = [connection]
        if self.outer:
            layers.append(_Layer(layers[-1], self.outer))
        for text in self.says:
            self.heard.append(layers[-1].recv(4096))
            layers[-1].sendall(text)
        if self.inner:
            layers.append(_Layer(layers[-1], self.inner))
            self.heard.append(layers[-1].recv(4096))
            if b"content-length" in self.heard[-1].lower() and not self.heard[-1].endswith(b"}"):
                self.heard.append(layers[-1].recv(4096))
            layers[-1].sendall(self.answer)


class _Layer:
    """The server's side of TLS over another layer."""

    def __init__(self, below, context):
        self.below = below
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self._go(self.tls.do_handshake)

    def recv(self, size):
        """Receive."""
        return self._go(lambda: self.tls.read(size))

    def sendall(self, data):
        """Send."""
        self._go(lambda: self.tls.write(data))

    def _go(self, step):
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self.below.sendall(self.outgoing.read())
                if not (more := self.below.recv(1 << 16)):
                    raise ConnectionResetError from None
                self.incoming.write(more)
            else:
                self.below.sendall(self.outgoing.read())
                return done
