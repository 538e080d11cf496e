"""One request from its arrival to its answer: admission, quota, fault, handler, log."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from pulumi_wechat_miniprogram.emulator.admission import Admission, admit
from pulumi_wechat_miniprogram.emulator.confirm_fetch import ConfirmFetcher
from pulumi_wechat_miniprogram.emulator.faults import FaultRule, faulty
from pulumi_wechat_miniprogram.emulator.handlers.call import Answer, Call, Refused, World
from pulumi_wechat_miniprogram.emulator.incoming import Incoming, read
from pulumi_wechat_miniprogram.emulator.model.calls import CallRecord
from pulumi_wechat_miniprogram.emulator.model.errors import ApiError, api_error
from pulumi_wechat_miniprogram.emulator.model.quota import Limit
from pulumi_wechat_miniprogram.emulator.model.switches import Switches
from pulumi_wechat_miniprogram.emulator.request_log import named_appid, readable_body, sent_domains
from pulumi_wechat_miniprogram.emulator.routes import ROUTES, Route
from pulumi_wechat_miniprogram.emulator.store import Store
from pulumi_wechat_miniprogram.emulator.store.refusals import Refusal

_ENDPOINTS = {path: route.token for path, route in ROUTES.items()}


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
            "clock_offset": 0.0,
        }
        self._writing: set[str] = set()
        self._read: dict[str, Any] | None = None
        self._parsed = self._parse({})

    def now(self) -> float:
        """Return the emulator's clock: the machine's, moved by the control plane."""
        return time.time() + float(self.store.settings.get("clock_offset", 0.0))

    def current_switches(self) -> Switches:
        """Return the switches as they stand."""
        return Switches.model_validate(self.store.settings.get("switches", self._start["switches"]))

    def world(self) -> World:
        """Return what a call meets."""
        settings = self.store.settings.all()
        if settings is not self._read:
            self._read, self._parsed = settings, self._parse(settings)
        switches, trusted, unfiled, limits, offset = self._parsed
        return World(
            store=self.store,
            fetcher=self._fetcher,
            switches=switches,
            trusted_hosts=trusted,
            unfiled_hosts=unfiled,
            limits=limits,
            endpoints=_ENDPOINTS,
            writing=self._writing,
            auto_apps=self._auto_apps,
            now=time.time() + offset,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        incoming = await read(scope, receive)
        response = await self._respond(incoming)
        await response(scope, receive, send)

    async def _respond(self, incoming: Incoming) -> Response:
        began = time.monotonic()
        world = self.world()
        route = ROUTES.get(incoming.path)
        if route is None:
            self._log(world, _Outcome(incoming, None, None, Answer(), None))
            text = f"the emulator has no {incoming.path}; docs/emulator.md lists what it emulates"
            return JSONResponse({"error": text}, status_code=404)
        admission = admit(world, route, incoming.method, incoming.token, incoming.client_ip)
        appid = named_appid(admission, incoming)
        fault = self.store.take_fault(incoming.path, incoming.action, appid)
        if fault and fault.delay and not fault.apply:
            await asyncio.sleep(fault.delay)
        answer = await self._answer(world, route, incoming, admission, fault)
        outcome = _Outcome(incoming, route, appid, answer, fault)
        rendered = _render(world, answer)
        self._log(world, outcome)
        self._keep(world, outcome, admission, rendered, time.monotonic() - began)
        if fault and fault.delay and fault.apply:
            await asyncio.sleep(fault.delay)
        shown = Response(rendered.text, media_type="text/plain")
        return faulty(fault, shown) if fault else shown

    async def _answer(
        self,
        world: World,
        route: Route,
        incoming: Incoming,
        admission: Admission,
        fault: FaultRule | None,
    ) -> Answer:
        if fault and not fault.reaches_wechat:
            return Answer(error=_fault_error(fault))
        refusal = admission.refusal or _over_quota(world, incoming, admission)
        if refusal is None and incoming.problem is not None and route.method == "POST":
            refusal = api_error(incoming.problem)
        if refusal is not None:
            return Answer(error=refusal)
        call = Call(
            world,
            incoming.client_ip,
            incoming.query,
            incoming.body,
            admission.app,
            admission.platform,
            admission.kind,
        )
        try:
            answer = await route.handler(call)
        except Refused as refused:
            answer = Answer(error=refused.error)
        if fault and fault.errcode is not None:
            return Answer(error=_fault_error(fault), applied=answer.applied)
        return answer

    def _log(self, world: World, outcome: _Outcome) -> None:
        incoming, answer, fault = outcome.incoming, outcome.answer, outcome.fault
        fields = outcome.route.domains if outcome.route else ()
        record = CallRecord(
            seq=0,
            time=world.now,
            method=incoming.method,
            path=incoming.path,
            action=incoming.action,
            appid=outcome.appid,
            domains=sent_domains(fields, incoming.body),
            errcode=outcome.told,
            applied=answer.applied,
            fault=fault.label if fault else None,
        )
        self.store.log(record)

    def _keep(
        self, world: World, outcome: _Outcome, admission: Admission, rendered: _Rendered, seconds: float
    ) -> None:
        """Keep a refused call for those who ask by its rid."""
        if rendered.rid is None or outcome.route is None:
            return
        refusal = Refusal(
            rid=rendered.rid,
            account=_account(admission) or outcome.appid,
            time=world.now,
            cost_ms=round(seconds * 1000),
            client_ip=outcome.incoming.client_ip,
            request_body=readable_body(outcome.route.domains, outcome.incoming.body),
            response_body=rendered.text.decode(),
        )
        self.store.refusals.put(refusal)

    def _parse(self, settings: Mapping[str, Any]) -> tuple[Any, ...]:
        values = {**self._start, **settings}
        return (
            Switches.model_validate(values["switches"]),
            tuple(values["trusted_hosts"]),
            tuple(values["unfiled_hosts"]),
            {path: Limit(**limit) for path, limit in values["limits"].items()},
            float(values["clock_offset"]),
        )


@dataclass(frozen=True)
class _Outcome:
    incoming: Incoming
    route: Route | None
    appid: str | None
    answer: Answer
    fault: FaultRule | None

    @property
    def told(self) -> int | None:
        """The errcode that the client gets; None where it gets none."""
        if self.route is None or (self.fault and self.fault.hides_answer):
            return None
        return self.answer.error.errcode if self.answer.error else 0


@dataclass(frozen=True)
class _Rendered:
    text: bytes
    rid: str | None


def _render(world: World, answer: Answer) -> _Rendered:
    rid = None
    head: dict[str, object] = {} if answer.bare else {"errcode": 0, "errmsg": "ok"}
    if answer.error:
        rid = f"{int(world.now) & 0xFFFFFFFF:08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        head = {"errcode": answer.error.errcode, "errmsg": f"{answer.error.errmsg} rid: {rid}"}
    text = json.dumps({**head, **answer.fields}, ensure_ascii=False).replace("/", "\\/")
    return _Rendered(text.encode("utf-8", "replace"), rid)


def _account(admission: Admission) -> str | None:
    account = admission.app or admission.platform
    return account.appid if account else None


def _over_quota(world: World, incoming: Incoming, admission: Admission) -> ApiError | None:
    account = _account(admission) or named_appid(admission, incoming)
    if account is None:
        return None
    limit = world.limit(incoming.path)
    if not world.store.usage.take(account, incoming.path, "day", world.now, limit.daily):
        return api_error(45009)
    if limit.minutely is not None and not world.store.usage.take(
        account, incoming.path, "minute", world.now, limit.minutely
    ):
        return api_error(45011)
    return None


def _fault_error(fault: FaultRule) -> ApiError | None:
    if fault.errcode is None:
        return None
    return ApiError(fault.errcode, fault.errmsg or api_error(fault.errcode).errmsg)
