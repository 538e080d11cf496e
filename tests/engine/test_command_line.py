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


def _others(inputs):
    """The inputs without the domains."""
    return {name: value for name, value in inputs.items() if name != "domains"}


MANY = [f"https://h{number}.example.com" for number in range(10)]


@pytest.mark.parametrize(
    ("before", "after", "options"),
    [
        ({"domains": [A, B]}, {"domains": [B, C]}, []),
        ({"domains": [A, B]}, {"domains": [B, A]}, []),
        ({"domains": MANY}, {"domains": MANY[:5]}, []),
        (
            {"domains": MANY},
            {"domains": MANY[:5], "allow_mass_removal": True},
            ["--allow-mass-removal"],
        ),
        ({"domains": [A, B]}, {"domains": [B, C], "mode": "additive"}, ["--mode", "additive"]),
        (
            {"domains": [A, B], "mode": "additive"},
            {"domains": [B, C], "mode": "authoritative"},
            ["--mode", "authoritative"],
        ),
        ({"domains": [A, B], "mode": "additive"}, {"domains": [B, C], "mode": "additive"}, []),
    ],
    ids=["change", "order", "many", "many-allowed", "to-additive", "to-authoritative", "additive"],
)
def test_a_plan_names_the_writes_of_the_up(project, before, after, options):
    """Each call with its domains; or none, and both fail."""
    project.domains(*before["domains"], **_others(before))
    project.up()
    (project.folder / "list.json").write_text(json.dumps(after["domains"]), encoding="utf-8")
    project.control.clear_calls()

    arguments = ["--appid", APPID, "--domains", "list.json", "--format", "json", *options]
    code, output, _ = command(project, "plan", "--stack", "test", *arguments)

    project.domains(*after["domains"], **_others(after))
    project.up(fails=code != 0)
    planned = [(step["action"], tuple(step["values"])) for step in json.loads(output)["steps"]]
    assert planned == [(call.action, call.domains) for call in project.control.writes()]


def test_a_stack_that_is_not_there_is_one_error(project):
    """In the CLI's own words."""
    code, output, errors = command(project, "drift", "--stack", "prod")

    assert (code, output) == (1, "")
    assert errors.startswith(
        "error: stack prod cannot be read: `pulumi stack export` ended with exit status "
    )
    assert errors.endswith("no stack named 'prod' found\n")


@pytest.fixture
def by_hand(project):
    """An app that was configured by hand: a domain waits, the console has one, and one cannot be declared."""
    project.control.seed(
        APPID, live=["https://B.example.com/", A, C], effective=[A, B], mp=["https://d.example.com"]
    )
    project.control.clear_calls()
    return project


def ours(project):
    """The stored inputs and outputs of the app."""
    (entry,) = (each for each in project.export()["deployment"]["resources"] if each.get("id") == APPID)
    return entry["inputs"], entry["outputs"]


def adopted(project):
    """Write program and import file, and return the calls that it took."""
    code, output, errors = command(project, "adopt", f"shop={APPID}")
    assert (code, errors) == (0, "")
    assert output.startswith("__main__.py, import.json: 1 Mini Program, 3 domains, 1 of them pending\n")
    names = [call.name for call in project.control.calls()]
    project.control.clear_calls()
    return names


def test_an_adopted_program_comes_up_without_a_write(by_hand):
    """The first way: create finds everything live; afterwards nothing has drifted and nothing is to do."""
    channels = [["get", "effective"], ["setwebviewdomain", "effective"]]
    assert adopted(by_hand) == [*channels[0], *channels[1], "get_effective_domain"]

    by_hand.up()

    assert by_hand.control.writes() == []
    assert command(by_hand, "drift", "--stack", "test")[0] == 0
    assert "2 unchanged" in by_hand.up()
    assert by_hand.control.writes() == []


def test_an_import_file_comes_up_without_a_call(by_hand):
    """The second way: the import and the up ask WeChat nothing, and refresh finds nothing to change."""
    adopted(by_hand)

    by_hand.run("import", "--file", "import.json", "--generate-code=false", "--yes", "--skip-preview")
    assert "2 unchanged" in by_hand.up()
    assert by_hand.control.calls() == []

    by_hand.run("refresh", "--yes", "--skip-preview", "--suppress-progress")
    assert "2 unchanged" in by_hand.up()
    assert by_hand.control.writes() == []
    assert command(by_hand, "drift", "--stack", "test")[0] == 0


def test_both_ways_lead_to_the_same_state(by_hand):
    """What the import puts in place is what a create records."""
    adopted(by_hand)
    by_hand.run("import", "--file", "import.json", "--generate-code=false", "--yes", "--skip-preview")
    by_hand.up()
    from_import = ours(by_hand)
    by_hand.run("state", "unprotect", "--all", "--yes")
    urn = next(e["urn"] for e in by_hand.export()["deployment"]["resources"] if e.get("id") == APPID)
    by_hand.run("state", "delete", urn, "--yes")

    by_hand.up()

    assert ours(by_hand) == from_import


def test_a_domain_that_cannot_be_declared_survives_both_ways(project):
    """The app is additive: nothing is removed by the up, by a refresh and an up, or by a destroy."""
    port = "https://a.example.com:8443"
    project.control.seed(APPID, live=[A, port])
    assert command(project, "adopt", APPID)[0] == 0
    project.up()
    project.run("refresh", "--yes", "--skip-preview", "--suppress-progress")
    project.up()
    project.run("state", "unprotect", "--all", "--yes")
    project.run("destroy", "--yes", "--skip-preview", "--suppress-progress")

    assert project.control.writes() == []
    assert project.control.live(APPID) == [A, port]
