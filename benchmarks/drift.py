"""`wechat-miniprogram drift` over a fleet: its time, and its memory after each tenth of the apps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.fleet import App, sow, tokens
from benchmarks.machine import memory_mib
from benchmarks.races import Lap
from benchmarks.wechat import WeChat

__all__ = ["CALLS", "CONCURRENCY", "drift_lap"]

CONCURRENCY = 8
CALLS = 2
"""Calls for each app: the live list, and what is in force."""
_TYPE = "pulumi-python:dynamic/wechat-miniprogram:MiniProgramWebviewDomains"


def drift_lap(wechat: WeChat, folder: Path, count: int, latency: float) -> Lap:
    """Return a lap over so many apps that have not drifted."""
    apps = sow(count)
    export = folder / "export.json"
    resources = [_resource(app) for app in apps]
    export.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}), encoding="utf-8")
    secrets = folder / "drift-tokens.json"
    secrets.write_text(tokens(apps), encoding="utf-8")
    environment = {
        **os.environ,
        "WECHAT_MINIPROGRAM_ENDPOINT": wechat.url,
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS": f"file:{secrets}",
    }
    command = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "drift", str(export)]

    def lap() -> Iterator[Mapping[str, float]]:
        wechat.prepare(apps, latency, live=True)
        began = time.monotonic()
        with subprocess.Popen(
            [*command, "--concurrency", str(CONCURRENCY), "--rate", "1000"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            memory = [memory_mib(process.pid) for _ in process.stderr or ()]  # a line comes with each tenth
            told = process.stdout.read() if process.stdout else ""
        if process.returncode:
            message = f"drift ended with {process.returncode}: {told}"
            raise RuntimeError(message)
        measured = {"seconds": time.monotonic() - began}
        if memory:
            measured |= {"first tenth": memory[0], "last tenth": memory[-1]}
        yield measured

    return lap


def _resource(app: App) -> dict[str, object]:
    """Return one resource of an export."""
    inputs = {"appid": app.appid, "domains": app.domains, "mode": "authoritative"}
    urn = f"urn:pulumi:prod::fleet::{_TYPE}::{app.appid}"
    return {"urn": urn, "type": _TYPE, "id": app.appid, "inputs": inputs, "outputs": inputs}
