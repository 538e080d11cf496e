"""The runner, once over every case with small sizes. No time is judged: the machine has other work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import CASES

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
    """What the quick run of all cases wrote."""
    folder = tmp_path_factory.mktemp("results")
    done = bench("--quick", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def test_every_peer_is_measured(results):
    """None drops out unnoticed, but for Terraform where it is not installed."""
    created = {
        figure["what"].removeprefix("create: ")
        for figure in results["figures"]
        if figure["what"].startswith("create: ") and figure["unit"] == "s"
    }

    terraform = {"terraform", "terraform, equal work"} if shutil.which("terraform") else set()
    assert created - {"ideal"} == {
        "floor",
        "floor, checkpoints off",
        "provider",
        "tutorial form",
        "script",
        "raw httpx loop",
        "floor with calls",
        *terraform,
    }


def test_every_target_is_measured(results):
    """Each bar has a figure; whether it is met only a full run tells."""
    assert len(results["targets"]) == 11


def test_what_the_provider_does_where_things_go_wrong(results):
    """The table's first column is what the documents promise."""
    assert [fact["seen"] for fact in results["facts"] if fact["peer"] == "provider"] == [
        "exit 1, says 45009; 0 of 10 domains live",
        "exit 0, the state shows the loss",
        "no token",
        "10 of 10 still in force",
        "0 calls; 10 of 10 still in force",
        "exit 1; the domain is kept",
        "exit 0",
    ]


def test_no_name_of_this_machine_is_in_the_results(results):
    """They are published."""
    text = json.dumps(results)

    assert os.uname().nodename not in text
    assert str(ROOT) not in text


def test_an_unknown_case_is_refused():
    """The error names those that there are."""
    done = bench("speed")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(f"error: no case speed; there are {', '.join(CASES)}")


def test_without_pulumi_the_runner_says_what_to_do(tmp_path):
    """`make bench` gets a CLI."""
    done = bench("start", PATH=str(tmp_path))

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(
        "error: no pulumi on PATH; run the benchmarks by `make bench`"
    )


def test_without_terraform_a_notice_stands_in_the_results(tmp_path):
    """Its rows are missing, and the reader is told why."""
    (tmp_path / "pulumi").symlink_to(str(shutil.which("pulumi")))

    done = bench("--quick", "--out", str(tmp_path), "start", PATH=str(tmp_path))

    assert done.returncode == 0, done.stderr
    notice = "- Terraform is not on PATH: its contestants were left out."
    assert notice in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
