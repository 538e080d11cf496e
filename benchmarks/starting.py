"""What the package adds to a program's start, and what its provider adds to the plugin's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.races import Lap

__all__ = ["STARTS", "import_lap"]

STARTS: Mapping[str, str] = {
    "import pulumi": "import pulumi",
    "and what a program imports of ours": "import pulumi; "
    "from pulumi_wechat_miniprogram import MiniProgramWebviewDomains",
    "and what the plugin imports of ours": "import pulumi; "
    "from pulumi_wechat_miniprogram.dynamic.provider import WebviewDomainsProvider",
    "and what its first call loads": "import pulumi; "
    "from pulumi_wechat_miniprogram.dynamic.provider import WebviewDomainsProvider; "
    "from pulumi_wechat_miniprogram.dynamic.session import open_session; open_session(()).reconciler",
}


def import_lap(python: Path, statement: str) -> Lap:
    """Return a lap: a statement in a new interpreter, without the interpreter's own start."""
    timed = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"

    def lap() -> Iterator[Mapping[str, float]]:
        done = subprocess.run([str(python), "-c", timed], check=True, capture_output=True, text=True)
        yield {"import": float(done.stdout) * 1000}

    return lap
