"""How often an account did something in the present minute, day or month."""

from __future__ import annotations

from wechat_miniprogram_emulator.model.periods import Unit, number
from wechat_miniprogram_emulator.store.database import Database

SCHEMA = (
    """CREATE TABLE usage (
        account TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL, period INTEGER NOT NULL,
        count INTEGER NOT NULL, PRIMARY KEY (account, name, unit)) WITHOUT ROWID""",
)
TABLES = ("usage",)


class Usage:
    """Counters; each counts one minute, day or month at a time, and begins at 0 in the next."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def used(self, account: str, name: str, unit: Unit, now: float) -> int:
        """Read a counter."""
        rows = self._database.execute(
            "SELECT count FROM usage WHERE account = ? AND name = ? AND unit = ? AND period = ?",
            account,
            name,
            unit,
            number(unit, now),
        )
        return int(rows[0][0]) if rows else 0

    def take(self, account: str, name: str, unit: Unit, now: float, limit: int, by: int = 1) -> bool:
        """Move a counter on unless it would pass a limit, and tell whether it did move."""
        if by > limit:
            return False
        with self._database.transaction():
            rows = self._database.execute(
                "INSERT INTO usage VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE"
                " SET count = ?5 + CASE WHEN period = ?4 THEN count ELSE 0 END, period = ?4"
                " WHERE period != ?4 OR count + ?5 <= ?6 RETURNING count",
                account,
                name,
                unit,
                number(unit, now),
                by,
                limit,
            )
        return bool(rows)

    def clear(self, account: str, name: str | None = None) -> None:
        """Set the day's counter of one thing, or of all, to 0."""
        with self._database.transaction():
            self._database.execute(
                "DELETE FROM usage WHERE account = ?1 AND unit = 'day' AND (?2 IS NULL OR name = ?2)",
                account,
                name,
            )
