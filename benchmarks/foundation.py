"""What the package adds to a program's start, and what a large resource costs in check and diff.

Run: .venv/bin/python benchmarks/foundation.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from pulumi.dynamic import Config, ConfigureRequest

from pulumi_wechat_miniprogram.dynamic.provider import WebviewDomainsProvider

REPEATS = 9
APPID = "wx0123456789abcdef"


def import_seconds(statement: str) -> float:
    """Return how long a statement takes in a new interpreter, without the interpreter's own start."""
    timed = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    done = subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True)
    return float(done.stdout)


def check_and_diff_seconds(count: int, run: int) -> float:
    """Return how long one check and one diff take; each run has hosts of its own, so none is remembered."""
    provider = WebviewDomainsProvider()
    limit = getattr(sys, "tracebacklimit", None)
    provider.configure(ConfigureRequest(Config({"wechat-miniprogram:endpoint": "http://127.0.0.1:1"}, "p")))
    sys.tracebacklimit = 1000 if limit is None else limit
    news = {"appid": APPID, "domains": [f"https://Host{n}.run{run}.example.com" for n in range(count)]}
    inputs = provider.check({}, news).inputs
    began = time.perf_counter()
    inputs = provider.check(inputs, news).inputs
    provider.diff(APPID, inputs, inputs)
    return time.perf_counter() - began


def main() -> None:
    """Print medians and ratios; the two imports take turns."""
    alone, ours = [], []
    for _ in range(REPEATS):
        alone.append(import_seconds("import pulumi"))
        ours.append(
            import_seconds("import pulumi; from pulumi_wechat_miniprogram import MiniProgramWebviewDomains")
        )
    base, whole = statistics.median(alone), statistics.median(ours)
    print(f"import: pulumi {base * 1000:.0f} ms, with ours {whole * 1000:.0f} ms, ratio {whole / base:.3f}")
    few, many = (
        statistics.median(check_and_diff_seconds(count, run) for run in range(REPEATS)) for count in (30, 300)
    )
    print(f"check + diff: 30 domains {few * 1000:.2f} ms, 300 {many * 1000:.2f} ms, ratio {many / few:.1f}")


if __name__ == "__main__":
    main()
