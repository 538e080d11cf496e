"""Where exports come from: files, standard input, folders of exports, backend folders, and the Pulumi CLI."""

from __future__ import annotations

import gzip
import io
import subprocess
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from pulumi_wechat_miniprogram.exports.reader import Export, ExportUnreadable, read_export
from pulumi_wechat_miniprogram.safety.files import read_file, read_stream
from pulumi_wechat_miniprogram.safety.masking import redact

STDIN: Final = "-"
MAX_BYTES: Final = 256 << 20
"""Far above any state that the engine handles well; it keeps a wrong file from filling the memory."""
_BACKEND: Final = ".pulumi"
_SUFFIXES: Final = (".json", ".json.gz")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

_Fetch = Callable[[int], bytes]
"""Gives the content, of so many bytes at most, as `read_file` does."""


def read_exports(
    paths: Sequence[str],
    stacks: Sequence[str],
    stdin: BinaryIO,
    *,
    limit: int = MAX_BYTES,
    older: bool = False,
) -> tuple[Export, ...]:
    """Read every export that was named, sorted by stack.

    A path is a file, a folder of exports, the folder of a self-managed backend (which holds `.pulumi`), or
    `-` for standard input. The Pulumi CLI is asked for each of `stacks`, where an empty name is the one
    that is selected in this folder. Of one stack there may be several `older` exports.

    Raises:
        ExportUnreadable: with every problem of every export; or two of them are of one stack.
    """
    problems: list[str] = []
    exports: list[Export] = []
    for name, fetch in _named(paths, stacks, stdin):
        try:
            exports.append(_read_one(name, fetch, limit))
        except ExportUnreadable as error:
            problems.append(str(error))
    problems += [] if older else _twice(exports)
    if problems:
        raise ExportUnreadable("\n".join(problems))
    return tuple(sorted(exports, key=lambda export: (export.stack_name, export.source)))


def _read_one(name: str, fetch: _Fetch, limit: int) -> Export:
    try:
        content = _unpacked(fetch(limit), limit)
    except (OSError, EOFError, zlib.error) as error:
        problem = getattr(error, "strerror", None) or error
        raise ExportUnreadable(f"{name} cannot be read: {problem}") from None
    return read_export(content, name)


def _named(paths: Sequence[str], stacks: Sequence[str], stdin: BinaryIO) -> Iterator[tuple[str, _Fetch]]:
    for given in dict.fromkeys(paths):
        path = Path(given)
        if given == STDIN:
            yield "standard input", partial(read_stream, stdin)
        elif path.is_dir():
            files = _files(path)
            yield from ((str(file), partial(read_file, file)) for file in files)
            if not files:
                yield given, _nothing_in_it
        else:
            yield given, partial(read_file, path, streams=True)  # `<(pulumi stack export)` of a shell
    for stack in stacks:
        yield f"stack {stack}" if stack else "the selected stack", partial(_ask, stack)


def _files(folder: Path) -> list[Path]:
    backend = folder if folder.name == _BACKEND else folder / _BACKEND
    found = (backend / "stacks").rglob("*") if backend.is_dir() else folder.iterdir()
    return sorted(file for file in found if file.name.endswith(_SUFFIXES) and not file.is_dir())


def _nothing_in_it(_limit: int) -> bytes:
    raise OSError(
        "it is a folder that contains no exports (*.json, *.json.gz) and is not the folder of a backend"
    )


def _unpacked(content: bytes, limit: int) -> bytes:
    if content.startswith(_ZSTD):
        raise OSError("it is compressed with zstd; use `pulumi stack export` instead")
    if content.startswith(_GZIP):
        return read_stream(gzip.GzipFile(fileobj=io.BytesIO(content)), limit)
    return content


def _ask(stack: str, _limit: int) -> bytes:
    chosen = [f"--stack={stack}"] if stack else []
    try:
        done = subprocess.run(
            ["pulumi", "stack", "export", *chosen, "--non-interactive", "--color=never"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise OSError("the Pulumi CLI is not on PATH; give an export file instead") from None
    if done.returncode:
        stderr = redact(done.stderr.decode(errors="replace").strip())
        raise OSError(f"`pulumi stack export` ended with exit status {done.returncode}: {stderr}")
    return done.stdout


def _twice(exports: Sequence[Export]) -> list[str]:
    sources: dict[str, list[str]] = {}
    for export in exports:
        sources.setdefault(export.stack_name, []).append(export.source)
    return [
        f"{' and '.join(found)} are exports of the same stack, {name}; give one of them"
        for name, found in sources.items()
        if name and len(found) > 1
    ]
