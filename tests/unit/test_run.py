"""What the processes of one run tell each other, by their files."""

from __future__ import annotations

import os

import pytest

from pulumi_wechat_miniprogram.lifecycle.declarations import Said
from pulumi_wechat_miniprogram.resources.run import Run, engine_address
from tests.bench import APPID, A, B

ENGINE = "127.0.0.1:4321"
SHOP = Said(APPID, "shop", frozenset({A, B}))
READ = Said(APPID, "blog", frozenset({A}), only_read=True)


@pytest.fixture
def runs(tmp_path):
    """Two processes of one run, and one of another run."""
    made = [Run(address, root=tmp_path / "runs") for address in (ENGINE, ENGINE, "127.0.0.1:999")]
    yield made
    for run in made:
        run.close()


def test_each_process_hears_the_others_once(runs):
    """And neither itself nor another run."""
    one, two, other = runs
    one.say(SHOP)
    two.say(READ)

    assert one.hear() == [READ]
    assert two.hear() == [SHOP]
    assert other.hear() == []
    one.say(READ)
    assert two.hear() == [READ]
    assert two.hear() == []


def test_a_process_that_ended_is_heard_no_more(runs, tmp_path):
    """It takes its file along, and the last one the folder."""
    one, two, _ = runs
    one.say(SHOP)
    two.say(SHOP)
    one.close()

    assert two.hear() == []
    one.say(SHOP)
    assert two.hear() == []
    two.close()
    assert list((tmp_path / "runs").iterdir()) == []


def test_the_file_of_a_killed_process_counts_no_more(runs, tmp_path):
    """Another run may get the same address."""
    one, two, _ = runs
    one.say(SHOP)
    (mine,) = (tmp_path / "runs" / "127_0_0_1_4321").iterdir()
    left = mine.with_name("left.jsonl")
    left.write_bytes(mine.read_bytes())

    assert two.hear() == [SHOP]
    assert not left.exists()


def test_what_cannot_be_read_is_left_out(runs, tmp_path):
    """A half-written line is read when it is whole; one of another version never."""
    one, two, _ = runs
    one.say(SHOP)
    assert two.hear() == [SHOP]
    (mine,) = (tmp_path / "runs" / "127_0_0_1_4321").iterdir()
    with mine.open("ab") as file:
        file.write(b'["x"]\n["x", 3')

    assert two.hear() == []
    with mine.open("ab") as file:
        file.write(b", 4, 5]\n{}\n3\n")
    assert two.hear() == []


@pytest.mark.parametrize("mode", [0o777, 0o720])
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path, mode):
    """Whoever knows its name could put words into it."""
    root = tmp_path / "runs"
    root.mkdir()
    root.chmod(mode)
    run = Run(ENGINE, root=root)
    run.say(SHOP)

    folder = root / "127_0_0_1_4321"
    assert list(folder.iterdir()) == []
    (folder / "x.jsonl").touch()
    assert run.hear() == []
    assert (folder / "x.jsonl").exists()
    run.close()


def test_a_link_is_no_folder_of_ours(tmp_path):
    """It could lead to the folder of another program."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "runs").symlink_to(tmp_path / "elsewhere")
    run = Run(ENGINE, root=tmp_path / "runs")
    run.say(SHOP)

    assert [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()] == []


def test_files_are_for_their_user_alone(runs, tmp_path):
    """Names of domains are nobody else's business."""
    runs[0].say(SHOP)

    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "runs").rglob("*")}
    assert modes == {0}
    assert (tmp_path / "runs").stat().st_uid == os.getuid()


def test_without_an_engine_there_is_nobody(tmp_path):
    """A provider in a test has no address."""
    run = Run("", root=tmp_path / "runs")
    run.say(SHOP)

    assert run.hear() == []
    run.close()
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ([ENGINE], ENGINE),
        (["-logtostderr", "-v=9", ENGINE], ENGINE),
        (["[::1]:80"], ""),
        (["tests/unit", "-n", "2"], ""),
        ([], ""),
    ],
)
def test_the_address_is_the_argument_that_looks_like_one(arguments, address):
    """Flags come first."""
    assert engine_address(arguments) == address
