"""Which files of a backend are old."""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.fleet.history import Pruned, prune
from pulumi_wechat_miniprogram.fleet.states import Place

PLACE = Place("p", "fleet-00")
FIRST, SECOND, THIRD = (f"179597{number}180283018221" for number in range(1, 4))


def silent(_message):
    """Nobody listens."""


@pytest.fixture
def backend(pulumi, tmp_path):
    """A backend of files with two updates, three backups, a state and a lock."""
    pulumi(f"print({json.dumps({'user': 'ci', 'url': f'file://{tmp_path}?no_tmp_dir=true'})!r})")
    folder = tmp_path / ".pulumi"
    for name in (
        *(f"history/p/fleet-00/fleet-00-{at}.{what}.json" for at in (FIRST, SECOND) for what in "ab"),
        *(f"backups/p/fleet-00/fleet-00.{at}.json.gz" for at in (FIRST, SECOND, THIRD)),
        f"backups/p/fleet-00/fleet-00.{FIRST}.json.gz.attrs",
        "backups/p/fleet-00/notes.txt",
        f"backups/p/fleet-01/fleet-01.{FIRST}.json",
        "stacks/p/fleet-00.json",
        "locks/organization/p/fleet-00/1.json",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1234", encoding="utf-8")
    return folder


def files(folder):
    """The names of all files."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_the_newest_stay(backend):
    """All files of an older update or backup of this stack go, and no other file."""
    before = files(backend)

    assert prune(1, False, PLACE, silent) == Pruned("fleet-00", 5, 20)
    assert files(backend) == before
    assert prune(1, True, PLACE, silent) == Pruned("fleet-00", 5, 20)

    assert sorted(set(before) - set(files(backend))) == [
        f"fleet-00-{FIRST}.a.json",
        f"fleet-00-{FIRST}.b.json",
        f"fleet-00.{FIRST}.json.gz",
        f"fleet-00.{FIRST}.json.gz.attrs",
        f"fleet-00.{SECOND}.json.gz",
    ]
    assert f"fleet-01.{FIRST}.json" in files(backend)
    assert prune(1, True, PLACE, silent) == Pruned("fleet-00")


def test_a_stack_without_history(backend):
    """Its folders are not there yet."""
    assert backend
    assert prune(1, True, Place("p", "fleet-07"), silent) == Pruned("fleet-07")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("s3://bucket", "and this is s3://. For a bucket, set an expiry rule"),
        ("postgres://me:secret@host/db", "and this is postgres://. For"),
        ("file://state", "the backend must be an absolute path, not state"),
    ],
)
def test_other_backends(pulumi, url, problem):
    """Only files can be removed; no password is shown."""
    pulumi(f"print({json.dumps({'url': url})!r})")

    found = prune(1, True, PLACE, silent)

    assert problem in found.problem
    assert "secret" not in found.problem


def test_what_the_cli_refuses(pulumi):
    """Its text is the problem."""
    pulumi("sys.exit('error: not logged in')")

    assert prune(1, True, PLACE, silent) == Pruned("fleet-00", problem="not logged in")
