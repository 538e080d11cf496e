"""Measure the published bars: both faces against floors that make the same calls.

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

from benchmarks.bars import BARS
from benchmarks.cases import CASES, FULL, QUICK, Bench
from benchmarks.contestants import HERE, Ground
from benchmarks.lean import make_lean_environment
from benchmarks.results import Results, machine_facts, to_markdown
from benchmarks.wechat import wechat_running


def main() -> None:
    """Run the cases and write what they measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"some of {', '.join(CASES)}")
    parser.add_argument("--quick", action="store_true", help="all cases, small sizes: no figure counts")
    parser.add_argument("--out", type=Path, help="folder for RESULTS.md and results.json")
    parser.add_argument("--other", type=Path, help="another checkout: `fleet` measures its provider too")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.cases if name not in CASES]:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    if not shutil.which("pulumi"):
        parser.error("the Pulumi CLI is not on PATH; run the benchmarks by `make bench`")
    # A shell lets its background jobs, and so what they start, ignore SIGINT, by which the engine ends its
    # plugins: it would wait five seconds for each before it kills it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the emulator ends as well
    whole = not arguments.quick and not arguments.cases
    out = arguments.out or (HERE if whole else HERE.parent / ".quickstart")
    out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def tell(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {line}\n")

    results = Results(machine_facts())
    with tempfile.TemporaryDirectory() as folder, wechat_running() as wechat:
        ground = Ground(Path(folder), wechat, make_lean_environment(Path(folder, "installed")))
        sizes = QUICK if arguments.quick else FULL
        other = arguments.other and arguments.other.resolve()
        bench = Bench(ground, sizes, results, tell, other)
        for name in arguments.cases or CASES:
            tell(name)
            CASES[name](bench)
            results.save(out / "results.json")
            (out / "RESULTS.md").write_text(to_markdown(results, BARS), encoding="utf-8")
    tell(f"done: {out / 'RESULTS.md'}")


if __name__ == "__main__":
    main()
