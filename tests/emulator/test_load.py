"""The emulator under load: 64 connections, half of the calls writes, a file database.

Each connection writes to an app of its own and to one that all share, and reads both. At the end the lists in
the emulator are compared with what was acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.wechat import WeChat, wechat_running

CONNECTIONS = 64
SHARED = "wxffffffffffffffff"
KEPT = 4
"""So many domains of a connection are on a list at a time: 256 on the shared one, which takes 300."""
LIST = "/wxa/setwebviewdomain_directly"
EFFECTIVE = "/wxa/get_effective_webviewdomain"
CUT = b"\r\n\r\n"
Body = Mapping[str, Any]


@dataclass
class Load:
    """How many calls were answered, and what went wrong: answers, and lists that lost an update."""

    calls: int = 0
    errors: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def load(wechat: WeChat, seconds: float) -> Load:
    """Drive every connection for so long."""
    own = [f"wx{number:016x}" for number in range(CONNECTIONS)]
    wechat.control.sow({"apps": [{"appid": appid} for appid in (*own, SHARED)]})
    seen = Load()
    until = time.monotonic() + seconds
    port = int(wechat.url.rpartition(":")[2])

    async def drive() -> list[Connection]:
        connections = [
            Connection(appid, seen, *await asyncio.open_connection("127.0.0.1", port)) for appid in own
        ]
        await asyncio.gather(*(each.run(until) for each in connections))
        return connections

    connections = asyncio.run(drive())
    shared = {domain for each in connections for domain in each.live[SHARED]}
    wanted = {SHARED: shared, **{each.own: set(each.live[each.own]) for each in connections}}
    seen.lost = [appid for appid, live in wanted.items() if set(wechat.control.live(appid)) != live]
    return seen


class Connection:
    """One kept HTTP/1.1 connection, the bare minimum: an HTTP client would take the processor's time."""

    def __init__(
        self, own: str, seen: Load, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.own = own
        self.live: dict[str, list[str]] = {own: [], SHARED: []}
        self._seen, self._reader, self._writer = seen, reader, writer

    async def run(self, until: float) -> None:
        """Make calls until a moment: reads and writes in turn, each fourth to the shared app."""
        step = 0
        while time.monotonic() < until:
            step += 1
            appid = SHARED if step % 4 == 0 else self.own
            path = EFFECTIVE if step % 8 == 1 else LIST
            body = self._body(step, appid)
            self._note(await self._post(path, appid, body), appid, body)
        self._writer.close()
        await self._writer.wait_closed()

    def _body(self, step: int, appid: str) -> Body:
        if step % 2:
            return {} if step % 8 == 1 else {"action": "get"}
        if len(self.live[appid]) >= KEPT:
            return {"action": "delete", "webviewdomain": [self.live[appid][0]]}
        return {"action": "add", "webviewdomain": [f"https://h{step}.{self.own}.example.com"]}

    async def _post(self, path: str, appid: str, body: Body) -> Body:
        content = json.dumps(body).encode()
        head = (
            f"POST {path}?access_token=emulator-{appid} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = await self._reader.readuntil(CUT)
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        document: dict[str, Any] = json.loads(await self._reader.readexactly(length))
        return document

    def _note(self, answer: Body, appid: str, body: Body) -> None:
        """Note an acknowledged write; compare a read of the own app with what is known."""
        self._seen.calls += 1
        live = self.live[appid]
        if answer.get("errcode") != 0:
            self._seen.errors.append(json.dumps(answer))
        elif body.get("action") == "add":
            live += body["webviewdomain"]
        elif body.get("action") == "delete":
            live.pop(0)
        elif body and appid == self.own and answer["webviewdomain"] != live:
            self._seen.errors.append(f"{appid} lists {answer['webviewdomain']}, acknowledged were {live}")


def test_half_a_second_of_load_loses_nothing(tmp_path):
    """64 connections, a file database, and the final lists as they were acknowledged."""
    with wechat_running("--data", str(tmp_path / "wechat.db")) as wechat:
        seen = load(wechat, 0.5)

    assert seen.calls > CONNECTIONS
    assert (seen.errors, seen.lost) == ([], [])
