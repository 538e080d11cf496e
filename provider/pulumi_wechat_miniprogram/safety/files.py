"""Reading the files that a user names: regular files only, and never more than a limit."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final, Protocol

_KINDS: Final = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a named pipe, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
    stat.S_IFSOCK: "it is a socket, not a file",
}
_STREAMS: Final = frozenset({stat.S_IFIFO, stat.S_IFCHR})
_CHUNK: Final = 1 << 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_file(path: Path, limit: int, *, streams: bool = False) -> bytes:
    """Return the content of a regular file; with `streams`, also of a pipe or a device such as `/dev/stdin`.

    Anything else is refused before it is opened: opening a pipe that has no writer blocks forever.

    Raises:
        OSError: it cannot be read, is not a file, or is larger than `limit` bytes; `strerror` says why.
    """
    check_file(path, streams=streams)
    with os.fdopen(os.open(path, os.O_RDONLY | (0 if streams else os.O_NONBLOCK)), "rb") as file:
        _check_kind(os.fstat(file.fileno()).st_mode, path, streams=streams)  # it may have changed since
        return read_stream(file, limit, str(path))


def read_stream(stream: _Readable, limit: int, name: str = "") -> bytes:
    """Return everything in a stream, or raise OSError if that is more than `limit` bytes."""
    content = bytearray()
    while chunk := stream.read(min(_CHUNK, limit + 1 - len(content))):
        content += chunk
    if len(content) > limit:
        size = f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit >> 10} KiB"
        raise OSError(errno.EFBIG, f"it is larger than {size}", name or None)
    return bytes(content)


def check_file(path: Path, *, streams: bool = False) -> None:
    """Raise OSError for what is not a regular file, without opening it."""
    _check_kind(path.stat().st_mode, path, streams=streams)


def _check_kind(mode: int, path: Path, *, streams: bool) -> None:
    kind = stat.S_IFMT(mode)
    if kind != stat.S_IFREG and not (streams and kind in _STREAMS):
        raise OSError(errno.EINVAL, _KINDS.get(kind, "it is not a file"), str(path))


def expand_home(path: str) -> Path:
    """Return a path in which a leading `~` or `~user` is that user's home folder, as in a shell.

    Raises:
        ValueError: the user does not exist.
    """
    if not path.startswith("~"):
        return Path(path)  # `./~` is a file, which `Path` would call `~`
    try:
        return Path(path).expanduser()
    except RuntimeError:
        user = path.partition("/")[0]
        raise ValueError(
            f"begins with {user}, which is not a user of this machine; write ./{user} for a file"
        ) from None
