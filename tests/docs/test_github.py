"""What GitHub reads, of this repository and in what users copy, is what its schemas accept."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = [
    *sorted((ROOT / ".github/workflows").iterdir()),
    *sorted((ROOT / "examples").glob("*/.github/workflows/*")),
]
FORMS = ROOT / ".github/ISSUE_TEMPLATE"


def judged(schema: str, *files: Path) -> str:
    """Return what the checker says of some files, by the copy of a schema that it brings along."""
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*checker, *map(str, files)], capture_output=True, text=True, check=False)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-issue-forms", [FORMS / "bug.yml", FORMS / "feature.yml"]),
        ("github-issue-config", [FORMS / "config.yml"]),
    ],
    ids=["workflows", "issue forms", "issue chooser"],
)
def test_githubs_schema_accepts_every_file(schema, files):
    """A misspelled key is found here, not by a workflow that never starts."""
    assert judged(schema, *files) == "ok -- validation done"


def test_the_schema_of_compose_accepts_the_sample():
    """Scheduler and workers, which readers copy."""
    assert judged("compose-spec", ROOT / "examples/fleet/cluster/compose.yaml") == "ok -- validation done"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="this machine has no systemd-analyze")
def test_systemd_accepts_the_units_of_an_example(tmp_path):
    """A misspelled key is ignored there, and nobody notices."""
    units = sorted((ROOT / "examples/operations/systemd").iterdir())
    for unit in units:
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/wechat/bin/wechat-miniprogram", sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")

    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in units)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_no_issue_form_is_left_out():
    """Each file of the folder is checked by one of the schemas above."""
    assert sorted(path.name for path in FORMS.iterdir()) == ["bug.yml", "config.yml", "feature.yml"]


def steps(workflow: str) -> Iterator[dict[str, str]]:
    """Every step of a workflow of this repository."""
    text = (ROOT / ".github/workflows" / workflow).read_text(encoding="utf-8")
    for job in yaml.safe_load(text)["jobs"].values():
        yield from job["steps"]


def test_ci_only_calls_targets_of_the_makefile():
    """What CI does can be done on any machine, by the same word."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    runs = [step["run"] for step in steps("ci.yml") if "run" in step]

    assert {*runs} == {"make lint", "make test-fast", "make test"}
    assert {run.removeprefix("make ") for run in runs} <= {*targets}


def test_ci_covers_every_python_that_the_package_names():
    """The classifiers promise what is tested."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    named = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert workflow["jobs"]["fast"]["strategy"]["matrix"]["python"] == named


@pytest.mark.parametrize("workflow", [path for path in WORKFLOWS if path.is_relative_to(ROOT / ".github")])
def test_actions_are_pinned_to_a_major_version(workflow):
    """`v4` gets fixes and no breaking change; a branch such as `main` gets both."""
    used = [step["uses"] for step in steps(workflow.name) if "uses" in step]

    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@(release/)?v\d+", action)] == []
