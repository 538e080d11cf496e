"""Where exports come from, and one error for all that cannot be read."""

from __future__ import annotations

import gzip
import io
import os
import threading

import pytest

from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable
from pulumi_wechat_miniprogram.exports.sources import read_exports
from tests.exports.stacks import GOLDEN, A, export, resource, urn

NO_INPUT = io.BytesIO()
DEV = export(resource("shop", A))
PROD = export(resource("shop", A, urn=urn("shop", stack="shop/prod")), stack="shop/prod")


def names(*paths, stacks=(), stdin=NO_INPUT, **more):
    """The stacks that are read from sources."""
    exports = read_exports([str(path) for path in paths], stacks, stdin, **more)
    return [each.stack_name for each in exports]


def problem(*paths, **more):
    """What the error says."""
    with pytest.raises(ExportUnreadable) as unreadable:
        names(*paths, **more)
    return str(unreadable.value)


@pytest.fixture
def folder(tmp_path):
    """A folder with two exports, one of them compressed, and something else."""
    (tmp_path / "dev.json").write_bytes(DEV)
    (tmp_path / "prod.json.gz").write_bytes(gzip.compress(PROD))
    (tmp_path / "README.md").write_text("notes", encoding="utf-8")
    return tmp_path


@pytest.fixture
def backend(tmp_path):
    """The folder of a self-managed backend: its copies, histories and locks are no stacks."""
    stacks = tmp_path / ".pulumi/stacks/engine-test"
    history = tmp_path / ".pulumi/history/engine-test/test"
    for each in (stacks, history):
        each.mkdir(parents=True)
    content = next(path for path in GOLDEN if path.stem == "checkpoint").read_bytes()
    (stacks / "test.json").write_bytes(content)
    for copy in (stacks / "test.json.bak", stacks / "test.json.attrs", history / "test-1.checkpoint.json"):
        copy.write_bytes(b"")
    return tmp_path


@pytest.fixture
def pulumi(tmp_path, monkeypatch):
    """Puts a program in the CLI's place."""

    def pulumi(script):
        path = tmp_path / "bin/pulumi"
        path.parent.mkdir()
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")

    return pulumi


def test_files_are_read_in_the_order_of_their_stacks(folder):
    """Named twice, a file is read once."""
    assert names(folder / "prod.json.gz", folder / "dev.json", folder / "dev.json") == [
        "shop/dev",
        "shop/prod",
    ]


def test_a_folder_gives_all_its_exports(folder):
    """Other files are passed over."""
    assert names(folder) == ["shop/dev", "shop/prod"]


def test_standard_input_is_a_dash():
    """As a pipe gives it."""
    (found,) = read_exports(["-"], [], io.BytesIO(DEV))

    assert (found.stack_name, found.source) == ("shop/dev", "standard input")


def test_standard_input_may_be_compressed():
    """As a file may."""
    assert names("-", stdin=io.BytesIO(gzip.compress(DEV))) == ["shop/dev"]


@pytest.mark.parametrize("content", [DEV, gzip.compress(DEV)], ids=["plain", "gzip"])
def test_a_pipe_is_read_as_a_file(tmp_path, content):
    """`<(pulumi stack export)` of a shell, which cannot be read twice."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()

    assert names(path) == ["shop/dev"]

    writer.join()


def test_a_folder_in_a_folder_is_passed_over(folder):
    """Also one that is called as an export."""
    (folder / "old.json").mkdir()

    assert names(folder) == ["shop/dev", "shop/prod"]


@pytest.mark.parametrize("inside", ["", ".pulumi"])
def test_a_backends_folder_gives_its_stacks(backend, inside):
    """The folder that `file://` names, or `.pulumi` in it."""
    assert names(backend / inside) == ["engine-test/test"]


def test_the_cli_is_asked_for_a_stack(pulumi, tmp_path):
    """With the name as the user gave it."""
    (tmp_path / "export").write_bytes(DEV)
    pulumi(
        f'[ "$*" = "stack export --stack=acme/shop/dev --non-interactive --color=never" ] && cat {tmp_path}/export'
    )

    (found,) = read_exports([], ["acme/shop/dev"], NO_INPUT)

    assert (found.stack_name, found.source) == ("shop/dev", "stack acme/shop/dev")


def test_what_the_cli_refuses_is_reported(pulumi):
    """Its own words and its exit status."""
    pulumi("echo 'error: no stack named dev found' >&2; exit 6")

    assert problem(stacks=["dev"]) == (
        "stack dev cannot be read: `pulumi stack export` ended with exit status 6: error: no stack named dev found"
    )


def test_a_credential_in_the_words_of_the_cli_is_not_shown(pulumi):
    """A backend's URL may hold a password."""
    pulumi("echo 'error: https://me:canary-1@state.example.com: 403' >&2; exit 1")

    assert problem(stacks=["dev"]).endswith("exit status 1: error: https://me:***@state.example.com: 403")


def test_without_a_cli_the_file_is_the_way(monkeypatch, tmp_path):
    """What is missing, and what to do."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert problem(stacks=["dev"]) == (
        "stack dev cannot be read: the Pulumi CLI is not on PATH; give an export file instead"
    )


def test_every_problem_is_reported_at_once(folder):
    """A file that is missing, one that is damaged, one that is cut off, one that is compressed otherwise."""
    (folder / "bad.json").write_bytes(b"[]")
    (folder / "cut.json.gz").write_bytes(gzip.compress(DEV)[:-12])
    (folder / "torn.json.gz").write_bytes(gzip.compress(DEV)[:10] + b"\xff" * 20)
    (folder / "zstd.json").write_bytes(b"\x28\xb5\x2f\xfd....")

    lines = problem(folder, folder / "gone.json", folder / "dev.json/below").splitlines()

    assert [line.removeprefix(f"{folder}/") for line in lines] == [
        "bad.json is JSON, but not a stack export: it has no `deployment`. Write one with `pulumi stack "
        "export --file FILE`",
        "cut.json.gz cannot be read: Compressed file ended before the end-of-stream marker was reached",
        "torn.json.gz cannot be read: Error -3 while decompressing data: invalid block type",
        "zstd.json cannot be read: it is compressed with zstd; use `pulumi stack export` instead",
        "gone.json cannot be read: No such file or directory",
        "dev.json/below cannot be read: Not a directory",
    ]


def test_an_empty_folder_is_an_error(tmp_path):
    """Nothing to read is not a success."""
    assert problem(tmp_path) == (
        f"{tmp_path} cannot be read: it is a folder that contains no exports (*.json, *.json.gz) and is not "
        "the folder of a backend"
    )


@pytest.mark.parametrize("suffix", ["json", "json.gz"])
def test_a_huge_file_is_an_error(tmp_path, suffix):
    """It is not read to its end, and not unpacked."""
    path = tmp_path / f"huge.{suffix}"
    blanks = b" " * (2 << 20)
    path.write_bytes(gzip.compress(blanks) if suffix == "json.gz" else blanks)

    assert problem(path, limit=1 << 20) == f"{path} cannot be read: it is larger than 1 MiB"


def test_two_exports_of_one_stack_are_an_error(folder):
    """An old one beside a new one would count everything twice."""
    (folder / "old.json").write_bytes(DEV)

    assert problem(folder) == (
        f"{folder}/dev.json and {folder}/old.json are exports of the same stack, shop/dev; give one of them"
    )


def test_two_empty_exports_are_fine(tmp_path):
    """Nobody knows whose they are."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_bytes(b'{"version": 3, "deployment": {}}')

    assert names(tmp_path) == ["", ""]
