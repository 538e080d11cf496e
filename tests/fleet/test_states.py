"""What the states of a fleet hold, and which stacks an update may change."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.fleet.machine import look
from pulumi_wechat_miniprogram.fleet.manifest import App
from pulumi_wechat_miniprogram.fleet.states import (
    BackendUnreadable,
    Place,
    Stored,
    StoredApp,
    differences,
    find_change,
    list_stacks,
    read_stack,
)

APPID = "wx00000000000000a1"
URN = f"urn:pulumi:fleet-00::p::{TOKENS['dynamic']['webview-domains']}::"
APP = App(appid=APPID, domains=["https://a.example.com", "https://b.example.com"])
STORED = Stored(
    "fleet-00", apps=(StoredApp(APPID, f"{URN}{APPID}", tuple(APP.domains), "authoritative", "0123"),)
)


def entry(name=APPID, kind="webview-domains", face="dynamic", **more):
    """A resource of a state."""
    type_ = TOKENS[face][kind]
    props = {"appid": APPID, "domains": APP.domains, "mode": "authoritative", "__provider": PROVIDERS[kind]}
    return {
        "urn": f"urn:pulumi:fleet-00::p::{type_}::{name}",
        "type": type_,
        "id": APPID,
        "inputs": props,
        "outputs": props,
        **more,
    }


def silent(_message):
    """Nobody listens."""


@pytest.fixture
def state(pulumi):
    """Let the CLI export a state with some resources."""

    def state(*resources, **more):
        export = {"version": 3, "deployment": {"resources": list(resources), **more}}
        pulumi(f"print({json.dumps(export)!r})")

    return state


def test_a_state_is_read(state):
    """Its apps, and nothing else that an update would delete."""
    stack = {"urn": "urn:pulumi:fleet-00::p::pulumi:pulumi:Stack::p-fleet-00", "type": "pulumi:pulumi:Stack"}
    provider = {
        "urn": "urn:pulumi:fleet-00::p::pulumi:providers:pulumi-python::default",
        "type": "pulumi:providers:pulumi-python",
    }
    state(stack, provider, entry())

    stored = read_stack(Place("p", "fleet-00"), silent)

    assert replace(stored, apps=(replace(stored.apps[0], digest="0123"),)) == STORED


@pytest.mark.parametrize(
    "foreign",
    [
        entry(name="shop"),
        entry(kind="confirm-file"),
        entry(face="native"),
        {"urn": "urn:pulumi:fleet-00::p::aws:s3/bucket:Bucket::b", "type": "aws:s3/bucket:Bucket"},
    ],
    ids=["another name", "another kind", "another face", "another provider"],
)
def test_what_the_program_of_the_fleet_does_not_declare(state, foreign):
    """An update would delete it."""
    state(foreign)

    assert read_stack(Place("p", "fleet-00"), silent).foreign == (foreign["urn"],)


def test_a_copy_that_is_marked_for_deletion_is_an_unfinished_operation(state):
    """The next update deletes the live domains of its app, whatever the program declares."""
    state(entry(delete=True))

    stored = read_stack(Place("p", "fleet-00"), silent)

    assert stored.apps == ()
    assert stored.interrupted == {f"{URN}{APPID}": APPID}


def test_a_stack_that_does_not_exist(pulumi):
    """The CLI's exit status tells."""
    pulumi("sys.exit(6)")

    assert not read_stack(Place("p", "fleet-00"), silent).exists


def test_a_stack_that_cannot_be_read(pulumi):
    """What the CLI says is the problem, without credentials."""
    pulumi("sys.exit('error: open postgres://me:Sw0rdf1sh9@db/states: no route')")

    problem = read_stack(Place("p", "fleet-00"), silent).problem
    assert "no route" in problem
    assert "Sw0rdf1sh9" not in problem


def test_the_stacks_of_a_project(pulumi):
    """Their names, without organization and project."""
    pulumi("""print('[{"name": "fleet-00"}, {"name": "organization/p/fleet-01"}]')""")

    assert list_stacks(Place("p"), silent) == ("fleet-00", "fleet-01")


def test_a_backend_that_refuses(pulumi):
    """What the CLI says is raised."""
    pulumi("sys.exit('error: PULUMI_ACCESS_TOKEN must be set')")

    with pytest.raises(BackendUnreadable, match="^PULUMI_ACCESS_TOKEN must be set$"):
        list_stacks(Place("p"), silent)


def test_another_backend(pulumi, monkeypatch):
    """A worker that joins late was not checked: it neither lists nor exports."""
    pulumi("print('v3.259.0' if args == ['version'] else '[]')")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///checked")
    place = Place("p", "fleet-00", look())
    assert list_stacks(place, silent) == ()

    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///other")

    with pytest.raises(BackendUnreadable, match="is not the one that was checked"):
        list_stacks(place, silent)
    assert "is not the one that was checked" in read_stack(place, silent).problem


def test_no_cli(monkeypatch):
    """The text says what to install."""
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(BackendUnreadable, match="the Pulumi CLI is not on PATH"):
        list_stacks(Place("p"), silent)


@pytest.mark.parametrize(
    ("apps", "stored", "found"),
    [
        ([APP], STORED, set()),
        ([App(appid=APPID, domains=["B.example.com", "a.example.com."])], STORED, set()),
        ([App(appid=APPID, domains=["https://a.example.com"])], STORED, {f"{URN}{APPID} 0123"}),
        ([App(appid=APPID, domains=APP.domains, mode="additive")], STORED, {f"{URN}{APPID} 0123"}),
        ([], STORED, {f"{URN}{APPID} 0123"}),
        ([APP], Stored("fleet-00"), {f"{APPID} is absent"}),
        ([APP], replace(STORED, interrupted={"urn": APPID}), {"urn is unfinished"}),
        ([APP], Stored("fleet-00", interrupted={"urn": APPID}), {f"{APPID} is absent"}),
        ([APP], replace(STORED, foreign=("another",)), {"another"}),
        ([], Stored("fleet-00"), set()),
    ],
    ids=[
        "same",
        "same in other words",
        "domains",
        "mode",
        "removed",
        "new",
        "interrupted",
        "created by a killed run",
        "foreign",
        "empty",
    ],
)
def test_what_an_update_may_find_to_do(apps, stored, found):
    """Domains are compared as the provider compares them."""
    assert differences(apps, stored) == found


PLACE = Place("p", "fleet-00")
SAME = {"appid": APPID, "domains": ["https://a.example.com"], "mode": "authoritative"}
CHANGED = "the state of fleet-00 has changed since it was previewed: run the command again"


@pytest.fixture
def checked(state):
    """What a check found where an app had other domains than `APP` declares."""
    state(entry(inputs=SAME, outputs=SAME))
    return differences([APP], read_stack(PLACE, silent))


@pytest.mark.parametrize(
    "held",
    [
        [entry(inputs=SAME, outputs=SAME, modified="2026-01-01T00:00:00Z")],
        [entry()],
    ],
    ids=["as it was", "as declared"],
)
def test_a_state_in_which_an_update_does_nothing_that_was_not_previewed(state, checked, held):
    """The first attempt of a stack whose machine was lost may have done some of it."""
    state(*held)

    assert find_change(PLACE, [APP], checked) == ""


@pytest.mark.parametrize(
    ("held", "more"),
    [
        ([entry(inputs=SAME, outputs={**SAME, "added_domains": ["https://a.example.com"]})], {}),
        ([], {}),
        ([entry(), entry(delete=True)], {}),
        ([entry(), entry(name="shop")], {}),
        ([entry()], {"pending_operations": [{"resource": entry(), "type": "updating"}]}),
    ],
    ids=["another output", "removed", "a copy to delete", "foreign", "unfinished"],
)
def test_a_state_that_has_changed_since_it_was_checked(state, checked, held, more):
    """Another run had the lock in between: the update would undo what it did."""
    state(*held, **more)

    assert find_change(PLACE, [APP], checked) == CHANGED


def test_an_app_that_came_since_the_check(state):
    """A run with a newer manifest has added it; the update would delete its domains."""
    state(entry())

    assert find_change(PLACE, [], []) == CHANGED


def test_a_state_that_cannot_be_compared(pulumi):
    """Nothing is known of it, so nothing is done."""
    pulumi("sys.exit('error: no route')")

    assert find_change(PLACE, [APP], []) == (
        "the state of fleet-00 could not be compared with its preview: no route"
    )
