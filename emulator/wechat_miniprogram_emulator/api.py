"""One request from its arrival to its answer: admission, quota, fault, handler, log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from wechat_miniprogram_emulator.admission import admit
from wechat_miniprogram_emulator.answers import Rendered, render
from wechat_miniprogram_emulator.clock import Clock, read_clock
from wechat_miniprogram_emulator.confirm_fetch import ConfirmFetcher, Manner
from wechat_miniprogram_emulator.faults import FaultRule, faulty
from wechat_miniprogram_emulator.handlers.call import Answer, Call, FilesWanted, Refused, World
from wechat_miniprogram_emulator.incoming import Incoming, read
from wechat_miniprogram_emulator.model.calls import WRITE_ACTIONS, CallRecord
from wechat_miniprogram_emulator.model.errors import ApiError, api_error
from wechat_miniprogram_emulator.model.quota import ALL_CALLS, Limit
from wechat_miniprogram_emulator.model.switches import Switches
from wechat_miniprogram_emulator.request_log import named_appid, readable_body, sent_domains
from wechat_miniprogram_emulator.routes import ROUTES, Route
from wechat_miniprogram_emulator.store import Store
from wechat_miniprogram_emulator.store.refusals import Refusal

_ENDPOINTS = {path: route.token for path, route in ROUTES.items()}


@dataclass(frozen=True)
class _Visit:
    """A request that was met: who calls, why it is refused, if it is, and what it waits for."""

    incoming: Incoming
    route: Route
    call: Call
    appid: str | None
    fault: FaultRule | None
    refusal: ApiError | None
    wanted: FilesWanted
    began: float = field(default_factory=time.monotonic)

    @property
    def waits(self) -> bool:
        """Return whether the answer needs more than the emulator's own data."""
        return bool(self.wanted.hosts) or bool(self.fault and self.fault.delay)


class Api:
    """The emulated endpoints over one store."""

    def __init__(
        self,
        store: Store,
        fetcher: ConfirmFetcher,
        trusted_hosts: tuple[str, ...] = (),
        switches: Switches | None = None,
        *,
        auto_apps: bool = False,
    ) -> None:
        """Begin with these hosts and switches; the control plane may change both."""
        self.store = store
        self._fetcher = fetcher
        self._auto_apps = auto_apps
        self._start: dict[str, Any] = {
            "switches": (switches or Switches()).model_dump(),
            "trusted_hosts": list(trusted_hosts),
            "unfiled_hosts": [],
            "limits": {},
            "platform_minutely": None,
            "clock": {},
        }
        self._writing: set[str] = set()
        self._read: Mapping[str, Any] | None = None
        self._world: World | None = None

    def now(self) -> float:
        """Return the emulator's clock: the machine's, moved by the control plane."""
        return read_clock(self.store).now(time.time())

    def current_switches(self) -> Switches:
        """Return the switches as they stand."""
        return Switches.model_validate(self.store.settings.get("switches", self._start["switches"]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._respond(await read(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, incoming: Incoming) -> Response:
        """Answer in one transaction, or in two if the call has to wait in between."""
        route = ROUTES.get(incoming.path)
        if route is None:
            self._log(self.world(), incoming, None, Answer(), None, None)
            text = f"the emulator has no {incoming.path}; its documentation lists what it emulates"
            return JSONResponse({"error": text}, status_code=404)
        with self.store.transaction():
            visit = self._meet(self.world(), route, incoming)
            if not visit.waits:
                return self._finish(visit)
        fault = visit.fault
        if fault and fault.delay and not fault.apply:
            await asyncio.sleep(fault.delay)
        absent = await self._ask_hosts(visit)
        with self.store.transaction():
            response = self._finish(self._again(visit, absent))
        if fault and fault.delay and fault.apply:
            await asyncio.sleep(fault.delay)
        return response

    def _meet(self, world: World, route: Route, incoming: Incoming) -> _Visit:
        admission = admit(world, route, incoming.method, incoming.token, incoming.client_ip)
        appid = named_appid(admission, incoming)
        fault = self.store.take_fault(incoming.path, incoming.action, appid)
        call = Call(
            world,
            incoming.client_ip,
            incoming.query,
            incoming.body,
            admission.app,
            admission.platform,
            admission.kind,
        )
        if fault and not fault.reaches_wechat:
            return _Visit(incoming, route, call, appid, fault, None, FilesWanted())
        refusal = admission.refusal or _over_quota(call, incoming.path, appid)
        if refusal is None and incoming.problem is not None and route.method == "POST":
            refusal = api_error(incoming.problem)
        if refusal is None and self._is_crossed(call):
            refusal = api_error(9402202)
        if refusal is not None:
            return _Visit(incoming, route, call, appid, fault, refusal, FilesWanted())
        wanted = route.files(call)
        mapped = self._fetcher.mapped(wanted.hosts)
        if distrusted := world.distrusted(wanted.hosts - mapped):
            call = replace(call, without_file=distrusted)
        return _Visit(incoming, route, call, appid, fault, None, FilesWanted(mapped, wanted.file))

    def _is_crossed(self, call: Call) -> bool:
        """Return whether a write meets another one of its account that still waits for hosts."""
        return (
            call.world.switches.parallel_writes == "refused"
            and call.body.get("action") in WRITE_ACTIONS
            and call.holder in self._writing
        )

    async def _ask_hosts(self, visit: _Visit) -> frozenset[str]:
        """Ask hosts for their file, and give those that do not serve it."""
        if visit.wanted.file is None or not visit.wanted.hosts:
            return frozenset()
        switches = visit.call.world.switches
        manner = Manner(
            follow=switches.redirects == "follow",
            plain=switches.plain_http == "accept",
            seconds=float(switches.file_seconds),
        )
        holder = visit.call.holder or ""
        self._writing.add(holder)
        try:
            return await self._fetcher.absent(visit.wanted.hosts, visit.wanted.file, manner)
        finally:
            self._writing.discard(holder)

    def _again(self, visit: _Visit, absent: frozenset[str]) -> _Visit:
        """Read the app again: others may have written in the meantime."""
        call = replace(visit.call, without_file=visit.call.without_file | absent)
        if call.account_app is None:
            return replace(visit, call=call)
        app = self.store.app(call.account_app.appid)
        refusal = visit.refusal if app else api_error(40001)
        call = replace(call, account_app=app, stale_app=call.account_app)
        return replace(visit, call=call, refusal=refusal)

    def _finish(self, visit: _Visit) -> Response:
        answer = _answer(visit)
        rendered = render(answer, visit.call.world.now)
        self._log(visit.call.world, visit.incoming, visit.route, answer, visit.appid, visit.fault)
        self._keep(visit, rendered)
        shown = Response(rendered.text, media_type="text/plain")
        return faulty(visit.fault, shown) if visit.fault else shown

    def _log(
        self,
        world: World,
        incoming: Incoming,
        route: Route | None,
        answer: Answer,
        appid: str | None,
        fault: FaultRule | None,
    ) -> None:
        errcode = answer.error.errcode if answer.error else 0
        record = CallRecord(
            seq=0,
            time=world.now,
            method=incoming.method,
            path=incoming.path,
            action=incoming.action,
            appid=appid,
            domains=sent_domains(route.domains if route else (), incoming.body),
            errcode=None if route is None or (fault and fault.hides_answer) else errcode,
            applied=answer.applied,
            fault=fault.label if fault else None,
        )
        self.store.log(record)

    def _keep(self, visit: _Visit, rendered: Rendered) -> None:
        """Keep a refused call for those who ask by its rid."""
        if rendered.rid is None:
            return
        refusal = Refusal(
            rid=rendered.rid,
            account=visit.call.holder or visit.appid,
            time=visit.call.world.now,
            cost_ms=round((time.monotonic() - visit.began) * 1000),
            client_ip=visit.incoming.client_ip,
            request_body=readable_body(visit.route.domains, visit.incoming),
            response_body=rendered.text.decode(),
        )
        self.store.refusals.put(refusal)

    def world(self) -> World:
        """Return what a call meets; the settings are parsed again when one was written."""
        settings = self.store.settings.all()
        if self._world is None or settings is not self._read:
            values = {**self._start, **settings}
            self._read = settings
            self._world = World(
                store=self.store,
                switches=Switches.model_validate(values["switches"]),
                trusted_hosts=tuple(values["trusted_hosts"]),
                unfiled_hosts=tuple(values["unfiled_hosts"]),
                limits={path: Limit(**limit) for path, limit in values["limits"].items()},
                platform_minutely=values["platform_minutely"],
                endpoints=_ENDPOINTS,
                auto_apps=self._auto_apps,
                clock=Clock(**values["clock"]),
            )
        return replace(self._world, now=self._world.clock.now(time.time()))


def _answer(visit: _Visit) -> Answer:
    fault = visit.fault
    if fault and not fault.reaches_wechat:
        return Answer(error=_fault_error(fault))
    if visit.refusal is not None:
        return Answer(error=visit.refusal)
    try:
        answer = visit.route.handler(visit.call)
    except Refused as refused:
        answer = Answer(error=refused.error)
    if fault and fault.errcode is not None:
        return Answer(error=_fault_error(fault), applied=answer.applied)
    return answer


def _over_quota(call: Call, path: str, appid: str | None) -> ApiError | None:
    account = call.holder or appid
    if account is None:
        return None
    usage, now, limit = call.world.store.usage, call.world.now, call.world.limit(path)
    if not usage.take(account, path, "day", now, limit.daily):
        return api_error(45009)
    if limit.minutely is not None and not usage.take(account, path, "minute", now, limit.minutely):
        return api_error(45011)
    together, platform = call.world.platform_minutely, call.by_platform
    if together is not None and platform and not usage.take(platform, ALL_CALLS, "minute", now, together):
        return api_error(45011)
    return None


def _fault_error(fault: FaultRule) -> ApiError | None:
    if fault.errcode is None:
        return None
    return ApiError(fault.errcode, fault.errmsg or api_error(fault.errcode).errmsg)
