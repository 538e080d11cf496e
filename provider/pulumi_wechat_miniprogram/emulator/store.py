"""The emulator's data in SQLite: one file, or memory."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any

from pulumi_wechat_miniprogram.emulator.faults import Fault, FaultRule
from pulumi_wechat_miniprogram.emulator.model import (
    AppState,
    CallRecord,
    default_token,
    host_of,
    released,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY_TIMEOUT_SECONDS = 10.0
LISTS = ("direct", "mp", "third", "effective")
SCHEMA_VERSION = 1
SCHEMA = (
    """CREATE TABLE app (
        appid TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, token_expires_at REAL,
        file_name TEXT NOT NULL, file_content TEXT NOT NULL,
        permission_sets TEXT NOT NULL, subject TEXT NOT NULL)""",
    """CREATE TABLE domain (
        appid TEXT NOT NULL REFERENCES app ON DELETE CASCADE, list TEXT NOT NULL,
        position INTEGER NOT NULL, value TEXT NOT NULL, host TEXT NOT NULL,
        PRIMARY KEY (appid, list, position)) WITHOUT ROWID""",
    "CREATE INDEX domain_host ON domain (host, list, appid)",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE fault (
        id INTEGER PRIMARY KEY, rule TEXT NOT NULL, skip INTEGER NOT NULL, remaining INTEGER)""",
    """CREATE TABLE call (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, method TEXT NOT NULL,
        path TEXT NOT NULL, action TEXT, appid TEXT, domains TEXT NOT NULL, errcode INTEGER,
        applied INTEGER NOT NULL, fault TEXT)""",
    "CREATE INDEX call_appid ON call (appid)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


class Store:
    """Apps, settings, faults and the request log.

    Several threads may share a store, and several processes its file: a change happens inside
    `transaction`, which holds the file's write lock from its first statement.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it holds something else, or data of another version.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                ":memory:" if path is None else str(path),
                timeout=BUSY_TIMEOUT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.OperationalError as error:
            raise OSError(f"{path}: {error}") from None
        try:
            if path is not None:
                self._use_write_ahead_log()
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._create_schema(path)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ValueError(f"{path} holds no emulator data: {error}") from None
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the connection; the file stays."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock; commit at the end, undo on an exception. It may be nested."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def reset(self) -> None:
        """Forget every app, setting, fault and call; the next call has sequence number 1."""
        with self.transaction():
            for table in ("domain", "app", "setting", "fault", "call"):
                self._execute(f"DELETE FROM {table}")
            self._execute("DELETE FROM sqlite_sequence")

    def app(self, appid: str) -> AppState | None:
        """Read one app."""
        return next(self._apps("WHERE appid = ?", appid), None)

    def apps(self) -> list[AppState]:
        """Read every app, by appid."""
        return list(self._apps("ORDER BY appid"))

    def find_token(self, token: str) -> tuple[str, float | None] | None:
        """Give the appid a token belongs to, and when the token expires."""
        row = self._execute("SELECT appid, token_expires_at FROM app WHERE token = ?", token)
        return row[0] if row else None

    def add_app(self, state: AppState) -> None:
        """Store an app unless its appid is there."""
        with self.transaction():
            if self.app(state.appid) is None:
                self.put_app(state)

    def put_app(
        self, state: AppState, token: str | None = None, token_expires_at: float | None = None
    ) -> None:
        """Store an app in place of whatever its appid had."""
        with self.transaction():
            self._execute("DELETE FROM app WHERE appid = ?", state.appid)
            self._execute(
                "INSERT INTO app VALUES (?, ?, ?, ?, ?, ?, ?)",
                state.appid,
                default_token(state.appid) if token is None else token,
                token_expires_at,
                state.file_name,
                state.file_content,
                json.dumps(state.permission_sets),
                state.subject,
            )
            self.put_lists(AppState(state.appid), state)

    def release(self, appid: str) -> None:
        """Put every configured domain of an app in force.

        Raises:
            LookupError: there is no such app.
        """
        with self.transaction():
            if (before := self.app(appid)) is None:
                raise LookupError(f"there is no app {appid}")
            self.put_lists(before, released(before))

    def put_lists(self, before: AppState, after: AppState) -> None:
        """Store the lists of an app that differ from `before`."""
        with self.transaction():
            for name in LISTS:
                values: tuple[str, ...] = getattr(after, name)
                if values == getattr(before, name):
                    continue
                self._execute("DELETE FROM domain WHERE appid = ? AND list = ?", after.appid, name)
                self._connection.executemany(
                    "INSERT INTO domain VALUES (?, ?, ?, ?, ?)",
                    [(after.appid, name, at, value, host_of(value)) for at, value in enumerate(values)],
                )

    def apps_with_host(self, host: str, other_than: str) -> int:
        """Count the other apps that have a host on one of their configured lists."""
        rows = self._execute(
            "SELECT count(DISTINCT appid) FROM domain WHERE host = ? AND list != 'effective' AND appid != ?",
            host,
            other_than,
        )
        return int(rows[0][0])

    def setting(self, name: str, default: Any) -> Any:
        """Read a setting."""
        rows = self._execute("SELECT value FROM setting WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else default

    def put_setting(self, name: str, value: object) -> None:
        """Write a setting."""
        with self.transaction():
            self._execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))

    def add_fault(self, rule: FaultRule) -> int:
        """Arm a fault and give its number."""
        with self.transaction():
            rows = self._execute(
                "INSERT INTO fault (rule, skip, remaining) VALUES (?, ?, ?) RETURNING id",
                rule.model_dump_json(),
                rule.skip,
                rule.times,
            )
            return int(rows[0][0])

    def faults(self) -> list[Fault]:
        """List the faults that are still armed, oldest first."""
        rows = self._execute("SELECT id, rule, skip, remaining FROM fault ORDER BY id")
        return [
            Fault(number, FaultRule.model_validate_json(rule), skip, remaining)
            for number, rule, skip, remaining in rows
        ]

    def clear_faults(self) -> None:
        """Disarm every fault."""
        with self.transaction():
            self._execute("DELETE FROM fault")

    def take_fault(self, path: str, action: str | None, appid: str | None) -> FaultRule | None:
        """Give the oldest fault that is due for this call and count it; skipped calls count too."""
        if not self._execute("SELECT 1 FROM fault LIMIT 1"):
            return None
        with self.transaction():
            for fault in self.faults():
                if not fault.rule.matches(path, action, appid):
                    continue
                if fault.skip:
                    self._execute("UPDATE fault SET skip = skip - 1 WHERE id = ?", fault.number)
                    continue
                if fault.remaining == 1:
                    self._execute("DELETE FROM fault WHERE id = ?", fault.number)
                else:
                    self._execute("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", fault.number)
                return fault.rule
        return None

    def log(self, record: CallRecord) -> None:
        """Append a call; the store gives it its sequence number."""
        row = replace(record, domains=())
        with self.transaction():
            self._execute(
                "INSERT INTO call (time, method, path, action, appid, domains, errcode, applied, fault)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *astuple(row)[1:6],
                json.dumps(record.domains),
                *astuple(row)[7:],
            )

    def calls(self, appid: str | None = None) -> list[CallRecord]:
        """List the calls, oldest first, of one app or of all."""
        rows = self._execute("SELECT * FROM call WHERE ?1 IS NULL OR appid = ?1 ORDER BY seq", appid)
        return [_record(*row) for row in rows]

    def clear_calls(self) -> None:
        """Empty the request log."""
        with self.transaction():
            self._execute("DELETE FROM call")

    def _execute(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def _apps(self, condition: str, *values: object) -> Iterator[AppState]:
        with self._lock:
            rows = self._execute(
                f"SELECT appid, file_name, file_content, permission_sets, subject FROM app {condition}",
                *values,
            )
            states = [self._with_lists(*row) for row in rows]
        return iter(states)

    def _with_lists(
        self, appid: str, file_name: str, file_content: str, permission_sets: str, subject: Any
    ) -> AppState:
        lists: dict[str, list[str]] = {name: [] for name in LISTS}
        for name, value in self._execute(
            "SELECT list, value FROM domain WHERE appid = ? ORDER BY list, position", appid
        ):
            lists[name].append(value)
        return AppState(
            appid,
            direct=tuple(lists["direct"]),
            mp=tuple(lists["mp"]),
            third=tuple(lists["third"]),
            effective=tuple(lists["effective"]),
            file_name=file_name,
            file_content=file_content,
            permission_sets=tuple(json.loads(permission_sets)),
            subject=subject,
        )

    def _use_write_ahead_log(self) -> None:
        # SQLite does not wait for the busy timeout when two processes switch a new file to WAL.
        deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
            else:
                return

    def _create_schema(self, path: str | Path | None) -> None:
        if self._version() == 0:
            with self.transaction():
                if self._version() == 0:
                    for statement in SCHEMA:
                        self._execute(statement)
        if self._version() != SCHEMA_VERSION:
            raise ValueError(
                f"{path} has emulator data of version {self._version()}, this emulator reads version "
                f"{SCHEMA_VERSION}; delete the file or use the release that wrote it"
            )

    def _version(self) -> int:
        return int(self._execute("PRAGMA user_version")[0][0])


def _record(
    seq: int,
    at: float,
    method: str,
    path: str,
    action: str | None,
    appid: str | None,
    domains: str,
    errcode: int | None,
    applied: int,
    fault: str | None,
) -> CallRecord:
    return CallRecord(
        seq, at, method, path, action, appid, tuple(json.loads(domains)), errcode, bool(applied), fault
    )
