"""The entries of the corpus: what WeChat answers to what, its source, and when the emulator must too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, model_validator

HERE = Path(__file__).resolve().parent
OFFICIAL = ("O", "OS")

RID = r"[0-9a-fx]{8}(?:-[0-9a-fx]{8}){2}"
PATTERNS = {
    "trace": rf"(?= (?:requestIP|hint|rid): )(?: requestIP: [0-9a-fx.:*]+)?(?: hint: \[\w+\])?(?: rid: {RID})?",
    "token": r'[^"\\]+',
    "time": r"[0-9]{10}",
    "count": r"[0-9]+",
    "address": r"[0-9a-fx.:*]+",
    "name": r'[^"\\]*',
}
"""What may differ: what WeChat puts after an errmsg, credentials, times, counts, addresses, names of accounts."""
_OUTSIDE_STRINGS = re.compile(r'("(?:\\.|[^"\\])*")|\s+')

Grade = Literal["O", "OS", "C", "S", "D"]
Differs = Literal["trace", "token", "time", "count", "address", "name"]


class Strict(BaseModel):
    """A part of a file: nothing that is misspelt passes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Request(Strict):
    """A request without its token."""

    method: Literal["GET", "POST"] = "POST"
    query: dict[str, str] = Field(default_factory=dict)
    body: str = ""


class Step(Strict):
    """Something done to the emulator before the request: on its control plane, or a call of an endpoint."""

    control: str | None = None
    call: str | None = None
    body: JsonValue = None
    token: str = "authorizer"
    times: int = 1

    @model_validator(mode="after")
    def _one_way(self) -> Step:
        if (self.control is None) == (self.call is None):
            raise ValueError("a step has either control or call")
        if self.call is not None and not isinstance(self.body, str):
            raise ValueError("the body of a call is text")
        return self


class Setup(Strict):
    """How the emulator is brought to give the answer; `send` replaces a request that cannot go there."""

    seed: dict[str, JsonValue] = Field(default_factory=dict)
    before: tuple[Step, ...] = ()
    token: str = "authorizer"
    send: Request | None = None


class Entry(Strict):
    """One answer of WeChat.

    It is either `response`, the text as found, or `errcode` and `errmsg`, where a page tells no more than these.
    `layout` is `page` where the text was printed for readers: spaces and the escape of slashes are not WeChat's.
    `cut` tells that the text goes on. `means` are words that the meaning of the errcode must have.
    """

    id: str
    source: str
    copy_read: str | None = Field(default=None, alias="copy")
    grade: Grade
    endpoint: str
    request: Request | None = None
    response: str | None = None
    errcode: int | None = None
    errmsg: str | None = None
    layout: Literal["wire", "page"] = "wire"
    cut: bool = False
    may_differ: dict[Differs, tuple[str, ...]] = Field(default_factory=dict)
    means: tuple[str, ...] = ()
    setup: Setup | None = None
    unanswered: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Entry:
        if (self.response is None) != (self.errcode is not None and self.errmsg is not None):
            raise ValueError("an entry has either response, or errcode and errmsg")
        if (self.setup is None) == (self.unanswered is None):
            raise ValueError("an entry has either setup, or why the emulator does not answer so")
        if self.setup and not (self.request or self.setup.send):
            raise ValueError("a request that the source does not show needs setup.send")
        for what, texts in self.may_differ.items():
            for text in texts:
                if text not in (self.response or "") or not re.fullmatch(PATTERNS[what], text):
                    raise ValueError(f"{text!r} is not a {what} of the response")
        if not self.cut:
            self.document()
        return self

    @property
    def official(self) -> bool:
        """Tell whether WeChat itself published it."""
        return self.grade in OFFICIAL

    @property
    def sent(self) -> Request:
        """The request that goes to the emulator."""
        sent = (self.setup.send if self.setup else None) or self.request
        if sent is None:
            raise LookupError(f"{self.id} has no request")
        return sent

    @property
    def expected(self) -> str:
        """The answer as WeChat writes it; where only code and text are known, as far as that goes."""
        if self.response is None:
            head = {"errcode": self.errcode, "errmsg": self.errmsg}
            return _escaped(json.dumps(head, ensure_ascii=False, separators=(",", ":")))
        if self.layout == "wire":
            return self.response
        return _escaped(_OUTSIDE_STRINGS.sub(lambda found: found[1] or "", self.response))

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the emulator's bytes must match: `expected` except for what may differ."""
        if self.response is None:
            known = re.escape(self.expected.removesuffix('"}'))
            return re.compile(f'{known}{PATTERNS["trace"]}"(?:,.*)?}}')
        text = re.escape(self.expected)
        for what, texts in self.may_differ.items():
            for found in texts:
                text = text.replace(re.escape(found), f"(?:{PATTERNS[what]})")
        return re.compile(text + (".*" if self.cut else ""))

    def document(self) -> dict[str, object]:
        """Read the answer as JSON."""
        return TypeAdapter(dict[str, object]).validate_json(self.expected)

    @property
    def code(self) -> int:
        """The errcode, 0 where the answer has none."""
        found = re.search(r'"errcode":"?(-?\d+)', self.expected)
        return int(found[1]) if found else 0


class File(Strict):
    """One file: what it is about, what its entries have in common, and the entries in the order of their ids."""

    about: str
    common: dict[str, JsonValue] = Field(default_factory=dict)
    entries: tuple[dict[str, JsonValue], ...]


def load(path: Path) -> list[Entry]:
    """Read one file."""
    file = File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    return [Entry.model_validate({**file.common, **entry}) for entry in file.entries]


def exceptions(kind: Literal["no_source", "only_by_fault"]) -> dict[int, str]:
    """Give the codes that the tests make an exception of, each with its reason."""
    found = yaml.safe_load((HERE / "exceptions.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, dict[int, str]]).validate_python(found)[kind]


def _escaped(text: str) -> str:
    return re.sub(r"(?<!\\)/", r"\\/", text)


FILES = sorted(path for path in HERE.glob("*.yaml") if path.stem != "exceptions")
ENTRIES = [entry for path in FILES for entry in load(path)]
