"""Apps, settings, faults and the request log, and the way to the other tables."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from wechat_miniprogram_emulator.faults import Fault, FaultRule
from wechat_miniprogram_emulator.model.apps import AppState
from wechat_miniprogram_emulator.model.calls import CallRecord
from wechat_miniprogram_emulator.model.tokens import OWN_TOKENS, Kind, first_value
from wechat_miniprogram_emulator.model.values import host_of
from wechat_miniprogram_emulator.store import (
    credentials,
    documents,
    platforms,
    refusals,
    settings,
    usage,
)
from wechat_miniprogram_emulator.store.database import Database

LISTS = ("direct", "mp", "third", "effective")
SCHEMA_VERSION = 2
CALLS_KEPT = 100_000
CALLS_BETWEEN_CLEANINGS = 1000
SCHEMA = (
    """CREATE TABLE app (
        appid TEXT PRIMARY KEY, file_name TEXT NOT NULL, file_content TEXT NOT NULL,
        permission_sets TEXT NOT NULL, subject TEXT NOT NULL, owner TEXT NOT NULL, component TEXT,
        account_status INTEGER NOT NULL, authorized_at REAL NOT NULL)""",
    """CREATE TABLE domain (
        appid TEXT NOT NULL REFERENCES app ON DELETE CASCADE, list TEXT NOT NULL,
        position INTEGER NOT NULL, value TEXT NOT NULL, host TEXT NOT NULL,
        PRIMARY KEY (appid, list, position)) WITHOUT ROWID""",
    "CREATE INDEX domain_host ON domain (host, list, appid)",
    """CREATE TABLE fault (
        id INTEGER PRIMARY KEY, rule TEXT NOT NULL, skip INTEGER NOT NULL, remaining INTEGER,
        drawn INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE call (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, method TEXT NOT NULL,
        path TEXT NOT NULL, action TEXT, appid TEXT, domains TEXT NOT NULL, errcode INTEGER,
        applied INTEGER NOT NULL, fault TEXT)""",
    "CREATE INDEX call_appid ON call (appid)",
    *credentials.SCHEMA,
    *documents.SCHEMA,
    *platforms.SCHEMA,
    *refusals.SCHEMA,
    *settings.SCHEMA,
    *usage.SCHEMA,
)
TABLES = (
    "domain",
    "app",
    "fault",
    "call",
    "sqlite_sequence",
    *credentials.TABLES,
    *documents.TABLES,
    *platforms.TABLES,
    *refusals.TABLES,
    *settings.TABLES,
    *usage.TABLES,
)

APP_KINDS: tuple[Kind, ...] = ("authorizer_access_token", "authorizer_refresh_token", "appsecret")


class Store:
    """The data of one emulator; several threads may share it, and several processes its file.

    Raises:
        OSError, ValueError: see `Database`.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._database = Database(path, SCHEMA, SCHEMA_VERSION)
        self.credentials = credentials.Credentials(self._database)
        self.platforms = platforms.Platforms(self._database, self.credentials)
        self.documents = documents.Documents(self._database)
        self.usage = usage.Usage(self._database)
        self.settings = settings.Settings(self._database)
        self.refusals = refusals.Refusals(self._database)
        self._execute = self._database.execute

    def close(self) -> None:
        """Close the connection; the file stays."""
        self._database.close()

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Hold the write lock; commit at the end, undo on an exception. It may be nested."""
        return self._database.transaction()

    def reset(self) -> None:
        """Forget everything; the next call has sequence number 1."""
        with self.transaction():
            for table in TABLES:
                self._execute(f"DELETE FROM {table}")
            self.settings.mark_written()

    def app(self, appid: str) -> AppState | None:
        """Read one app."""
        return next(self._apps("WHERE appid = ?", appid), None)

    def apps(self) -> list[AppState]:
        """Read every app, by appid."""
        return list(self._apps("ORDER BY appid"))

    def add_app(self, state: AppState) -> None:
        """Store an app unless its appid is there."""
        with self.transaction():
            if self.app(state.appid) is None:
                self.put_app(state)

    def put_app(
        self, state: AppState, values: Mapping[Kind, str] | None = None, expires_at: float | None = None
    ) -> None:
        """Store an app, and drop whatever its appid had.

        `values` are its own token, refresh token and secret where they are not the first ones; `expires_at`
        is the end of the token.
        """
        with self.transaction():
            self._execute("DELETE FROM app WHERE appid = ?", state.appid)
            self._execute(
                "INSERT INTO app VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                state.appid,
                state.file_name,
                state.file_content,
                json.dumps(state.permission_sets),
                state.subject,
                state.owner,
                state.component,
                state.account_status,
                state.authorized_at,
            )
            self.put_lists(AppState(state.appid), state)
            self.documents.forget(state.appid)
            self.credentials.forget(state.appid, *APP_KINDS, *OWN_TOKENS)
            for kind in APP_KINDS:
                ends = expires_at if kind == "authorizer_access_token" else None
                value = (values or {}).get(kind, first_value(kind, state.appid))
                self.credentials.put(kind, state.appid, value, ends)

    def put_authorization(self, state: AppState) -> None:
        """Store which platform an app authorises, and since when."""
        with self.transaction():
            self._execute(
                "UPDATE app SET component = ?, authorized_at = ? WHERE appid = ?",
                state.component,
                state.authorized_at,
                state.appid,
            )

    def authorizers(self, component: str, offset: int, count: int) -> tuple[int, list[AppState]]:
        """Return how many apps authorise a platform, and give some of them, oldest first."""
        (total,) = self._execute("SELECT count(*) FROM app WHERE component = ?", component)[0]
        condition = "WHERE component = ? ORDER BY authorized_at, appid LIMIT ? OFFSET ?"
        return total, list(self._apps(condition, component, count, offset))

    def put_lists(self, before: AppState, after: AppState) -> None:
        """Store the lists of an app that differ from `before`, which is what the database has."""
        with self.transaction():
            for name in LISTS:
                old, new = getattr(before, name), getattr(after, name)
                if old != new:
                    self._put_list(after.appid, name, old, new)

    def _put_list(self, appid: str, name: str, old: tuple[str, ...], new: tuple[str, ...]) -> None:
        kept = set(new) & set(old)
        in_order = tuple(value for value in old if value in kept)
        if new[: len(in_order)] != in_order or len(set(new)) < len(new):
            kept, in_order = set(), ()
        self._database.execute_many(
            "DELETE FROM domain WHERE appid = ? AND list = ? AND value = ?",
            [(appid, name, value) for value in set(old) - kept],
        )
        rows = self._execute(
            "SELECT coalesce(max(position), 0) FROM domain WHERE appid = ? AND list = ?", appid, name
        )
        first = rows[0][0] + 1
        self._database.execute_many(
            "INSERT INTO domain VALUES (?, ?, ?, ?, ?)",
            [
                (appid, name, first + at, value, host_of(value))
                for at, value in enumerate(new[len(in_order) :])
            ],
        )

    def holders(self, host: str, app: AppState, of: Literal["subjects", "apps"]) -> int:
        """Count the other subjects, or the other apps, that have a host on a configured list."""
        what, own = ("owner", app.owner) if of == "subjects" else ("appid", app.appid)
        rows = self._execute(
            f"SELECT count(DISTINCT {what}) FROM domain JOIN app USING (appid)"
            f" WHERE host = ? AND list != 'effective' AND {what} != ?",
            host,
            own,
        )
        return int(rows[0][0])

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
        rows = self._execute("SELECT id, rule, skip, remaining, drawn FROM fault ORDER BY id")
        return [
            Fault(number, FaultRule.model_validate_json(rule), skip, remaining, drawn)
            for number, rule, skip, remaining, drawn in rows
        ]

    def clear_faults(self, number: int | None = None) -> None:
        """Disarm one fault, if it is armed still, or every fault."""
        with self.transaction():
            self._execute("DELETE FROM fault WHERE ?1 IS NULL OR id = ?1", number)

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
                self._execute("UPDATE fault SET drawn = drawn + 1 WHERE id = ?", fault.number)
                if not fault.rule.falls_on(fault.drawn):
                    continue
                if fault.remaining == 1:
                    self._execute("DELETE FROM fault WHERE id = ?", fault.number)
                else:
                    self._execute("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", fault.number)
                return fault.rule
        return None

    def log(self, record: CallRecord) -> None:
        """Append a call; the store gives it its sequence number, and keeps the newest ones."""
        with self.transaction():
            rows = self._execute(
                "INSERT INTO call (time, method, path, action, appid, domains, errcode, applied, fault)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
                record.time,
                record.method,
                record.path,
                record.action,
                record.appid,
                json.dumps(record.domains),
                record.errcode,
                record.applied,
                record.fault,
            )
            if rows[0][0] % CALLS_BETWEEN_CLEANINGS == 0:
                self._execute("DELETE FROM call WHERE seq <= ?", rows[0][0] - CALLS_KEPT)
                self.refusals.drop_old(record.time)

    def calls(self, appid: str | None = None) -> list[CallRecord]:
        """List the calls, oldest first, of one app or of all."""
        rows = self._execute("SELECT * FROM call WHERE ?1 IS NULL OR appid = ?1 ORDER BY seq", appid)
        return [_record(*row) for row in rows]

    def find_apps(self, text: str, offset: int, count: int) -> tuple[int, list[AppState]]:
        """Return how many apps have a text in their appid or a domain, and give some of them, by appid."""
        condition = (
            "WHERE ?1 = '' OR instr(appid, ?1)"
            " OR appid IN (SELECT domain.appid FROM domain WHERE instr(domain.value, ?1))"
        )
        (total,) = self._execute(f"SELECT count(*) FROM app {condition}", text)[0]
        page = f"{condition} ORDER BY appid LIMIT ?2 OFFSET ?3"
        return total, list(self._apps(page, text, count, offset))

    def last_calls(self, count: int, before: int | None, appid: str | None) -> list[CallRecord]:
        """List the newest calls, newest first, of one app or of all, from before a sequence number on."""
        rows = self._execute(
            "SELECT * FROM call WHERE (?1 IS NULL OR seq < ?1) AND (?2 IS NULL OR appid = ?2)"
            " ORDER BY seq DESC LIMIT ?3",
            before,
            appid,
            count,
        )
        return [_record(*row) for row in rows]

    def clear_calls(self) -> None:
        """Empty the request log."""
        with self.transaction():
            self._execute("DELETE FROM call")

    def _apps(self, condition: str, *values: object) -> Iterator[AppState]:
        with self._database.held():
            rows = self._execute(f"SELECT * FROM app {condition}", *values)
            states = [self._with_lists(*row) for row in rows]
        return iter(states)

    def _with_lists(
        self,
        appid: str,
        file_name: str,
        file_content: str,
        permission_sets: str,
        subject: Any,
        owner: str,
        component: str | None,
        account_status: int,
        authorized_at: float,
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
            owner=owner,
            component=component,
            account_status=account_status,
            authorized_at=authorized_at,
        )


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
