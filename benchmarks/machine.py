"""What ran the benchmarks: facts that a ratio needs beside it, and no name of a host or a folder."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

__all__ = ["machine_facts", "memory_mib", "peak_memory_mib"]


def machine_facts() -> dict[str, str]:
    """Return processor, memory and versions; what is not installed is left out."""
    facts = {
        "CPUs": f"{os.cpu_count()} × {_cpu_model()}",
        "memory": f"{_total_memory_gib():.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Pulumi CLI": _version_of("pulumi", "version"),
        "Pulumi SDK": importlib.metadata.version("pulumi"),
        "httpx": importlib.metadata.version("httpx"),
        "pydantic": importlib.metadata.version("pydantic"),
        "Terraform": _version_of("terraform", "version"),
        "load average at the start": f"{os.getloadavg()[0]:.1f}",
    }
    return {name: fact for name, fact in facts.items() if fact}


def memory_mib(pid: int) -> float:
    """Return the memory of a process that is in RAM."""
    return _status(pid, "VmRSS")


def peak_memory_mib(pid: int) -> float:
    """Return the most memory of a process that ever was in RAM."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


def _cpu_model() -> str:
    listed = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"model name\s*: (.+)", listed)
    return found[1] if found else platform.machine()


def _total_memory_gib() -> float:
    listed = Path("/proc/meminfo").read_text(encoding="ascii")
    return int(listed.partition("MemTotal:")[2].split()[0]) / 2**20


def _version_of(program: str, *arguments: str) -> str:
    if not shutil.which(program):
        return ""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0].removeprefix("Terraform ").removeprefix("v")
