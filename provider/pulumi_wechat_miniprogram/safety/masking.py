"""Credentials are masked in every text that leaves the process.

`mask` masks the secrets that this process has used, in any text. `redact` is for foreign text, such as that
of a program, server or library: it also masks what looks like a credential, so it may change ordinary words.
It is applied only where such a text enters.

Every search takes time proportional to the length of the text, which may be an attacker's.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pulumi_wechat_miniprogram.safety.text import printable

MASK: Final = "***"
_SHORTEST: Final = 8
"""A shorter secret occurs within ordinary words, so it is masked only as a whole word."""
_SHORTEST_FOREIGN: Final = 4
_LONG_WORD: Final = 24
"""Words of a language are shorter than this."""
_LONGEST: Final = 4096
"""Characters of a foreign text that are kept: enough for any error message."""
_CUT: Final = " … (cut)"
_COMPARED: Final = 512
"""Only this many characters of a form are compared. A match is masked over the form's full length."""
_MANY: Final = 64
"""If forms with the same first characters have more lengths than this, those first characters suffice."""
_Span = tuple[int, int]


@dataclass(slots=True)
class _Alike:
    """Forms with the same first characters: by compared length, each compared text with its full length."""

    longest: int = 0
    forms: dict[int, dict[str, int]] = field(default_factory=dict)

    def add(self, form: str) -> None:
        compared = form[:_COMPARED]
        same = self.forms.setdefault(len(compared), {})
        same[compared] = max(len(form), same.get(compared, 0))
        self.longest = max(self.longest, len(form))

    def length_at(self, text: str, start: int) -> int:
        """Return the length of the longest form at a place, 0 if there is none."""
        lengths = list(self.forms.items())  # a copy: another thread may add one
        if len(lengths) > _MANY:
            return self.longest
        return max(same.get(text[start : start + length], 0) for length, same in lengths)


_Index = dict[str, _Alike]
"""The forms of secrets by their first characters."""


class _Words:
    """Words to mask. A short one is masked only where it is a whole word."""

    def __init__(self, before: str, after: str) -> None:
        self._around = before, after
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, word: str) -> None:
        if word and word not in self._known:
            self._known = {*self._known, word}
            self._pattern = None

    def hidden_in(self, text: str) -> str:
        if not self._known:
            return text
        if self._pattern is None:
            self._pattern = re.compile("|".join(map(self._alone, sorted(self._known, key=len, reverse=True))))
        return self._pattern.sub(MASK, text)

    def _alone(self, word: str) -> str:
        if len(word) >= _SHORTEST:
            return re.escape(word)
        before, after = self._around
        begins, ends = re.match(r"\w", word), re.search(r"\w\Z", word)
        return (before if begins else "") + re.escape(word) + (after if ends else "")


_remembered: set[str] = set()
"""Every secret that this process has used. The set is global because the logs are."""
_index: _Index = {}
_words: Final = _Words(r"(?<![\w.-])", r"(?![\w-]|\.\w)")
_foreign: Final = _Words(r"(?<!\w)", r"(?!\w)")
_remembering: Final = threading.Lock()


def remember(secret: str) -> str:
    """Mask a secret from now on, and return it."""
    if len(secret) >= _SHORTEST and secret not in _remembered:
        with _remembering:
            _add(_index, secret)
            _remembered.add(secret)
    return secret


def remember_word(secret: str) -> str:
    """Mask a secret from now on, a short one as a whole word, and return it.

    This is for values that a program marked as secret, such as a host: `vip.cn` is not part of `m.vip.cn`.
    """
    if 0 < len(secret) < _SHORTEST:
        with _remembering:
            _words.add(secret)
    return remember(secret)


def remember_foreign(text: str) -> None:
    """Mask a text, such as a user name, from now on, but only in foreign text: our messages may need it."""
    if len(text) >= _SHORTEST_FOREIGN:
        with _remembering:
            _foreign.add(text)


def mask(text: str, *, also: Iterable[str] = ()) -> str:
    """Mask every secret that was used, and those in `also`, in any form that programs give them."""
    more: _Index = {}
    for secret in also:
        if len(secret) >= _SHORTEST:
            _add(more, secret)
    spans = sorted([*_known(text, _index), *_known(text, more)])
    return _words.hidden_in(_masked(text, spans))


def shown(text: object) -> str:
    """Return a text for the user: no secret that was used, and nothing that acts on a terminal or a log."""
    return printable(mask(str(text)))


def redact(text: str, *, also: Iterable[str] = (), longest: int = _LONGEST) -> str:
    """Mask secrets as `mask` does, and whatever looks like one. A long text is cut."""
    text = _foreign.hidden_in(mask(text, also=also))
    cut = len(text) > longest
    if cut:  # at a space: half a secret might not be recognized
        words = text[:longest].rsplit(maxsplit=1)
        text = words[0] if len(words) > 1 else ""
    for search in (_private_keys, _in_urls, _read_as_port, _logins, _named):
        text = _masked(text, search(text))
    return text + _CUT if cut else text


def credentials_in(text: str) -> list[str]:
    """Return what looks like a credential in the user's own text, such as a command."""
    return [text[start:end] for start, end in [*_in_urls(text), *_logins(text), *_named(text)]]


def names_secret(name: str) -> bool:
    """Return whether a name, such as that of a parameter, suggests that its value is a credential."""
    return bool(_KEYWORD.search(name))


def looks_random(word: str) -> bool:
    """Return whether a word looks like a credential: not a natural word, an appid or a URL."""
    word = word.strip(_PUNCTUATION)
    if len(word) < _SHORTEST or _SCHEME in word or _APPID.fullmatch(word):
        return False
    long = len(word) >= _LONG_WORD and "/" not in word
    return bool(long or _HUMP.search(word) or (_LETTER.search(word) and _DIGIT.search(word)))


def words_in(text: str) -> set[str]:
    """Return every word of a text that may be a secret: split at spaces, at punctuation, and as JSON."""
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
        index.setdefault(form[:_SHORTEST], _Alike()).add(form)


def _forms(secret: str) -> set[str]:
    """Return a secret as it is, quoted for a URL, escaped for JSON, and as part of a base64 text."""
    escaped = json.dumps(secret)[1:-1]
    forms = {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), escaped}
    forms.add(escaped.replace("/", "\\/"))
    content = secret.encode("utf-8", "surrogatepass")
    for before in range(3):  # base64 turns 3 bytes into 4 characters: the bytes before it shift the secret
        coded = base64.b64encode(bytes(before) + content).decode()
        whole = coded[-(-before * 4 // 3) : len(coded.rstrip("=")) - bool(coded.endswith("="))]
        forms |= {whole, whole.replace("+", "-").replace("/", "_")}
    return forms


def _known(text: str, index: _Index) -> list[_Span]:
    spans = []
    for start in range(len(text) - _SHORTEST + 1 if index else 0):
        alike = index.get(text[start : start + _SHORTEST])
        if alike and (length := alike.length_at(text, start)):
            spans.append((start, start + length))
    return spans


def _masked(text: str, spans: Iterable[_Span]) -> str:
    """Replace each span by a mask, and overlapping spans by one."""
    parts = []
    done = covered = 0
    for start, end in spans:
        if start >= covered:
            parts += [text[done:start], MASK]
        done = covered = max(covered, end)
    return "".join(parts) + text[done:]


_KEYWORD: Final = re.compile(
    r"token|secret|ticket|passw|passphrase|pwd|authorization|credential|cookie|"
    r"(?:api|app|access|aes|client|encryption|master|private|secret|session|shared|signing)[-_]?key|"
    r"(?:\A|[-_])(?:auth|auth[-_]?code|jwt|key|pass|sig|signature)\Z|"
    r"\A(?:bearer|basic)\Z|"
    r"令牌|密码|密钥|秘钥|口令|凭证|凭据|票据",
    re.IGNORECASE,
)
_RUN: Final = re.compile(r"[\w-]+")
_QUOTES: Final = {"“": "”", "‘": "’", "「": "」", "『": "』", "«": "»"}
"""Quotes that are closed by another character than the one that opens them."""
_QUOTE: Final = "[\"'`“‘「『«]"
_SEPARATOR: Final = re.compile(
    rf"\\*[\"'`]?\s*(?:=>|[:=,：＝])\s*b?(?P<quote>\\*{_QUOTE})|"
    r"(?:\\*[\"'`]?\s*(?:=>|:(?!//)|[=：＝])|(?:%(?:25)*22)?%(?:25)*3[AD](?:%(?:25)*2[02])*)"
    r"(?P<block>[ \t]*[|>][-+\d]*[ \t]*\n)?\s*[<(（]*",
    re.IGNORECASE,
)
"""What separates a name from its value."""
_LOOSELY: Final = re.compile(
    rf"(?:[ \t]+(?:(?:is|was|of|value|got|given|provided|received|used)[ \t]+){{0,2}})?"
    rf"(?:(?<=[ \t])(?P<quote>{_QUOTE})|[ \t]*[;,(（<][ \t]*(?P<after>{_QUOTE})?|(?P<close>[“‘「『«]))?"
)
"""What separates a name from its value in a sentence."""
_IN_XML: Final = re.compile(r"(?:\s[^<>\n]{0,200})?>\s*(?:<!\[CDATA\[)?")
_TEXT_IN_XML: Final = re.compile(r"[^<]+")
_WORD: Final = re.compile(r"[^\s<>&]+")
_LOOSE_WORD: Final = re.compile(r"[^\s<>&\"'`()（）;,]+")
_BLOCK: Final = re.compile(r"[^\n]+(?:\n[ \t]+[^\n]*)*")
_SPACES: Final = re.compile(r"[ \t]+")
_BLANKS: Final = re.compile(r"\s+")
_SIGNS: Final = re.compile(r"[\s\"'`\\{}\[\],:;=&?<>|]+")
_GOES_ON: Final = re.compile(
    r"[:=]\Z|\A(?:bearer|basic|token|digest|negotiate|bad|given|got|invalid|is|value|was)\Z", re.IGNORECASE
)
_WHOLE_LINE: Final = re.compile(r"authorization|cookie", re.IGNORECASE)
_SCHEME: Final = "://"
_USER_ENDS: Final = re.compile(r"[:/@]")
_PORT: Final = re.compile(
    r"\bport(?: could not be cast to integer value as)?[ :=]{0,3}([\"'])(?P<value>[^\n]*?)\1", re.IGNORECASE
)
_LOGIN: Final = re.compile(
    r"(?<![^\s\"'`\[(,=])(?:-[uU]|--(?:proxy-)?user)[ =]?[\"']?[^\s:\"']{0,100}:(?P<value>[^\s\"']+)"
)
_PRIVATE_KEY: Final = re.compile(r"-----(?P<end>BEGIN|END) [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PUNCTUATION: Final = ".,;:!?()[]{}<>\"'`"
_LETTER: Final = re.compile(r"[a-zA-Z]")
_DIGIT: Final = re.compile(r"\d")
_HUMP: Final = re.compile(r"[a-z][A-Z]")
_APPID: Final = re.compile(r"wx[0-9a-f]{16}")
_BETWEEN_BLANKS: Final = re.compile(r"\S+")


def _in_urls(text: str) -> Iterator[_Span]:
    """Find the login in a URL. A password may contain unquoted `/`, `#`, `?` and `@`."""
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
    """Find a password that a library mistook for a URL's port, because of a raw `/`, `#` or `?` in it."""
    for found in _PORT.finditer(text):
        if not found["value"].isdecimal():
            yield found.span("value")


def _logins(text: str) -> Iterator[_Span]:
    """Find the password of `-u user:password`."""
    for found in _LOGIN.finditer(text):
        yield found.span("value")


def _private_keys(text: str) -> Iterator[_Span]:
    """Find private keys in PEM, even without their first or last line."""
    done, begin = 0, None
    for found in _PRIVATE_KEY.finditer(text):
        if found["end"] == "BEGIN":
            begin = found.start() if begin is None else begin
        else:
            yield done if begin is None else begin, found.end()
            done, begin = found.end(), None
    if begin is not None:
        yield begin, len(text)


def _named(text: str) -> Iterator[_Span]:
    """Find what follows a name such as `token`: `token=…`, `"token": "…"`, `--token …`, `<token>…`."""
    place = 0
    while run := _RUN.search(text, place):
        place = run.end()
        if _KEYWORD.search(run[0]):
            start, end = _value(text, run)
            if end > start:
                yield start, end
                place = end


def _value(text: str, name: re.Match[str]) -> _Span:
    """Return the span of a name's value, empty if there is none."""
    place = name.end()
    if text[name.start() - 1 : name.start()] in {"<", ":"} and (opened := _IN_XML.match(text, place)):
        held = _TEXT_IN_XML.match(text, opened.end())
        return held.span() if held else (place, place)
    if separator := _SEPARATOR.match(text, place):
        return separator.end(), _end(text, name[0], separator)
    bearer = name[0].lower() == "bearer"
    if (bearer or name[0].startswith("-")) and (blanks := _SPACES.match(text, place)):
        start = blanks.end()
        quote = text[start : start + 1]
        if quote in set("\"'`"):
            return start + 1, _closing(text, start + 1, quote)
        return start, _end_of_value(text, start)
    return _loose_value(text, place)


def _end(text: str, name: str, separator: re.Match[str]) -> int:
    start = separator.end()
    if quote := separator["quote"]:
        return _closing(text, start, quote)
    if separator["block"]:
        found = _BLOCK.match(text, start)
        return found.end() if found else start
    whole_line = text[start : start + 1] in {"{", "["} or _WHOLE_LINE.search(name)
    return _end_of_line(text, start) if whole_line else _end_of_value(text, start)


def _loose_value(text: str, place: int) -> _Span:
    """Find the value in a sentence: a quoted text, or a word that looks like a credential."""
    led = _LOOSELY.match(text, place)
    start = led.end() if led else place
    if led and (quote := led["quote"] or led["after"] or led["close"]):
        end = text.find(_QUOTES.get(quote, quote), start, _end_of_line(text, start))
        return start, max(start, end)
    word = _LOOSE_WORD.match(text, start) if start > place else None
    return word.span() if word and looks_random(word[0]) else (place, place)


def _closing(text: str, start: int, quote: str) -> int:
    """Return where a value ends: at the quote that opened it, after no more backslashes than there."""
    end = start
    closing = _QUOTES.get(quote[-1], quote[-1])
    while (found := text.find(closing, end)) >= 0:
        bare = found
        while bare > end and text[bare - 1] == "\\":
            bare -= 1
        if found - bare <= len(quote) - 1:
            return bare
        end = found + 1
    return len(text)


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _end_of_value(text: str, start: int) -> int:
    """Return the end of an unquoted value. Words such as `Bearer` belong to it and do not end it."""
    end = start
    while word := _WORD.match(text, start):
        end = word.end()
        blanks = _BLANKS.match(text, end)
        if not blanks or not _GOES_ON.search(word[0]):
            break
        start = blanks.end()
    return end
