"""Refused calls, which their rid finds again."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from wechat_miniprogram_emulator.store.database import Database

SCHEMA = (
    """CREATE TABLE refusal (
        rid TEXT PRIMARY KEY, account TEXT, time REAL NOT NULL, cost_ms INTEGER NOT NULL,
        client_ip TEXT NOT NULL, request_body TEXT NOT NULL, response_body TEXT NOT NULL)""",
    "CREATE INDEX refusal_time ON refusal (time)",
)
TABLES = ("refusal",)
KEPT_SECONDS = 7 * 86400
KEPT = 100_000


@dataclass(frozen=True)
class Refusal:
    """A call that was answered with an errcode; the bodies hold no token and no secret."""

    rid: str
    account: str | None
    time: float
    cost_ms: int
    client_ip: str
    request_body: str
    response_body: str


class Refusals:
    """The refused calls of seven days, the newest ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, refusal: Refusal) -> None:
        """Store a refused call."""
        with self._database.transaction():
            self._database.execute("INSERT INTO refusal VALUES (?, ?, ?, ?, ?, ?, ?)", *astuple(refusal))

    def find(self, rid: str, now: float) -> Refusal | None:
        """Find a call of the last seven days."""
        rows = self._database.execute(
            "SELECT * FROM refusal WHERE rid = ? AND time >= ?", rid, now - KEPT_SECONDS
        )
        return Refusal(*rows[0]) if rows else None

    def drop_old(self, now: float) -> None:
        """Forget what can no longer be found."""
        with self._database.transaction():
            self._database.execute(
                "DELETE FROM refusal WHERE time < ? OR rowid <= (SELECT max(rowid) FROM refusal) - ?",
                now - KEPT_SECONDS,
                KEPT,
            )
