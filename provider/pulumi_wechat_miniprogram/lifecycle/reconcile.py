"""Observe, plan, write, observe: the only place that turns a plan into calls.

A write goes out once for each observation. Whatever then went wrong with it, the next thing is a fresh
`get` and a fresh plan, so that a live domain is never sent again and a `set` never follows a doubt.
One lock per appid spans an operation; between processes there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.confirm_file import ConfirmFileWait
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration, Declarations
from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, canonical_or_verbatim
from pulumi_wechat_miniprogram.lifecycle.plan import (
    Plan,
    PlanRefused,
    PlanRequest,
    Step,
    make_plan,
    outsiders,
)
from pulumi_wechat_miniprogram.lifecycle.state import (
    Observation,
    Recorded,
    keys,
    only_other_modes,
    record,
    with_pending,
)
from pulumi_wechat_miniprogram.safety.interruption import Interrupted, Interruption
from pulumi_wechat_miniprogram.settings import Settings, SettingsError
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errors import (
    CallFailed,
    NoEffect,
    NothingChanged,
    NotSent,
    Offboarded,
    WeChatError,
    may_repeat,
)
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile, EffectiveLists
from pulumi_wechat_miniprogram.wechat.probe import HostFinding, Prober
from pulumi_wechat_miniprogram.wechat.retries import Retries
from pulumi_wechat_miniprogram.wechat.tokens import (
    AppUnknown,
    ReadyTokens,
    Tokens,
    TokenUnavailable,
    open_tokens,
)
from pulumi_wechat_miniprogram.wechat.wire import Wire

__all__ = [
    "FOR_THE_USER",
    "CallFailed",
    "ConfirmFile",
    "Declaration",
    "Drift",
    "Interruption",
    "NotSent",
    "Observation",
    "Reconciler",
    "Recorded",
    "connect",
]

FOR_THE_USER = (CallFailed, Interrupted, PlanRefused, SettingsError, TokenUnavailable)
"""What a use case raises with a message for the user, who gets it without a traceback."""

_UNREADABLE = (CallFailed, Interrupted, SettingsError, TokenUnavailable)
"""What may keep a read from being made: WeChat, an interrupt, a missing secret file, the token source."""

_LEFT = (Offboarded, AppUnknown)
"""What says that an app left the third-party platform: WeChat, or a token source that no longer knows it."""

_STEP_DONE = "Part of this change has been written. Run `pulumi refresh`, then `pulumi up`."
_WRITE_IN_DOUBT = (
    "A write was sent before, and whether it took effect is unknown. Run `pulumi refresh`, then `pulumi up`."
)
_KEEP = "WECHAT_MINIPROGRAM_ON_UNAUTHORIZED=keep"
_WAYS_OUT = {
    "read": f"If the app has left for good, refresh with {_KEEP}, which keeps its state as it is; or remove "
    "the resource from the program, and from the state with `pulumi state delete URN`.",
    "delete": f"If the app has left for good, run the same command with {_KEEP}: the resource leaves the "
    "state, and WeChat's list stays as it is.",
    "write": "If the app has left for good, remove the resource from the program, and from the state with "
    "`pulumi state delete URN`.",
}
"""How to proceed without an app that left, by what was tried. A URN names two copies during a replacement."""


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


@dataclass(slots=True)
class _Run:
    """One create, update or delete: what it asks for, and what came of its writes so far.

    `put` and `removed` are what its writes changed. `sent` was in a write without a clear answer: the next
    observation tells which of it WeChat took. Later ones do not, since others write too.
    """

    request: PlanRequest
    put: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    sent: frozenset[str] = frozenset()
    done: bool = False
    doubt: str = ""

    def observe(self, live: Iterable[str]) -> None:
        """Take an observation that follows a write."""
        self.put |= self.sent.intersection(live)
        self.sent = frozenset()

    def failed(self, error: CallFailed, step: Step, keys: tuple[str, ...]) -> None:
        """Note a write that failed. WeChat may have taken it, or a part of it where it names several."""
        if error.in_doubt:
            self.doubt = _WRITE_IN_DOUBT
        if not (error.in_doubt or (len(step.values) > 1 and _refused_in_part(error))):
            return
        if step.action == "delete":
            self.removed.update(keys)
        else:
            self.sent = frozenset(keys)

    @property
    def note(self) -> str:
        """What a user has to know of the writes so far, if anything."""
        return self.doubt or (_STEP_DONE if self.done else "")


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
        declarations: Declarations | None = None,
    ) -> None:
        """Take the client; `warn` receives one line for the user at a time.

        Without a `prober` no host is asked for its confirm file. `keep_unauthorized` leaves apps that left
        the third-party platform as they are in the state. No removal takes away what `declarations` names.
        """
        self._client = client
        self._warn = warn
        self._retries = retries
        self._prober = prober
        self._confirm_files = ConfirmFileWait(client, prober, retries=retries, warn=warn)
        self._keep_unauthorized = keep_unauthorized
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._declarations = declarations or Declarations()
        self._observed: dict[str, _Observed] = {}

    def close(self) -> None:
        """End waits and pauses, and close the connections."""
        self._retries.interruption.interrupt()
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
                    observed = _Observed(frozenset(keys(self._live(appid, until))))
                extra = observed.live.difference(
                    recorded.domains if recorded.mode == "authoritative" else observed.live
                )
                if extra and observed.others is None:
                    others = only_other_modes(self._client.effective(appid, until=until))
                    observed = replace(observed, others=others)
                self._observed[appid] = observed
        except _LEFT as error:
            self._keep_or_raise(error, "read", "The live list was not compared")
            return Drift()
        missing = tuple(key for key in recorded.domains if key not in observed.live)
        drift = Drift(missing, tuple(sorted(extra - (observed.others or frozenset()))))
        self._tell(messages.live_differs(appid, drift.missing, drift.extra))
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
        except _LEFT as error:
            self._keep_or_raise(error, "read", "The state is kept as it is")
            return recorded
        live, others = frozenset(seen.live), seen.only_other_modes
        kept = [key for key in recorded.domains if key in live]
        if recorded.mode == "authoritative":
            extra = live.difference(recorded.domains)
            kept += sorted(extra - others)
            self._tell(messages.left_alone(recorded.appid, extra & others))
        self._tell(messages.only_elsewhere(recorded.appid, kept, others))
        added = tuple(key for key in recorded.added_domains if key in live)
        shared = {key: who for key, who in recorded.shared_domains.items() if key in {*kept, *added}}
        seen_now = replace(recorded, domains=tuple(kept), added_domains=added, shared_domains=shared)
        return record(seen_now, seen.lists)

    def observe(self, appid: str) -> Observation | None:
        """Read what is live and what is in force; None for an app that left, if these are to be kept.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            with self._lock(appid):
                return self._look(appid)
        except _LEFT as error:
            self._keep_or_raise(error, "read", "The live list is not known")
            return None

    def delete(self, recorded: Recorded) -> None:
        """Remove from WeChat what this resource owns and nobody else declares. Raises as `create` does."""
        appid, name, known = recorded.appid, recorded.declared_as, self._declarations
        if known.replaced(appid):
            known.leave(appid, "", dict.fromkeys(recorded.added_domains, (name,)))
            self._tell(messages.replaced(appid, recorded.domains))
            return
        run = _Run(PlanRequest(appid=appid, operation="delete", mode=recorded.mode, known=recorded.domains))
        try:
            with self._reporting(run), self._lock(appid):
                lent = set(recorded.added_domains).intersection(recorded.shared_domains)
                mine = self._claims(recorded, "") | lent | {*known.inherited(appid, name)}
                elsewhere = known.elsewhere(appid, recorded.shared_domains)
                run.request = replace(
                    run.request, added=tuple(sorted(mine)), declared_elsewhere=frozenset(elsewhere)
                )
                plan = self._converge(run, self._retries.deadline(), may_set=False)
                known.leave(appid, name, {key: elsewhere[key] for key in plan.spared if key in mine})
        except _LEFT as error:
            self._keep_or_raise(
                error, "delete", "Its domains stay on WeChat's list, and the resource leaves the state"
            )
            return
        told = known.told(appid)
        self._tell(messages.survivors(plan, elsewhere, remembered=not told))
        if not told:
            self._tell(messages.deleted(plan, recorded.effective_domains))

    def _claims(self, recorded: Recorded, name: str) -> set[str]:
        """Return what a resource may remove when it stops declaring it.

        That is what it declares and it or another resource of the program put on the list, and what it left
        to others that are known to be done with it.
        """
        appid, known = recorded.appid, self._declarations
        left = set(recorded.added_domains).difference(recorded.domains)
        done = {k for k in left if known.may_remove(appid, k, recorded.shared_domains, but=name)}
        theirs = known.owned(appid, but=name).intersection(recorded.domains)
        return set(recorded.added_domains).intersection(recorded.domains) | theirs | done

    def confirm_file(self, appid: str, stored: ConfirmFile | None = None) -> ConfirmFile:
        """Return the file that every host of this Mini Program serves at its root.

        `stored` is what the state holds: it is returned for an app that left, if these are to be kept.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            return self._client.confirm_file(appid)
        except _LEFT as error:
            if not stored:
                raise
            self._keep_or_raise(error, "read", "The state is kept as it is")
            return stored

    def _look(self, appid: str) -> Observation:
        until = self._retries.deadline()
        live = self._client.live(appid, until=until)
        lists = self._client.effective(appid, until=until)
        return Observation.of(appid, lists.direct_webviewdomain if live is None else live, lists)

    def _keep_or_raise(self, error: Offboarded | AppUnknown, tried: str, consequence: str) -> None:
        if not self._keep_unauthorized:
            raise _with_note(error, _WAYS_OUT[tried])
        self._warn(f"{_headline(error)}. {consequence} (onUnauthorized: keep)")

    @contextmanager
    def _reporting(self, run: _Run) -> Iterator[None]:
        """Say of an operation that fails or is interrupted what it has written by then."""
        request = run.request
        try:
            yield
        except Interrupted:
            raise Interrupted(
                f"{request.operation} of {request.appid} stopped, since the run was interrupted. "
                f"{run.note or 'Nothing was written. Run the same command again.'}"
            ) from None
        except (TokenUnavailable, SettingsError) as error:
            raise _with_note(error, run.note) from None
        finally:
            self._declarations.remove(request.appid, run.removed)

    def _apply(self, declaration: Declaration, recorded: Recorded | None) -> Recorded:
        appid = declaration.appid
        name, known = declaration.name, self._declarations
        known.settle(appid, name, declaration.domains)
        state = recorded or Recorded(appid, (), declaration.mode)
        request = PlanRequest(
            appid=appid,
            operation="update" if recorded else "create",
            mode=declaration.mode,
            desired=declaration.domains,
            known=state.domains,
            recorded_mode=state.mode,
            overwrite_existing=declaration.overwrite_existing,
            allow_mass_removal=declaration.allow_mass_removal,
        )
        run = _Run(request)

        def write(*, may_set: bool) -> tuple[Plan, EffectiveLists | None]:
            with self._lock(appid):
                until = self._retries.deadline()
                mine = self._claims(state, name) | known.orphans(appid)
                elsewhere = known.elsewhere(appid, state.shared_domains, but=name, owned=mine)
                run.request = replace(
                    request, added=tuple(sorted(mine)), declared_elsewhere=frozenset(elsewhere)
                )
                plan = self._converge(run, until, may_set=may_set)
                known.spare(appid, mine.intersection(plan.spared))
                return plan, self._effective_after(run, plan, until)

        try:
            with self._reporting(run):
                plan, lists = self._confirm_files.insist(
                    lambda: write(may_set=True),
                    lambda: write(may_set=False),
                    declaration.confirm_file_timeout,
                )
        except _LEFT as error:
            raise _with_note(error, _WAYS_OUT["write"]) from None
        result = self._record(declaration, run, plan, state)
        elsewhere = known.elsewhere(appid, state.shared_domains, but=name, owned=run.request.added)
        self._tell(messages.survivors(plan, elsewhere))
        self._tell(messages.put_back(appid, known.restore(appid, sorted(run.put))))
        if lists is None:
            effective = tuple(key for key in result.effective_domains if key not in plan.removed)
            return with_pending(replace(result, effective_domains=effective), release_required=True)
        result = record(result, lists)
        self._tell(messages.removed_early(plan, result.pending_domains))
        self._tell(messages.only_elsewhere(result.appid, result.domains, only_other_modes(lists)))
        return result

    def _record(self, declaration: Declaration, run: _Run, plan: Plan, state: Recorded) -> Recorded:
        """Return what the state keeps, but for the effective lists.

        A resource also owns what another resource of the program put on the list and it declares too. What
        it owns and only another one declares stays its own, unless that one owns it too or is out of sight.
        """
        appid, name, known = declaration.appid, declaration.name, self._declarations
        theirs, live = known.owned(appid, but=name), keys(plan.existing)
        mine = {*state.added_domains, *run.request.added, *run.put}
        added = [key for key in declaration.domains if key in mine or key in theirs]
        left = sorted(mine.intersection(live).difference(declaration.domains, plan.removed, theirs))
        verdicts = {key: known.may_remove(appid, key, state.shared_domains, but=name) for key in left}
        released = [key for key in left if verdicts[key] is None and key not in plan.spared]
        names = {key: state.shared_domains.get(key, ()) for key in released}
        known.bequeath(appid, names)
        self._tell(messages.released(appid, released, {who for each in names.values() for who in each}))
        kept = [key for key in left if key not in released]
        added += kept
        known.own(appid, name, added)
        elsewhere = known.elsewhere(appid, state.shared_domains, but=name, owned=kept)
        shared = {
            **known.shared(appid, declaration.domains, state.shared_domains, but=name),
            **{key: elsewhere[key] for key in kept if key in elsewhere},
        }
        return Recorded(
            appid=appid,
            domains=declaration.domains,
            mode=declaration.mode,
            effective_domains=state.effective_domains,
            added_domains=tuple(added),
            shared_domains=shared,
            declared_as="" if name.startswith("#") else name,
        )

    def _converge(self, run: _Run, until: float, *, may_set: bool) -> Plan:
        """Do what the first observation asks for, and return its plan."""
        self._retries.interruption.check()
        first = plan = self._plan(run, until, may_set=may_set)
        not_there = False
        try:
            for attempt in self._retries.attempts(until, may_repeat=_may_write_again):
                with attempt:
                    if attempt.retry_state.attempt_number > 1:
                        plan = self._plan(run, until, may_set=False, ask_other_modes=not_there)
                    try:
                        self._send(run, plan)
                    except CallFailed as error:
                        not_there = isinstance(error, NothingChanged) and error.call.action == "delete"
                        raise
        except PlanRefused as error:
            raise PlanRefused(error.refusals, run.doubt) from None
        except CallFailed as error:
            error.facts += _counts(error, plan)
            if error.call.is_write:
                error.facts.append(self._live_now(run, plan.existing, until))
            elif run.doubt:
                error.facts.append(run.doubt)
            raise
        return first

    def _send(self, run: _Run, plan: Plan) -> None:
        for step in plan.steps:
            self._observed.pop(plan.appid, None)
            self._retries.interruption.check()
            named = plan.removed if step.action == "delete" else plan.added
            try:
                self._client.write(plan.appid, step.action, step.values)
            except CallFailed as error:
                run.failed(error, step, named)
                raise
            (run.removed if step.action == "delete" else run.put).update(named)
            run.done = True

    def _plan(self, run: _Run, until: float, *, may_set: bool, ask_other_modes: bool = False) -> Plan:
        """Observe and decide. `ask_other_modes`: WeChat says that a domain it shows is not there."""
        existing = self._live(run.request.appid, until)
        run.observe(keys(existing))
        others, ours = self._other_modes(run.request, existing, until, ask=ask_other_modes)
        plan = make_plan(replace(run.request, may_set=may_set), ours, other_modes=others)
        if plan.refusals:
            raise PlanRefused(plan.refusals)
        return plan

    def _live(self, appid: str, until: float) -> tuple[str, ...]:
        """Read the live list. Where the answer has none, the effective lists tell whether it is empty."""
        live = self._client.live(appid, until=until)
        return self._client.effective(appid, until=until).direct_webviewdomain if live is None else live

    def _live_now(self, run: _Run, existing: Sequence[str], until: float) -> str:
        try:
            live = self._live(run.request.appid, until)
        except _UNREADABLE as error:
            run.observe(())
            return f"What is live now is not known, since {_headline(error)}."
        run.observe(keys(live))
        if sorted(live) == sorted(existing):
            return f"The live list was read again: unchanged ({len(live)} domains)."
        shown = ", ".join(dict.fromkeys(map(canonical_or_verbatim, live)))
        return f"The live list was read again: {shown or 'empty'}."

    def _other_modes(
        self, request: PlanRequest, existing: Sequence[str], until: float, *, ask: bool
    ) -> tuple[frozenset[str], tuple[str, ...]]:
        """Return what only other modes list, and the live list without their spellings of what is ours."""
        unexpected = () if request.mode == "additive" else outsiders(request, existing)
        if not unexpected and not ask:
            return frozenset(), tuple(existing)
        lists = self._client.effective(request.appid, until=until)
        others, direct = only_other_modes(lists), lists.direct_webviewdomain
        undeclared = keys(existing).difference(request.desired)
        ours = undeclared if request.mode == "authoritative" else undeclared.intersection(request.added)
        self._tell(messages.left_alone(request.appid, others & ours))
        shared = keys(direct)
        return others, tuple(v for v in existing if v in direct or canonical_or_verbatim(v) not in shared)

    def _effective_after(self, run: _Run, plan: Plan, until: float) -> EffectiveLists | None:
        """Read what is in force after the writes, which this shows to have taken effect.

        Raises:
            NoEffect: they have not, and the live list shows the same.
        """
        try:
            lists = self._client.effective(plan.appid, until=until)
            without = self._without_effect(run, keys(lists.direct_webviewdomain))
            if without:
                without = self._without_effect(run, keys(self._live(plan.appid, until)))
        except _UNREADABLE as error:
            if not plan.steps:
                raise
            self._warn(
                f"{plan.appid}: the domains are written, but what is in force could not be read "
                f"({_headline(error)}); run `pulumi refresh` for the effective domains"
            )
            return None
        if without:
            raise NoEffect(plan.appid, without)
        return lists

    def _without_effect(self, run: _Run, live: set[str]) -> tuple[str, ...]:
        return tuple(sorted((run.put - live) | (run.removed & live)))

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._warn(line)

    def _lock(self, appid: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(appid, threading.Lock())


def _refused_in_part(error: CallFailed) -> bool:
    """Tell whether WeChat may have taken some domains of a write and refused another one."""
    busy = isinstance(error, WeChatError) and error.row is not None and error.row.kind == "busy"
    return isinstance(error, WeChatError) and not busy


def _counts(error: CallFailed, plan: Plan) -> list[str]:
    """Tell the numbers that a code about the number of domains leaves out."""
    if not (isinstance(error, WeChatError) and error.row and error.row.kind == "limit"):
        return []
    return [f"{len(plan.existing)} were live, {len(plan.added)} new; WeChat takes {MAX_DOMAINS}."]


def _headline(error: Exception) -> str:
    return str(error).splitlines()[0]


def _with_note(error: Exception, note: str) -> Exception:
    """Return an error with one line more."""
    if isinstance(error, CallFailed):
        error.facts.append(note)
    elif note:
        error.args = (f"{error}\n  {note}",)
    return error


def _may_write_again(error: BaseException) -> bool | float:
    return may_repeat(error) if isinstance(error, CallFailed) and error.call.is_write else False


def connect(
    settings: Settings,
    *,
    warn: Callable[[str], None],
    declarations: Declarations | None = None,
    interruption: Interruption | None = None,
    create_emulator: bool = True,
) -> Reconciler:
    """Return the use cases of one process, working on the endpoint of the settings.

    An `interruption` ends waits and pauses, and nothing is written after it. `create_emulator` makes the data
    file of an embedded emulator where there is none.

    Raises:
        SettingsError: the endpoint is an emulator whose data file or packages cannot be used.
    """
    retries = Retries(settings.max_attempts, interruption=interruption)
    wire, tokens = _open(settings, warn, retries, create_emulator=create_emulator)
    return Reconciler(
        Client(wire, tokens),
        warn=warn,
        retries=wire.retries,
        prober=Prober(settings, interruption=retries.interruption) if settings.probe else None,
        keep_unauthorized=settings.on_unauthorized == "keep",
        declarations=declarations,
    )


def _open(
    settings: Settings, warn: Callable[[str], None], retries: Retries, *, create_emulator: bool
) -> tuple[Wire, Tokens]:
    if not settings.emulator_path:
        wire = Wire(settings, retries=retries, warn=warn)
        return wire, open_tokens(settings, wire, warn=warn)
    from wechat_miniprogram_emulator.host import (  # noqa: PLC0415 - an extra, loaded on demand
        EmulatorMissing,
        open_embedded,
    )

    try:
        emulator = open_embedded(settings.emulator_path, create=create_emulator)
    except (EmulatorMissing, OSError, ValueError) as error:
        message = f"the endpoint emulator:{settings.emulator_path} cannot be used: {error}"
        raise SettingsError(message) from None
    wire = Wire(settings, endpoint=emulator.url, retries=retries, warn=warn)
    return wire, Tokens(ReadyTokens(emulator.token, lambda: ()), wire.retries)
