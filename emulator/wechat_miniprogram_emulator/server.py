"""The emulator as an ASGI application and as a loopback server in a thread."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import Self
from uvicorn.protocols.http.h11_impl import H11Protocol

from wechat_miniprogram_emulator.api import Api
from wechat_miniprogram_emulator.browser_guard import BrowserGuard
from wechat_miniprogram_emulator.client import EmulatorControl
from wechat_miniprogram_emulator.confirm_fetch import ConfirmFetcher
from wechat_miniprogram_emulator.control import control_routes
from wechat_miniprogram_emulator.control_accounts import account_routes
from wechat_miniprogram_emulator.control_tokens import token_routes
from wechat_miniprogram_emulator.faults import CLOSER_KEY
from wechat_miniprogram_emulator.model.open_point import Profile
from wechat_miniprogram_emulator.model.switches import Switches, starting_switches
from wechat_miniprogram_emulator.page.routes import page_routes
from wechat_miniprogram_emulator.store import Store
from wechat_miniprogram_emulator.store.database import DataDamaged, DataUnusable
from wechat_miniprogram_emulator.strict import describe

PAUSE_SECONDS = 0.05
_log = logging.getLogger(__name__)


def create_app(
    store: Store,
    *,
    trusted_hosts: Sequence[str] = ("*",),
    host_map: Mapping[str, str] | None = None,
    ca_file: str | Path | None = None,
    auto_apps: bool = False,
    profile: Profile | None = None,
    switches: Mapping[str, str] | None = None,
) -> ASGIApp:
    """Build the ASGI application over a store.

    Raises:
        ValueError: a host map target is not on loopback, or a profile, a switch or its position is unknown.
    """
    api = Api(
        store,
        ConfirmFetcher(host_map or {}, ca_file),
        tuple(trusted_hosts),
        _switches(profile, switches or {}),
        auto_apps=auto_apps,
    )
    control = Starlette(
        routes=[*control_routes(api), *token_routes(api), *account_routes(api), *page_routes(api)],
        middleware=[Middleware(BrowserGuard)],
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        emulated = scope["type"] == "http" and not f"{scope['path']}/".startswith("/_emulator/")
        try:
            await (api if emulated else control)(scope, receive, send)
        except (DataDamaged, DataUnusable) as error:  # nothing is sent before the data is written
            await PlainTextResponse(f"the emulator failed: {error}\n", 500)(scope, receive, send)

    return app


def _switches(profile: Profile | None, positions: Mapping[str, str]) -> Switches:
    try:
        return starting_switches(profile, positions)
    except ValidationError as error:
        raise ValueError(f"switches: {describe(error)}") from None


class Emulator:
    """A server on 127.0.0.1 that runs until `close`. Requests are answered as soon as it exists."""

    def __init__(
        self,
        data: str | Path | None = None,
        *,
        port: int = 0,
        trusted_hosts: Sequence[str] = ("*",),
        host_map: Mapping[str, str] | None = None,
        ca_file: str | Path | None = None,
        auto_apps: bool = False,
        profile: Profile | None = None,
        switches: Mapping[str, str] | None = None,
    ) -> None:
        """Open the data and start to listen.

        Raises:
            ValueError: see `create_app`; also data of another version.
            OSError: the port is taken, or the data file cannot be opened.
        """
        self._store = Store(data)
        try:
            app = create_app(
                self._store,
                trusted_hosts=trusted_hosts,
                host_map=host_map,
                ca_file=ca_file,
                auto_apps=auto_apps,
                profile=profile,
                switches=switches,
            )
            self._socket = _Listener(socket.create_server(("127.0.0.1", port)))
        except BaseException:
            self._store.close()
            raise
        # Accepted connections inherit it; without it each answer waits 40 ms for an acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.control = EmulatorControl(self.url)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                loop="asyncio",
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._run, name="wechat-emulator", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the server; the data file stays."""
        self._server.should_exit = True
        self._thread.join()
        self.control.close()
        self._socket.close()
        self._store.close()

    def __enter__(self) -> Self:
        """Return the running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


class _Listener(socket.socket):
    """A listening socket that waits while there are no file descriptors.

    asyncio would try again as often as the backlog is long, and write a line to the log each time.
    """

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(fileno=listening.detach())
        self._warned = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Take a connection.

        Raises:
            BlockingIOError: there is none, or no file descriptor for it; the event loop asks again.
        """
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in {errno.EMFILE, errno.ENFILE}:
                raise
            if not self._warned:
                _log.warning("The emulator has no file descriptors left. New connections wait: %s", error)
                self._warned = True
            time.sleep(PAUSE_SECONDS)
            raise BlockingIOError from None


class _JoinedWrites:
    """Sends the head of an answer together with the first part of its body: one packet, one system call."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        """Hold a head back, unless it is a 100 that no body follows; send anything else."""
        if data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 1") and not self._head:
            self._head = data
        else:
            self._transport.write(self._head + data)
            self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Protocol(H11Protocol):
    """Lets a fault close the connection that its request came over."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(_JoinedWrites(transport))  # type: ignore[arg-type] # as far as it is used
        inner: ASGIApp = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CLOSER_KEY] = transport.close
            await inner(scope, receive, send)

        self.app = app
