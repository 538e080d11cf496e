"""Measure the provider against the engine's floor and against what users would pick instead.

Run it by `make bench`, or by `make bench-quick` to see that it works. What it measures: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.cases import CASES, FULL, QUICK, Bench
from benchmarks.contestants import Ground
from benchmarks.figures import Findings
from benchmarks.lean import make_lean_environment
from benchmarks.machine import machine_facts
from benchmarks.rendering import to_json, to_markdown
from benchmarks.wechat import wechat_running

HERE = Path(__file__).parent


def main() -> None:
    """Run the cases and write what they found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"some of {', '.join(CASES)}; all of them")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: no figure counts")
    parser.add_argument("--out", type=Path, help="folder for RESULTS.md and results.json (benchmarks)")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.cases if name not in CASES]:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    if not shutil.which("pulumi"):
        parser.error("no pulumi on PATH; run the benchmarks by `make bench`")
    # A shell lets its background jobs, and so what they start, ignore SIGINT, by which the engine ends its
    # plugins: it would wait five seconds for each before it kills it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the emulator ends as well
    out = arguments.out or HERE
    out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def tell(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {line}\n")

    findings = Findings(machine_facts())
    if not shutil.which("terraform"):
        findings.notices.append("Terraform is not on PATH: its contestants were left out.")
    with tempfile.TemporaryDirectory() as folder, wechat_running() as wechat:
        ground = Ground(Path(folder), wechat, make_lean_environment(Path(folder, "installed")))
        bench = Bench(ground, QUICK if arguments.quick else FULL, findings, tell)
        for name in arguments.cases or CASES:
            tell(name)
            CASES[name](bench)
            (out / "results.json").write_text(to_json(findings), encoding="utf-8")
            (out / "RESULTS.md").write_text(to_markdown(findings), encoding="utf-8")
    tell(f"done: {out / 'RESULTS.md'}")


if __name__ == "__main__":
    main()
