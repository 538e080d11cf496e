"""The runner, once over every case with small sizes. No time is judged: the machine has other work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyperf
import pytest

from benchmarks.bars import BARS
from benchmarks.cases import CASES
from benchmarks.report import chromium

ROOT = Path(__file__).resolve().parents[2]


def bench(*arguments, **environment):
    """Run it as `make bench` does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env={**kept, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder into which the quick run of all cases wrote."""
    folder = tmp_path_factory.mktemp("results")
    done = bench("--quick", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def names(results):
    """What was measured."""
    return pyperf.BenchmarkSuite.load(str(results / "results.json")).get_benchmark_names()


def test_every_case_is_measured(names):
    """None drops out unnoticed."""
    assert {name.partition(" ")[0] for name in names} == set(CASES)


def test_every_contestant_is_measured(names):
    """The floor comes first: the others are divided by it."""
    created = [name for name in names if name.startswith("fleet / create / ")]

    assert [name.rpartition(" / ")[2] for name in created] == [
        "native floor",
        "native",
        "dynamic floor",
        "dynamic",
    ]


def test_every_bar_is_measured(results):
    """Whether it is met only a full run tells."""
    text = (results / "RESULTS.md").read_text(encoding="utf-8")
    missing = [bar.text for bar in BARS if f"| {bar.text} | ≤ {bar.limit:.2f} | " not in text]

    has_terraform = shutil.which("terraform") and shutil.which("go")
    lacking = {
        "latency: create: native / terraform": not has_terraform,
        "report: opening 1,000 apps in Chromium, seconds": not chromium(),
    }
    assert missing == [bar for bar, left_out in lacking.items() if left_out]


def test_no_name_of_this_machine_is_in_the_results(results):
    """They are published."""
    text = "".join(path.read_text(encoding="utf-8") for path in results.iterdir())

    assert os.uname().nodename not in text
    assert str(ROOT) not in text


def test_an_unknown_case_is_refused():
    """The error names those that there are."""
    done = bench("speed")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(f"error: no case speed; there are {', '.join(CASES)}")


def test_without_pulumi_the_runner_says_what_to_do(tmp_path):
    """`make bench` gets a CLI."""
    done = bench("import", PATH=str(tmp_path))

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(
        "error: the Pulumi CLI is not on PATH; run the benchmarks by `make bench`"
    )
