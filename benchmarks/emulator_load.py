"""Load on the emulator: 64 connections, reads and writes, a file database.

Run: .venv/bin/python benchmarks/emulator_load.py [SECONDS]

Each connection writes to an app of its own and to one that all share, and reads both. In the end the lists in
the emulator are compared with what was acknowledged. The emulator is its own process, as in real use.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from wechat_miniprogram_emulator import EmulatorControl

CONNECTIONS = 64
SECONDS = 60
SHARED = "wxffffffffffffffff"
KEPT = 4
"""So many domains of a connection are on a list at a time: 256 on the shared one, which takes 300."""
SET_PATH = "/wxa/setwebviewdomain_directly"
EFFECTIVE_PATH = "/wxa/get_effective_webviewdomain"
SERVE = (sys.executable, "-c", "from pulumi_wechat_miniprogram.cli import main; main()", "emulator")
CUT = b"\r\n\r\n"


@dataclass
class Tally:
    """What one connection saw: seconds of each answer, errors, and the domains it knows to be live."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    live: dict[str, list[str]] = field(default_factory=dict)


class Connection:
    """One kept HTTP/1.1 connection; the bare minimum, so that the client does not need a core of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use an open connection."""
        self._reader = reader
        self._writer = writer

    async def post(self, path: str, appid: str, body: dict[str, object]) -> dict[str, object]:
        """Send one call and read its answer."""
        content = json.dumps(body).encode()
        head = (
            f"POST {path}?access_token=emulator-{appid} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = await self._reader.readuntil(CUT)
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        document: dict[str, object] = json.loads(await self._reader.readexactly(length))
        return document

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


async def drive(port: int, number: int, until: float, tally: Tally) -> None:
    """Make calls over one connection until a moment."""
    own = f"wx{number:016x}"
    connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
    step = 0
    while time.monotonic() < until:
        step += 1
        appid = SHARED if step % 4 == 0 else own
        live = tally.live.setdefault(appid, [])
        if step % 2:
            path, body = next_read(step)
        else:
            path, body = SET_PATH, next_write(number, step, live)
        began = time.monotonic()
        answer = await connection.post(path, appid, body)
        tally.seconds.append(time.monotonic() - began)
        check(answer, appid, own, body, tally)
    await connection.close()


def next_read(step: int) -> tuple[str, dict[str, object]]:
    """Choose a read: the list, and at times what is in force."""
    return (EFFECTIVE_PATH, {}) if step % 8 == 1 else (SET_PATH, {"action": "get"})


def next_write(number: int, step: int, live: list[str]) -> dict[str, object]:
    """Choose a write: add a domain of this connection's own, or delete its oldest."""
    if len(live) >= KEPT:
        return {"action": "delete", "webviewdomain": [live[0]]}
    return {"action": "add", "webviewdomain": [f"https://h{step}.c{number}.example.com"]}


def check(answer: dict[str, object], appid: str, own: str, body: dict[str, object], tally: Tally) -> None:
    """Note an acknowledged write; compare a read with what is known."""
    live = tally.live.setdefault(appid, [])
    if answer.get("errcode") != 0:
        tally.errors.append(json.dumps(answer))
    elif body.get("action") == "add":
        live += body["webviewdomain"]  # type: ignore[arg-type] # a list
    elif body.get("action") == "delete":
        live.pop(0)
    elif appid == own and "webviewdomain" in answer and answer["webviewdomain"] != live:
        tally.errors.append(f"{appid} lists {answer['webviewdomain']}, acknowledged were {live}")


def lost(control: EmulatorControl, tallies: list[Tally]) -> list[str]:
    """Name every list that is not what was acknowledged."""
    wanted: dict[str, set[str]] = {}
    for tally in tallies:
        for appid, live in tally.live.items():
            wanted.setdefault(appid, set()).update(live)
    return [appid for appid, live in wanted.items() if set(control.live(appid)) != live]


def cpu_seconds(pid: int) -> float:
    """Return how long a process has kept a core busy."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid: int) -> int:
    """Return the memory of a process that is in RAM."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


async def run(port: int, seconds: float, watch: Callable[[], None]) -> tuple[list[Tally], float]:
    """Drive every connection for so long; `watch` is called at the start and after each quarter."""
    tallies = [Tally() for _ in range(CONNECTIONS)]
    began = time.monotonic()
    drivers = asyncio.gather(*(drive(port, n, began + seconds, tally) for n, tally in enumerate(tallies)))
    for quarter in range(4):
        watch()
        await asyncio.sleep(max(0, began + seconds * (quarter + 1) / 4 - time.monotonic()))
    watch()
    await drivers
    return tallies, time.monotonic() - began


def measure(url: str, pid: int, seconds: float) -> bool:
    """Run the load, print the figures, and tell whether nothing went wrong."""
    control = EmulatorControl(url)
    apps = [{"appid": f"wx{number:016x}"} for number in range(CONNECTIONS)]
    control.sow({"apps": [*apps, {"appid": SHARED}]})
    port = int(url.rpartition(":")[2])
    memory: list[float] = []
    cpu = cpu_seconds(pid)
    tallies, took = asyncio.run(run(port, seconds, lambda: memory.append(memory_kib(pid) / 1024)))
    cpu = cpu_seconds(pid) - cpu
    times = sorted(second for tally in tallies for second in tally.seconds)
    errors = [error for tally in tallies for error in tally.errors]
    wrong = lost(control, tallies)
    control.close()
    rate = len(times) / took
    print(f"{len(times)} requests in {took:.1f} s over {CONNECTIONS} connections: {rate:.0f} a second")
    print(f"p50 {times[len(times) // 2] * 1000:.1f} ms, p99 {times[len(times) * 99 // 100] * 1000:.1f} ms")
    print(f"emulator's CPU {cpu / len(times) * 1000:.2f} ms a request, {cpu / took:.0%} of one core")
    print(f"errors {len(errors)}, lists with lost updates {len(wrong)}")
    print(f"memory at the start and after each quarter: {', '.join(f'{mib:.1f}' for mib in memory)} MiB")
    for problem in [*errors[:5], *wrong[:5]]:
        print(f"  {problem}")
    return not errors and not wrong


def main() -> None:
    """Start an emulator with a file, and load it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=SECONDS)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        arguments = [*SERVE, "--data", f"{folder}/wechat.db", "--trust", "*"]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            line = process.stdout.readline() if process.stdout else ""
            fine = measure(line.rpartition(" ")[2].strip(), process.pid, seconds)
            process.terminate()
    if not fine:
        sys.exit(1)


if __name__ == "__main__":
    main()
