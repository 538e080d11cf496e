"""Live lists against what stacks declare, for a whole fleet, and the JSON document of the result.

Nothing here writes. `report` and users' programs read the document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from pulumi_wechat_miniprogram.exports.asking import Asking, Observers
from pulumi_wechat_miniprogram.exports.inventory import App, Inventory, Scope, Scopes, labelled
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.state import OTHER_CHANNEL, ListName, Observation, among, channel_of
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.moment import moment

DRIFT_FORMAT: Final = 1
"""Raised when a reader has to change, not for a new field."""

Kind = Literal["missing", "extra", "pending", "other-modes"]
Result = Literal["drift", "failed", "in-sync"]
_LEFT: Final = "left the third-party platform"

SEALED = (
    "its domains are encrypted in the export; use one written by `pulumi stack export --show-secrets`, and "
    "keep it in a safe place"
)


@dataclass(frozen=True, slots=True)
class AppDrift:
    """How one Mini Program's live list differs from what the stacks declare.

    `missing` is declared and not live; `extra` is live and not declared, though a resource owns the whole
    list; `pending` is declared and live, not in force yet; `other_modes` is what only the console, or a
    channel without a resource, lists. A domain of the registered channel ends in ` (registered)`. `problem`
    tells why the app was not compared; `alike` is the same for apps that failed in the same way, and stays in
    this process. `time` is when the comparison ended, in UTC, and `seconds` how long it took.
    """

    appid: str
    stacks: tuple[str, ...]
    resources: tuple[str, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    other_modes: tuple[str, ...] = ()
    left_platform: bool = False
    problem: str = ""
    alike: str = field(default="", compare=False, repr=False)
    time: str = field(default="", compare=False)
    seconds: float = field(default=0.0, compare=False)

    @property
    def tells(self) -> bool:
        """Return whether there is anything to say of the app."""
        return bool(self.left_platform or self.problem or any(map(self.domains, get_args(Kind))))

    def domains(self, kind: Kind) -> tuple[str, ...]:
        """Return the domains of a kind."""
        found: tuple[str, ...] = getattr(self, kind.replace("-", "_"))
        return found


@dataclass(frozen=True, slots=True)
class Row(AppDrift):
    """One app as it is shown: with what follows from the kinds that count as drift, and why."""

    result: Result = "in-sync"
    reason: str = ""


FIELDS: Final = tuple(each.name for each in fields(Row) if each.name != "alike")
"""What the documents for machines hold of an app."""
_ORDER: Final[Sequence[Result]] = ("drift", "failed", "in-sync")


def judge(app: AppDrift, kinds: Sequence[Kind]) -> Row:
    """Return the row of an app, which drifted if it has domains of one of `kinds`."""
    drifted = any(app.domains(kind) for kind in kinds)
    parts = [f"{kind} {domain}" for kind in get_args(Kind) for domain in app.domains(kind)]
    reason = app.problem.partition("\n")[0] or (_LEFT if app.left_platform else "; ".join(parts))
    held = {each.name: getattr(app, each.name) for each in fields(AppDrift)}
    return Row(**held, result="drift" if drifted else "failed" if app.problem else "in-sync", reason=reason)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fleet as it was compared, in the order that was given."""

    rows: tuple[Row, ...]
    compared: int
    drifted: int
    failed: int
    time: str

    @classmethod
    def of(cls, found: Iterable[AppDrift], kinds: Sequence[Kind]) -> Comparison:
        """Put together what was found, where `kinds` count as drift."""
        rows = [judge(app, kinds) for app in found]
        failed = sum(row.result == "failed" for row in rows)
        return cls(
            rows=tuple(rows),
            compared=len(rows) - failed,
            drifted=sum(row.result == "drift" for row in rows),
            failed=failed,
            time=max((row.time for row in rows), default=""),
        )

    def only_drift(self) -> Comparison:
        """Leave out the apps in sync, which count anyway. Those that failed may have drifted."""
        return replace(self, rows=tuple(row for row in self.rows if row.result != "in-sync"))

    @property
    def drift_first(self) -> Sequence[Row]:
        """The apps in the order people read them: drift, failures, then differences that do not count."""
        return sorted(self.rows, key=lambda row: (_ORDER.index(row.result), not row.tells))


def find_drift(
    inventory: Inventory, observers: Observers, pace: Pace, now: Callable[[], str] = moment
) -> Iterator[AppDrift]:
    """Compare every app of an inventory; a failing one is a result with its problem, and the rest goes on."""
    names = {of for lists in inventory.scopes.values() for of in lists}
    asks = {of: Asking(observers(of)) for of in names}

    def timed(app: App) -> AppDrift:
        began = pace.clock()
        found = _compare(inventory.scopes, asks, app)
        return replace(found, time=now(), seconds=round(pace.clock() - began, 3))

    return pace.each(inventory.apps, timed)


def _compare(scopes: Scopes, asks: Mapping[ListName, Asking], app: App) -> AppDrift:
    found = partial(AppDrift, app.appid, app.stacks, app.resources)
    if app.sealed:
        return found(problem=SEALED, alike=SEALED)
    lists, seen = scopes[app.appid], dict[ListName, Observation]()
    try:
        for of in lists:
            observed = asks[of](app.appid)
            if observed is None:
                return found(left_platform=True)
            seen[of] = observed
    except UserError as error:
        return found(problem=str(error), alike=error.alike)
    drifts = {of: _differences(lists, seen, of) for of in lists}
    return found(
        missing=tuple(shown_in(of, domain) for of, each in drifts.items() for domain in each.missing),
        extra=tuple(sorted(shown_in(of, domain) for of, each in drifts.items() for domain in each.extra)),
        pending=tuple(shown_in(of, domain) for of, each in drifts.items() for domain in each.pending),
        other_modes=tuple(sorted({domain for each in drifts.values() for domain in each.others})),
    )


@dataclass(frozen=True, slots=True)
class _Differences:
    """How one list differs."""

    missing: list[Listed]
    extra: frozenset[Listed]
    pending: list[Listed]
    others: frozenset[Listed]


def _differences(
    lists: Mapping[ListName, Scope], seen: Mapping[ListName, Observation], of: ListName
) -> _Differences:
    scope, observed = lists[of], seen[of]
    live, foreign = among(observed.live, scope.kinds), among(observed.only_other_modes, scope.kinds)
    owned = among(observed.live, scope.owned_kinds) if scope.owned else frozenset[Listed]()
    others, other = foreign, OTHER_CHANNEL.get(of, of)
    if other != of and other in lists:
        others -= among(seen[other].lists.configured.domains, lists[other].kinds)
    return _Differences(
        missing=[each for each in scope.declared if each not in live and observed.lists.exists(each)],
        extra=owned.difference(scope.declared, foreign),
        pending=[domain for domain in scope.declared if domain in live and domain not in observed.effective],
        others=others,
    )


def shown_in(of: ListName, domain: Listed) -> str:
    """Return a domain with what it does not tell: its list, and its channel unless that is the direct one."""
    channel, shown = channel_of(of), labelled(of, domain)
    return shown if channel == "direct" else f"{shown} ({channel})"


class DriftUnreadable(Exception):
    """The input is not a drift document; the text names it and says what to do."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    version: Literal[1]
    apps: tuple[AppDrift, ...]


def drift_document(found: Iterable[AppDrift], kinds: Sequence[Kind]) -> dict[str, Any]:
    """Return the document: how many apps were compared, drifted in one of `kinds`, failed; and each app."""
    return document_of(Comparison.of(found, kinds))


def document_of(comparison: Comparison) -> dict[str, Any]:
    """Return the document."""
    return {
        "version": DRIFT_FORMAT,
        "time": comparison.time,
        "compared": comparison.compared,
        "drifted": comparison.drifted,
        "failed": comparison.failed,
        "apps": [app_document(row) for row in comparison.rows],
    }


def app_document(app: AppDrift) -> dict[str, Any]:
    """Return what documents for machines hold of an app."""
    return {name: held for name, held in asdict(app).items() if name in FIELDS}


def read_drift(content: bytes, source: str) -> tuple[AppDrift, ...]:
    """Return the apps of a document.

    Raises:
        DriftUnreadable: it is something else.
    """
    try:
        return _Document.model_validate(json.loads(content)).apps
    except (ValueError, RecursionError):  # also what JSON and pydantic raise
        raise DriftUnreadable(
            f"{source} is not the output of `wechat-miniprogram drift --json`; create it again"
        ) from None
