"""A run as JSON lines that may be shown to anyone: no token, no appid, no host but stable pseudonyms.

Everything in an answer that is not known to be harmless is replaced: texts, numbers, and names of fields but
those of the API. Spaces, escapes and the order of fields stay, since they are evidence too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pulumi_wechat_miniprogram.calibration.seen import Exchange
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.masking import MASK, looks_random, redact
from pulumi_wechat_miniprogram.safety.problems import said
from pulumi_wechat_miniprogram.safety.text import one_line

FORMAT: Final = 1
"""Of the lines; raised when a reader has to change."""
_TOKEN: Final = re.compile(r'"(?:\\.|[^"\\])*"(?=(\s*:)?)|-?\d[\d.eE+-]*')
_VALUE: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)?(?P<host>[^\s/:?#@;]+)(?P<port>:\d+)?(?P<slash>/?)"
)
_DOTTED: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?")
_APPID: Final = re.compile(r"wx[0-9a-f]{16}")
_ADDRESS: Final = re.compile(r"(?<![\w.:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])")
_FIELD: Final = re.compile(r"[a-z_]{1,40}")
_RID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{8}){2}\b")
_NO_RID: Final = "xxxxxxxx-xxxxxxxx-xxxxxxxx"
_NO_APPID: Final = "wx0000000000000000"
_WORD: Final = re.compile(r"[^\s,;:()\[\]{}\"']+")
_NUMBERS: Final = frozenset({"errcode", "size_limit", "status"})
"""The numbers of documented answers."""
_SINGLE: Final = frozenset({"action", "errcode", "errmsg"})
_HOSTS: Final = re.compile(
    r"(?:invalid_)?(?:request|wsrequest|upload|download|udp|tcp)domain|no_icp_domain|bizdomain|url"
    r"|(?:mp_|third_|direct_|effective_)?webviewdomain"
    r"|(?:testing|published|invalid)_wxa_(?:jump_h5|server)_domain"
)
_ACTIONS: Final = frozenset({"get", "set", "add", "delete"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Head(_Strict):
    transcript: Literal[1]
    recorded_by: str


class _Request(_Strict):
    method: Literal["GET", "POST"]
    body: str


class _Line(_Strict):
    endpoint: str
    request: _Request
    response: str


_LineT = TypeVar("_LineT", bound=_Strict)


class TranscriptUnreadable(UserError):
    """A file cannot be read as a transcript; the message names the line."""


class Pseudonyms:
    """Gives each host and each text the same new name each time."""

    def __init__(self) -> None:
        self._hosts: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def host(self, host: str) -> str:
        """Return the pseudonym of a host."""
        return self._hosts.setdefault(host.lower(), f"h{len(self._hosts) + 1}.example.com")

    def value(self, value: str) -> str:
        """Return a domain in the same spelling under its host's pseudonym, or a text for anything else."""
        parts = _VALUE.fullmatch(value)
        if not value or parts is None:
            return self.text(value) if value else value
        scheme = parts["scheme"] or ""
        known = (
            scheme if scheme.lower() in {"https://", "http://", "wss://", "ws://", "udp://", "tcp://"} else ""
        )
        if scheme and not known:
            return self.text(value)
        host = self.host(parts["host"])
        if parts["host"] != parts["host"].lower():  # another spelling of the same host is another value
            host = host.upper()
        return f"{scheme}{host}{':8443' if parts['port'] else ''}{parts['slash']}"

    def text(self, text: str) -> str:
        """Return the pseudonym of a text that may be anything."""
        return self._texts.setdefault(text, f"text{len(self._texts) + 1}")

    def message(self, text: str) -> str:
        """Return an errmsg without what may name somebody."""
        text = _RID.sub(_NO_RID, one_line(redact(text)))
        text = _ADDRESS.sub(MASK, _APPID.sub(_NO_APPID, text))
        text = _DOTTED.sub(lambda found: self.host(found[0]), text)
        return _WORD.sub(lambda found: found[0] if self._harmless(found[0]) else MASK, text)

    def _harmless(self, word: str) -> bool:
        known = word in {_NO_RID, _NO_APPID} or word in self._hosts.values()
        return known or not looks_random(word)

    def json(self, text: str) -> str:
        """Return JSON in the same layout, with everything replaced that is not known to be harmless."""
        try:
            json.loads(text or "{}")
        except ValueError:
            return json.dumps(MASK)
        return "".join(self._pieces(text))

    def _pieces(self, text: str) -> Iterator[str]:
        place, field, depth = 0, "", 0
        for found in _TOKEN.finditer(text):
            between = text[place : found.start()]
            yield between
            place = found.end()
            depth += between.count("{") - between.count("}")
            if field in _SINGLE and "[" in between:
                field = ""
            if not found[0].startswith('"'):
                yield found[0] if field in _NUMBERS else "0"
                continue
            held = str(json.loads(found[0], strict=False))
            if found[1]:
                field = held
                yield found[0] if self._names_field(held, depth) else json.dumps(self.text(held))
            else:
                yield _as(found[0], self._of_field(field, held))
        yield text[place:]

    @staticmethod
    def _names_field(held: str, depth: int) -> bool:
        """Tell whether a name is of the API. Further inside, it may be the key of a map, such as an appid."""
        known = held in _NUMBERS or _HOSTS.fullmatch(held)
        return bool(known or (depth == 1 and _FIELD.fullmatch(held) and not _APPID.fullmatch(held)))

    def _of_field(self, field: str, held: str) -> str:
        if field == "errmsg":
            return self.message(held)
        if field == "errcode":
            return held if re.fullmatch(r"-?\d{1,10}", held) else MASK
        if field == "action" and held in _ACTIONS:
            return held
        if field.endswith(("_wxa_jump_h5_domain", "_wxa_server_domain")):
            return ";".join(map(self.value, filter(None, re.split(r"[;\s]+", held))))
        return self.value(held) if _HOSTS.fullmatch(field) else self.text(held)


def _as(raw: str, text: str) -> str:
    """Return a text as JSON, with escapes as in `raw`."""
    written = json.dumps(text, ensure_ascii=raw.isascii())
    return written.replace("/", "\\/") if "\\/" in raw or "/" not in raw else written


def write_transcript(exchanges: Iterable[Exchange], recorded_by: str) -> str:
    """Return a run as JSON lines: a head, then a call a line."""
    names = Pseudonyms()
    lines: list[BaseModel] = [_Head(transcript=FORMAT, recorded_by=recorded_by)]
    for each in exchanges:
        request = _Request(
            method="POST" if each.body else "GET", body=names.json(each.body) if each.body else ""
        )
        lines.append(_Line(endpoint=each.endpoint, request=request, response=names.json(each.answer)))
    return "".join(json.dumps(line.model_dump(), ensure_ascii=False) + "\n" for line in lines)


def read_transcript(text: str, name: str) -> list[Exchange]:
    """Return the calls of a transcript; `name` is the file's, for messages.

    Raises:
        TranscriptUnreadable: it cannot be read as one.
    """
    lines = text.splitlines()
    _line(_Head, lines[0] if lines else "", name, 1)
    found = [_line(_Line, line, name, number) for number, line in enumerate(lines[1:], 2)]
    return [Exchange(each.endpoint, each.request.body, each.response) for each in found]


def _line(model: type[_LineT], line: str, name: str, number: int) -> _LineT:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        problem = f"{where}: {said(first)}" if where else f"it {said(first)}"
        raise TranscriptUnreadable(f"{name}:{number}: not a line of a transcript: {problem}") from None
