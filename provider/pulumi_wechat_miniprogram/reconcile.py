"""Observe, plan, write, observe: the only place that turns a plan into calls.

A write goes out once for each observation. Whatever then went wrong with it, the next thing is a fresh
`get` and a fresh plan, so that a live domain is never sent again and a `set` never follows a doubt.
One lock per appid spans an operation; between processes there is none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pulumi_wechat_miniprogram.domain import canonical_or_verbatim
from pulumi_wechat_miniprogram.plan import Mode, Plan, PlanRefused, PlanRequest, make_plan, outsiders
from pulumi_wechat_miniprogram.settings import Settings, SettingsError
from pulumi_wechat_miniprogram.wechat.client import Client, repeating
from pulumi_wechat_miniprogram.wechat.errors import CallFailed
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile, EffectiveLists
from pulumi_wechat_miniprogram.wechat.tokens import BoundTokens, TokenUnavailable, token_source

__all__ = ["FOR_THE_USER", "Declaration", "Reconciler", "Recorded", "connect"]

FOR_THE_USER = (CallFailed, PlanRefused, SettingsError, TokenUnavailable)
"""What a use case raises with a message for the user, who gets it without a traceback."""

_WRITE_IN_DOUBT = (
    "A write was sent before, and whether WeChat took it is not known. "
    "Run `pulumi refresh`, then `pulumi up`."
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The checked inputs of one resource; `domains` canonical, in the user's order."""

    appid: str
    domains: tuple[str, ...]
    mode: Mode = "authoritative"
    overwrite_existing: bool = False
    allow_mass_removal: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the state holds after an operation; every list in declared order, then sorted."""

    appid: str
    domains: tuple[str, ...]
    mode: Mode = "authoritative"
    effective_domains: tuple[str, ...] = ()
    pending_domains: tuple[str, ...] = ()
    release_required: bool = False
    added_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Written:
    """The plan made from the first observation of an operation, and whether anything was written."""

    plan: Plan
    wrote: bool


class Reconciler:
    """The use cases of one process. Safe for concurrent use; operations of one appid follow each other."""

    def __init__(
        self,
        client: Client,
        *,
        warn: Callable[[str], None],
        max_attempts: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the client; `warn` receives one line for the user at a time."""
        self._client = client
        self._warn = warn
        self._max_attempts = max_attempts
        self._sleep = sleep
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._declared: dict[str, frozenset[str]] = {}

    def declare(self, appid: str, domains: Sequence[str]) -> None:
        """Remember what a check of the running operation declared, so that no removal takes it away."""
        with self._guard:
            self._declared[appid] = self._declared.get(appid, frozenset()) | frozenset(domains)

    def create(self, declaration: Declaration) -> Recorded:
        """Bring a Mini Program under the declaration, adopting what is live.

        Raises:
            PlanRefused: nothing was written; the text names the way out.
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        return self._apply(declaration, None)

    def update(self, recorded: Recorded, declaration: Declaration) -> Recorded:
        """Send the difference to the live list. Raises as `create` does."""
        return self._apply(declaration, recorded)

    def read(self, recorded: Recorded) -> Recorded:
        """Return what is live now: the whole list, or in additive mode what is left of the declared.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        with self._lock(recorded.appid):
            live = _keys(self._client.get(recorded.appid))
            lists = self._client.effective(recorded.appid)
        kept = [key for key in recorded.domains if key in live]
        if recorded.mode == "authoritative":
            others = _only_other_modes(lists)
            extra = live.difference(recorded.domains)
            kept += sorted(extra - others)
            self._name_left_alone(recorded.appid, extra & others)
        added = tuple(key for key in recorded.added_domains if key in live)
        return self._record(replace(recorded, domains=tuple(kept), added_domains=added), lists)

    def delete(self, recorded: Recorded) -> None:
        """Remove from WeChat what this resource owns and nobody else declares. Raises as `create` does."""
        request = PlanRequest(
            appid=recorded.appid,
            operation="delete",
            mode=recorded.mode,
            known=recorded.domains,
            added=recorded.added_domains,
        )
        with self._lock(recorded.appid):
            plan = self._converge(request).plan
        self._name_survivors(plan)

    def confirm_file(self, appid: str) -> ConfirmFile:
        """Return the file that every host of this Mini Program serves at its root.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        return self._client.confirm_file(appid)

    def _apply(self, declaration: Declaration, recorded: Recorded | None) -> Recorded:
        request = PlanRequest(
            appid=declaration.appid,
            operation="update" if recorded else "create",
            mode=declaration.mode,
            desired=declaration.domains,
            known=recorded.domains if recorded else (),
            added=recorded.added_domains if recorded else (),
            overwrite_existing=declaration.overwrite_existing,
            allow_mass_removal=declaration.allow_mass_removal,
        )
        with self._lock(declaration.appid):
            written = self._converge(request)
            lists = self._effective_after(written)
        self._name_survivors(written.plan)
        owned = {*request.added, *(key for key in declaration.domains if key in written.plan.added)}
        result = Recorded(
            appid=declaration.appid,
            domains=declaration.domains,
            mode=declaration.mode,
            effective_domains=recorded.effective_domains if recorded else (),
            added_domains=tuple(key for key in declaration.domains if key in owned),
        )
        if lists is None:
            effective = tuple(key for key in result.effective_domains if key not in written.plan.removed)
            return _with_pending(replace(result, effective_domains=effective), release_required=True)
        result = self._record(result, lists)
        self._warn_of_release(written.plan, result, _only_other_modes(lists))
        return result

    def _converge(self, request: PlanRequest) -> _Written:
        existing = self._client.get(request.appid)
        first = plan = self._plan(request, existing)
        try:
            for attempt in repeating(self._max_attempts, self._sleep, only_if=_is_write):
                with attempt:
                    if attempt.retry_state.attempt_number > 1:
                        existing = self._client.get(request.appid)
                        plan = self._plan(replace(request, may_set=False), existing)
                    for step in plan.steps:
                        self._client.write(request.appid, step.action, step.values)
        except CallFailed as error:
            error.lines.append(
                self._live_now(request.appid, existing) if error.call.is_write else _WRITE_IN_DOUBT
            )
            raise
        return _Written(first, bool(first.steps))

    def _plan(self, request: PlanRequest, existing: Sequence[str]) -> Plan:
        with self._guard:
            declared = self._declared.get(request.appid, frozenset())
        others = self._other_modes(request, existing)
        plan = make_plan(replace(request, declared_elsewhere=declared), existing, other_modes=others)
        if plan.refusals:
            raise PlanRefused(plan.refusals)
        return plan

    def _live_now(self, appid: str, existing: Sequence[str]) -> str:
        try:
            live = self._client.get(appid)
        except CallFailed as error:
            return f"What is live now is not known, since {error.lines[0]}."
        if sorted(live) == sorted(existing):
            return f"The live list was read again: unchanged ({len(live)} domains)."
        return f"The live list was read again: {', '.join(live) or 'empty'}."

    def _other_modes(self, request: PlanRequest, existing: Sequence[str]) -> frozenset[str]:
        if request.mode == "additive" or not (unexpected := outsiders(request, existing)):
            return frozenset()
        others = _only_other_modes(self._client.effective(request.appid))
        self._name_left_alone(request.appid, others.intersection(unexpected))
        return others

    def _effective_after(self, written: _Written) -> EffectiveLists | None:
        try:
            return self._client.effective(written.plan.appid)
        except CallFailed as error:
            if not written.wrote:
                raise
            self._warn(
                f"{written.plan.appid}: the domains are written, but what is in force could not be read "
                f"({error.lines[0]}); run `pulumi refresh` for the effective domains"
            )
            return None

    def _record(self, recorded: Recorded, lists: EffectiveLists) -> Recorded:
        effective = _keys(lists.effective_webviewdomain)
        additive = recorded.mode == "additive"
        if additive:
            effective &= set(recorded.domains)
        in_order = [key for key in recorded.domains if key in effective]
        in_order += sorted(effective - set(recorded.domains))
        result = _with_pending(replace(recorded, effective_domains=tuple(in_order)))
        configured = {*recorded.domains, *_keys(lists.mp_webviewdomain), *_keys(lists.third_webviewdomain)}
        changes = bool(result.pending_domains) if additive else configured != effective
        return replace(result, release_required=changes)

    def _warn_of_release(self, plan: Plan, recorded: Recorded, others: frozenset[str]) -> None:
        if plan.removed and recorded.pending_domains:
            self._warn(
                f"{plan.appid}: {', '.join(plan.removed)} was removed while "
                f"{', '.join(recorded.pending_domains)} waits for the next release of the Mini Program. "
                "Safer: add, release, then remove"
            )
        foreign = [key for key in recorded.domains if key in others]
        if foreign:
            self._warn(
                f"{plan.appid}: {', '.join(foreign)} is declared, but only the console's or mode one's "
                "list has it; it may drop out at the next release"
            )

    def _name_left_alone(self, appid: str, keys: Iterable[str]) -> None:
        for key in sorted(keys):
            self._warn(f"{appid}: {key} is on the console's or mode one's list only: left alone")

    def _name_survivors(self, plan: Plan) -> None:
        if plan.spared:
            self._warn(
                f"{plan.appid}: {', '.join(plan.spared)} stays, since another resource of this program "
                "declares it. After a rename without alias, `pulumi state delete URN` of the old resource is "
                "the way"
            )
        if plan.left:
            self._warn(
                f"{plan.appid}: {', '.join(plan.left)} stays on the live list, since this resource did not "
                "add it"
            )

    def _lock(self, appid: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(appid, threading.Lock())


def _is_write(error: BaseException) -> bool:
    return isinstance(error, CallFailed) and error.call.is_write


def _keys(values: Sequence[str]) -> set[str]:
    return set(map(canonical_or_verbatim, values))


def _only_other_modes(lists: EffectiveLists) -> frozenset[str]:
    others = _keys(lists.mp_webviewdomain) | _keys(lists.third_webviewdomain)
    return frozenset(others - _keys(lists.direct_webviewdomain))


def _with_pending(recorded: Recorded, *, release_required: bool = False) -> Recorded:
    pending = tuple(key for key in recorded.domains if key not in recorded.effective_domains)
    return replace(recorded, pending_domains=pending, release_required=release_required)


def connect(settings: Settings, *, warn: Callable[[str], None]) -> Reconciler:
    """Return the use cases of one process, working on the endpoint of the settings.

    Raises:
        SettingsError: the endpoint is an emulator whose data file or packages cannot be used.
    """
    return Reconciler(_open_client(settings), warn=warn, max_attempts=settings.max_attempts)


def _open_client(settings: Settings) -> Client:
    if not settings.emulator_path:
        return Client(settings, token_source(settings))
    from pulumi_wechat_miniprogram.emulator_host import (  # noqa: PLC0415 - an extra, loaded on demand
        EmulatorMissing,
        open_embedded,
    )

    try:
        emulator = open_embedded(settings.emulator_path)
    except (EmulatorMissing, OSError, ValueError) as error:
        message = f"the endpoint emulator:{settings.emulator_path} cannot be used: {error}"
        raise SettingsError(message) from None
    return Client(settings, BoundTokens(emulator), endpoint=emulator.url)
