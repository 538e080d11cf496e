"""Keeps other web pages that are open in the developer's browser away from /_emulator/.

A page of any site can send requests to a port on loopback. A form, or a script with a plain content type,
needs no permission for it (cross-site request forgery), and a host name of its own that comes to resolve to
127.0.0.1 even lets it read the answers (DNS rebinding). Browsers tell on such pages: by Origin or
Sec-Fetch-Site in the first case, by Host in the second. Clients that are no browser send neither of the
first two, and name loopback as they connect to it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/_emulator"
READING = frozenset({"GET", "HEAD"})
OWN_SITE = frozenset({"same-origin", "none"})
HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # with no-referrer, browsers send "Origin: null" from our own forms
    "x-content-type-options": "nosniff",
}


class BrowserGuard:
    """Refuses what other sites' pages send under /_emulator/, and lets no browser guess or share answers."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or refuse it."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        reason = refusal(scope["method"], Headers(scope=scope))
        answer = self._app if reason is None else JSONResponse({"error": reason}, 403)
        await answer(scope, receive, send_guarded)


def refusal(method: str, headers: Mapping[str, str]) -> str | None:
    """Say why a request under /_emulator/ is refused, or None; the names of `headers` are lower-case."""
    host = headers.get("host")
    if host is not None and not _is_loopback(host):
        return f"refused: Host {host} is not a loopback name; use 127.0.0.1 or localhost"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != (host or "").lower():
        return f"refused: a web page of {origin} may not use the emulator; its own page is {PREFIX}/"
    site = headers.get("sec-fetch-site", "none")
    if method not in READING and site not in OWN_SITE:
        return f"refused: a {site} web page may not use the emulator; its own page is {PREFIX}/"
    return None


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
