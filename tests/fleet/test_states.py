"""What the states of a fleet hold, and which stacks an update may change."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.fleet.machine import backend_digest
from pulumi_wechat_miniprogram.fleet.manifest import App
from pulumi_wechat_miniprogram.fleet.states import (
    BackendUnreadable,
    Place,
    Stored,
    StoredApp,
    can_change,
    list_stacks,
    read_stack,
)

APPID = "wx00000000000000a1"
URN = f"urn:pulumi:fleet-00::p::{TOKENS['dynamic']['webview-domains']}::"
APP = App(appid=APPID, domains=["https://a.example.com", "https://b.example.com"])
STORED = Stored("fleet-00", apps=(StoredApp(APPID, f"{URN}{APPID}", tuple(APP.domains), "authoritative"),))


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

    assert read_stack(Place("p", "fleet-00"), silent) == replace(
        STORED, apps=(replace(STORED.apps[0], urn=f"{URN}{APPID}"),)
    )


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
    pulumi("print('[]')")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///checked")
    place = Place("p", "fleet-00", backend_digest())
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
    ("apps", "stored", "changes"),
    [
        ([APP], STORED, False),
        ([App(appid=APPID, domains=["B.example.com", "a.example.com."])], STORED, False),
        ([App(appid=APPID, domains=["https://a.example.com"])], STORED, True),
        ([App(appid=APPID, domains=APP.domains, mode="additive")], STORED, True),
        ([], STORED, True),
        ([APP], Stored("fleet-00"), True),
        ([APP], replace(STORED, interrupted={"urn": APPID}), True),
        ([], Stored("fleet-00"), False),
    ],
    ids=["same", "same in other words", "domains", "mode", "removed", "new", "interrupted", "empty"],
)
def test_what_may_change(apps, stored, changes):
    """Domains are compared as the provider compares them."""
    assert can_change(apps, stored) is changes
