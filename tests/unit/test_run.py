"""What the processes of one run tell each other, by their files."""

from __future__ import annotations

import errno
import os
import time

import pytest

from pulumi_wechat_miniprogram.lifecycle.declarations import Said
from pulumi_wechat_miniprogram.resources.run import Run, engine_address
from pulumi_wechat_miniprogram.safety.errors import UserError
from tests.bench import APPID

ENGINE = "127.0.0.1:4321"
SHOP = Said(APPID, "shop", "declares", frozenset({"digest-one", "digest-two"}))
READ = Said(APPID, "blog", "reads", frozenset({"digest-one"}))


@pytest.fixture
def runs(tmp_path):
    """Two processes of one run, and one of another run."""
    made = [Run(address, home=tmp_path) for address in (ENGINE, ENGINE, "127.0.0.1:999")]
    yield made
    for run in made:
        run.close()


def files(tmp_path):
    """The files of all runs."""
    return sorted((tmp_path / "wechat-miniprogram-runs").iterdir())


def test_each_process_hears_the_others_once(runs):
    """And neither itself nor another run."""
    one, two, other = runs
    assert one.hear() == []
    one.say(SHOP)
    two.say(READ)

    assert one.hear() == [READ]
    assert two.hear() == [SHOP]
    assert other.hear() == []
    one.say(READ)
    assert two.hear() == [READ]
    assert two.hear() == []


def test_a_process_that_ends_takes_its_file_along(runs, tmp_path):
    """And says nothing more."""
    one, two, _ = runs
    one.say(SHOP)
    one.close()

    assert files(tmp_path) == []
    assert two.hear() == []
    one.say(SHOP)
    one.close()
    assert files(tmp_path) == []
    assert one.hear() == []


def test_what_a_killed_process_said_counts_for_its_run(runs, tmp_path):
    """For an hour: the address may come again. The next process then removes it."""
    one, two, other = runs
    one.say(SHOP)
    (left,) = files(tmp_path)
    assert two.hear() == [SHOP]

    long_ago = time.time() - 90_000
    os.utime(left, (long_ago, long_ago))
    assert Run(ENGINE, home=tmp_path).hear() == []
    other.say(READ)
    assert left not in files(tmp_path)


def test_a_line_is_read_when_it_is_whole(runs, tmp_path):
    """A process may be about to write it."""
    one, two, _ = runs
    one.say(SHOP)
    assert two.hear() == [SHOP]
    (mine,) = files(tmp_path)
    whole = mine.read_bytes()
    with mine.open("ab") as file:
        file.write(whole[:9])

    assert two.hear() == []
    with mine.open("ab") as file:
        file.write(whole[9:])
    assert two.hear() == [SHOP]


def test_a_file_that_goes_in_between_is_no_error(runs, tmp_path):
    """Its process ends while this one looks; a link to nowhere is such a file."""
    one, two, _ = runs
    one.say(SHOP)
    (mine,) = files(tmp_path)
    mine.with_suffix(".gone").symlink_to(tmp_path / "nowhere")

    assert two.hear() == [SHOP]
    two.say(READ)
    assert one.hear() == [READ]


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o077])
def test_files_are_for_their_user_alone(tmp_path, mask):
    """Whatever the umask is."""
    before = os.umask(mask)
    try:
        Run(ENGINE, home=tmp_path / "home").say(SHOP)
    finally:
        os.umask(before)

    (file,) = files(tmp_path / "home")
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_a_process_that_cannot_speak_or_hear_says_so(tmp_path):
    """Another one could delete what it declares."""
    (tmp_path / "wechat-miniprogram-runs").write_text("in the way", encoding="utf-8")
    run = Run(ENGINE, home=tmp_path)

    for act in (lambda: run.say(SHOP), run.hear):
        with pytest.raises(UserError, match="wechat-miniprogram-runs cannot be used: "):
            act()
    run.close()


def test_a_full_disk_is_an_error(runs, monkeypatch):
    """Half a line is none."""
    one, two, _ = runs
    monkeypatch.setattr(os, "write", lambda _file, line: len(line) - 1)
    with pytest.raises(UserError, match=os.strerror(errno.ENOSPC)):
        one.say(SHOP)
    assert two.hear() == []


def test_a_home_that_nobody_knows_is_an_error(monkeypatch):
    """Python finds none where neither HOME nor an account tells it."""

    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.setattr("pathlib.Path.home", unknown)
    with pytest.raises(UserError, match="cannot be used: Could not determine home directory"):
        Run(ENGINE).say(SHOP)


def test_the_folder_is_in_pulumis_home(tmp_path, monkeypatch):
    """Which the command line has to be able to write to."""
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    run = Run(ENGINE)
    run.say(SHOP)

    assert len(files(tmp_path)) == 1
    run.close()


def test_without_an_engine_there_is_nobody(tmp_path):
    """A provider in a test has no address."""
    run = Run("", home=tmp_path)
    run.say(SHOP)

    assert run.hear() == []
    run.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ([ENGINE], ENGINE),
        (["-logtostderr", "-v=9", ENGINE], ENGINE),
        (["tests/unit", "-n", "2"], ""),
        ([], ""),
    ],
)
def test_the_address_is_the_argument_that_looks_like_one(arguments, address):
    """Flags come first."""
    assert engine_address(arguments) == address
