"""The use cases on webview and server domains: each observes, plans, writes and observes again.

`plan` and `refusals` decide, `observe` reads, `apply` writes. One lock per appid spans an operation; between
processes there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.apply import Change, write_of
from pulumi_wechat_miniprogram.lifecycle.confirm_file import ConfirmFileWait
from pulumi_wechat_miniprogram.lifecycle.declarations import Declaration, Declarations
from pulumi_wechat_miniprogram.lifecycle.domain import Domain, Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES, UNPUBLISHED, hosts_of, is_covered
from pulumi_wechat_miniprogram.lifecycle.observe import observer_of
from pulumi_wechat_miniprogram.lifecycle.plan import Plan, PlanRequest, make_plan
from pulumi_wechat_miniprogram.lifecycle.refusals import (
    PlanRefused,
    Refusal,
    refuse_change_of_channel,
    refuse_late_move,
)
from pulumi_wechat_miniprogram.lifecycle.state import (
    IMPORTED,
    OTHER_CHANNEL,
    PLATFORM,
    PLATFORMS_LIST,
    WEBVIEW,
    ListName,
    ModeLists,
    Observation,
    PlatformRecorded,
    Recorded,
    among,
    blank,
    managed_by,
    record,
    with_pending,
    with_unproven,
    with_writes,
)
from pulumi_wechat_miniprogram.safety.audit import acting
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.interruption import Interrupted, Interruption
from pulumi_wechat_miniprogram.settings import COMPONENT_TOKEN, Settings, SettingsError
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errcodes import MINUTE_PAUSE, NOT_ON_PLATFORM
from pulumi_wechat_miniprogram.wechat.errors import (
    CallFailed,
    NotSent,
    Offboarded,
    PartlyRefused,
    WeChatError,
    may_repeat,
)
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile
from pulumi_wechat_miniprogram.wechat.probe import HostFinding, Prober
from pulumi_wechat_miniprogram.wechat.tokens import (
    AppUnknown,
    ReadyTokens,
    Tokens,
    TokenUnavailable,
    open_tokens,
)
from pulumi_wechat_miniprogram.wechat.wire import Heard, Wire

__all__ = [
    "CallFailed",
    "ConfirmFile",
    "Declaration",
    "Drift",
    "Foreseen",
    "HalfDone",
    "Interruption",
    "NotSent",
    "Observation",
    "Reconciler",
    "Recorded",
    "connect",
    "is_unanswered",
    "may_pass",
]

_LEFT = (Offboarded, AppUnknown)
"""What says that an app left the third-party platform: WeChat, or a token source that no longer knows it."""

_LOOK_SECONDS: Final = 10.0
"""The longest that a preview asks about one app: it only warns if it learns nothing."""

_KEEP = "WECHAT_MINIPROGRAM_ON_UNAUTHORIZED=keep"
_Tried = Literal["read", "delete", "write"]
_WAYS_OUT: Final[Mapping[_Tried, str]] = {
    "read": (
        f"If the app has left for good, refresh with {_KEEP}, which keeps its state unchanged; or remove the "
        "resource from the program, and from the state with `pulumi state delete URN`."
    ),
    "delete": (
        f"If the app has left for good, run the same command with {_KEEP}: the resource leaves the state, "
        "and WeChat's list is not changed."
    ),
    "write": "If the app has left for good, remove the resource from the program, and from the state with "
    "`pulumi state delete URN`.",
}
"""How to proceed without an app that left, by what was tried. A URN names two copies during a replacement."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How the live list differs from the state: `missing` in declared order, `extra` sorted."""

    missing: tuple[Listed, ...] = ()
    extra: tuple[Listed, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self.missing or self.extra)


class HalfDone(UserError):
    """An operation that failed after a write: `error` says why, `recorded` what is so now.

    A face that can store a state beside an error does; the text is that of `error`.
    """

    def __init__(self, error: UserError, recorded: Recorded) -> None:
        super().__init__(error.headline, *error.advice, *error.facts)
        self.error = error
        self.recorded = recorded


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an operation would record, as far as it can be known before: `open` are the other outputs."""

    recorded: Recorded
    open: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Observed:
    """The live list as last read, and the list of each mode, if these were read too."""

    live: frozenset[Listed]
    lists: ModeLists | None = None


class Reconciler:
    """The use cases of one process. Safe for concurrent use; operations of one appid follow each other."""

    def __init__(
        self,
        client: Client,
        *,
        warn: Callable[[str], None],
        attempts: Attempts,
        prober: Prober | None = None,
        keep_unauthorized: bool = False,
        platform: str = "",
        released: Collection[str] = (),
        declarations: Declarations | None = None,
        of: ListName = "webview",
        locks: dict[str, threading.Lock] | None = None,
    ) -> None:
        """Take the client; `warn` receives one line for the user at a time.

        These are the use cases `of` one kind of list; those of the others share the `locks`.
        `platform` is the appid of the third-party platform, if it is known. Without a `prober` no host is
        asked for its confirm file. `keep_unauthorized` leaves apps that left the third-party platform as they
        are in the state. No removal takes away what `declarations` names.
        """
        self._client = client
        self._warn = warn
        self._attempts = attempts
        self._of: ListName = of
        self._observer = observer_of(of, client)
        self._prober = prober
        self._keep_unauthorized = keep_unauthorized
        self._platform = platform
        self._released = frozenset(released)
        self._locks: dict[str, threading.Lock] = {} if locks is None else locks
        self._declarations = declarations or Declarations()
        self._observed: dict[str, _Observed] = {}
        self._unanswered: UserError | None = None
        self._registered: frozenset[str] | None = None
        self._others: dict[ListName, Reconciler] = {}

    def of(self, lists: ListName) -> Reconciler:
        """Return the use cases of one kind of list. These here are of webview domains."""
        if lists == self._of:
            return self
        if found := self._others.get(lists):
            return found
        made = Reconciler(
            self._client,
            warn=self._warn,
            attempts=self._attempts,
            prober=self._prober,
            keep_unauthorized=self._keep_unauthorized,
            platform=self._platform,
            released=self._released,
            declarations=self._declarations.of(lists),
            of=lists,
            locks=self._locks,
        )
        return self._others.setdefault(lists, made)  # one step: safe without a lock

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit what this thread does in the block, pauses and calls; a call that would begin later fails."""
        with self._attempts.within(seconds):
            yield

    def close(self) -> None:
        """End waits and pauses, and close the connections."""
        self._attempts.interruption.interrupt()
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

    def preview(self, declaration: Declaration, recorded: Recorded | None = None) -> Foreseen:
        """Tell what `create`, or `update` of `recorded`, would do to what is live now. It writes nothing.

        Warnings name what the operation would remove that no state knew, and an exchange of domains. What is
        read is kept until an operation that may write to this appid. Once WeChat or the token source did not
        answer in time, no more is asked, and the same error is raised for each app.

        Raises:
            PlanRefused: the operation would be refused, or it would put a domain out of force that another
                operation of this preview removes.
            CallFailed: see `wechat.errors`; the same for the errors of `TokenUnavailable`.
        """
        appid, name, known = declaration.appid, declaration.name, self._declarations
        known.settle(appid, name, declaration.claimed)
        state = recorded or _blank(declaration)
        request = self._asked(self._request(declaration, recorded), state, name)
        with self._operation(appid), self._looking():
            lists, plan = self._look_ahead(request)
        late = [each for each in known.removed(appid, declaration.domains) if each in lists.effective]
        moves = refuse_change_of_channel(request, plan.removed, lists)
        moves += refuse_late_move(appid, self._left_other_channel(plan, lists), to_other_channel=True)
        if refusals := (*plan.refusals, *moves, *refuse_late_move(appid, late)):
            raise PlanRefused(refusals)
        known.foresee(appid, plan.added)
        foreseen = _foresee(declaration, plan, lists)
        self._tell(messages.unpublished(appid, lists.kinds, declaration.managed))
        elsewhere = known.elsewhere(appid, state.shared_domains, but=name, owned=request.added)
        self._tell(messages.survivors(plan, elsewhere))
        self._tell(messages.unmanaged(appid, state, declaration.managed))
        known.remove(appid, plan.removed)
        self._tell(messages.overwrites(request, plan, lists.effective))
        self._tell(messages.exchange(appid, plan.removed, foreseen.recorded.pending_domains, lists.effective))
        self._tell(self._unregistered(plan.added, is_preview=True))
        return foreseen

    def foretell(self, declaration: Declaration) -> None:
        """Say what `create` would remove of what is live. The process that goes on to create may ask it too.

        Raises as `create` does.
        """
        request = self._asked(self._request(declaration, None), _blank(declaration), declaration.name)
        with self._operation(declaration.appid), self._looking():
            lists, plan = self._look_ahead(request)
        if plan.refusals:
            raise PlanRefused(plan.refusals)
        pending = [each for each in declaration.domains if each not in lists.effective]
        self._tell(messages.overwrites(request, plan, lists.effective))
        self._tell(messages.exchange(declaration.appid, plan.removed, pending, lists.effective))

    def refuse_drop(self, recorded: Recorded, declared: Collection[Listed]) -> list[Refusal]:
        """Return why an update must not be done, as far as the state tells."""
        owned = set(recorded.domains).difference(declared)
        dropped = [each for each in recorded.effective_domains if each in owned]
        if not dropped or self._of not in OTHER_CHANNEL:
            return []
        request = PlanRequest(recorded.appid, "update", recorded.mode, of=self._of)
        effective = frozenset(recorded.effective_domains)
        lists = ModeLists(effective=effective, channel=recorded.channel, other_channel=effective)
        return refuse_change_of_channel(self._beside_other_channel(request, dropped), dropped, lists)

    def _left_other_channel(self, plan: Plan, lists: ModeLists) -> list[Listed]:
        """Return what this preview removed from the other channel's list and now adds to this one."""
        if self._of not in OTHER_CHANNEL:
            return []
        gone = self._declarations.of(OTHER_CHANNEL[self._of]).removed(plan.appid, plan.added)
        return [each for each in gone if each in lists.effective]

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """Limit what a preview reads in the block; raise immediately if nothing has answered before."""
        if self._unanswered:
            raise self._unanswered
        with self.within(_LOOK_SECONDS):
            try:
                yield
            except (CallFailed, TokenUnavailable) as error:
                if _asks_in_vain(error) or self._attempts.limit.left <= 0:
                    self._unanswered = error
                raise

    def _look_ahead(self, request: PlanRequest) -> tuple[ModeLists, Plan]:
        """Read what is live, unless it was read before, and plan. `get` is only asked before a refusal."""
        appid = request.appid
        observed = self._observed.get(appid)
        lists = (observed and observed.lists) or self._observer.lists(appid)
        self._observed[appid] = _Observed(frozenset(lists.configured.domains), lists)
        request = request.within(lists.kinds)
        lists = lists.within(request.managed)
        plan = make_plan(request, lists.configured, other_modes=lists.only_others)
        if plan.refusals and self._of in WEBVIEW:  # the operation asks `get`, so its answer decides
            live = self._observer.live(appid).without_spellings_of_others(lists.configured)
            plan = make_plan(request, live, other_modes=lists.only_others)
        return lists, plan

    def drift(self, recorded: Recorded, *, overwrites: bool = False) -> Drift:
        """Compare the state with the live list, and name what differs in one line.

        It says what the next update does with what nobody declared: it `overwrites` that, or is refused.
        The observation is kept until an operation that may write to this appid: a preview asks once for each.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        appid = recorded.appid
        try:
            with self._operation(appid):
                if not (observed := self._observed.get(appid)):
                    live, lists = self._observer.first(appid)
                    observed = _Observed(frozenset(live.domains), lists)
                extra = among(observed.live, managed_by(recorded)).difference(
                    recorded.domains if recorded.mode == "authoritative" else observed.live
                )
                if extra and observed.lists is None:
                    observed = replace(observed, lists=self._observer.lists(appid))
                self._observed[appid] = observed
        except _LEFT as error:
            self._keep_or_raise(error, appid, "read", "The live list was not compared")
            return Drift()
        lists = observed.lists or ModeLists()
        missing = tuple(each for each in recorded.domains if each not in observed.live and lists.exists(each))
        drift = Drift(missing, tuple(sorted(extra - lists.only_others)))
        self._tell(messages.live_differs(appid, drift.missing, drift.extra, overwrites=overwrites))
        return drift

    def read(self, recorded: Recorded) -> Recorded:
        """Return what is live now: the whole list, or in additive mode what is left of the declared.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            with self._operation(recorded.appid):
                seen = self._observer.look(recorded.appid)
                self._observed[recorded.appid] = _Observed(frozenset(seen.live), seen.lists)
        except _LEFT as error:
            self._keep_or_raise(error, recorded.appid, "read", "The state is kept unchanged")
            return recorded
        live, others = among(seen.live, managed_by(recorded)), seen.only_other_modes
        kept = [domain for domain in recorded.domains if domain in live or not seen.lists.exists(domain)]
        if recorded.mode == "authoritative":
            extra = live.difference(recorded.domains)
            kept += sorted(extra - others)
            self._tell(messages.left_alone(recorded.appid, extra & others, recorded.channel))
        self._tell(messages.only_elsewhere(recorded.appid, kept, others, recorded.channel))
        added = tuple(domain for domain in recorded.added_domains if domain in live)
        shared = {domain: who for domain, who in recorded.shared_domains.items() if domain in {*kept, *added}}
        seen_now = replace(recorded, domains=tuple(kept), added_domains=added, shared_domains=shared)
        return with_unproven(record(seen_now, seen.lists), seen.lists, self._waiting(recorded))

    def look(self, appid: str) -> Observation:
        """Read what is live and what is in force of an app that no state has. Raises as `observe` does."""
        with self._operation(appid):
            return self._observer.look(appid)

    def observe(self, appid: str) -> Observation | None:
        """Read the same of an app in a state; None for one that left, if these are to be kept.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            return self.look(appid)
        except _LEFT as error:
            self._keep_or_raise(error, appid, "read", "The live list is not known")
            return None

    def delete(self, recorded: Recorded) -> None:
        """Remove from WeChat what this resource owns and nobody else declares. Raises as `create` does."""
        appid, name, known = recorded.appid, recorded.declared_as, self._declarations
        if known.replaced(appid):
            known.leave(appid, "", dict.fromkeys(recorded.added_domains, (name,)))
            self._tell(messages.replaced(appid, recorded.domains))
            return
        request = PlanRequest(
            appid=appid,
            operation="delete",
            mode=recorded.mode,
            known=recorded.domains,
            managed=managed_by(recorded),
            allow_mass_removal=isinstance(recorded, PlatformRecorded) and recorded.allow_removal,
            of=self._of,
        )
        change = self._change(request)
        try:
            with self._reporting(change, name), self._operation(appid, writes=True):
                lent = set(recorded.added_domains).intersection(recorded.shared_domains)
                mine = self._claims(recorded, "") | lent | {*known.inherited(appid, name)}
                ours = mine.union(recorded.domains)
                elsewhere = known.elsewhere(appid, recorded.shared_domains, known=ours)
                read = known.read_as(appid, name, ours)
                plan = change.apply(
                    replace(
                        self._beside_other_channel(request, ours),
                        added=tuple(sorted(mine)),
                        declared_elsewhere=frozenset(elsewhere) | read,
                        may_set=False,
                    )
                )
                if plan.steps and not change.proven:
                    change.effective_after(plan)
                left = {
                    domain: elsewhere[domain] for domain in plan.spared if domain in mine & elsewhere.keys()
                }
                known.leave(appid, name, left)
        except _LEFT as error:
            self._keep_or_raise(
                error, appid, "delete", "Its domains stay on WeChat's list, and the resource leaves the state"
            )
            return
        checked = known.was_checked(appid)
        self._tell(messages.survivors(plan, elsewhere, remembered=not checked))
        self._tell(messages.now_read(appid, sorted(read.intersection(plan.spared).difference(elsewhere))))
        if not checked:
            self._tell(messages.deleted(plan, recorded.effective_domains))

    def _waiting(self, recorded: Recorded) -> tuple[Listed, ...]:
        """Return what waited for a release, unless the user says that there was one."""
        return () if recorded.appid in self._released else recorded.pending_domains

    def _claims(self, recorded: Recorded, name: str) -> set[Listed]:
        """Return what a resource may remove when it stops declaring it.

        That is what it declares and it or another resource of the program put on the list, and what it left
        to others that are known to be done with it.
        """
        appid, known = recorded.appid, self._declarations
        left = set(recorded.added_domains).difference(recorded.domains)
        done = {k for k in left if known.may_remove(appid, k, recorded.shared_domains, but=name)}
        theirs = known.owned(appid, but=name).intersection(recorded.domains)
        return set(recorded.added_domains).intersection(recorded.domains) | theirs | done

    def foresee_confirm_file(self, appid: str, *, of_platform: bool = False) -> ConfirmFile:
        """Read the confirm file as a preview does. Raises as `preview` does."""
        with self._looking():
            return self._read_file(appid, of_platform=of_platform)

    def _read_file(self, appid: str, *, of_platform: bool) -> ConfirmFile:
        client = self._client
        return client.platform_confirm_file(appid) if of_platform else client.confirm_file(appid)

    def confirm_file(
        self, appid: str, stored: ConfirmFile | None = None, *, of_platform: bool = False
    ) -> ConfirmFile:
        """Return the file that every host of this Mini Program, or of this platform, serves at its root.

        `stored` is what the state holds: it is returned for an app that left, if these are to be kept.

        Raises:
            CallFailed: see `wechat.errors`.
            TokenUnavailable: no token for this appid.
        """
        try:
            return self._read_file(appid, of_platform=of_platform)
        except _LEFT as error:
            if not stored:
                raise
            self._keep_or_raise(error, appid, "read", "The state is kept unchanged")
            return stored

    def _change(self, request: PlanRequest) -> Change:
        return Change(
            request,
            observer=self._observer,
            write=write_of(self._of, self._client),
            attempts=self._attempts,
            tell=self._tell,
        )

    def _keep_or_raise(
        self, error: Offboarded | AppUnknown, appid: str, tried: _Tried, consequence: str
    ) -> None:
        if not self._keep_unauthorized or not _is_about(error, appid):
            raise _with_way_out(error, appid, tried)
        self._warn(f"{error.summary}. {consequence} (onUnauthorized: keep)")

    @contextmanager
    def _reporting(self, change: Change, name: str) -> Iterator[None]:
        """Say of an operation that fails or is interrupted what it has written by then."""
        request = change.request
        try:
            with acting(resource=_lasting(name) or None):
                yield
        except Interrupted:
            raise Interrupted(
                f"{request.operation} of {request.appid} stopped, because the run was interrupted. "
                f"{change.note or 'Nothing was written. Run the same command again.'}"
            ) from None
        except (TokenUnavailable, SettingsError) as error:
            raise error.adding(change.note) from None
        finally:
            self._declarations.remove(request.appid, change.removed)

    def _apply(self, declaration: Declaration, recorded: Recorded | None) -> Recorded:
        appid = declaration.appid
        name, known = declaration.name, self._declarations
        known.settle(appid, name, declaration.claimed)
        state = recorded or _blank(declaration)
        change = self._change(self._request(declaration, recorded))
        try:
            with self._reporting(change, name):
                plan, lists = self._write(change, declaration, state)
        except UserError as error:
            raise self._half_done(error, change, declaration, state) from None
        self._tell(messages.unpublished(appid, change.kinds, declaration.managed))
        result = self._record(declaration, change, plan, state)
        elsewhere = known.elsewhere(appid, state.shared_domains, but=name, owned=change.request.added)
        self._tell(messages.survivors(plan, elsewhere))
        self._tell(messages.unmanaged(appid, state, declaration.managed))
        self._tell(messages.overwrites(change.request, plan, (), done=True))
        self._tell(messages.put_back(appid, known.restore(appid, sorted(change.put))))
        if lists is None:
            effective = tuple(domain for domain in result.effective_domains if domain not in plan.removed)
            return with_pending(replace(result, effective_domains=effective), release_required=True)
        result = with_unproven(record(result, lists), lists, {*change.put, *self._waiting(state)})
        self._tell(messages.removed_early(plan, result.pending_domains))
        self._tell(messages.only_elsewhere(appid, result.domains, lists.only_others, lists.channel))
        return result

    def _write(
        self, change: Change, declaration: Declaration, state: Recorded
    ) -> tuple[Plan, ModeLists | None]:
        """Change the live list; with `confirm_file_timeout`, try again when every host serves the file."""
        wait = ConfirmFileWait(
            self._client,
            self._prober,
            attempts=self._attempts,
            tell=self._warn,
            seconds=min(declaration.confirm_file_timeout, self._attempts.limit.left),
        )
        may_set = True
        while True:
            try:
                return self._write_once(change, declaration, state, may_set=may_set)
            except WeChatError as refused:
                wait.after(refused)
            may_set = False

    def _write_once(
        self, change: Change, declaration: Declaration, state: Recorded, *, may_set: bool
    ) -> tuple[Plan, ModeLists | None]:
        appid, known = declaration.appid, self._declarations
        with self._operation(appid, writes=True):
            # Before `_asked` finds who else may declare it: that resource may be checked while this one
            # writes, and then nobody else would remove what it does not declare.
            claims = self._claims(state, declaration.name).difference(declaration.domains)
            noted = known.spare_for_others(appid, claims, state.shared_domains, but=declaration.name)
            spared = frozenset[Listed]()
            try:
                request = self._asked(change.request, state, declaration.name)
                plan = change.apply(replace(request, may_set=may_set and self._of == "webview"))
                spared = frozenset(plan.spared)
            finally:
                known.unspare(appid, noted - spared)
            # Before another resource writes: it owns what it shares with this one, see `_record`.
            known.own(appid, declaration.name, {*state.added_domains, *change.put})
            return plan, change.effective_after(plan)

    def _request(self, declaration: Declaration, recorded: Recorded | None) -> PlanRequest:
        """Return what is asked. Nobody ever declared what the state of an import holds."""
        imported = recorded is not None and recorded.declared_as == IMPORTED
        seen = Recorded(declaration.appid, ()) if recorded is None or imported else recorded
        return PlanRequest(
            appid=declaration.appid,
            operation="create" if recorded is None else "import" if imported else "update",
            mode=declaration.mode,
            desired=declaration.domains,
            known=seen.domains,
            recorded_mode=seen.mode,
            managed=declaration.managed,
            recorded_kinds=managed_by(seen),
            overwrite_existing=declaration.overwrite_existing,
            allow_mass_removal=declaration.allow_mass_removal,
            of=self._of,
        )

    def _asked(self, request: PlanRequest, state: Recorded, name: str) -> PlanRequest:
        """Return a request with what the other resources of the program mean for it."""
        appid, known = request.appid, self._declarations
        mine = self._claims(state, name) | known.orphans(appid)
        elsewhere = known.elsewhere(appid, state.shared_domains, but=name, owned=mine, known=state.domains)
        request = replace(request, added=tuple(sorted(mine)), declared_elsewhere=frozenset(elsewhere))
        return self._beside_other_channel(request, mine.union(state.domains))

    def _beside_other_channel(self, request: PlanRequest, ours: Iterable[Listed]) -> PlanRequest:
        """Return a request with what this run does to the other channel's list of the same app."""
        if self._of not in OTHER_CHANNEL:
            return request
        known = self._declarations.of(OTHER_CHANNEL[self._of])
        appid = request.appid
        return replace(
            request,
            moved=known.put(appid),
            moving=frozenset(known.elsewhere(appid, known=ours)).intersection(ours),
            may_move=known.may_declare(appid),
            released=appid in self._released,
        )

    def _half_done(
        self, error: UserError, change: Change, declaration: Declaration, state: Recorded
    ) -> UserError:
        """Return an error of a write with the way out, and with the state if WeChat took a part of it."""
        if isinstance(error, _LEFT):
            error = _with_way_out(error, state.appid, "write")
        if isinstance(error, PartlyRefused) or (
            isinstance(error, WeChatError) and error.errcode in NOT_ON_PLATFORM
        ):
            error = error.adding(*self._unregistered(declaration.domains))
        live = change.live
        removed = change.removed - live
        if not (removed or change.put & live):
            return error
        named = dict.fromkeys((*state.domains, *declaration.domains))
        added = dict.fromkeys((*state.added_domains, *sorted(change.put)))
        self._declarations.own(state.appid, declaration.name, [each for each in added if each in live])
        effective = among(state.effective_domains, declaration.managed) - removed
        if self._of in PLATFORM:  # what is on its lists is in force
            effective = live
        lists = ModeLists(kinds=change.kinds)
        recorded = replace(
            with_writes(state, declaration.managed, change.writes),
            domains=tuple(each for each in named if each in live or not lists.exists(each)),
            effective_domains=tuple(
                each for each in dict.fromkeys((*state.effective_domains, *named)) if each in effective
            ),
            added_domains=tuple(each for each in added if each in live),
            declared_as=state.declared_as or _lasting(declaration.name),
        )
        return HalfDone(error, with_pending(recorded, release_required=True))

    def _unregistered(self, domains: Sequence[Listed], *, is_preview: bool = False) -> list[str]:
        """Say which domains of the registered channel the platform's own list does not cover.

        A preview counts what this run puts there, and asks once for all apps.
        """
        if self._of not in PLATFORMS_LIST or not domains:
            return []
        lists = PLATFORMS_LIST[self._of]
        known = self._declarations.of(lists)
        declared = known.platforms()
        platform = self._platform or (declared[0] if len(declared) == 1 else "")
        if not platform:
            return [] if is_preview else [messages.platform_unknown()]
        try:
            if is_preview:
                with self._looking():
                    listed = self._platforms_hosts(platform, lists)
            else:
                listed = self._registered_now(platform, lists)
        except UserError as error:
            return [] if is_preview else [messages.platform_unread(platform, error.summary)]
        if is_preview:
            listed |= known.hosts(platform)
        lacking = [each for each in domains if isinstance(each, Domain) and not is_covered(each.host, listed)]
        return messages.unregistered(platform, lacking, is_preview=is_preview)

    def _platforms_hosts(self, platform: str, lists: ListName) -> frozenset[str]:
        if self._registered is None:
            self._registered = self._registered_now(platform, lists)
        return self._registered

    def _registered_now(self, platform: str, lists: ListName) -> frozenset[str]:
        """Read which hosts bind the platform's apps: those published, or those for testing until then."""
        seen = observer_of(lists, self._client).lists(platform)
        stage = UNPUBLISHED if seen.kinds else STAGES[1:]
        return frozenset(hosts_of(among(seen.configured.domains, stage)))

    def _record(self, declaration: Declaration, change: Change, plan: Plan, state: Recorded) -> Recorded:
        """Return what the state keeps, except for the effective lists.

        A resource also owns what another resource of the program put on the list and it declares too. What
        it owns and only another one declares stays its own, unless that one owns it too or is out of sight.
        """
        appid, name, known = declaration.appid, declaration.name, self._declarations
        theirs, live = known.owned(appid, but=name), frozenset(plan.existing.domains)
        mine = {*state.added_domains, *change.request.added, *change.put}
        added = [domain for domain in declaration.domains if domain in mine or domain in theirs]
        left = sorted(mine.intersection(live).difference(declaration.domains, plan.removed, theirs))
        verdicts = {
            domain: known.may_remove(appid, domain, state.shared_domains, but=name) for domain in left
        }
        released = [domain for domain in left if verdicts[domain] is None and domain not in plan.spared]
        names = {domain: state.shared_domains.get(domain, ()) for domain in released}
        known.bequeath(appid, names)
        self._tell(messages.released(appid, released, {who for each in names.values() for who in each}))
        kept = [domain for domain in left if domain not in released]
        added += kept
        known.own(appid, name, added)
        elsewhere = known.elsewhere(appid, state.shared_domains, but=name, owned=kept)
        shared = {
            **known.shared(appid, declaration.domains, state.shared_domains, but=name),
            **{domain: elsewhere[domain] for domain in kept if domain in elsewhere},
        }
        return replace(
            with_writes(_blank(declaration), declaration.managed, change.writes),
            domains=declaration.domains,
            effective_domains=state.effective_domains,
            added_domains=tuple(added),
            shared_domains=shared,
            declared_as=_lasting(name),
        )

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._warn(line)

    @contextmanager
    def _operation(self, appid: str, *, writes: bool = False) -> Iterator[None]:
        """Hold the lock of an appid for the time of an operation. One that `writes` drops the observation."""
        lock = self._locks.setdefault(appid, threading.Lock())  # one step: safe without its own lock
        with lock, self._attempts.operation():
            if writes:
                self._observed.pop(appid, None)
            yield


def _is_about(error: Offboarded | AppUnknown, appid: str) -> bool:
    """Return whether this app left: a refusal of the platform's own token says nothing about its apps."""
    return isinstance(error, AppUnknown) or error.call.appid == appid


def _with_way_out(error: Offboarded | AppUnknown, appid: str, tried: _Tried) -> Offboarded | AppUnknown:
    return error.adding(_WAYS_OUT[tried]) if _is_about(error, appid) else error


def is_unanswered(error: BaseException) -> bool:
    """Tell whether nothing answered: neither WeChat nor the token source, but perhaps a gateway before it."""
    if isinstance(error, TokenUnavailable):
        return error.passing or (error.__cause__ is not None and is_unanswered(error.__cause__))
    return isinstance(error, CallFailed) and not isinstance(error, WeChatError)


def may_pass(error: UserError) -> bool:
    """Return whether asking again later may bring an answer."""
    return is_unanswered(error) or bool(may_repeat(error))


def _asks_in_vain(error: CallFailed | TokenUnavailable) -> bool:
    """Return whether the next app would get no better answer now: nothing answered, or it is too busy."""
    if isinstance(error, TokenUnavailable):
        return error.passing
    return not isinstance(error, WeChatError) or may_repeat(error) == MINUTE_PAUSE


def _lasting(name: str) -> str:
    """Return the name of a resource for its state; one that only this process knows is none."""
    return "" if name.startswith("#") else name


def _blank(declaration: Declaration) -> Recorded:
    """Return the state of a resource that is yet to be created."""
    return blank(declaration.appid, declaration.mode, declaration.managed, channel=declaration.channel)


def _foresee(declaration: Declaration, plan: Plan, lists: ModeLists) -> Foreseen:
    """Tell what an operation would record; what is in force after a removal only WeChat will tell."""
    again = lists.effective.intersection(plan.added)
    removed = bool(plan.removed)
    if plan.of in PLATFORM or plan.replaces:  # what is on these lists is in force
        lists = replace(lists, effective=lists.effective.difference(plan.removed).union(plan.added))
        removed = False
    declared = replace(_blank(declaration), domains=declaration.domains)
    foreseen = record(with_writes(declared, declaration.managed, len(plan.steps)), lists)
    unsure = {"added_domains", "shared_domains"}
    if removed or again:
        unsure.add("effective_domains")
    if again:  # WeChat may put a domain that is set again out of force
        unsure.add("pending_domains")
    if not foreseen.pending_domains and unsure & {"effective_domains", "pending_domains"}:
        unsure.add("release_required")
    return Foreseen(replace(foreseen, declared_as=_lasting(declaration.name)), frozenset(unsure))


def connect(
    settings: Settings,
    *,
    warn: Callable[[str], None],
    declarations: Declarations | None = None,
    interruption: Interruption | None = None,
    create_emulator: bool = True,
    heard: Heard | None = None,
) -> Reconciler:
    """Return the use cases of one process, working on the endpoint of the settings.

    An `interruption` ends waits and pauses, and nothing is written after it. `create_emulator` makes the data
    file of an embedded emulator where there is none. `heard` gets each answer as it came.

    Raises:
        SettingsError: the endpoint is an emulator whose data file or packages cannot be used.
    """
    attempts = Attempts(settings.max_attempts, interruption=interruption)
    return Reconciler(
        open_client(settings, warn=warn, attempts=attempts, create_emulator=create_emulator, heard=heard),
        warn=warn,
        attempts=attempts,
        prober=Prober(settings, interruption=attempts.interruption) if settings.probe else None,
        keep_unauthorized=settings.on_unauthorized == "keep",
        platform=settings.component_appid or "",
        released=settings.released,
        declarations=declarations,
    )


def open_client(
    settings: Settings,
    *,
    warn: Callable[[str], None],
    attempts: Attempts,
    create_emulator: bool = False,
    heard: Heard | None = None,
) -> Client:
    """Return the client of the settings' endpoint. The arguments and errors are those of `connect`."""
    if not settings.emulator_path:
        wire = Wire(settings, attempts=attempts, warn=warn, heard=heard)
        return Client(wire, open_tokens(settings, wire, warn=warn))
    from wechat_miniprogram_emulator.host import (  # noqa: PLC0415 - an extra, loaded on demand
        EmulatorMissing,
        open_embedded,
    )

    try:
        emulator = open_embedded(settings.emulator_path, create=create_emulator)
    except (EmulatorMissing, OSError, ValueError) as error:
        message = f"the endpoint emulator:{settings.emulator_path} cannot be used: {error}"
        raise SettingsError(message) from None
    wire = Wire(settings, endpoint=emulator.url, attempts=attempts, warn=warn, heard=heard)
    platform = Tokens(ReadyTokens(emulator.platform_token), attempts, kind=COMPONENT_TOKEN)
    return Client(wire, Tokens(ReadyTokens(emulator.token), attempts, platform=platform))
