"""`wechat-miniprogram drift` over a fleet: its time, and its memory after the first and the last tenth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from benchmarks.races import Lap
from benchmarks.wechat import App, WeChat, sow, tokens

CONCURRENCY = 8
_TYPE = "pulumi-python:dynamic/wechat-miniprogram:MiniProgramWebviewDomains"


def export_of(apps: Sequence[App]) -> str:
    """Return the export of a stack that declares these apps."""
    resources = []
    for app in apps:
        inputs = {"appid": app.appid, "domains": app.domains, "mode": "authoritative"}
        urn = f"urn:pulumi:prod::fleet::{_TYPE}::{app.appid}"
        resources.append({"urn": urn, "type": _TYPE, "id": app.appid, "inputs": inputs, "outputs": inputs})
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


def drift_lap(wechat: WeChat, folder: Path, count: int, latency: float) -> Lap:
    """Return a lap over so many apps that have not drifted; 50 at least, or the command prints no tenths."""
    apps = sow(count)
    export, secrets = folder / "export.json", folder / "drift-tokens.json"
    export.write_text(export_of(apps), encoding="utf-8")
    secrets.write_text(tokens(apps), encoding="utf-8")
    environment = {
        **os.environ,
        "WECHAT_MINIPROGRAM_ENDPOINT": wechat.url,
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS": f"file:{secrets}",
    }
    command = [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "drift", str(export)]
    command += ["--concurrency", str(CONCURRENCY), "--rate", "1000"]

    def lap() -> Iterator[Mapping[str, float]]:
        wechat.prepare(apps, latency, live=True)
        began = time.monotonic()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            watched = psutil.Process(process.pid)
            memory = [watched.memory_info().rss for _ in process.stderr or ()]  # a line comes with each tenth
            printed = process.stdout.read() if process.stdout else ""
        if process.returncode:
            message = f"drift ended with {process.returncode}: {printed}"
            raise RuntimeError(message)
        yield {"command": time.monotonic() - began, "first tenth": memory[0], "last tenth": memory[-1]}

    return lap
