"""What runs add to a backend of files and nothing removes: history entries, and backups of the states.

Each update and each refresh writes an entry with a copy of the state, and each checkpoint a backup. States
and locks are in other folders, which nothing here touches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pulumi_wechat_miniprogram.fleet.engine import Say
from pulumi_wechat_miniprogram.fleet.states import BackendUnreadable, Place, ask_pulumi

_FILES: Final = "file://"
_FOLDERS: Final = ("history", "backups")
_MOMENT: Final = re.compile(r"[-.](\d{19})\.")
"""Nanoseconds since 1970, in the name of each file of an entry or a backup."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many files and bytes of a stack are, or would be, removed."""

    stack: str
    files: int = 0
    bytes: int = 0
    problem: str = ""


def prune(keep: int, apply: bool, place: Place, _say: Say) -> Pruned:  # noqa: FBT001 - a task's first half
    """Find all but the newest `keep` entries and backups of a stack; with `apply`, remove them."""
    try:
        backend = _backend(place)
        old = [path for name in _FOLDERS for path in _old(backend / ".pulumi" / name, place, keep)]
        size = sum(path.stat().st_size for path in old)
        for path in old if apply else ():
            path.unlink(missing_ok=True)
    except (BackendUnreadable, OSError) as error:
        return Pruned(place.stack, problem=str(error))
    return Pruned(place.stack, len(old), size)


def _backend(place: Place) -> Path:
    url: str = json.loads(ask_pulumi(place, "whoami", "--json"))["url"]
    path = Path(url.removeprefix(_FILES).partition("?")[0]).expanduser()
    if not url.startswith(_FILES):
        raise BackendUnreadable(
            f"only the files of a file:// backend can be removed, and this is {url.partition('://')[0]}://. "
            "For a bucket, set an expiry rule for the prefixes .pulumi/history/ and .pulumi/backups/"
        )
    if not path.is_absolute():
        raise BackendUnreadable(f"the backend must be an absolute path, not {path}")
    return path


def _old(folder: Path, place: Place, keep: int) -> Iterator[Path]:
    by_moment: dict[str, list[Path]] = {}
    folder = folder / place.project / place.stack
    for path in folder.iterdir() if folder.is_dir() else ():
        if found := _MOMENT.search(path.name, len(place.stack)):
            by_moment.setdefault(found[1], []).append(path)
    for moment in sorted(by_moment)[:-keep]:
        yield from by_moment[moment]
