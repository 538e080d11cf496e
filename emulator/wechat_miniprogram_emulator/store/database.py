"""One SQLite database: opened, versioned, changed in transactions."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

BUSY_TIMEOUT_SECONDS = 10.0
SINCE_THE_FIRST_VERSION = frozenset({"app", "domain", "call"})
"""Tables that distinguish data of another version from a database of another program."""


class DataUnusable(OSError):
    """The file cannot be opened, read or written: a full disk, a lock, missing rights."""


class DataDamaged(ValueError):
    """The file is cut off or overwritten."""


class Database:
    """A connection that several threads may share, to a file that several processes may share.

    A change happens inside `transaction`, which holds the file's write lock from its first statement.

    Raises:
        OSError: the file cannot be opened, read or written.
        ValueError: it is damaged, or holds something else or data of another version; it is left as it is.
    """

    def __init__(self, path: str | Path | None, schema: Sequence[str], version: int) -> None:
        self._lock = threading.RLock()
        self._changes = 0
        self._path = "the data in memory" if path is None else path
        if path is not None and Path(path).exists() and not Path(path).is_file():
            raise DataUnusable(f"{path} cannot be used: it is not a regular file")
        with self._reporting():
            self._connection = sqlite3.connect(
                ":memory:" if path is None else str(path),
                timeout=BUSY_TIMEOUT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            with self._reporting():
                self._recognise(schema, version)
                if path is not None:
                    self._use_write_ahead_log()
                self._connection.execute("PRAGMA foreign_keys = ON")
                # A killed process loses nothing, the system has its writes; only a power cut may. Waiting for
                # the disk halves the number of calls.
                self._connection.execute("PRAGMA synchronous = OFF")
                self._create(schema, version)
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
            with self._reporting():
                self._connection.execute("BEGIN IMMEDIATE")
            self._changes += 1
            try:
                yield
                with self._reporting():
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise

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
        with self._lock, self._reporting():
            return self._connection.execute(statement, values).fetchall()

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        with self._lock, self._reporting():
            self._connection.executemany(statement, rows)

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn an error of SQLite into one that names the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise DataUnusable(f"{self._path} cannot be used: {error}") from None
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # a value that a statement cannot take
                raise
            fault = "is damaged" if "malformed" in str(error) else "holds no emulator data"
            raise DataDamaged(f"{self._path} {fault}: {error}") from None

    def _recognise(self, schema: Sequence[str], version: int) -> None:
        """Check what a file holds before anything is written to it: it may belong to another program."""
        self._connection.execute("BEGIN")  # another process may be creating the tables
        names = {name for (name,) in self.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        found = self._version()
        self._connection.execute("COMMIT")
        if not names and not found:
            return
        ours = set(re.findall(r"CREATE TABLE (\w+)", "\n".join(schema)))
        if not (ours if found == version else SINCE_THE_FIRST_VERSION) <= names:
            raise ValueError(f"{self._path} holds no emulator data: it is a database of another program")
        self._check_version(version)
        ((first,),) = self.execute("PRAGMA quick_check(1)")
        if first != "ok":
            raise DataDamaged(f"{self._path} is damaged: delete it, or restore it from a copy")

    def _use_write_ahead_log(self) -> None:
        # SQLite does not wait for the busy timeout when two processes switch a new file to WAL.
        deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                # Python 3.10 gives no error code.
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
            else:
                return

    def _create(self, schema: Sequence[str], version: int) -> None:
        if self._version() == 0:
            with self.transaction():
                if self._version() == 0:
                    for statement in schema:
                        self.execute(statement)
                    self.execute(f"PRAGMA user_version = {version}")
        self._check_version(version)

    def _check_version(self, version: int) -> None:
        if self._version() != version:
            raise ValueError(
                f"{self._path} has emulator data of version {self._version()}, this emulator reads version "
                f"{version}; delete the file or use the release that wrote it"
            )

    def _version(self) -> int:
        return int(self.execute("PRAGMA user_version")[0][0])
