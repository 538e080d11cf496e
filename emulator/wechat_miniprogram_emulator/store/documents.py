"""What one account has of one subject, as one value: server domains, versions, hosts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from wechat_miniprogram_emulator.model.platform_lists import PlatformLists
from wechat_miniprogram_emulator.model.prefetch import PrefetchHosts
from wechat_miniprogram_emulator.model.server_domains import ServerState
from wechat_miniprogram_emulator.model.versions import Versions
from wechat_miniprogram_emulator.store.database import Database

SCHEMA = (
    """CREATE TABLE document (
        owner TEXT NOT NULL, subject TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, subject))
        WITHOUT ROWID""",
)
TABLES = ("document",)

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Subject(Generic[_Value]):
    """A subject, and the type of its values; an account that has none has the type's empty value."""

    name: str
    type: type[_Value]

    @cached_property
    def adapter(self) -> TypeAdapter[_Value]:
        """Reads and writes the type as JSON."""
        return TypeAdapter(self.type)


SERVER_DOMAINS = Subject("server domains", ServerState)
PREFETCH_HOSTS = Subject("prefetch hosts", PrefetchHosts)
VERSIONS = Subject("versions", Versions)
JUMP_HOSTS = Subject("jump hosts", PlatformLists)
SERVER_HOSTS = Subject("server hosts", PlatformLists)


class Documents:
    """The documents of every account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, owner: str, subject: Subject[_Value]) -> _Value:
        """Give what an account has."""
        rows = self._database.execute(
            "SELECT value FROM document WHERE owner = ? AND subject = ?", owner, subject.name
        )
        return subject.adapter.validate_json(rows[0][0]) if rows else subject.type()

    def write(self, owner: str, subject: Subject[_Value], value: _Value) -> None:
        """Store what an account has."""
        text = subject.adapter.dump_json(value).decode()
        with self._database.transaction():
            self._database.execute(
                "INSERT OR REPLACE INTO document VALUES (?, ?, ?)", owner, subject.name, text
            )

    def forget(self, owner: str) -> None:
        """Forget all that an account has."""
        with self._database.transaction():
            self._database.execute("DELETE FROM document WHERE owner = ?", owner)
