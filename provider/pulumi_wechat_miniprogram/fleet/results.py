"""The file of a run: a line of JSON as each stack ends, from which a later run continues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pulumi_wechat_miniprogram.fleet.work import Outcome, Request, read_outcome

RESULT_FORMAT: Final = 1
"""Changes only for breaking changes."""


class ResultUnreadable(Exception):
    """What was given is not a result of `fleet`; the text names it."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a run was of: its stacks have the same names in another project or backend."""

    command: str
    project: str
    backend: str
    shards: int


class Result:
    """A result as it is written; without a path nothing is. `problem` is why it lacks stacks."""

    def __init__(self, path: Path | None, head: Head) -> None:
        self._file = path.open("w", encoding="utf-8") if path else None
        self.problem = ""
        self._write({"version": RESULT_FORMAT, **asdict(head)})

    def add(self, outcome: Outcome, request: Request) -> None:
        """Write what became of a stack."""
        self._write({**outcome.to_json(), "digest": request.digest})

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._file:
            try:
                self._file.write(json.dumps(line) + "\n")
                self._file.flush()
            except OSError as error:  # what runs is more important
                self.problem = f"{self._file.name}: {error.strerror}"
                with suppress(OSError):
                    self._file.close()
                self._file = None


def read_done(path: Path, head: Head) -> Mapping[tuple[str, str], Outcome]:
    """Return the stacks that a run of the same head has done, by name and digest of their apps.

    Raises:
        ResultUnreadable: the file is something else, or of another command, project, backend or number of
            stacks.
        OSError: it cannot be read.
    """
    written, outcomes = _read(path)
    if written["command"] != head.command:
        raise ResultUnreadable(
            f"{path} is a result of `fleet {written['command']}`, not of `fleet {head.command}`"
        )
    if other := [name for name, value in asdict(head).items() if written.get(name) != value]:
        raise ResultUnreadable(
            f"{path} is not a result of this fleet: it was not written with the same {' and '.join(other)}. "
            "Run without --resume"
        )
    return {(outcome.stack, digest): outcome for digest, outcome in outcomes if outcome.status == "done"}


def _read(path: Path) -> tuple[Mapping[str, Any], Sequence[tuple[str, Outcome]]]:
    """Return the head and, for each stack, the digest of its apps and what became of it."""
    try:
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        head = json.loads(first)
        if head["version"] != RESULT_FORMAT:
            raise ResultUnreadable(f"{path} was written by another version: {head['version']!r}")
        held = [json.loads(line) for line in (lines[:-1] if lines and not _whole(lines[-1]) else lines)]
        return {**head, "command": head["command"]}, [
            (each.pop("digest"), read_outcome(each)) for each in held
        ]
    except (KeyError, RecursionError, TypeError, ValueError):
        raise ResultUnreadable(f"{path} was not written by `wechat-miniprogram fleet --result`") from None


def read_locked(path: Path) -> Sequence[Outcome]:
    """Return the stacks that a run found locked. Raises as `read_done` does."""
    _, outcomes = _read(path)
    return [outcome for _, outcome in outcomes if outcome.status == "locked"]


def _whole(line: str) -> bool:
    """Return whether a last line was written to its end: a run may have been killed in between."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
