"""The journal of a first run without checkpoints, and what a state gets from it."""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.fleet.journal import (
    drop_journals,
    journal_of,
    put_into,
    read_journal,
    read_journals,
)

APPIDS = [f"wx00000000000000a{number}" for number in range(1, 4)]
TYPE = TOKENS["dynamic"]["webview-domains"]
STACK = "urn:pulumi:fleet-00::p::pulumi:pulumi:Stack::p-fleet-00"
PROVIDER = "urn:pulumi:fleet-00::p::pulumi:providers:pulumi-python::default"
AT = 1795970415
LATER = "2026-11-29T16:40:17.5Z"
EARLIER = "2026-11-29T16:40:14.9Z"


def urn(appid):
    """The URN of an app."""
    return f"urn:pulumi:fleet-00::p::{TYPE}::{appid}"


def done(appid, op="create", type_=TYPE, **more):
    """The event after a provider has finished."""
    props = {"appid": appid, "__provider": PROVIDERS["webview-domains"]}
    new = {
        "type": type_,
        "urn": urn(appid),
        "custom": True,
        "id": appid,
        "parent": STACK,
        "inputs": props,
        "outputs": {**props, "added_domains": ["https://a.example.com"]},
        "provider": f"{PROVIDER}::the-id",
        "protect": False,
        **more,
    }
    step = {"op": op, "urn": urn(appid), "type": type_, "new": None if op == "delete" else new}
    return {"sequence": 1, "timestamp": AT, "resOutputsEvent": {"metadata": step}}


EVENTS = [
    {"timestamp": AT, "preludeEvent": {"config": {}}},
    *map(done, APPIDS),
    done("stack", type_="pulumi:pulumi:Stack"),
    done(APPIDS[1], id=""),
    {"timestamp": AT, "summaryEvent": {}},
]


def written(*events):
    """The lines that the CLI writes, after one that is no event."""
    return "Updating\n" + "".join(json.dumps(event) + "\n" for event in events)


def export(*resources, time=EARLIER):
    """A stack export."""
    manifest = {"time": time}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": list(resources) or None}}


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """The journal of a stack on this machine."""
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///state")
    path = journal_of("p", "fleet-00")
    path.parent.mkdir(parents=True)
    return path


def test_a_run_may_be_killed_at_every_byte(journal):
    """Each line that is whole counts, in order; a resource that failed after all does not."""
    text = written(*EVENTS[:5])
    found = []
    for end in range(len(text) + 1):
        journal.write_text(text[:end], encoding="utf-8")
        entries = [each["id"] for each in read_journal(journal)]
        if entries not in found:
            found.append(entries)
    assert found == [[], APPIDS[:1], APPIDS[:2], APPIDS]

    journal.write_text(written(*EVENTS, done(APPIDS[2], "delete")), encoding="utf-8")
    assert [each["id"] for each in read_journal(journal)] == APPIDS[:1]


def test_journals_are_found_by_backend_and_project(journal, monkeypatch):
    """An empty one says nothing; what is in the state is dropped."""
    journal.write_text(written(*EVENTS), encoding="utf-8")
    journal.with_name("fleet-01.jsonl").write_text("", encoding="utf-8")

    assert [*read_journals("p")] == ["fleet-00"]
    assert read_journals("q") == {}
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///other")
    assert read_journals("p") == {}
    drop_journals("p", ["fleet-00"])
    assert journal.exists()
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///state")
    drop_journals("p", ["fleet-00", "fleet-02"])
    assert not journal.exists()
    assert read_journal(journal) == ()


def test_an_empty_state_gets_the_stack_and_the_provider_too(journal):
    """In the order of a state, once each."""
    journal.write_text(written(*EVENTS[:4]), encoding="utf-8")

    restored = put_into(export(), read_journal(journal))

    assert restored
    resources = restored["deployment"]["resources"]
    assert [each["urn"] for each in resources] == [STACK, PROVIDER, *map(urn, APPIDS)]
    assert resources[1] == {
        "urn": PROVIDER,
        "custom": True,
        "id": "the-id",
        "type": "pulumi:providers:pulumi-python",
    }
    assert resources[2]["outputs"]["added_domains"] == ["https://a.example.com"]
    assert {"at", "protect"}.isdisjoint(resources[2])
    assert put_into(restored, read_journal(journal)) is None


def test_a_state_that_has_some_of_it_keeps_its_own(journal):
    """Also the provider that it knows by another id."""
    journal.write_text(written(*EVENTS[:4]), encoding="utf-8")
    own = {"urn": urn(APPIDS[0]), "id": "kept"}
    stack, provider = {"urn": STACK}, {"urn": PROVIDER, "id": "own-id"}

    restored = put_into(export(stack, provider, own), read_journal(journal))

    assert restored
    resources = restored["deployment"]["resources"]
    assert resources[:3] == [stack, provider, own]
    assert [each["provider"] for each in resources[3:]] == [f"{PROVIDER}::own-id"] * 2


def test_a_state_that_was_written_later_is_right(journal):
    """The run came to its end, or somebody else has removed the app since."""
    journal.write_text(written(*EVENTS[:4]), encoding="utf-8")

    assert put_into(export(time=LATER), read_journal(journal)) is None
