"""Recorded answers as values: what was read before and after each write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from pulumi_wechat_miniprogram.lifecycle.domain import parse_domain
from pulumi_wechat_miniprogram.wechat.client import (
    APP_INFO,
    GET_PREFETCH,
    PLATFORM_LISTS,
    SERVER_DOMAINS,
    SERVER_EFFECTIVE,
    SET_PREFETCH,
    WEBVIEW_DOMAINS,
    WEBVIEW_EFFECTIVE,
)
from pulumi_wechat_miniprogram.wechat.models import (
    SERVER_FIELDS,
    AppInfo,
    EffectiveLists,
    EffectiveServerLists,
    Reply,
    ServerLists,
)

Document = Mapping[str, object]
_ReplyT = TypeVar("_ReplyT", bound=Reply)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call: its endpoint, the body as JSON, empty for a GET, and the answer as it came."""

    endpoint: str
    body: str
    answer: str

    @property
    def request(self) -> Document:
        return _object(self.body)

    @property
    def document(self) -> Document:
        return _object(self.answer)

    @property
    def errcode(self) -> int | None:
        """The errcode: 0 if the answer has none, None if WeChat did not give the answer."""
        try:
            return Reply.model_validate(self.document).errcode if self.document else None
        except ValidationError:
            return None

    @property
    def action(self) -> str:
        """`get`, `set`, `add` or `delete`."""
        if self.endpoint == SET_PREFETCH:
            return "set"
        return str(self.request.get("action", "get")) if self.endpoint in _WRITTEN else "get"

    @property
    def values(self) -> tuple[str, ...]:
        """What a write of webview domains sends."""
        return _texts(self.request.get("webviewdomain"))

    @property
    def of_kinds(self) -> dict[str, tuple[str, ...]]:
        """What a write of server domains sends, by the field of each kind."""
        return {name: _texts(self.request[name]) for name in SERVER_FIELDS.values() if name in self.request}

    def __str__(self) -> str:
        sent = self.body.replace('"', "") if self.body not in {"", "{}"} else ""
        return f"{self.endpoint.rpartition('/')[2]} {sent}".rstrip()


_WRITTEN: Final = frozenset({*WEBVIEW_DOMAINS.values(), *SERVER_DOMAINS.values()})
Family = Literal["webview", "server", "prefetch"]
_FAMILIES: Final[Mapping[str, Family]] = {
    **dict.fromkeys((*WEBVIEW_DOMAINS.values(), WEBVIEW_EFFECTIVE), "webview"),
    **dict.fromkeys((*SERVER_DOMAINS.values(), SERVER_EFFECTIVE), "server"),
    SET_PREFETCH: "prefetch",
    GET_PREFETCH: "prefetch",
}
_PLATFORM: Final = frozenset(path for path, _, _ in PLATFORM_LISTS.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """The last read of each endpoint since its lists were last written, None where there was none.

    `took` are the domains that were accepted one by one, so that another one in the same call is to blame.
    """

    get: Exchange | None = None
    effective: Exchange | None = None
    server: Exchange | None = None
    info: Exchange | None = None
    platform: Exchange | None = None
    took: frozenset[str] = frozenset()

    @property
    def shown(self) -> tuple[str, ...] | None:
        """What `get` shows, None if it was refused."""
        if self.get is None or self.get.errcode != 0:
            return None
        return _texts(self.get.document.get("webviewdomain"))

    @property
    def lists(self) -> EffectiveLists | None:
        return _parsed(self.effective, EffectiveLists)

    @property
    def server_lists(self) -> EffectiveServerLists | None:
        return _parsed(self.server, EffectiveServerLists)

    @property
    def app_info(self) -> AppInfo | None:
        return _parsed(self.info, AppInfo)

    def with_read(self, read: Exchange) -> Seen:
        match read.endpoint:
            case str() as path if path == WEBVIEW_DOMAINS["direct"]:
                return replace(self, get=read)
            case str() as path if path == WEBVIEW_EFFECTIVE:
                return replace(self, effective=read)
            case str() as path if path == SERVER_EFFECTIVE:
                return replace(self, server=read)
            case str() as path if path == APP_INFO:
                return replace(self, info=read)
            case str() as path if path in _PLATFORM:
                return replace(self, platform=read)
            case _:
                return self

    def after(self, write: Exchange) -> Seen:
        """Return what is still known once a write was sent."""
        took = self.took
        if write.errcode == 0 and write.action == "add" and len(write.values) == 1:
            took |= {*write.values}
        match _FAMILIES.get(write.endpoint):
            case "webview":
                return replace(self, get=None, effective=None, info=None, took=took)
            case "server":
                return replace(self, server=None, info=None)
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Step:
    """One write, and what was known right before and right after it."""

    before: Seen
    write: Exchange
    after: Seen = field(default_factory=Seen)


def steps_of(exchanges: Iterable[Exchange]) -> tuple[list[Seen], list[Step]]:
    """Return what was seen between the writes, and each write with it."""
    seen, states, open_steps = Seen(), [], list[Step]()
    for each in exchanges:
        if each.action == "get":
            seen = seen.with_read(each)
            continue
        states.append(seen)
        if open_steps:
            open_steps[-1] = replace(open_steps[-1], after=seen)
        open_steps.append(Step(seen, each))
        seen = seen.after(each)
    states.append(seen)
    if open_steps:
        open_steps[-1] = replace(open_steps[-1], after=seen)
    return states, open_steps


def configured(lists: EffectiveLists) -> set[str]:
    return {*lists.mp_webviewdomain, *lists.third_webviewdomain, *lists.direct_webviewdomain}


def entries(lists: ServerLists) -> Iterator[str]:
    """Yield the server domains of all kinds, each with its kind before it."""
    return (f"{kind} {value}" for kind, values in lists.by_kind() for value in values)


def ways(lists: EffectiveServerLists) -> set[str]:
    """Return the server domains that are configured in any way."""
    return {*entries(lists.mp_domain), *entries(lists.third_domain), *entries(lists.direct_domain)}


def holds_unknown_lists(answer: Document, model: type[BaseModel]) -> bool:
    """Return whether an answer has a list that this version does not know and that is not empty."""
    for name, value in answer.items():
        field = model.model_fields.get(name)
        if isinstance(value, dict):
            inner = ServerLists if field else BaseModel
            if holds_unknown_lists(value, inner):
                return True
        elif isinstance(value, list) and value and field is None:
            return True
    return False


def host_of(value: str) -> str:
    """Return the host of a value in any spelling, with or without its kind before it, as an A-label."""
    value = value.rpartition(" ")[2]
    try:
        host = (urlsplit(value if "://" in value else f"//{value}").hostname or value).rstrip(".")
        return parse_domain(host, allow_reserved=True).host
    except ValueError:  # InvalidDomain is one
        return value.lower()


def _parsed(read: Exchange | None, model: type[_ReplyT]) -> _ReplyT | None:
    if read is None or read.errcode != 0 or not model.is_wechats(dict(read.document)):
        return None
    try:
        return model.model_validate(read.document)
    except ValidationError:
        return None


def _object(text: str) -> Document:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    items: Sequence[object] = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, str))
