"""Settings by name, kept in memory until somebody writes one, in this process or another."""

from __future__ import annotations

import json
from typing import Any

from wechat_miniprogram_emulator.store.database import Database

SCHEMA = ("CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",)
TABLES = ("setting",)


class Settings:
    """The settings of the control plane."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: int | None = None
        self._written_in: int | None = None
        self._values: dict[str, Any] = {}

    def all(self) -> dict[str, Any]:
        """Give every setting: the same object as before, if none was written."""
        if self._database.change is not None and self._database.change == self._written_in:
            return self._read()  # what is not committed is not kept
        version = self._database.version_of_others()
        if version != self._seen:
            self._seen, self._values = version, self._read()
        return self._values

    def get(self, name: str, default: Any) -> Any:
        """Read a setting."""
        return self.all().get(name, default)

    def put(self, name: str, value: object) -> None:
        """Write a setting."""
        with self._database.transaction():
            self._database.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))
            self.mark_written()

    def mark_written(self) -> None:
        """Read from the database again: the change that is under way has written."""
        self._seen, self._written_in = None, self._database.change

    def _read(self) -> dict[str, Any]:
        rows = self._database.execute("SELECT name, value FROM setting")
        return {name: json.loads(value) for name, value in rows}
