"""The benchmark under load runs, and finds nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "emulator_load.py"


def test_half_a_second_of_load_loses_nothing():
    """64 connections, a file database, and the final lists as they were acknowledged."""
    done = subprocess.run(
        [sys.executable, BENCHMARK, "0.5"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "over 64 connections" in done.stdout
    assert "errors 0, lists with lost updates 0\n" in done.stdout
