"""Observe, plan, write, observe: the only place that turns a plan into calls.

A write goes out once for each observation. Whatever then went wrong with it, the next thing is a fresh
`get` and a fresh plan, so that a live domain is never sent again and a `set` never follows a doubt.
One lock per appid spans an operation; between processes there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pulumi_wechat_miniprogram import notices
from pulumi_wechat_miniprogram.confirm_wait import ConfirmFileWait
from pulumi_wechat_miniprogram.declaration import Declaration, Declared
from pulumi_wechat_miniprogram.domain import MAX_DOMAINS
from pulumi_wechat_miniprogram.observation import (
    Observation,
    Recorded,
    keys,
    only_other_modes,
    record,
    with_pending,
)
from pulumi_wechat_miniprogram.plan import Plan, PlanRefused, PlanRequest, Step, make_plan, outsiders
from pulumi_wechat_miniprogram.settings import Settings, SettingsError
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errors import (
    CallFailed,
    NothingChanged,
    NotSent,
    Offboarded,
    WeChatError,
    may_repeat,
)
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile, EffectiveLists
from pulumi_wechat_miniprogram.wechat.probe import HostFinding, Prober
from pulumi_wechat_miniprogram.wechat.retries import Retries
from pulumi_wechat_miniprogram.wechat.tokens import ReadyTokens, Tokens, TokenUnavailable, open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire

__all__ = [
    "FOR_THE_USER",
    "CallFailed",
    "ConfirmFile",
    "Declaration",
    "Drift",
    "NotSent",
    "Observation",
    "Reconciler",
    "Recorded",
    "connect",
]

FOR_THE_USER = (CallFailed, PlanRefused, SettingsError, TokenUnavailable)
"""What a use case raises with a message for the user, who gets it without a traceback."""

_UNREADABLE = (CallFailed, TokenUnavailable, SettingsError)
"""What may keep a read from being made: WeChat, the token source, a secret file that is gone."""

_STEP_DONE = "A part of this change is written already. Run `pulumi refresh`, then `pulumi up`."
_WRITE_IN_DOUBT = (
    "A write was sent before, and whether WeChat took it is not known. "
    "Run `pulumi refresh`, then `pulumi up`."
)


@dataclass(frozen=True, slots=True)
class Drift:
    """How the live list differs from the state: `missing` in declared order, `extra` sorted."""

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.missing or self.extra)


@dataclass(frozen=True, slots=True)
class _Observed:
    """The live list as last read, and what only other modes list, if that was read too; canonical."""

    live: frozenset[str]
    others: frozenset[str] | None = None


class Reconciler:
    """The use cases of one process. Safe for concurrent use; operations of one appid follow each other."""

    def __init__(
        self,
        client: Client,
        *,
        warn: Callable[[str], None],
        retries: Retries,
        prober: Prober | None = None,
        keep_unauthorized: bool = False,
        declared: Declared | None = None,
    ) -> None:
        """Take the client; `warn` receives one line for the user at a time.

        Without a `prober` no host is asked for its confirm file. `keep_unauthorized` leaves apps that left
        the third-party platform as they are in the state. No removal takes away what is `declared`.
        """
        self._client = client
        self._warn = warn
        self._retries = retries
        self._prober = prober
        self._confirm_files = ConfirmFileWait(client, prober, retries=retries, warn=warn)
        self._keep_unauthorized = keep_unauthorized
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._declared = declared or Declared()
        self._observed: dict[str, _Observed] = {}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def reach(self) -> None:
        """Show that WeChat's API answers, without a token.

        Raises:
            CallFailed: it does not.
        """
        self._client.reach()

    def probe(self, domains: Sequence[str], file: ConfirmFile) -> tuple[HostFinding, ...] | None:
        """Ask each host for the confirm file, once; None where the config key `probe` is off."""
        return self._prober.probe(domains, file) if self._prober else None

    def appids(self) -> tuple[str, ...]:
        """Return the apps that the token source knows: those configured, or all that authorise the platform.

        Empty where it cannot tell. Raises as `observe` does.
        """
        return self._client.appids()

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

    def drift(self, recorded: Recorded) -> Drift:
        """Compare the state with the live list, and name what differs in one line.

        The observation is kept until the first write to this appid: a preview asks once for each.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        appid = recorded.appid
        try:
            with self._lock(appid):
                until = self._retries.deadline()
                if not (observed := self._observed.get(appid)):
                    observed = _Observed(frozenset(keys(self._client.get(appid, until=until))))
                extra = observed.live.difference(
                    recorded.domains if recorded.mode == "authoritative" else observed.live
                )
                if extra and observed.others is None:
                    others = only_other_modes(self._client.effective(appid, until=until))
                    observed = replace(observed, others=others)
                self._observed[appid] = observed
        except Offboarded as error:
            self._keep_or_raise(error, "What is live was not compared")
            return Drift()
        missing = tuple(key for key in recorded.domains if key not in observed.live)
        drift = Drift(missing, tuple(sorted(extra - (observed.others or frozenset()))))
        self._tell(notices.live_differs(appid, drift.missing, drift.extra))
        return drift

    def read(self, recorded: Recorded) -> Recorded:
        """Return what is live now: the whole list, or in additive mode what is left of the declared.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            with self._lock(recorded.appid):
                seen = self._look(recorded.appid)
                self._observed[recorded.appid] = _Observed(frozenset(seen.live), seen.only_other_modes)
        except Offboarded as error:
            self._keep_or_raise(error, "The state is kept as it is")
            return recorded
        live, others = frozenset(seen.live), seen.only_other_modes
        kept = [key for key in recorded.domains if key in live]
        if recorded.mode == "authoritative":
            extra = live.difference(recorded.domains)
            kept += sorted(extra - others)
            self._tell(notices.left_alone(recorded.appid, extra & others))
        self._tell(notices.only_elsewhere(recorded.appid, kept, others))
        added = tuple(key for key in recorded.added_domains if key in live)
        return record(replace(recorded, domains=tuple(kept), added_domains=added), seen.lists)

    def observe(self, appid: str) -> Observation | None:
        """Read what is live and what is in force; None for an app that left, if these are to be kept.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            with self._lock(appid):
                return self._look(appid)
        except Offboarded as error:
            self._keep_or_raise(error, "What is live is not known")
            return None

    def delete(self, recorded: Recorded) -> None:
        """Remove from WeChat what this resource owns and nobody else declares. Raises as `create` does."""
        request = PlanRequest(
            appid=recorded.appid,
            operation="delete",
            mode=recorded.mode,
            known=recorded.domains,
            added=recorded.added_domains,
        )
        try:
            with self._lock(recorded.appid):
                plan = self._converge(request, self._retries.deadline(), [])
        except Offboarded as error:
            self._keep_or_raise(error, "Its domains stay on WeChat's list, and the resource leaves the state")
            return
        self._tell(notices.survivors(plan))

    def confirm_file(self, appid: str, stored: ConfirmFile | None = None) -> ConfirmFile:
        """Return the file that every host of this Mini Program serves at its root.

        `stored` is what the state holds: it is returned for an app that left, if these are to be kept.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            return self._client.confirm_file(appid)
        except Offboarded as error:
            if not stored:
                raise
            self._keep_or_raise(error, "The state is kept as it is")
            return stored

    def _look(self, appid: str) -> Observation:
        until = self._retries.deadline()
        live = self._client.get(appid, until=until)
        return Observation.of(appid, live, self._client.effective(appid, until=until))

    def _keep_or_raise(self, error: Offboarded, consequence: str) -> None:
        if not self._keep_unauthorized:
            raise error
        self._warn(f"{error.headline}. {consequence} (onUnauthorized: keep)")

    def _apply(self, declaration: Declaration, recorded: Recorded | None) -> Recorded:
        request = PlanRequest(
            appid=declaration.appid,
            operation="update" if recorded else "create",
            mode=declaration.mode,
            desired=declaration.domains,
            known=recorded.domains if recorded else (),
            added=recorded.added_domains if recorded else (),
            recorded_mode=recorded.mode if recorded else declaration.mode,
            overwrite_existing=declaration.overwrite_existing,
            allow_mass_removal=declaration.allow_mass_removal,
        )

        plans: list[Plan] = []  # of each observation; a refused one may have been taken in part

        def write(request: PlanRequest) -> tuple[Plan, EffectiveLists | None]:
            with self._lock(request.appid):
                until = self._retries.deadline()
                plan = self._converge(request, until, plans)
                return plan, self._effective_after(plan, until)

        plan, lists = self._confirm_files.insist(
            lambda: write(request),
            lambda: write(replace(request, may_set=False)),
            declaration.confirm_file_timeout,
        )
        self._tell(notices.survivors(plan))
        owned = {*request.added, *(key for made in plans for key in made.added)}
        result = Recorded(
            appid=declaration.appid,
            domains=declaration.domains,
            mode=declaration.mode,
            effective_domains=recorded.effective_domains if recorded else (),
            added_domains=tuple(key for key in declaration.domains if key in owned),
        )
        if lists is None:
            effective = tuple(key for key in result.effective_domains if key not in plan.removed)
            return with_pending(replace(result, effective_domains=effective), release_required=True)
        result = record(result, lists)
        self._tell(notices.removed_early(plan, result.pending_domains))
        self._tell(notices.only_elsewhere(result.appid, result.domains, only_other_modes(lists)))
        return result

    def _converge(self, request: PlanRequest, until: float, plans: list[Plan]) -> Plan:
        """Do what the first observation asks for, and return its plan; `plans` gets every plan made."""
        existing = self._client.get(request.appid, until=until)
        first = plan = self._plan(request, existing, until)
        plans.append(plan)
        done: list[Step] = []
        doubt, not_there = "", False
        try:
            for attempt in self._retries.attempts(until, may_repeat=_may_write_again):
                with attempt:
                    if attempt.retry_state.attempt_number > 1:
                        existing = self._client.get(request.appid, until=until)
                        again = replace(request, may_set=False)
                        plan = self._plan(again, existing, until, ask_other_modes=not_there)
                        plans.append(plan)
                    try:
                        self._send(plan, done)
                    except CallFailed as error:
                        doubt = doubt or (_WRITE_IN_DOUBT if error.in_doubt else "")
                        not_there = isinstance(error, NothingChanged) and error.call.action == "delete"
                        raise
        except PlanRefused as error:
            raise PlanRefused(error.refusals, doubt) from None
        except CallFailed as error:
            error.facts += _counts(error, plan)
            if error.call.is_write:
                error.facts.append(self._live_now(request.appid, existing, until))
            elif doubt:
                error.facts.append(doubt)
            raise
        except (TokenUnavailable, SettingsError) as error:
            if note := doubt or (_STEP_DONE if done else ""):
                error.args = (f"{error}\n  {note}",)
            raise
        return first

    def _send(self, plan: Plan, done: list[Step]) -> None:
        for step in plan.steps:
            self._observed.pop(plan.appid, None)
            self._client.write(plan.appid, step.action, step.values)
            done.append(step)

    def _plan(
        self, request: PlanRequest, existing: Sequence[str], until: float, *, ask_other_modes: bool = False
    ) -> Plan:
        """Decide on an observation. `ask_other_modes`: WeChat says that a domain it shows is not there."""
        declared = self._declared.of(request.appid)
        others = self._other_modes(request, existing, until, ask=ask_other_modes)
        plan = make_plan(replace(request, declared_elsewhere=declared), existing, other_modes=others)
        if plan.refusals:
            raise PlanRefused(plan.refusals)
        return plan

    def _live_now(self, appid: str, existing: Sequence[str], until: float) -> str:
        try:
            live = self._client.get(appid, until=until)
        except _UNREADABLE as error:
            return f"What is live now is not known, since {_headline(error)}."
        if sorted(live) == sorted(existing):
            return f"The live list was read again: unchanged ({len(live)} domains)."
        return f"The live list was read again: {', '.join(live) or 'empty'}."

    def _other_modes(
        self, request: PlanRequest, existing: Sequence[str], until: float, *, ask: bool
    ) -> frozenset[str]:
        unexpected = () if request.mode == "additive" else outsiders(request, existing)
        if not unexpected and not ask:
            return frozenset()
        others = only_other_modes(self._client.effective(request.appid, until=until))
        undeclared = keys(existing).difference(request.desired)
        ours = undeclared if request.mode == "authoritative" else undeclared.intersection(request.added)
        self._tell(notices.left_alone(request.appid, others & ours))
        return others

    def _effective_after(self, plan: Plan, until: float) -> EffectiveLists | None:
        try:
            return self._client.effective(plan.appid, until=until)
        except _UNREADABLE as error:
            if not plan.steps:
                raise
            self._warn(
                f"{plan.appid}: the domains are written, but what is in force could not be read "
                f"({_headline(error)}); run `pulumi refresh` for the effective domains"
            )
            return None

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._warn(line)

    def _lock(self, appid: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(appid, threading.Lock())


def _counts(error: CallFailed, plan: Plan) -> list[str]:
    """Tell the numbers that a code about the number of domains leaves out."""
    if not (isinstance(error, WeChatError) and error.row and error.row.kind == "limit"):
        return []
    return [f"{len(plan.existing)} were live, {len(plan.added)} new; WeChat takes {MAX_DOMAINS}."]


def _headline(error: Exception) -> str:
    return str(error).splitlines()[0]


def _may_write_again(error: BaseException) -> bool | float:
    return may_repeat(error) if isinstance(error, CallFailed) and error.call.is_write else False


def connect(
    settings: Settings,
    *,
    warn: Callable[[str], None],
    declared: Declared | None = None,
    create_emulator: bool = True,
) -> Reconciler:
    """Return the use cases of one process, working on the endpoint of the settings.

    `create_emulator` makes the data file of an embedded emulator where there is none.

    Raises:
        SettingsError: the endpoint is an emulator whose data file or packages cannot be used.
    """
    wire, tokens = _open(settings, warn, create_emulator=create_emulator)
    return Reconciler(
        Client(wire, tokens),
        warn=warn,
        retries=wire.retries,
        prober=Prober(settings) if settings.probe else None,
        keep_unauthorized=settings.on_unauthorized == "keep",
        declared=declared,
    )


def _open(settings: Settings, warn: Callable[[str], None], *, create_emulator: bool) -> tuple[Wire, Tokens]:
    if not settings.emulator_path:
        wire = Wire(settings, warn=warn)
        return wire, open_tokens(settings, wire, warn=warn)
    from pulumi_wechat_miniprogram.emulator_host import (  # noqa: PLC0415 - an extra, loaded on demand
        EmulatorMissing,
        open_embedded,
    )

    try:
        emulator = open_embedded(settings.emulator_path, create=create_emulator)
    except (EmulatorMissing, OSError, ValueError) as error:
        message = f"the endpoint emulator:{settings.emulator_path} cannot be used: {error}"
        raise SettingsError(message) from None
    wire = Wire(settings, endpoint=emulator.url, warn=warn)
    return wire, Tokens(ReadyTokens(emulator.token, lambda: ()), wire.retries)
