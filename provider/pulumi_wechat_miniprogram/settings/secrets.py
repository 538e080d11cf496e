"""Secrets: parsed when they are given, read from their files when they are used, never shown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.files import expand_home, read_file
from pulumi_wechat_miniprogram.safety.masking import remember
from pulumi_wechat_miniprogram.settings.parsing import (
    ANY,
    SecretKind,
    decoded,
    load_json,
    parse_document,
    parse_secret,
    trimmed,
)

__all__ = [
    "APPID",
    "FILE",
    "NOT_AN_APPID",
    "SecretMap",
    "SettingsError",
    "parse_given",
    "place_of",
    "reveal",
]

FILE: Final = "file:"
"""A secret that begins with this names the file that holds it."""
_VALUE_BEGINS: Final = ("{", "[", '"', "'", "`")
APPID: Final = re.compile(r"wx[0-9a-f]{16}")
NOT_AN_APPID: Final = 'expected "wx" followed by 16 hexadecimal digits'
_MAX_SECRET_BYTES: Final = 64 << 10
_MAX_MAP_BYTES: Final = 32 << 20
"""Room for the tokens of 100,000 apps."""


class SettingsError(UserError):
    """The configuration is wrong; the text names each key in the form the user wrote it."""


def parse_given(text: str, kind: SecretKind = ANY) -> str:
    """Return a secret that was given in a setting, or `file:` with its path.

    Raises:
        ValueError: see `parse_secret` and `place_of`.
    """
    given = trimmed(text)
    if not given.startswith(FILE):
        given = parse_secret(given, kind)
    if given.startswith(FILE):
        place_of(given)
    return given


def place_of(given: str) -> Path:
    """Return the path that `file:` names.

    Raises:
        ValueError: what follows is a value rather than a path, or the home folder does not exist.
    """
    path = given.removeprefix(FILE).strip()
    if path.startswith(_VALUE_BEGINS):
        message = f"has JSON or a quote after `{FILE}`; give a path there, or the value without `{FILE}`"
        raise ValueError(message)
    return expand_home(path)


def reveal(secret: SecretStr, kind: SecretKind = ANY) -> str:
    """Return a secret's value, reading `file:/path` afresh.

    Raises:
        SettingsError: the file cannot be read, or holds something else.
    """
    given = secret.get_secret_value()
    if not given.startswith(FILE):
        return remember(given)
    path = place_of(given)
    try:
        return remember(parse_secret(_read(path, _MAX_SECRET_BYTES), kind))
    except ValueError as error:
        raise _wrong_file(path, error) from None


@dataclass(frozen=True, slots=True)
class SecretMap:
    """Secrets by appid: given one by one, or as one file that holds the JSON object."""

    source: Mapping[str, SecretStr] | Path = field(repr=False)
    kind: SecretKind = ANY
    _last: list[tuple[str, dict[str, SecretStr]]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    """The file's content when last read, and what was in it: to parse it takes long for many appids."""

    @classmethod
    def parse(cls, value: object, kind: SecretKind = ANY) -> SecretMap:
        """Take a JSON object as text, a mapping, or `file:/path`.

        Raises:
            ValueError: it is none of them; the text holds no value.
        """
        text = trimmed(value) if isinstance(value, str) else ""
        if text.startswith(FILE):
            return cls(place_of(text), kind)
        return cls(_parse_object(_document(text) if isinstance(value, str) else value, kind), kind)

    def appids(self) -> tuple[str, ...]:
        """Return whose secrets there are, sorted. Raises as `get` does."""
        return tuple(sorted(self._mapping()))

    def get(self, appid: str) -> str | None:
        """Return the secret of one appid as it is now, None if there is none.

        Raises:
            SettingsError: a file cannot be read, or does not hold what it should.
        """
        secret = self._mapping().get(appid)
        return None if secret is None else reveal(secret, self.kind)

    def read(self) -> tuple[str, ...]:
        """Read every secret once, and return whose they are, sorted. Raises as `get` does."""
        secrets = self._mapping()
        for secret in secrets.values():
            reveal(secret, self.kind)
        return tuple(sorted(secrets))

    def _mapping(self) -> Mapping[str, SecretStr]:
        if not isinstance(self.source, Path):
            return self.source
        try:
            content = _read(self.source, _MAX_MAP_BYTES)
            for known, secrets in self._last:
                if known == content:
                    return secrets
            secrets = _parse_object(_document(content), self.kind)
        except ValueError as error:
            raise _wrong_file(self.source, error) from None
        self._last[:] = [(content, secrets)]
        return secrets


def _document(text: str) -> object:
    """Return what a JSON text holds; where that is a text again, what this holds."""
    if text[:1] == "'" and text.lstrip("'").lstrip()[:1] == "{":
        message = "is JSON with single quotes around it; remove them"
        raise ValueError(message)
    if text.startswith("{'"):
        message = "has single quotes in it; JSON needs double quotes"
        raise ValueError(message)
    try:
        document = load_json(text, object_pairs_hook=_unique)
        return load_json(document, object_pairs_hook=_unique) if isinstance(document, str) else document
    except json.JSONDecodeError:
        return None


class _GivenTwice(ValueError):
    """A JSON object has a key twice, of which a reader would drop one."""


def _parse_object(document: object, kind: SecretKind) -> dict[str, SecretStr]:
    if not isinstance(document, Mapping):
        message = "is not a JSON object from appid to token"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns a ValueError into one of its own
    secrets: dict[str, str] = {}
    for appid, given in document.items():
        if not APPID.fullmatch(str(appid)):
            shown = f" ({appid})" if re.fullmatch(r"wx\w{0,20}", str(appid)) else ""
            message = f"has a key that is not a valid appid{shown}: {NOT_AN_APPID}"
            raise ValueError(message)
        try:
            secrets[appid] = _parse_value(given, kind)
        except ValueError as error:
            message = f"has no token for {appid}: it {error}"
            raise ValueError(message) from None
    _refuse_shared(secrets)
    return {appid: SecretStr(secret) for appid, secret in secrets.items()}


def _parse_value(given: object, kind: SecretKind) -> str:
    if isinstance(given, SecretStr):
        given = given.get_secret_value()
    if isinstance(given, str):
        return parse_given(given, kind)
    return parse_document(given, kind)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        message = "has the same key twice"
        raise _GivenTwice(message)
    return document


def _refuse_shared(secrets: Mapping[str, str]) -> None:
    """Refuse one token for two appids: it selects one Mini Program, and would write to it for both."""
    owner: dict[str, str] = {}
    for appid, secret in secrets.items():
        if owner.setdefault(secret, appid) != appid:
            message = f"gives {owner[secret]} and {appid} the same token, which belongs to one of them only"
            raise ValueError(message)


def _read(path: Path, limit: int) -> str:
    """Return the text of a file.

    Raises:
        SettingsError: it cannot be read.
        ValueError: it is empty, or not text.
    """
    try:
        content = read_file(path, limit)
    except OSError as error:
        message = f"{_shown_file(path)} cannot be read: {error.strerror}"
        raise SettingsError(message) from None
    if not (text := decoded(content)):
        message = "is empty"
        raise ValueError(message)
    return text


def _wrong_file(path: Path, error: ValueError) -> SettingsError:
    return SettingsError(f"{_shown_file(path)} {error}")


def _shown_file(path: Path) -> str:
    """Name a file, unless what was given for its path may be the secret itself."""
    is_path = path.is_absolute() or os.path.lexists(path)
    return f"the secret file {path}" if is_path else f"the secret file after `{FILE}`, a relative path,"
