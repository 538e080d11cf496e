"""The command line on stacks of the real engine."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.engine.conftest import APPID

A, B, C = (f"https://{name}.example.com" for name in "abc")


def command(project, *arguments, given=None):
    """Run the command in the project's folder and environment; exit code, output, errors."""
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_wechat_miniprogram.cli", *arguments],
        cwd=project.folder,
        env=project.environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("how", [["--stack", "test"], ["state"], ["-"]], ids=["cli", "backend", "pipe"])
def test_an_inventory_of_a_stack(project, how):
    """By the CLI, from the backend's folder, and through a pipe; no call to WeChat."""
    project.domains(A, B)
    project.up()
    project.control.clear_calls()

    code, output, errors = command(project, "inventory", "--json", *how, given=project.run("stack", "export"))

    (row,) = json.loads(output)["rows"]
    assert (code, errors) == (0, "")
    assert (row["appid"], row["stacks"], row["pending"]) == (APPID, ["engine-test/test"], [A, B])
    assert project.control.calls() == []


def test_drift_comes_and_goes_with_the_live_list(project):
    """None after an up; found after somebody's change; none after refresh and up."""
    project.domains(A, B)
    project.up()
    assert command(project, "drift", "--stack", "test")[0] == 0

    project.control.seed(APPID, live=[A, C])
    code, output, _ = command(project, "drift", "--stack", "test")
    assert code == 2
    assert f"  missing      {B}\n  extra        {C}\n" in output

    project.run("refresh", "--yes", "--skip-preview", "--suppress-progress")
    project.up()
    assert command(project, "drift", "--stack", "test")[0] == 0


def test_a_stack_that_is_not_there_is_one_error(project):
    """In the CLI's own words."""
    code, output, errors = command(project, "drift", "--stack", "prod")

    assert (code, output) == (1, "")
    assert errors.startswith(
        "error: stack prod cannot be read: `pulumi stack export` ended with exit status "
    )
    assert errors.endswith("no stack named 'prod' found\n")
