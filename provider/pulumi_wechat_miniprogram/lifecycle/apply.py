"""What writes: one change of one live list, from an observation to the proof that it took effect.

A write goes out once for each observation. Whatever then went wrong with it, the next thing is a fresh
`get` and a fresh plan, so that a live domain is never sent again and a `set` never follows a doubt.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from pulumi_wechat_miniprogram.lifecycle import messages
from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, Listed
from pulumi_wechat_miniprogram.lifecycle.hosts import PUBLISHED, UNPUBLISHED, hosts_of, read_host
from pulumi_wechat_miniprogram.lifecycle.observe import Observer, platform_list
from pulumi_wechat_miniprogram.lifecycle.plan import Plan, PlanRequest, Step, make_plan, outsiders
from pulumi_wechat_miniprogram.lifecycle.refusals import PlanRefused, refuse_change_of_channel
from pulumi_wechat_miniprogram.lifecycle.server_domain import read_server
from pulumi_wechat_miniprogram.lifecycle.state import (
    PLATFORM,
    SERVER,
    Channel,
    ListName,
    LiveList,
    ModeLists,
    among,
    channel_of,
)
from pulumi_wechat_miniprogram.safety.audit import acting
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client, PlatformList
from pulumi_wechat_miniprogram.wechat.errors import (
    Call,
    CallFailed,
    NoEffect,
    NothingChanged,
    PartlyRefused,
    WeChatError,
    may_repeat,
)
from pulumi_wechat_miniprogram.wechat.models import SERVER_FIELDS

_STEP_DONE: Final = "Part of this change has been written. Run `pulumi refresh`, then `pulumi up`."
_WRITE_IN_DOUBT: Final = (
    "A write was sent, but it is not known whether it took effect. Run `pulumi refresh`, then `pulumi up`."
)
_NOTHING_LEFT: Final = frozenset({85017, 85301, 85302, 85303})
"""What WeChat answers where no server domain is left to change: success if an observation confirms it."""
_REFUSED: Final = "WeChat rejects it as invalid: check its spelling, its ICP filing, and that it is reachable"
_NOT_REGISTERED: Final = (
    "WeChat rejects it as invalid: usually the platform's own list contains neither the host nor a parent "
    "of it"
)
_REFUSED_BY_PLATFORM: Final = (
    "WeChat rejects it as invalid: check its ICP filing and, for web views, that it serves the platform's "
    "confirm file"
)
_INVALID_ARGUMENT: Final = 40097
_NO_EMPTY_LIST: Final = (
    "WeChat does not accept an empty list of prefetch hosts here. Keep at least one host. To stop managing "
    "the list and leave its hosts in place, set retain_on_delete and run `pulumi up` before you remove the "
    "resource, or remove it from the state with `pulumi state delete`."
)
_UNPUBLISHED: Final = 61028
"""What WeChat answers to a change of the published list of a platform that is not published."""
_UNFILED: Final = "it has no ICP filing: file the domain, wait 24 hours, then run the command again"

Write = Callable[[Plan, Step], bool | None]
"""Sends one step of a plan. It returns whether the answer shows its effect."""


def write_of(lists: ListName, client: Client) -> Write:
    """Return what writes these lists."""
    channel = channel_of(lists)
    if of := PLATFORM.get(lists):
        return functools.partial(_write_platform, client, of)
    if lists == "prefetch":
        return functools.partial(_write_prefetch, client)
    if lists in SERVER:
        return functools.partial(_write_server, client, channel)
    return lambda plan, step: client.write(plan.appid, step.action, step.values, channel=channel)


def _write_prefetch(client: Client, plan: Plan, step: Step) -> None:
    try:
        client.write_prefetch_hosts(plan.appid, step.values)
    except WeChatError as error:
        if step.values or error.errcode != _INVALID_ARGUMENT:
            raise
        raise error.advising(_NO_EMPTY_LIST) from None


def _write_platform(client: Client, of: PlatformList, plan: Plan, step: Step) -> bool:
    """Write hosts of a platform's lists, of both where the resource manages the published one."""
    hosts, publish = hosts_of(step.values), PUBLISHED in plan.managed
    answer = client.write_platform_hosts(plan.appid, of, step.action, hosts, publish=publish)
    if answer.invalid:
        refused = {str(read_host(value)): _REFUSED_BY_PLATFORM for value in answer.invalid}
        raise PartlyRefused(Call(plan.appid, step.action, hosts), refused)
    answered = "testing" in answer.model_fields_set
    return answered and platform_list(answer).shows(step.action, _named(plan, step))


def _write_server(client: Client, channel: Channel, plan: Plan, step: Step) -> bool:
    """Write server domains; an answer that names domains it left out raises `PartlyRefused`."""
    why, entries = _NOT_REGISTERED if channel == "registered" else _REFUSED, step.values
    answer = client.write_server_domains(plan.appid, step.action, entries, channel=channel)
    reasons = {str(read_server(kind, value)): why for kind, values in answer.invalid() for value in values}
    for value in answer.no_icp_domain:
        named = [entry for entry in entries if entry.partition(" ")[2] == value]
        reasons |= dict.fromkeys(named or [value], _UNFILED)
    if reasons:
        raise PartlyRefused(Call(plan.appid, step.action, tuple(entries)), reasons)
    answered = not answer.model_fields_set.isdisjoint(SERVER_FIELDS.values())
    return answered and LiveList.of_kinds(answer.by_kind()).shows(step.action, _named(plan, step))


def _named(plan: Plan, step: Step) -> tuple[Listed, ...]:
    return plan.removed if step.action == "delete" else plan.added


class Change:
    """One create, update or delete while it runs, and what came of its writes so far.

    `request` is what was last asked for; `put` and `removed` are what its writes changed on the live list,
    and `live` is that list, if known. `writes` is how many writes went out of those that WeChat
    counts. `kinds` are the lists that exist, if some do not. The answer to the last write may have `proven`
    its effect.
    """

    def __init__(
        self,
        request: PlanRequest,
        *,
        observer: Observer,
        write: Write,
        attempts: Attempts,
        tell: Callable[[Iterable[str]], None],
    ) -> None:
        """Do nothing yet; `tell` takes lines for the user."""
        self.request = request
        self.put: set[Listed] = set()
        self.removed: set[Listed] = set()
        self.live: frozenset[Listed] = frozenset()
        self.writes = 0
        self.kinds: tuple[str, ...] = ()
        self.proven = False
        self._observer = observer
        self._lists: ModeLists | None = None
        self._write = write
        self._attempts = attempts
        self._tell = tell
        # What was in a write without a clear answer: the next observation tells which of it WeChat took.
        # Later ones do not, since others write too.
        self._sent: frozenset[Listed] = frozenset()
        self._done = False
        self._doubt = ""
        self._not_there = False
        self._nothing_left: tuple[Step, CallFailed] | None = None
        self._plans: list[Plan] = []

    @property
    def note(self) -> str:
        """What a user has to know of the writes so far, if anything."""
        return self._doubt or (_STEP_DONE if self._done else "")

    def apply(self, request: PlanRequest) -> Plan:
        """Do what the first observation asks for, and return its plan.

        Raises:
            PlanRefused: nothing was written for the last observation.
            CallFailed: it tells what is live now.
            TokenUnavailable: no token for this appid.
        """
        self.request = request
        self._not_there = False
        self._nothing_left = None
        self._plans = []
        try:
            self._attempts.run(self._converge, may_repeat=self._may_write_again)
        except PlanRefused as error:
            raise error.adding(self.note) from None
        except CallFailed as error:
            raise self._explained(error) from None
        return self._plans[0]

    def effective_after(self, plan: Plan) -> ModeLists | None:
        """Read what is in force after the writes, which this shows to have taken effect.

        Nothing is read if nothing was written and the first observation was complete. None: it could
        not be read, and the user was warned.

        Raises:
            NoEffect: they have not, and the live list shows the same.
        """
        appid = plan.appid
        if self._lists and not plan.steps:
            return self._lists
        try:
            lists = self._lists_now(appid)
            if plan.managed:
                self._observe(lists.configured.within(plan.managed))
            without = self._without_effect(lists.configured)
            if without:
                live = self._observer.live(appid)
                self._observe(live.within(plan.managed))
                without = self._without_effect(live)
        except UserError as error:
            if not plan.steps:
                raise
            self._tell(
                [
                    f"{appid}: the domains were written, but the domains in force could not be read "
                    f"({error.summary}); run `pulumi refresh` to read them"
                ]
            )
            return None
        if without:
            raise NoEffect(appid, without)
        return lists

    def _converge(self) -> None:
        """Observe, plan and write, once. Only the first plan of an operation may send `set`."""
        request = replace(self.request, may_set=False) if self._plans else self.request
        plan = self._plan(request)
        self._plans.append(plan)
        for step in plan.steps:
            if self._nothing_left and self._nothing_left[0] == step:
                raise self._nothing_left[1].adding("The list was read again and still lacks this change.")
            try:
                self._send(step, plan)
            except CallFailed as error:
                if request.managed and isinstance(error, WeChatError) and error.errcode in _NOTHING_LEFT:
                    self._nothing_left = (step, error)
                self._not_there = isinstance(error, NothingChanged) and step.action == "delete"
                if self._is_unpublished(error):
                    self.kinds = UNPUBLISHED
                raise

    def _may_write_again(self, error: BaseException) -> bool | float:
        if self._nothing_left and self._nothing_left[1] is error:
            return True
        if self._is_unpublished(error):
            return True
        return may_repeat(error) if isinstance(error, CallFailed) and error.call.is_write else False

    def _is_unpublished(self, error: BaseException) -> bool:
        if self.request.of not in PLATFORM or not isinstance(error, WeChatError):
            return False
        return error.errcode == _UNPUBLISHED

    def _plan(self, request: PlanRequest) -> Plan:
        live, lists = self._observer.first(request.appid)
        self._lists = lists
        request = request.within(self.kinds)
        live = live.within(request.managed)
        self._observe(live)
        others, ours = self._other_modes(request, live, lists)
        plan = make_plan(request, ours, other_modes=others)
        refusals = plan.refusals
        moves = (request.moved | request.moving).intersection(plan.removed)
        if plan.removed and (request.may_move or moves):
            lists = lists or self._observer.lists(request.appid)
            refusals = (*refusals, *refuse_change_of_channel(request, plan.removed, lists))
        if refusals:
            raise PlanRefused(refusals)
        return plan

    def _other_modes(
        self, request: PlanRequest, live: LiveList, lists: ModeLists | None
    ) -> tuple[frozenset[Listed], LiveList]:
        """Return what only other modes list, and the live list without their spellings of what is ours.

        WeChat is asked where somebody else's domain is live, or where it says that one it lists is not there.
        """
        unexpected = () if request.mode == "additive" else outsiders(request, live)
        if not unexpected and not self._not_there:
            return frozenset(), live
        lists = lists or self._observer.lists(request.appid)
        others = lists.only_others
        undeclared = frozenset(live.domains).difference(request.desired)
        ours = undeclared if request.mode == "authoritative" else undeclared.intersection(request.added)
        self._tell(messages.left_alone(request.appid, others & ours, lists.channel))
        return others, live.without_spellings_of_others(lists.configured)

    def _send(self, step: Step, plan: Plan) -> None:
        self._attempts.interruption.check()
        puts = () if step.action == "delete" else plan.added
        takes = plan.removed if step.action == "delete" or plan.replaces else ()
        facts = {"list": self.request.of, "operation": plan.operation, "before": sorted(self.live)}
        try:
            with acting(**facts, after=sorted(self.live.difference(takes).union(puts))):
                shown = self.proven = bool(self._write(plan, step))
        except CallFailed as error:
            self._failed(error, step, puts, takes)
            raise
        self._count()
        self.put.update(puts)
        self.removed.update(takes)
        self.live = self.live.difference(takes).union(puts)
        self._done = True
        if plan.managed and not shown and step is not plan.steps[-1]:
            self._confirm(plan)

    def _confirm(self, plan: Plan) -> None:
        """Read again before anything is removed, where the answer to an `add` does not show its effect."""
        lists = self._lists_now(plan.appid)
        live = lists.configured.within(plan.managed)
        self._observe(live)
        if without := self._without_effect(live):
            raise NoEffect(plan.appid, without)

    def _lists_now(self, appid: str) -> ModeLists:
        """Read the lists after a write: a platform may turn out not to be published."""
        lists = self._observer.lists(appid)
        self.kinds = self.kinds or lists.kinds
        return lists

    def _count(self) -> None:
        self.writes += bool(self.request.managed)

    def _failed(
        self, error: CallFailed, step: Step, puts: tuple[Listed, ...], takes: tuple[Listed, ...]
    ) -> None:
        """Note a write that failed. WeChat may have taken it, or a part of it where it names several."""
        if error.in_doubt:
            self._doubt = _WRITE_IN_DOUBT
        if error.in_doubt or isinstance(error, PartlyRefused):
            self._count()
        if not (error.in_doubt or (len(step.values) > 1 and _refused_in_part(error))):
            return
        self.removed.update(takes)
        self._sent = frozenset(puts)

    def _observe(self, live: LiveList) -> None:
        """Take an observation that follows a write."""
        self.put |= self._sent.intersection(live.domains)
        self._sent = frozenset()
        self.live = frozenset(live.domains)

    def _explained(self, error: CallFailed) -> CallFailed:
        """Return an error that tells what is live now, after a write, or what was written before a read."""
        if not (self._plans and error.call.is_write):
            return error.adding(self.note)
        plan = self._plans[-1]
        counts = () if self.request.managed else _counts(error, plan)
        is_known, live = self._live_now(plan)
        dropped = self._dropped(error, plan) if is_known else ()
        return error.adding(*counts, *dropped, live)

    def _dropped(self, error: CallFailed, plan: Plan) -> list[str]:
        """Name what WeChat left out of an `add` and gives no reason for, after the list was read again."""
        if not (isinstance(error, PartlyRefused) and error.call.action == "add"):
            return []
        answered = error.reasons.keys()  # of a platform's hosts, without their list
        left = [each for each in plan.added if each not in self.live]
        missing = [each for each in left if answered.isdisjoint({each, each.partition(" ")[2]})]
        return [f"{each}: WeChat left it out without giving a reason." for each in missing]

    def _live_now(self, plan: Plan) -> tuple[bool, str]:
        """Read the list again; return whether that worked, and what to say of it."""
        try:
            live = self._observer.live(plan.appid).within(self.request.managed)
        except UserError as error:
            self._sent = frozenset()
            return False, f"What is live now is not known, because {error.summary}."
        self._observe(live)
        if sorted(live.spelled) == sorted(plan.existing.spelled):
            return True, f"The live list was read again: unchanged ({len(live.entries)} domains)."
        return True, f"The live list was read again: {', '.join(live.domains) or 'empty'}."

    def _without_effect(self, live: LiveList) -> tuple[Listed, ...]:
        now = frozenset(live.domains)
        put = among(self.put, self.kinds) if self.kinds else self.put
        return tuple(sorted((put - now) | (self.removed & now)))


def _refused_in_part(error: CallFailed) -> bool:
    """Return whether WeChat may have taken some domains of a write and refused another one."""
    busy = isinstance(error, WeChatError) and error.row is not None and error.row.kind == "busy"
    return isinstance(error, WeChatError | PartlyRefused) and not busy


def _counts(error: CallFailed, plan: Plan) -> list[str]:
    """Tell the numbers that a code about the number of domains leaves out."""
    if not (isinstance(error, WeChatError) and error.row and error.row.kind == "limit"):
        return []
    counts = f"{len(plan.existing.entries)} were live and {len(plan.added)} new"
    return [f"{counts}; WeChat accepts at most {MAX_DOMAINS}."]
