"""Third-party platforms and their tickets. The default one is always there."""

from __future__ import annotations

import json
from collections.abc import Mapping

from wechat_miniprogram_emulator.model.apps import DEFAULT_COMPONENT
from wechat_miniprogram_emulator.model.platforms import Platform, new_platform
from wechat_miniprogram_emulator.model.tokens import TICKET_SECONDS, Kind, first_value
from wechat_miniprogram_emulator.store.credentials import Credentials
from wechat_miniprogram_emulator.store.database import Database

SCHEMA = (
    """CREATE TABLE platform (
        appid TEXT PRIMARY KEY, allowed_ips TEXT, published INTEGER NOT NULL, ticket_issued_at REAL NOT NULL,
        file_name TEXT NOT NULL, file_content TEXT NOT NULL)""",
)
TABLES = ("platform",)


class Platforms:
    """The third-party platforms."""

    def __init__(self, database: Database, credentials: Credentials) -> None:
        self._database = database
        self._credentials = credentials

    def find(self, appid: str, now: float) -> Platform | None:
        """Read a platform; the default one comes to be on its first call."""
        found = self._read(appid)
        if found is None and appid == DEFAULT_COMPONENT:
            with self._database.transaction():
                if self._read(appid) is None:
                    self.put(new_platform(appid, now))
            found = self._read(appid)
        return found

    def put(self, platform: Platform, values: Mapping[Kind, str] | None = None) -> None:
        """Store a platform, replacing the one with its appid; its access tokens stay.

        `values` are its own secret and ticket where they are not the first ones.
        """
        chosen = values or {}
        with self._database.transaction():
            self._database.execute(
                "INSERT OR REPLACE INTO platform VALUES (?, ?, ?, ?, ?, ?)",
                platform.appid,
                None if platform.allowed_ips is None else json.dumps(platform.allowed_ips),
                platform.published,
                platform.ticket_issued_at,
                platform.file_name,
                platform.file_content,
            )
            ends: dict[Kind, float | None] = {
                "appsecret": None,
                "component_verify_ticket": platform.ticket_issued_at + TICKET_SECONDS,
            }
            self._credentials.forget(platform.appid, *ends)
            for kind, end in ends.items():
                value = chosen.get(kind, first_value(kind, platform.appid))
                self._credentials.put(kind, platform.appid, value, end)

    def push_ticket(self, appid: str, now: float) -> str:
        """Issue a platform's next ticket, as WeChat does every ten minutes; the ones before stay valid."""
        with self._database.transaction():
            ticket = self._credentials.put_next("component_verify_ticket", appid, now + TICKET_SECONDS)
            self._database.execute("UPDATE platform SET ticket_issued_at = ? WHERE appid = ?", now, appid)
        return ticket

    def ticket(self, platform: Platform, now: float) -> str:
        """Give the newest ticket: the next one, if it is due."""
        if platform.ticket_is_due(now):
            return self.push_ticket(platform.appid, now)
        return self._credentials.current("component_verify_ticket", platform.appid)

    def _read(self, appid: str) -> Platform | None:
        rows = self._database.execute("SELECT * FROM platform WHERE appid = ?", appid)
        if not rows:
            return None
        _, allowed_ips, published, *rest = rows[0]
        allowed = None if allowed_ips is None else tuple(json.loads(allowed_ips))
        return Platform(appid, allowed, bool(published), *rest)
