"""Writing files whole: each appears with all its content or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path


def refuse_existing(paths: Sequence[Path], *, force: bool) -> None:
    """Stop before any work where a file would be overwritten, unless that is wanted, or cannot be written.

    Raises:
        FileExistsError: with every file that is there.
        FileNotFoundError: a file's folder is not there.
        PermissionError: a file or its folder cannot be written.
    """
    for path in paths:
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
        place = path if path.exists() else path.parent
        if not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
    there = [] if force else [str(path) for path in paths if path.exists()]
    if there:
        raise FileExistsError(
            f"{' and '.join(there)} would be overwritten; name other files, or give --force"
        )


def write_files(files: Mapping[Path, str]) -> None:
    """Write all content beside its place first, then move each file there.

    A link is followed. A path such as `/dev/stdout`, which is not a regular file, is written to and never
    replaced. An existing file keeps its mode; a new one gets what the umask leaves.
    """
    with contextlib.ExitStack() as leftovers:
        written: dict[Path, Path] = {}
        for path, content in files.items():
            if path.exists() and not path.is_file():
                path.write_text(content, encoding="utf-8")
                continue
            place = path.resolve()
            beside = place.with_name(f".{place.name}.{os.getpid()}.tmp")
            leftovers.callback(beside.unlink, missing_ok=True)
            try:
                beside.unlink(missing_ok=True)
                if place.exists():  # who may read the file stays the same, also while it is written
                    beside.touch(mode=0o600, exist_ok=False)
                    beside.chmod(stat.S_IMODE(place.stat().st_mode))
                beside.write_text(content, encoding="utf-8")
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(path)) from None
            written[place] = beside
        for path, beside in written.items():
            beside.replace(path)
