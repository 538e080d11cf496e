"""The file of a run, from which the next one continues."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.planned import Planned
from pulumi_wechat_miniprogram.fleet.locks import Holder
from pulumi_wechat_miniprogram.fleet.results import Head, Result, ResultUnreadable, read_done, read_locked
from pulumi_wechat_miniprogram.fleet.work import AppFailure, Outcome, Request

DONE = Outcome("a", "done", 1, {"create": 2}, (Planned("wx1", "create", ("https://a.example.com",)),))
FAILED = Outcome("b", "failed", 1, failures=(AppFailure("wx2", "no", 61007, "r-1"),))
LOCKED = Outcome("c", "locked", 1, holders=(Holder("ci", "b-1", 7, "2026-01-01T00:00:00Z"),))
REQUEST = Request("up", "a", [{"appid": "wx1"}])
HEAD = Head("up", "p", "0123456789ab", 3)
WRITTEN = '{"version": 1, "command": "up", "project": "p", "backend": "0123456789ab", "shards": 3}'


@pytest.fixture
def path(tmp_path):
    """A result of `up` with three stacks."""
    path = tmp_path / "result.jsonl"
    result = Result(path, HEAD)
    for outcome in (DONE, FAILED, LOCKED):
        result.add(outcome, REQUEST)
    result.close()
    return path


def test_what_is_done_is_read_with_the_digest_of_its_apps(path):
    """A stack whose apps have changed since is another one."""
    assert read_done(path, HEAD) == {("a", REQUEST.digest): DONE}
    assert REQUEST.digest != Request("up", "a", [{"appid": "wx2"}]).digest


def test_what_is_locked(path):
    """With the processes that have it."""
    assert read_locked(path) == [LOCKED]


def test_a_result_of_a_killed_run_ends_anywhere(path):
    """A line that was not written to its end is not there."""
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[:-20], encoding="utf-8")

    assert read_locked(path) == []
    assert len(read_done(path, HEAD)) == 1


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("", "was not written by"),
        ("[]", "was not written by"),
        ("[" * 100_000, "was not written by"),
        ('{"version": 2, "command": "up"}', "written by another version: 2"),
        ('{"version": 1, "command": "refresh"}', "is a result of `fleet refresh`, not of `fleet up`"),
        ('{"version": 1}', "was not written by"),
        ('{"version": 1, "command": "up"}', "not written with the same project and backend and shards"),
        (WRITTEN.replace('"p"', '"q"'), "with the same project. Run without --resume"),
        (WRITTEN.replace("0123456789ab", "none"), "with the same backend. Run"),
        (WRITTEN.replace("3}", "4}"), "with the same shards. Run"),
        (f'{WRITTEN}\n{{"stack": 1}}', "was not written by"),
    ],
)
def test_another_file(tmp_path, text, reported):
    """It is refused, and named."""
    path = tmp_path / "other"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ResultUnreadable, match=reported):
        read_done(path, HEAD)


def test_no_file_is_written_unless_asked_for(tmp_path):
    """The same calls, no file."""
    result = Result(None, HEAD)
    result.add(DONE, REQUEST)
    result.close()

    assert [*tmp_path.iterdir()] == []
