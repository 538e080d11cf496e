"""Secrets: parsed when they are given, read from their files when they are used, never shown."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.files import expand_home, read_file
from pulumi_wechat_miniprogram.safety.masking import remember
from pulumi_wechat_miniprogram.settings.parsing import (
    ANY,
    SecretKind,
    decoded,
    load_json,
    parse_secret,
    trimmed,
)

FILE: Final = "file:"
"""A secret that begins with this names the file that holds it."""
APPID: Final = re.compile(r"wx[0-9a-f]{16}")
NOT_AN_APPID: Final = 'expected "wx" followed by 16 hexadecimal digits'
_MAX_SECRET_BYTES: Final = 64 << 10
_MAX_MAP_BYTES: Final = 32 << 20
"""Enough for the tokens of 100,000 apps."""

_T = TypeVar("_T")


class SettingsError(UserError):
    """The configuration is wrong. The message names each key the way the user set it."""


def parse_given(text: str, kind: SecretKind = ANY) -> str:
    """Return a secret from a setting, or `file:` with its path. Raises ValueError if it is neither."""
    given = trimmed(text)
    if not given.startswith(FILE):
        given = parse_secret(given, kind)
    if given.startswith(FILE):
        _path_in(given)
    return given


def _path_in(given: str) -> Path:
    path = given.removeprefix(FILE).strip()
    if path.startswith(("{", "[", '"', "'", "`")):
        raise ValueError(
            f"has JSON or a quote after `{FILE}`; give a path there, or the value without `{FILE}`"
        )
    return expand_home(path)


def reveal(secret: SecretStr, kind: SecretKind = ANY) -> str:
    """Return a secret's value, reading `file:/path` afresh.

    Raises:
        SettingsError: the file cannot be read, or does not hold such a secret.
    """
    given = secret.get_secret_value()
    if given.startswith(FILE):
        given = _read(_path_in(given), _MAX_SECRET_BYTES, lambda text: parse_secret(text, kind))
    return remember(given)


@dataclass(frozen=True, slots=True)
class SecretMap:
    """Secrets by appid: given one by one, or as one file that holds the JSON object."""

    source: Mapping[str, SecretStr] | Path = field(repr=False)
    kind: SecretKind = ANY

    @classmethod
    def parse(cls, value: object, kind: SecretKind = ANY) -> SecretMap:
        """Take a JSON object as text, a mapping, or `file:/path`.

        Raises:
            ValueError: it is none of them; the message shows no value.
        """
        if not isinstance(value, str):
            return cls(_parse_object(value, kind), kind)
        text = trimmed(value)
        return cls(_path_in(text) if text.startswith(FILE) else _parse_text(text, kind), kind)

    def appids(self) -> tuple[str, ...]:
        """Return the appids that have a secret, sorted. Raises as `get` does."""
        return tuple(sorted(self._mapping()))

    def get(self, appid: str) -> str | None:
        """Return the current secret of an appid, None if there is none.

        Raises:
            SettingsError: a file cannot be read, or does not hold what it should.
        """
        secret = self._mapping().get(appid)
        return None if secret is None else reveal(secret, self.kind)

    def read(self) -> tuple[str, ...]:
        """Read every secret once, and return the appids, sorted. Raises as `get` does."""
        secrets = self._mapping()
        for secret in secrets.values():
            reveal(secret, self.kind)
        return tuple(sorted(secrets))

    def _mapping(self) -> Mapping[str, SecretStr]:
        if not isinstance(self.source, Path):
            return self.source
        return _read(self.source, _MAX_MAP_BYTES, lambda text: _parse_text(text, self.kind))


@functools.lru_cache(maxsize=1)  # parsing takes long for many appids, and each call reads its file afresh
def _parse_text(text: str, kind: SecretKind) -> Mapping[str, SecretStr]:
    if not text:
        raise ValueError("is empty")
    if text[:1] == "'" and text.lstrip("'").lstrip()[:1] == "{":
        raise ValueError("is JSON with single quotes around it; remove them")
    if text.startswith("{'"):
        raise ValueError("has single quotes in it; JSON needs double quotes")
    try:
        document = load_json(text, object_pairs_hook=_unique)
        if isinstance(document, str):
            document = load_json(document, object_pairs_hook=_unique)
    except json.JSONDecodeError:
        document = None
    return _parse_object(document, kind)


class _GivenTwice(ValueError):
    """A JSON object has the same key twice. JSON readers drop one of them."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise _GivenTwice("has the same key twice")
    return document


def _parse_object(document: object, kind: SecretKind) -> Mapping[str, SecretStr]:
    if not isinstance(document, Mapping):
        raise ValueError("is not a JSON object that maps appids to tokens")  # noqa: TRY004 - pydantic expects it
    secrets: dict[str, str] = {}
    for appid, value in document.items():
        if not APPID.fullmatch(str(appid)):
            shown = f" ({appid})" if re.fullmatch(r"wx\w{0,20}", str(appid)) else ""
            raise ValueError(f"has a key that is not a valid appid{shown}: {NOT_AN_APPID}")
        given = value.get_secret_value() if isinstance(value, SecretStr) else value
        try:
            secrets[appid] = parse_given(given, kind) if isinstance(given, str) else parse_secret(given, kind)
        except ValueError as error:
            raise ValueError(f"has no token for {appid}: it {error}") from None
    owner: dict[str, str] = {}
    for appid, secret in secrets.items():  # a token selects one Mini Program and would write to it for both
        if owner.setdefault(secret, appid) != appid:
            raise ValueError(
                f"gives {owner[secret]} and {appid} the same token, which belongs to one of them only"
            )
    return {appid: SecretStr(secret) for appid, secret in secrets.items()}


def _read(path: Path, limit: int, parse: Callable[[str], _T]) -> _T:
    """Return what `parse` makes of a file. Every error of it, or of reading, names the file."""
    # A relative path that does not exist may be the secret itself, given after `file:` by mistake.
    is_path = path.is_absolute() or os.path.lexists(path)
    file = f"the secret file {path}" if is_path else f"the secret file after `{FILE}`, a relative path,"
    try:
        return parse(decoded(read_file(path, limit)))
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"{file} {error}") from None
