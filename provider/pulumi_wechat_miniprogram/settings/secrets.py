"""Secrets: read when they are used, and blotted out of every text that leaves the process."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

__all__ = [
    "APPID",
    "FILE",
    "MASK",
    "SecretMap",
    "SettingsError",
    "redact",
    "remember",
    "reveal",
    "secret_problem",
]

FILE: Final = "file:"
"""A secret that begins with this names the file that holds it."""
MASK: Final = "***"
_SHORTEST: Final = 8
"""Characters of a secret from which on it is looked for in texts: a shorter one is part of many words."""
APPID: Final = re.compile(r"wx[0-9a-f]{16}")
_WORD: Final = re.compile(r"[!-~]+")
_NAMED: Final = r"[\w-]*(?:token|secret|ticket|password|authorization|api-?key)[\w-]*"
_PATTERNS: Final = (
    rf"(\b{_NAMED}=)[^&\s\"'<>]+",
    rf"(\B--?{_NAMED}[ =]+)[^\s\"']+",
    r"(\bauthorization\\?[\"']?\s*:\s*\\?[\"']?)[^\s\"'\\]+(?:[ \t]+[^\s\"'\\]+)?",
    rf"(\b{_NAMED}\s*:\s+)[^\s\"',;]+",
    rf"(\\[\"']{_NAMED}\\[\"']\s*:\s*\\[\"'])[^\"'\\]+",
    r"(://[^/\s:@]*:)[^/\s@]+(?=@)",
    rf"([\"']{_NAMED}[\"']\s*[:,]\s*b?[\"'])(?!Bearer )[^\"']+",
    r"(\bBearer\s+)[\w.~+/=-]+",
)

_remembered: set[str] = set()
"""Every secret that this process has used. It is one set for the process, as its logs are."""


class SettingsError(Exception):
    """The configuration is wrong; the text names each key in the form the user wrote it."""


def remember(secret: str) -> str:
    """Return a secret, which `redact` knows from now on."""
    if len(secret) >= _SHORTEST:
        _remembered.add(secret)
    return secret


def redact(text: str) -> str:
    """Blot out every secret that was used, and whatever stands where a secret usually does."""
    for secret in sorted(_remembered, key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern in _compiled():
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


@functools.cache
def _compiled() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS)


def reveal(secret: SecretStr) -> str:
    """Return a secret's value, reading `file:/path` afresh.

    Raises:
        SettingsError: the file cannot be read, is empty, or holds more than one word.
    """
    value = secret.get_secret_value()
    return remember(_read_word(Path(value.removeprefix(FILE))) if value.startswith(FILE) else value)


@dataclass(frozen=True, slots=True)
class SecretMap:
    """Secrets by appid: given one by one, or as one file that holds the JSON object."""

    source: Mapping[str, SecretStr] | Path = field(repr=False)
    _last: list[tuple[str, dict[str, SecretStr]]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    """The file's content when last read, and what was in it: to parse it takes long for many appids."""

    @classmethod
    def parse(cls, value: object) -> SecretMap:
        """Take a JSON object as text, a mapping, or `file:/path`.

        Raises:
            ValueError: it is none of them; the text holds no value.
        """
        if isinstance(value, str) and value.startswith(FILE):
            return cls(Path(value.removeprefix(FILE)))
        return cls(_parse_object(value))

    def appids(self) -> tuple[str, ...]:
        """Return whose secrets there are, sorted. Raises as `get` does."""
        return tuple(sorted(self._mapping()))

    def get(self, appid: str) -> str | None:
        """Return the secret of one appid as it is now, None if there is none.

        Raises:
            SettingsError: a file cannot be read, or does not hold what it should.
        """
        secret = self._mapping().get(appid)
        return None if secret is None else reveal(secret)

    def _mapping(self) -> Mapping[str, SecretStr]:
        if not isinstance(self.source, Path):
            return self.source
        content = _read(self.source)
        for known, secrets in self._last:
            if known == content:
                return secrets
        try:
            secrets = _parse_object(content)
        except ValueError as error:
            message = f"the secret file {self.source} {error}"
            raise SettingsError(message) from None
        self._last[:] = [(content, secrets)]
        return secrets


def _parse_object(value: object) -> dict[str, SecretStr]:
    try:
        document = json.loads(value, object_pairs_hook=_unique) if isinstance(value, str) else value
    except (json.JSONDecodeError, RecursionError):
        document = None
    if not isinstance(document, dict):
        message = "is not a JSON object from appid to token"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns a ValueError into one of its own
    for appid, secret in document.items():
        if not APPID.fullmatch(str(appid)):
            shown = f" ({appid})" if re.fullmatch(r"wx\w{0,20}", str(appid)) else ""
            message = f"has a key that is no appid{shown}: wx and 16 of 0-9a-f"
            raise ValueError(message)
        if not isinstance(secret, str) or (problem := secret_problem(secret)):
            message = f"has no token for {appid}: it {problem if isinstance(secret, str) else 'is no text'}"
            raise ValueError(message)
    _refuse_shared(document)
    return {appid: SecretStr(secret) for appid, secret in document.items()}


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) < len(pairs):
        message = "names an appid twice"
        raise ValueError(message)
    return document


def _refuse_shared(document: Mapping[str, str]) -> None:
    """Refuse one token for two appids: it selects one Mini Program, and would write to it for both."""
    owner: dict[str, str] = {}
    for appid, secret in document.items():
        if owner.setdefault(secret, appid) != appid:
            message = f"gives {owner[secret]} and {appid} the same token, which can be of one alone"
            raise ValueError(message)


def secret_problem(value: str) -> str:
    """Say why a secret given in place cannot be one; empty if it can, or names its file."""
    if value.startswith(FILE) or _WORD.fullmatch(value):
        return ""
    return "is empty" if not value else "is more than one word of printable ASCII"


def _read(path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        message = f"the secret file {path} cannot be read: {reason}"
        raise SettingsError(message) from None
    if not content:
        message = f"the secret file {path} is empty"
        raise SettingsError(message)
    return content


def _read_word(path: Path) -> str:
    content = _read(path)
    if not _WORD.fullmatch(content):
        message = f"the secret file {path} holds more than one word of printable ASCII"
        raise SettingsError(message)
    return content
