"""The note of a run that writes: kept from before its first write until all is as it was.

A run that was killed leaves it behind, and the next one restores what it says before it does anything else.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from pulumi_wechat_miniprogram.safety.errors import UserError

VERSION: Final = 1
LATE_SECONDS: Final = 60.0
"""Twice the default time limit of a call: a write does not stay under way for longer."""


class Entry(BaseModel):
    """What a run may have left behind: values of these hosts on the lists of one app.

    No list had a value of these hosts when the run began, so every such value is the run's. `checked_at`
    is set once they were removed while a write might still be on its way: a later start looks once more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = VERSION
    appid: str
    endpoint: str
    webview_hosts: tuple[str, ...]
    server_hosts: tuple[str, ...]
    checked_at: float | None = None

    def is_settled(self, now: float) -> bool:
        """Return whether a write that got no answer has arrived by now, if it ever will."""
        return self.checked_at is not None and now - self.checked_at >= LATE_SECONDS


class JournalUnreadable(UserError):
    """A journal is there and cannot be read, so nobody knows what is to be restored."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one app, in a folder of the user's."""

    folder: Path
    appid: str

    @property
    def path(self) -> Path:
        return self.folder / f"calibrate-{self.appid}.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs on this app away.

        Raises:
            UserError: there is one.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    f"another `calibrate` of {self.appid} is running; wait for it to finish"
                ) from None
            yield

    def read(self) -> Entry | None:
        """Return what a killed run noted, None if there is nothing to restore.

        Raises:
            JournalUnreadable: it is damaged.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return Entry.model_validate_json(content)
        except ValueError:  # pydantic's ValidationError is one
            raise JournalUnreadable(
                f"{self.path}: damaged, so it does not say what an interrupted calibration left behind",
                f"Look at the domains of {self.appid}, remove the hosts that you gave to `calibrate`, then "
                "delete this file.",
            ) from None

    def write(self, entry: Entry) -> None:
        """Note an entry: it is on the disk when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self.path.with_suffix(".tmp")
        with beside.open("w", encoding="utf-8") as file:
            file.write(json.dumps(entry.model_dump()) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
