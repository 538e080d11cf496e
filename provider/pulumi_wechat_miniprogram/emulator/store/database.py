"""One SQLite database: opened, versioned, changed in transactions."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

BUSY_TIMEOUT_SECONDS = 10.0


class Database:
    """A connection that several threads may share, to a file that several processes may share.

    A change happens inside `transaction`, which holds the file's write lock from its first statement.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it holds something else, or data of another version.
    """

    def __init__(self, path: str | Path | None, schema: Sequence[str], version: int) -> None:
        self._lock = threading.RLock()
        self._changes = 0
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
            # A killed process loses nothing, the system has its writes; only a power cut may. Waiting for the
            # disk halves the number of calls.
            self._connection.execute("PRAGMA synchronous = OFF")
            self._create(path, schema, version)
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
            self._changes += 1
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @property
    def change(self) -> int | None:
        """Number the change that is under way."""
        return self._changes if self._connection.in_transaction else None

    def version_of_others(self) -> int:
        """Give a number that changes when another process has written."""
        return int(self.execute("PRAGMA data_version")[0][0])

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let no other thread come between several reads."""
        with self._lock:
            yield

    def execute(self, statement: str, *values: object) -> list[Any]:
        """Run one statement and give its rows."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        with self._lock:
            self._connection.executemany(statement, rows)

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

    def _create(self, path: str | Path | None, schema: Sequence[str], version: int) -> None:
        if self._version() == 0:
            with self.transaction():
                if self._version() == 0:
                    for statement in schema:
                        self.execute(statement)
                    self.execute(f"PRAGMA user_version = {version}")
        if self._version() != version:
            raise ValueError(
                f"{path} has emulator data of version {self._version()}, this emulator reads version "
                f"{version}; delete the file or use the release that wrote it"
            )

    def _version(self) -> int:
        return int(self.execute("PRAGMA user_version")[0][0])
