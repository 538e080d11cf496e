"""Tokens, tickets, codes and secrets, as digests."""

from __future__ import annotations

import secrets

from wechat_miniprogram_emulator.model.tokens import (
    Credential,
    Kind,
    derived_value,
    digest,
)
from wechat_miniprogram_emulator.store.database import Database

SCHEMA = (
    """CREATE TABLE credential (
        digest TEXT PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, expires_at REAL, invalid_at REAL)
        WITHOUT ROWID""",
    "CREATE INDEX credential_owner ON credential (owner, kind)",
    "CREATE TABLE derivation (kind TEXT, owner TEXT, number INTEGER NOT NULL, PRIMARY KEY (kind, owner))",
    "CREATE TABLE derivation_key (value TEXT NOT NULL)",
)
TABLES = ("credential", "derivation", "derivation_key")
KEPT_SECONDS = 86400
"""For this long after its end, an access token is distinguished from an unknown one."""


class Credentials:
    """The credentials of every app and platform."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, value: str, *kinds: Kind) -> Credential | None:
        """Give what is known of a value, if it is of one of these kinds."""
        rows = self._database.execute(
            "SELECT kind, owner, expires_at, invalid_at FROM credential WHERE digest = ?", digest(value)
        )
        found = Credential(*rows[0]) if rows else None
        return found if found and found.kind in kinds else None

    def put(self, kind: Kind, owner: str, value: str, expires_at: float | None = None) -> None:
        """Let a value stand for its owner beside those that do.

        Raises:
            ValueError: the value is another credential's.
        """
        row = (digest(value), kind, owner, expires_at)
        with self._database.transaction():
            if self._database.execute("SELECT 1 FROM credential WHERE digest = ?", row[0]):
                raise ValueError(f"{kind} of {owner}: another token, ticket or secret has the same value")
            self._database.execute("INSERT INTO credential VALUES (?, ?, ?, ?, NULL)", *row)

    def issue(self, kind: Kind, owner: str, now: float, seconds: float) -> str:
        """Make a value of no pattern that lives for so long; forget those that ended long ago."""
        value = secrets.token_urlsafe(96)
        with self._database.transaction():
            self._database.execute(
                "DELETE FROM credential WHERE kind = ? AND owner = ? AND expires_at < ?",
                kind,
                owner,
                now - KEPT_SECONDS,
            )
            self.put(kind, owner, value, now + seconds)
        return value

    def current(self, kind: Kind, owner: str) -> str:
        """Give the newest value of a kind that is derived."""
        return derived_value(self._key(), kind, owner, self.number(kind, owner))

    def number(self, kind: Kind, owner: str) -> int:
        """Return how many values of a kind that is derived were put after the first."""
        rows = self._database.execute(
            "SELECT number FROM derivation WHERE kind = ? AND owner = ?", kind, owner
        )
        return int(rows[0][0]) if rows else 0

    def put_next(self, kind: Kind, owner: str, expires_at: float | None = None) -> str:
        """Derive the next value and let it stand for its owner."""
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO derivation VALUES (?, ?, 1)"
                " ON CONFLICT (kind, owner) DO UPDATE SET number = number + 1",
                kind,
                owner,
            )
            value = self.current(kind, owner)
            self.put(kind, owner, value, expires_at)
        return value

    def end(self, kind: Kind, owner: str, invalid_at: float | None) -> None:
        """Make an owner's values of a kind invalid from a moment on, unless they end sooner."""
        if invalid_at is None:
            return
        with self._database.transaction():
            self._database.execute(
                "UPDATE credential SET invalid_at = ?1 WHERE kind = ?2 AND owner = ?3"
                " AND (invalid_at IS NULL OR invalid_at > ?1)",
                invalid_at,
                kind,
                owner,
            )

    def expire(self, kind: Kind, owner: str, now: float) -> None:
        """Let an owner's values of a kind be over now."""
        with self._database.transaction():
            self._database.execute(
                "UPDATE credential SET expires_at = ? WHERE kind = ? AND owner = ?", now, kind, owner
            )

    def spend(self, value: str) -> None:
        """Forget one value."""
        with self._database.transaction():
            self._database.execute("DELETE FROM credential WHERE digest = ?", digest(value))

    def forget(self, owner: str, *kinds: Kind) -> None:
        """Forget every value of these kinds that an owner has."""
        with self._database.transaction():
            for kind in kinds:
                for table in ("credential", "derivation"):
                    self._database.execute(f"DELETE FROM {table} WHERE owner = ? AND kind = ?", owner, kind)

    def _key(self) -> str:
        with self._database.transaction():
            rows = self._database.execute("SELECT value FROM derivation_key")
            if rows:
                return str(rows[0][0])
            key = secrets.token_hex(32)
            self._database.execute("INSERT INTO derivation_key VALUES (?)", key)
        return key
