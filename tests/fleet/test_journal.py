"""The journal of a first run without checkpoints, and what a state gets from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psutil
import pytest

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.fleet import journal as journal_module
from pulumi_wechat_miniprogram.fleet.journal import (
    Journal,
    JournalUnreadable,
    agreed,
    begin_journal,
    drop_journals,
    lacking,
    note_writer,
    put_into,
    read_journal,
    read_journals,
)

APPIDS = [f"wx00000000000000a{number}" for number in range(1, 4)]
TYPE = TOKENS["dynamic"]["webview-domains"]
STACK = "urn:pulumi:fleet-00::p::pulumi:pulumi:Stack::p-fleet-00"
PROVIDER = "urn:pulumi:fleet-00::p::pulumi:providers:pulumi-python::default"
AT = 1795970415
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
    """The lines that the CLI writes, after one that is not an event."""
    return "Updating\n" + "".join(json.dumps(event) + "\n" for event in events)


def export(*resources, time=EARLIER):
    """A stack export."""
    manifest = {"time": time}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": list(resources) or None}}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The folder of the CLI and a backend."""
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://ci:old@host/state")
    return tmp_path / "home"


@pytest.fixture
def journal(home):
    """The journal of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as writer:
        path = begin_journal("p", "fleet-00")
        writer.wait()
    began_by(path, pid=writer.pid, began=1.0)
    return path


def began_by(path, **other):
    """Let another process have begun a journal: what the line of its writer has instead."""
    first, mark, rest = path.read_text(encoding="utf-8").partition("\n")
    line = json.dumps({"writer": {**json.loads(first)["writer"], **other}})
    path.write_text(line + mark + rest, encoding="utf-8")


def write(journal, *events):
    """Let the CLI have written events."""
    with journal.open("a", encoding="utf-8") as file:
        file.write(written(*events))


def ids(journals):
    """The resources of the journals, by stack."""
    return {each.stack: [entry["id"] for entry in each.entries] for each in journals}


def verdicts():
    """Whether the writers of each journal are gone."""
    return [each.verdict for each in read_journals("p")]


def test_a_run_may_be_killed_at_every_byte(journal):
    """Each line that is whole counts, in order; a resource that failed after all does not."""
    text = written(*EVENTS[:5])
    found = []
    for end in range(len(text) + 1):
        journal.write_text(text[:end], encoding="utf-8")
        entries = [each["id"] for each in read_journal(journal).entries]
        if entries not in found:
            found.append(entries)
    assert found == [[], APPIDS[:1], APPIDS[:2], APPIDS]

    journal.write_text(written(*EVENTS, done(APPIDS[2], "delete")), encoding="utf-8")
    assert [each["id"] for each in read_journal(journal).entries] == APPIDS[:1]


def begun(appid, type_=TYPE):
    """The event before a provider is asked."""
    return {"timestamp": AT, "resourcePreEvent": {"metadata": {"urn": urn(appid), "type": type_}}}


def failed(appid):
    """The event after a provider has refused."""
    return {"timestamp": AT, "resOpFailedEvent": {"metadata": {"urn": urn(appid), "type": TYPE}}}


def test_what_was_begun_and_not_finished_may_be_live(journal):
    """A provider was at it when the run was killed; what failed was not done."""
    write(journal, begun("stack", "pulumi:pulumi:Stack"), *map(begun, APPIDS), done(APPIDS[0]))
    assert read_journal(journal).begun == {*map(urn, APPIDS[1:])}

    write(journal, failed(APPIDS[1]))
    assert read_journal(journal).begun == {urn(APPIDS[2])}


def test_journals_are_found_by_backend_and_project(journal, monkeypatch):
    """Another password is the same backend. What is in the state is dropped."""
    write(journal, *EVENTS[:3])

    assert ids(read_journals("p")) == {"fleet-00": APPIDS[:2]}
    assert read_journals("q") == ()
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://ci:new@host/state")
    assert ids(read_journals("p")) == {"fleet-00": APPIDS[:2]}
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://ci:new@other/state")
    assert read_journals("p") == ()
    drop_journals("p", [journal.name])
    assert journal.exists()
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://host/state")
    drop_journals("p", [journal.name, "fleet-02.0.jsonl"])
    assert not journal.exists()
    assert read_journal(journal).entries == ()


def test_the_journal_of_a_living_process_is_left_alone(home):
    """Its unit or its CLI will still write the state."""
    path = begin_journal("p", "fleet-00")
    write(path, *EVENTS)
    assert verdicts() == ["running"]

    text = path.read_text(encoding="utf-8").partition("\n")[2]
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as cli:
        path.write_text(text, encoding="utf-8")
        with path.open("ab") as file:
            note_writer(file, cli.pid)
        assert verdicts() == ["running"]
        cli.kill()
        while psutil.Process(cli.pid).status() != psutil.STATUS_ZOMBIE:
            cli.poll()
            if cli.returncode is not None:
                break
        assert ids(read_journals("p")) == {"fleet-00": APPIDS[:1] + APPIDS[2:]}
        assert verdicts() == ["gone"]
    with path.open("ab") as file:
        note_writer(file, cli.pid)  # it ended before it could be noted
    assert verdicts() == ["gone"]


def test_a_clock_that_is_set_does_not_end_a_process(home, tmp_path, monkeypatch):
    """Linux reckons the start of a process from the clock."""
    begin_journal("p", "fleet-00")
    started = psutil.Process(os.getpid()).create_time()
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
    boot = int(psutil.boot_time())
    (proc / "stat").write_text(f"btime {boot + 3600}\n", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(psutil, "PROCFS_PATH", str(proc))

        found = verdicts()
        assert psutil.Process(os.getpid()).create_time() - started > 3000

    psutil.boot_time()  # psutil remembers it
    assert found == ["running"]


@pytest.mark.parametrize(
    ("other", "verdict"),
    [({"host": "elsewhere"}, "unknown"), ({"boot": "earlier"}, "gone"), ({"began": 1.0}, "gone")],
    ids=["another host", "the machine was started again", "a younger process"],
)
def test_only_its_host_knows_whether_a_writer_is_gone(home, other, verdict):
    """Several machines may share a folder, and processes of both may have one id."""
    path = begin_journal("p", "fleet-00")
    began_by(path, **other)

    (journal,) = read_journals("p")

    assert journal.verdict == verdict
    assert (journal.path, journal.host) == (str(path), "elsewhere" if verdict == "unknown" else "")


def test_a_writer_that_lives_decides_on_a_journal(home):
    """Whoever wrote to it before."""
    path = begin_journal("p", "fleet-00")
    began_by(path, host="elsewhere")
    with path.open("ab") as file:
        note_writer(file, os.getpid())

    assert verdicts() == ["running"]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        (["unknown"], "unknown"),
        (["unknown", "gone"], "gone"),
        (["gone", "running", "unknown"], "running"),
    ],
)
def test_what_several_machines_know_of_one_journal(answers, verdict):
    """The host of its writers proves that they are gone; another one that answers to its name may not."""
    journals = [Journal("fleet-00.1.jsonl", "fleet-00", (), verdict=each) for each in answers]

    assert agreed(journals).verdict == verdict


def test_a_machine_that_does_not_tell_its_starts(home, monkeypatch):
    """The start of a process, counted from that of the machine, has to do."""
    monkeypatch.setattr(journal_module, "_BOOT", home / "missing")
    begin_journal("p", "fleet-00")

    assert verdicts() == ["running"]


def test_only_its_user_can_read_a_journal(home):
    """It holds domains, which may be secret."""
    path = begin_journal("p", "fleet-00")

    for each in (path, *path.parents):
        if each == home.parent:
            break
        assert each.stat().st_mode & 0o077 == 0


def test_a_damaged_journal_is_named_with_the_way_out(journal):
    """Nobody knows what it had."""
    write(journal, *EVENTS[:2])
    with journal.open("a", encoding="utf-8") as file:
        file.write("{oh\n")

    with pytest.raises(JournalUnreadable, match=f"the journal {journal} is damaged. Move it away"):
        read_journals("p")


def restored(export, journal):
    """A state after what it lacks of a journal was put there."""
    return put_into(export, lacking(export, read_journal(journal).entries))["deployment"]["resources"]


def test_an_empty_state_gets_the_stack_and_the_provider_too(journal):
    """In the order of a state, once each."""
    write(journal, *EVENTS[:4])

    resources = restored(export(), journal)

    assert [each["urn"] for each in resources] == [STACK, PROVIDER, *map(urn, APPIDS)]
    assert resources[1] == {
        "urn": PROVIDER,
        "custom": True,
        "id": "the-id",
        "type": "pulumi:providers:pulumi-python",
    }
    assert resources[2]["outputs"]["added_domains"] == ["https://a.example.com"]
    assert {"at", "protect"}.isdisjoint(resources[2])
    assert lacking(export(*resources), read_journal(journal).entries) == ()


def test_a_state_that_has_some_of_it_keeps_its_own(journal):
    """Also the provider that it knows by another id."""
    write(journal, *EVENTS[:4])
    own = {"urn": urn(APPIDS[0]), "id": "kept"}
    stack, provider = {"urn": STACK}, {"urn": PROVIDER, "id": "own-id"}

    resources = restored(export(stack, provider, own), journal)

    assert resources[:3] == [stack, provider, own]
    assert [each["provider"] for each in resources[3:]] == [f"{PROVIDER}::own-id"] * 2


def test_a_resource_of_two_journals_is_put_there_once(journal):
    """What was done last counts."""
    write(journal, *EVENTS[:2])
    (first,) = read_journal(journal).entries

    (kept,) = lacking(export(), [{**first, "at": first["at"] + 5, "id": "last"}, first])

    assert kept["id"] == "last"


@pytest.mark.parametrize("time", ["2026-11-29T16:40:17.5Z", "2026-11-30T00:40:17.5+08:00"])
def test_a_state_that_was_written_later_is_right(journal, time):
    """The run came to its end, or somebody else has removed the app since."""
    write(journal, *EVENTS[:4])

    assert lacking(export(time=time), read_journal(journal).entries) == ()


@pytest.mark.parametrize("time", ["2026-11-29T16:40:14.9Z", "2026-11-29T11:40:14.9-05:00"])
def test_a_state_that_was_written_before_lacks_it(journal, time):
    """In each time zone."""
    write(journal, *EVENTS[:4])

    assert len(lacking(export(time=time), read_journal(journal).entries)) == len(APPIDS)
