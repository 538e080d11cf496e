"""Serve www/ over HTTPS on this machine: for the emulator, the web server behind app.example.com."""

import functools
import ssl
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

handler = functools.partial(SimpleHTTPRequestHandler, directory="www")
with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler) as server:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain("cert.pem", "key.pem")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    print(f"www/ is served at https://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
