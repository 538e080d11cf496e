"""The example of a fleet in stacks (docs/scale.md): each command's time, and the memory of all processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from benchmarks.contestants import HERE, Ground
from benchmarks.races import Lap
from benchmarks.wechat import sow

__all__ = ["DOMAINS", "shards_lap"]

DOMAINS = 3  # of each app that the example's generator makes


def shards_lap(ground: Ground, count: int, shards: int, latency: float) -> Lap:
    """Return a lap: create, see no change, refresh; two stacks at a time."""
    apps = sow(count, domains=DOMAINS)

    def lap() -> Iterator[Mapping[str, float]]:
        ground.wechat.prepare(apps, latency)
        folder = ground.folder / "shards"
        shutil.copytree(HERE.parent / "examples/fleet", folder)
        (folder / "state").mkdir()
        project = folder / "Pulumi.yaml"  # without the example's own emulator
        project.write_text(project.read_text(encoding="utf-8").partition("config:")[0], encoding="utf-8")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**ground.environment(folder, apps), "PATH": path}
        generate = [sys.executable, "generate.py", str(count), "--shards", str(shards)]
        with (folder / "fleet.yaml").open("wb") as manifest:
            subprocess.run(generate, cwd=folder, check=True, stdout=manifest)
        for operation, command in (("create", "up"), ("no-op", "up"), ("refresh", "refresh")):
            began = time.perf_counter()
            driver = [sys.executable, "fleet.py", command, "--yes", "--at-a-time", "2"]
            with subprocess.Popen(driver, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
                memory = _watch(process)
            if process.returncode:
                message = f"fleet.py {command} ended with {process.returncode}"
                raise RuntimeError(message)
            yield {operation: time.perf_counter() - began, f"{operation}, memory": memory}
        shutil.rmtree(folder)

    return lap


def _watch(process: subprocess.Popen[bytes]) -> float:
    """Return the most memory that a process and its descendants had together, looked at each half second."""
    peak = 0.0
    family = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            peak = max(peak, sum(map(_proportional, [family, *family.children(recursive=True)])))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
    return peak


def _proportional(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.Error:  # it has ended
        return 0.0
