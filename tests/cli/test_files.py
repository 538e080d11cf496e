"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import threading

from pulumi_wechat_miniprogram.cli.files import write_files


def test_a_pipe_is_written_to_and_stays(tmp_path):
    """So is a device: a report to /dev/null leaves /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()

    write_files({pipe: "page"})

    reader.join(timeout=10)
    assert (read, pipe.is_fifo()) == (["page"], True)


def test_a_link_is_followed(tmp_path):
    """The file that it names is written, and it still names it."""
    file, link = tmp_path / "2026.html", tmp_path / "latest.html"
    file.write_text("old", encoding="utf-8")
    link.symlink_to(file)

    write_files({link: "new"})

    assert (link.is_symlink(), file.read_text(encoding="utf-8")) == (True, "new")


def test_who_may_read_a_file_stays_the_same(tmp_path):
    """A report that its owner closed to others is not opened by writing it again."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)

    write_files({path: "new"})

    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == ("new", 0o600)
