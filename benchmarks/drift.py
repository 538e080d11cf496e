"""`drift` over 1,000 Mini Programs, against the emulator in its own process, with 50 ms for each call.

Run: .venv/bin/python benchmarks/drift.py [APPS]

The ideal is calls × latency ÷ concurrency; the ratio to it must be 1.3 at most. The memory of the command is
read after each quarter of the apps: it must not grow with them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pulumi_wechat_miniprogram.emulator import EmulatorControl

CLI = (sys.executable, "-m", "pulumi_wechat_miniprogram.cli")
APPS = 1000
DOMAINS = 10
LATENCY = 0.05
CONCURRENCY = 8
CALLS = 2
MOST = 1.3
TYPE = "pulumi-python:dynamic/wechat-miniprogram:MiniProgramWebviewDomains"


def domains(number: int) -> list[str]:
    """Return what one app declares."""
    return [f"https://h{index}.app{number}.example.com" for index in range(DOMAINS)]


def resource(appid: str, listed: list[str]) -> dict[str, object]:
    """Return one resource of an export."""
    inputs = {"appid": appid, "domains": listed, "mode": "authoritative"}
    urn = f"urn:pulumi:prod::fleet::{TYPE}::{appid}"
    return {"urn": urn, "type": TYPE, "id": appid, "inputs": inputs, "outputs": inputs}


def memory_mib(pid: int) -> float:
    """Return the memory of a process that is in RAM."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def sow(url: str, apps: dict[str, list[str]]) -> None:
    """Put the apps into the emulator, and the latency before each answer."""
    control = EmulatorControl(url)
    names = list(apps)
    for first in range(0, len(names), 100):
        control.sow({"apps": [{"appid": name, "live": apps[name]} for name in names[first : first + 100]]})
    control.fault(delay=LATENCY, times=None)
    control.close()


def measure(url: str, folder: Path, apps: dict[str, list[str]]) -> bool:
    """Run the command, print the figures, and tell whether they are good."""
    sow(url, apps)
    resources = [resource(appid, listed) for appid, listed in apps.items()]
    export = folder / "fleet.json"
    export.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}), encoding="utf-8")
    environment = {
        **os.environ,
        "WECHAT_MINIPROGRAM_ENDPOINT": url,
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS": json.dumps({appid: f"emulator-{appid}" for appid in apps}),
    }
    command = [*CLI, "drift", str(export), "--concurrency", str(CONCURRENCY)]
    began = time.monotonic()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        memory = [memory_mib(process.pid) for _ in process.stderr or ()]  # a line comes with each tenth
        told = process.stdout.read() if process.stdout else ""
    took = time.monotonic() - began
    ideal = len(apps) * CALLS * LATENCY / CONCURRENCY
    print(f"exit code {process.returncode}: {told.strip()}")
    print(f"{took:.2f} s with the start, ideal {ideal:.2f} s, ratio {took / ideal:.2f} (at most {MOST})")
    print(f"memory after each tenth of the apps: {', '.join(f'{mib:.1f}' for mib in memory)} MiB")
    return took / ideal <= MOST and process.returncode == 0


def main() -> None:
    """Start an emulator, and compare a fleet with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apps", type=int, nargs="?", default=APPS)
    apps = {f"wx{number:016x}": domains(number) for number in range(parser.parse_args().apps)}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([*CLI, "emulator", "--trust", "*"], stdout=subprocess.PIPE, text=True) as process,
    ):
        line = process.stdout.readline() if process.stdout else ""
        fine = measure(line.rpartition(" ")[2].strip(), Path(folder), apps)
        process.terminate()
    if not fine:
        sys.exit(1)


if __name__ == "__main__":
    main()
