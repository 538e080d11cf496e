"""Reading what a user names: files only, or streams where they are wanted, and never without a bound."""

from __future__ import annotations

import io
import os
import stat
import threading
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.safety.files import check_file, expand_home, read_file, read_stream


def test_a_file_is_read_whole(tmp_path):
    """Up to its limit."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)

    assert read_file(path, 10) == b"x" * 10
    with pytest.raises(OSError, match="it is larger than 0 KiB") as large:
        read_file(path, 9)
    assert (large.value.strerror, large.value.filename) == ("it is larger than 0 KiB", str(path))


@pytest.mark.parametrize("streams", [False, True])
def test_what_is_no_file_is_refused_before_it_is_opened(tmp_path, streams):
    """A folder in either case; a pipe is read where streams are wanted."""
    with pytest.raises(OSError, match="it is a folder"):
        read_file(tmp_path, 10, streams=streams)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="it is a named pipe, not a file"):
        check_file(tmp_path / "pipe")


def test_a_pipe_that_took_the_place_of_a_file_is_refused_without_waiting(tmp_path, monkeypatch):
    """Between the look and the opening."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    regular = os.stat_result((stat.S_IFREG | 0o600, *[0] * 9))
    monkeypatch.setattr(Path, "stat", lambda _path: regular)

    with pytest.raises(OSError, match="it is a named pipe, not a file"):
        read_file(pipe, 10)


def test_a_stream_is_read_to_its_end_and_has_a_bound(tmp_path):
    """As `<(pulumi stack export)` and `/dev/stdin` are."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"x" * 200_000,))
    writer.start()
    assert read_file(pipe, 200_000, streams=True) == b"x" * 200_000
    writer.join()

    with pytest.raises(OSError, match="it is larger than 1 MiB"):
        read_file(Path("/dev/zero"), 1 << 20, streams=True)
    with pytest.raises(OSError, match="it is larger than 64 KiB"):
        read_stream(io.BytesIO(b"x" * 70_000), 64 << 10)


def test_a_home_folder_is_expanded(monkeypatch):
    """At the beginning alone."""
    monkeypatch.setenv("HOME", "/home/me")

    assert expand_home("~/a/~") == Path("/home/me/a/~")
    assert expand_home("./~") == Path("~")
