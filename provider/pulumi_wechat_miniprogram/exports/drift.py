"""Live lists against what stacks declare, for a whole fleet, and the JSON document that tells of it.

Nothing here writes. `report` and users' programs read the document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from pulumi_wechat_miniprogram.exports.asking import Asking, Observe
from pulumi_wechat_miniprogram.exports.inventory import App, Inventory, Scope
from pulumi_wechat_miniprogram.exports.pace import Pace
from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.state import ModeLists, Observation, among
from pulumi_wechat_miniprogram.safety.errors import UserError

DRIFT_FORMAT: Final = 1
"""Raised when a reader has to change, not for a new field."""

Kind = Literal["missing", "extra", "pending", "other-modes"]

_SEALED = (
    "its domains are encrypted in the export; give one that `pulumi stack export --show-secrets` wrote, "
    "in a safe place"
)


@dataclass(frozen=True, slots=True)
class AppDrift:
    """How one Mini Program's live list differs from what the stacks declare.

    `missing` is declared and not live; `extra` is live and not declared, though a resource owns the whole
    list; `pending` is declared and live, not in force yet; `other_modes` is what only the console or
    mode one lists. `problem` tells why the app was not compared; `alike` is the same
    for apps that failed in the same way, and stays in this process.
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

    @property
    def tells(self) -> bool:
        """Tell whether there is anything to say of the app."""
        return bool(self.left_platform or self.problem or any(map(self.domains, get_args(Kind))))

    def domains(self, kind: Kind) -> tuple[str, ...]:
        """Return the domains of a kind."""
        found: tuple[str, ...] = getattr(self, kind.replace("-", "_"))
        return found


def find_drift(
    inventory: Inventory, observe: Observe, pace: Pace, *, observe_server: Observe | None = None
) -> Iterator[AppDrift]:
    """Compare every app of an inventory; a failing one is a result with its problem, and the rest goes on.

    `observe_server` reads server domains; without it an app that has some is a result with a problem.
    """
    declared: dict[str, list[str]] = {app.appid: [] for app in inventory.apps}
    for listing in inventory.listings:
        if listing.resources:
            declared[listing.appid].append(listing.domain)
    server = Asking(observe_server or _not_asked)
    return pace.each(inventory.apps, partial(_compare, declared, inventory.scopes, Asking(observe), server))


def _not_asked(appid: str) -> Observation | None:
    raise UserError(f"{appid}: its server domains were not compared")


def _compare(
    declared: dict[str, list[str]],
    scopes: Mapping[str, Scope],
    observe: Observe,
    observe_server: Observe,
    app: App,
) -> AppDrift:
    scope = scopes[app.appid]
    found = partial(
        AppDrift,
        app.appid,
        app.stacks,
        app.resources,
    )
    if app.sealed:
        return found(problem=_SEALED, alike=_SEALED)
    try:
        seen = observe(app.appid) if scope.webview else _NOTHING
        server = observe_server(app.appid) if scope.kinds else _NOTHING
    except UserError as error:
        return found(problem=str(error), alike=error.alike)
    if seen is None or server is None:
        return found(left_platform=True)
    ours, kinds, owned_kinds = declared[app.appid], tuple(scope.kinds), tuple(scope.owned_kinds)
    live = among(server.live, kinds).union(seen.live)
    foreign = among(server.only_other_modes, kinds) | seen.only_other_modes
    effective = server.effective | seen.effective
    owned = among(server.live, owned_kinds) if owned_kinds else frozenset[Listed]()
    owned = owned.union(seen.live if scope.owns_webview else ())
    return found(
        missing=tuple(domain for domain in ours if domain not in live),
        extra=tuple(sorted(owned.difference(ours, foreign))),
        pending=tuple(domain for domain in ours if domain in live and domain not in effective),
        other_modes=tuple(sorted(foreign)),
    )


_NOTHING: Final = Observation("", (), ModeLists())
"""What is seen of lists that nobody asked about."""


class DriftUnreadable(Exception):
    """What was given is no drift document; the text names it and says what to do."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    version: Literal[1]
    apps: tuple[AppDrift, ...]


def drift_document(found: Sequence[AppDrift], kinds: Sequence[Kind]) -> dict[str, Any]:
    """Return the document: how many apps were compared, drifted in one of `kinds`, failed; and each app."""
    failed = sum(bool(app.problem) for app in found)
    return {
        "version": DRIFT_FORMAT,
        "compared": len(found) - failed,
        "drifted": sum(any(app.domains(kind) for kind in kinds) for app in found),
        "failed": failed,
        "apps": [{name: held for name, held in asdict(app).items() if name != "alike"} for app in found],
    }


def read_drift(content: bytes, source: str) -> tuple[AppDrift, ...]:
    """Return the apps of a document.

    Raises:
        DriftUnreadable: it is something else.
    """
    try:
        return _Document.model_validate(json.loads(content)).apps
    except (ValueError, RecursionError):  # also what JSON and pydantic raise
        raise DriftUnreadable(
            f"{source} is not what `wechat-miniprogram drift --json` printed; write it again"
        ) from None
