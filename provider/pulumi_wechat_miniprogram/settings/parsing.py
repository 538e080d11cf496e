"""Extract one secret from what a user supplies.

A secret comes from the environment, stack config, a file, a command or a token service. Programs put spaces,
a byte order mark, quotes or a JSON object around it. These are removed where the meaning is clear, and named
in an error where it is not. No error shows any part of a value.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any, Final

_PRINTABLE: Final = re.compile(r"[!-~]+")
_QUOTES: Final = frozenset("\"'`")
_MARK: Final = "\ufeff"
_NOT_UTF_8: Final = "is UTF-16 text; UTF-8 is expected"


@dataclass(frozen=True, slots=True)
class SecretKind:
    """One kind of secret: the JSON fields in which WeChat names it, and its greatest length.

    An object with the field `other` and without the first of `fields` holds a secret of another kind.
    """

    fields: tuple[str, ...] = ()
    other: str = ""
    longest: int = 1024  # WeChat asks for room for 512 characters


ANY: Final = SecretKind(longest=16_384)
"""A secret that is not WeChat's, such as the bearer of a token service."""
ACCESS_TOKEN: Final = SecretKind(("authorizer_access_token", "access_token"), other="component_access_token")
REFRESH_TOKEN: Final = SecretKind(("authorizer_refresh_token", "refresh_token"))
COMPONENT_TOKEN: Final = SecretKind(
    ("component_access_token", "access_token"), other="authorizer_access_token"
)
TICKET: Final = SecretKind(("component_verify_ticket", "ComponentVerifyTicket"))
APPSECRET: Final = SecretKind(("component_appsecret", "appsecret"))


def decoded(content: bytes) -> str:
    """Return the trimmed text of a file or of a program's output, or raise ValueError if it is not UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError(_NOT_UTF_8)
    try:
        return trimmed(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None


def trimmed(text: str) -> str:
    """Return a text without the spaces, line breaks and byte order mark around it.

    Raises:
        ValueError: it was UTF-16 and was read as UTF-8.
    """
    if "\0" in text:
        raise ValueError(_NOT_UTF_8)
    return text.strip().strip(_MARK).strip()


def load_json(text: str, **reading: Any) -> Any:  # noqa: ANN401 - whatever the JSON holds
    """Do what `json.loads` does, but raise JSONDecodeError also for deep nesting and very long numbers."""
    try:
        return json.loads(text, **reading)
    except RecursionError:
        raise json.JSONDecodeError("Nested too deeply", text, 0) from None
    except ValueError as error:
        if type(error) is ValueError:
            raise json.JSONDecodeError(str(error), text, 0) from None
        raise


def parse_secret(given: object, kind: SecretKind = ANY) -> str:
    """Return the secret in a text (alone, as a JSON string or in a JSON object) or in a JSON value.

    Raises:
        ValueError: it holds none, or more than one; the message describes it and shows nothing of it.
    """
    word = trimmed(given if isinstance(given, str) else _text_in(given, kind))
    if isinstance(given, str) and word.startswith(('"', "{", "[")):
        try:
            word = trimmed(_text_in(load_json(word), kind))
        except json.JSONDecodeError:
            if not word.startswith('"'):  # `_problem` names the quote
                raise ValueError("starts like JSON but is not valid JSON") from None
    if problem := _problem(word, kind):
        raise ValueError(problem)
    return word


def _text_in(document: object, kind: SecretKind) -> str:
    match document:
        case str():
            return document
        case dict():
            if kind.other in document and kind.fields[0] not in document:
                raise ValueError(f"has the wrong kind of token: {kind.other} instead of {kind.fields[0]}")
            value = next((document[name] for name in kind.fields if name in document), None)
            if isinstance(value, str):
                return value
            if kind.fields:
                raise ValueError(f"is a JSON object without the text {' or '.join(kind.fields)}")
            raise ValueError("is a JSON object; give the value alone")
        case list():
            raise ValueError("is a JSON array; give the value alone")
        case _:
            raise ValueError("is not text")


def _problem(word: str, kind: SecretKind) -> str:
    """Return why a text cannot be a secret; empty if it can."""
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
