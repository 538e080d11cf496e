"""What a unit is asked to do and what it answers: JSON values that every engine can carry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from pulumi_wechat_miniprogram.exports.planned import SAME, Planned
from pulumi_wechat_miniprogram.fleet.locks import Holder
from pulumi_wechat_miniprogram.fleet.machine import Machine
from pulumi_wechat_miniprogram.fleet.manifest import PROJECT
from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES

Operation = Literal["preview", "up", "refresh", "restore"]
_PERSONAL: Final = 89231
"""The Mini Program belongs to a person, who has no webview domains."""
Status = Literal["done", "failed", "locked", "cut", "lost", "not run"]


@dataclass(frozen=True, slots=True)
class Request:
    """One operation on one stack.

    `apps` are the inputs of its resources. With `new`, the stack has to be created first. `patience` is how
    many seconds to wait for a lock, `calls_per_minute` the limit for the provider's process. A lock of a
    process in `gone` may be broken. A `fast` update writes a journal and no checkpoints. What `journal` has
    and the state lacks is put there first; a restore does nothing else. `machine` is what was found on every
    machine before the run: one that is not like it refuses. `checked` is what the check found that the update
    may do: it does nothing else. Apps in `excluded` are left as they are.
    """

    operation: Operation
    stack: str
    apps: Sequence[Mapping[str, Any]] = ()
    project: str = PROJECT
    new: bool = False
    patience: float = 60.0
    calls_per_minute: int | None = None
    gone: tuple[Holder, ...] = ()
    fast: bool = False
    journal: Sequence[Mapping[str, Any]] = ()
    machine: Machine | None = None
    checked: Sequence[str] | None = None
    excluded: Sequence[str] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def digest(self) -> str:
        """A short text that changes with the apps: whether an old result is about the same declarations."""
        return hashlib.sha256(json.dumps(list(self.apps), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AppFailure:
    """A Mini Program that failed, with WeChat's errcode and rid if WeChat refused.

    With `refused`, the provider did when it checked what is declared.
    """

    appid: str
    message: str
    errcode: int | None = None
    rid: str | None = None
    refused: bool = False

    @property
    def own(self) -> bool:
        """Whether the reason lies with this app, so that others may well work."""
        row = ERRCODES.get(self.errcode or 0)
        return self.refused or self.errcode == _PERSONAL or (row is not None and row.kind == "offboarded")

    @property
    def alike(self) -> str:
        """A text that is the same for every app that failed in the same way."""
        text = self.message.replace(self.appid, "the app")
        return text.replace(self.rid, "") if self.rid else text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one stack.

    `counts` are the engine's, the stack's own entry among them. `holders` are the processes that have it
    locked.
    """

    stack: str
    status: Status
    apps: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Planned, ...] = ()
    failures: tuple[AppFailure, ...] = ()
    message: str = ""
    holders: tuple[Holder, ...] = ()
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Return whether the engine counts anything but unchanged resources."""
        return any(count for kind, count in self.counts.items() if kind not in SAME)

    @property
    def ready(self) -> bool:
        """Return whether an update can follow this preview, if without the apps that failed."""
        without = self.status == "failed" and bool(self.failures) and not self.message
        return self.status == "done" or without

    def beside(self, failures: Sequence[AppFailure]) -> Outcome:
        """Return this outcome with the apps that it was without, because they had failed before."""
        status: Status = "failed" if failures and self.status == "done" else self.status
        return replace(self, status=status, failures=(*failures, *self.failures))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def because(self, message: str) -> Outcome:
        """Return this outcome with another message."""
        return replace(self, message=message)


read_request: Callable[[str], Request] = TypeAdapter(Request).validate_json
read_outcome: Callable[[object], Outcome] = TypeAdapter(Outcome).validate_python
