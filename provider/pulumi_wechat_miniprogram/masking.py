"""Credentials are masked in every text that leaves the process.

`mask` masks the secrets that this process has used, in any text. `redact` is for foreign text (what a program
printed, what a server answered, what a library or the operating system says): it also masks what looks like a
credential, so it may change ordinary words. It is applied where such a text enters, and nowhere else.

Every search takes time in proportion to the text: the text is an attacker's.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["MASK", "credentials_in", "mask", "redact", "remember", "words_in"]

MASK: Final = "***"
_SHORTEST: Final = 8
"""Characters of the shortest secret that is masked: a shorter one is part of many words."""
_LONGEST: Final = 4096
"""Characters of a foreign text that are kept: enough for every error message."""
_CUT: Final = " … (cut)"

_Index = dict[str, tuple[str, ...]]
"""The forms of secrets by their first characters, the longest first."""
_Span = tuple[int, int]

_remembered: set[str] = set()
"""Every secret that this process has used. It is one set for the process, as its logs are."""
_index: _Index = {}
_remembering: Final = threading.Lock()


def remember(secret: str) -> str:
    """Return a secret, which is masked from now on."""
    if len(secret) >= _SHORTEST and secret not in _remembered:
        with _remembering:
            _add(_index, secret)
            _remembered.add(secret)
    return secret


def mask(text: str, *, also: Iterable[str] = ()) -> str:
    """Mask every secret that was used, and those of `also`, in any of the forms that programs give them."""
    spans = _known(text, _index)
    more: _Index = {}
    for secret in also:
        if len(secret) >= _SHORTEST:
            _add(more, secret)
    if more:
        spans = sorted([*spans, *_known(text, more)])
    return _masked(text, spans)


def redact(text: str, *, also: Iterable[str] = (), longest: int = _LONGEST) -> str:
    """Mask secrets in foreign text as `mask` does, and whatever looks like one; a long text is cut."""
    text = mask(text, also=also)
    cut = len(text) > longest
    if cut:  # at a blank: a secret that is cut in two might not be found
        words = text[:longest].rsplit(maxsplit=1)
        text = words[0] if len(words) > 1 else ""
    text = _masked(text, _in_urls(text))
    text = _masked(text, _read_as_port(text))
    text = _masked(text, _named(text))
    return text + _CUT if cut else text


def credentials_in(text: str) -> list[str]:
    """Return what looks like a credential in a text of the user's own, such as a command."""
    return [text[start:end] for start, end in [*_in_urls(text), *_named(text)]]


def words_in(text: str) -> set[str]:
    """Return every word of a text that may be a secret: between blanks, between quotes and signs, in JSON."""
    words = {*text.split(), *_SIGNS.split(text)}
    with contextlib.suppress(ValueError, RecursionError):
        words.update(_texts(json.loads(text)))
    return words


def _texts(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, (dict, list)):
        for held in document.values() if isinstance(document, dict) else document:
            yield from _texts(held)


def _add(index: _Index, secret: str) -> None:
    for form in _forms(secret):
        first = form[:_SHORTEST]
        index[first] = tuple(sorted({*index.get(first, ()), form}, key=len, reverse=True))


def _forms(secret: str) -> set[str]:
    """Return a secret as it is, quoted for a URL, escaped for JSON, and within a text in base64."""
    escaped = json.dumps(secret)[1:-1]
    forms = {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), escaped}
    forms.add(escaped.replace("/", "\\/"))
    content = secret.encode("utf-8", "surrogatepass")
    for before in range(3):  # base64 turns 3 bytes into 4 characters: what is before shifts the secret
        coded = base64.b64encode(bytes(before) + content).decode()
        whole = coded[-(-before * 4 // 3) : len(coded.rstrip("=")) - bool(coded.endswith("="))]
        forms |= {whole, whole.replace("+", "-").replace("/", "_")}
    return forms


def _known(text: str, index: _Index) -> list[_Span]:
    spans = []
    for start in range(len(text) - _SHORTEST + 1 if index else 0):
        for form in index.get(text[start : start + _SHORTEST], ()):
            if text.startswith(form, start):
                spans.append((start, start + len(form)))
                break
    return spans


def _masked(text: str, spans: Iterable[_Span]) -> str:
    """Put one mask for each span, and for those that overlap together."""
    parts = []
    done = covered = 0
    for start, end in spans:
        if start >= covered:
            parts += [text[done:start], MASK]
        done = covered = max(covered, end)
    return "".join(parts) + text[done:]


_KEYWORD: Final = re.compile(
    r"token|secret|ticket|passw|passphrase|pwd|authorization|api-?key|access-?key|private-?key|credential|cookie|"
    r"\Abearer\Z",
    re.IGNORECASE,
)
_RUN: Final = re.compile(r"[\w-]+")
_SEPARATOR: Final = re.compile(
    r"\\*[\"']?\s*(?:=>|[:=,])\s*b?(\\*[\"'])|\\*[\"']?\s*(?:=>|:(?!//)|=)\s*|[ \t]+"
)
_WORD: Final = re.compile(r"[^\s<>&]+")
_LINE: Final = re.compile(r"[^\n]+")
_BLANKS: Final = re.compile(r"\s+")
_SIGNS: Final = re.compile(r"[\s\"'`\\{}\[\],:;=&?<>|]+")
_GOES_ON: Final = re.compile(r"[:=]\Z|\A(?:bearer|basic|token|digest|negotiate)\Z", re.IGNORECASE)
_WHOLE_LINE: Final = re.compile(r"authorization|cookie", re.IGNORECASE)
_SCHEME: Final = "://"
_USER_ENDS: Final = re.compile(r"[:/@]")
_PORT: Final = re.compile(r"\bport\b[^\n\"']{0,60}([\"'])", re.IGNORECASE)
_BETWEEN_BLANKS: Final = re.compile(r"\S+")


def _in_urls(text: str) -> Iterator[_Span]:
    """Find user and password of URLs; a password may hold `/`, `#`, `?` and `@` that nobody quoted."""
    for run in _BETWEEN_BLANKS.finditer(text):
        last = text.rfind("@", run.start(), run.end())
        start = text.find(_SCHEME, run.start(), max(last, run.start()))
        while start >= 0:
            start += len(_SCHEME)
            found = _USER_ENDS.search(text, start, last + 1)
            if found and found[0] != "/" and not text.startswith(_SCHEME, found.start()):
                yield found.end() if found[0] == ":" else start, last
                break
            start = text.find(_SCHEME, start, last)


def _read_as_port(text: str) -> Iterator[_Span]:
    """Find the password that a library took for a URL's port, because of a raw `/`, `#` or `?` in it."""
    for found in _PORT.finditer(text):
        end = _closing(text, found.end(), found[1])
        if not text[found.end() : end].isdecimal():
            yield found.end(), end


def _named(text: str) -> Iterator[_Span]:
    """Find what follows a name such as `token`: `token=…`, `"token": "…"`, `--token …`, `Bearer …`."""
    place = 0
    while run := _RUN.search(text, place):
        place = run.end()
        if not _KEYWORD.search(run[0]):
            continue
        separator = _SEPARATOR.match(text, place)
        if separator is None:
            continue
        start = separator.end()
        if quote := separator[1]:
            end = _closing(text, start, quote)
        elif separator[0].isspace() and not (run[0].startswith("-") or run[0].lower() == "bearer"):
            continue  # a word of a sentence
        else:
            whole_line = text[start : start + 1] in {"{", "["} or _WHOLE_LINE.search(run[0])
            end = _end_of_line(text, start) if whole_line else _end_of_value(text, start)
        if end > start:
            yield start, end
            place = end


def _closing(text: str, start: int, quote: str) -> int:
    """Return where the quote that opened a value closes it: the same one, after as many backslashes."""
    end = start
    while (found := text.find(quote[-1], end)) >= 0:
        bare = found
        while bare > end and text[bare - 1] == "\\":
            bare -= 1
        if found - bare <= len(quote) - 1:
            return bare
        end = found + 1
    return len(text)


def _end_of_line(text: str, start: int) -> int:
    found = _LINE.match(text, start)
    return found.end() if found else start


def _end_of_value(text: str, start: int) -> int:
    """Return the end of a value without quotes, and of the next one where it only leads on to that."""
    end = start
    while word := _WORD.match(text, start):
        end = word.end()
        blanks = _BLANKS.match(text, end)
        if not blanks or not _GOES_ON.search(word[0]):
            break
        start = blanks.end()
    return end
