"""What people hand over where a secret is asked for, and the one word of it that is the secret.

A secret comes from the environment, stack config, a file, a command or a token service. Whatever the way,
programs put blanks, a byte order mark, quotes or a JSON object around it. These are taken off where they can
mean one thing only, and named in an error where they cannot. No error shows any part of a value.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any, Final

__all__ = [
    "ACCESS_TOKEN",
    "ANY",
    "APPSECRET",
    "COMPONENT_TOKEN",
    "REFRESH_TOKEN",
    "TICKET",
    "SecretKind",
    "decoded",
    "load_json",
    "parse_document",
    "parse_secret",
    "trimmed",
]

_PRINTABLE: Final = re.compile(r"[!-~]+")
_QUOTES: Final = frozenset("\"'`")
_MARK: Final = "\ufeff"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_UTF_8: Final = "is UTF-16 text; UTF-8 is expected"


@dataclass(frozen=True, slots=True)
class SecretKind:
    """One kind of secret: the fields of a JSON object that may hold it, as WeChat names them, and a limit."""

    fields: tuple[str, ...] = ()
    longest: int = 16_384


ANY: Final = SecretKind()
"""A secret of somebody else's, such as the bearer of a token service."""
ACCESS_TOKEN: Final = SecretKind(("authorizer_access_token", "access_token"), 1024)
"""WeChat asks to provide for 512 characters."""
REFRESH_TOKEN: Final = SecretKind(("authorizer_refresh_token", "refresh_token"), 1024)
COMPONENT_TOKEN: Final = SecretKind(("component_access_token",), 1024)
TICKET: Final = SecretKind(("component_verify_ticket", "ComponentVerifyTicket"), 1024)
APPSECRET: Final = SecretKind(("component_appsecret", "appsecret"), 1024)


def decoded(content: bytes) -> str:
    """Return the text of a file or of what a program printed, without a byte order mark.

    Raises:
        ValueError: it is not UTF-8; the text says what it is.
    """
    if content.startswith(_UTF_16):
        raise ValueError(_NOT_UTF_8)
    try:
        return trimmed(content.decode("utf-8"))
    except UnicodeDecodeError:
        message = "is not UTF-8 text"
        raise ValueError(message) from None


def trimmed(text: str) -> str:
    """Return a text without blanks, line breaks and a byte order mark around it.

    Raises:
        ValueError: it was UTF-16 and was read as UTF-8.
    """
    if "\0" in text:
        raise ValueError(_NOT_UTF_8)
    return text.strip().strip(_MARK).strip()


def load_json(text: str, **reading: Any) -> Any:  # noqa: ANN401 - whatever the JSON holds
    """Return what a JSON text holds; `reading` are options of `json.loads`.

    Raises:
        JSONDecodeError: it is not JSON, nested too deeply, or has a number of thousands of digits.
    """
    try:
        return json.loads(text, **reading)
    except RecursionError:
        raise json.JSONDecodeError("Nested too deeply", text, 0) from None
    except ValueError as error:
        if type(error) is ValueError:
            raise json.JSONDecodeError(str(error), text, 0) from None
        raise


def parse_secret(text: str, kind: SecretKind = ANY) -> str:
    """Return the secret that a text holds: alone, as a JSON string, or in a JSON object.

    Raises:
        ValueError: it holds none, or more than one; the text says what it is and shows nothing of it.
    """
    word = trimmed(text)
    if word.startswith(('"', "{", "[")):
        word = _from_json(word, kind)
    if problem := _problem(word, kind):
        raise ValueError(problem)
    return word


def parse_document(document: object, kind: SecretKind) -> str:
    """Return the secret in a value of a JSON document: a text, or an object. Raises as `parse_secret`."""
    word = trimmed(_text_in(document, kind))
    if problem := _problem(word, kind):
        raise ValueError(problem)
    return word


def _from_json(text: str, kind: SecretKind) -> str:
    try:
        return trimmed(_text_in(load_json(text), kind))
    except json.JSONDecodeError:
        if text.startswith('"'):
            return text  # `_problem` names the quote
    message = "begins like JSON and is not valid JSON"
    raise ValueError(message)


def _text_in(document: object, kind: SecretKind) -> str:
    if isinstance(document, dict):
        return _in_object(document, kind)
    if isinstance(document, str):
        return document
    message = "is a JSON array; give the value alone" if isinstance(document, list) else "is not text"
    raise ValueError(message)


def _in_object(document: dict[str, object], kind: SecretKind) -> str:
    value = next((document[name] for name in kind.fields if name in document), None)
    if isinstance(value, str):
        return value
    if kind.fields:
        message = f"is a JSON object without the text {' or '.join(kind.fields)}"
    else:
        message = "is a JSON object; give the value alone"
    raise ValueError(message)


def _problem(word: str, kind: SecretKind) -> str:
    """Say why a text cannot be a secret; empty if it can."""
    if not word:
        return "is empty"
    problems = {
        "is HTML, such as a login page": word[0] == "<",
        "is JSON within a JSON string; give the value alone": word[0] in "{[",
        "has quotes around it; remove them": word[0] in _QUOTES and word[0] == word[-1] and len(word) > 1,
        "has a quote at one end; remove it": word[0] in _QUOTES or word[-1] in _QUOTES,
        "is more than one word; give the value alone": any(map(str.isspace, word)),
        "contains characters other than printable ASCII": not _PRINTABLE.fullmatch(word),
        f"is longer than {kind.longest} characters": len(word) > kind.longest,
    }
    return next((problem for problem, found in problems.items() if found), "")
