"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import threading

import pytest

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


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_mode(tmp_path, mode):
    """A report that only its owner may read stays such a one."""
    page = tmp_path / "report.html"
    page.write_text("old", encoding="utf-8")
    page.chmod(mode)

    write_files({page: "new"})

    assert (page.read_text(encoding="utf-8"), stat.S_IMODE(page.stat().st_mode)) == ("new", mode)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_has_what_the_umask_leaves(tmp_path, umask, mode):
    """As any program makes it."""
    page = tmp_path / "report.html"
    before = os.umask(umask)
    try:
        write_files({page: "new"})
    finally:
        os.umask(before)

    assert stat.S_IMODE(page.stat().st_mode) == mode
    assert list(tmp_path.iterdir()) == [page]
