"""One request from its arrival to its answer: token, body, fault, handler, log."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulumi_wechat_miniprogram.emulator.admission import Admission, admit
from pulumi_wechat_miniprogram.emulator.confirm_fetch import ConfirmFetcher
from pulumi_wechat_miniprogram.emulator.faults import FaultRule, faulty
from pulumi_wechat_miniprogram.emulator.handlers.call import Answer, Call, Refused, World
from pulumi_wechat_miniprogram.emulator.model.apps import APPID_PATTERN
from pulumi_wechat_miniprogram.emulator.model.calls import CallRecord
from pulumi_wechat_miniprogram.emulator.model.errors import ApiError, api_error
from pulumi_wechat_miniprogram.emulator.model.switches import Switches
from pulumi_wechat_miniprogram.emulator.routes import ROUTES, Route
from pulumi_wechat_miniprogram.emulator.store import Store

_APPID_FIELDS = ("authorizer_appid", "component_appid", "appid")


@dataclass(frozen=True)
class Api:
    """The emulated endpoints over one store."""

    store: Store
    fetcher: ConfirmFetcher
    trusted_hosts: tuple[str, ...] = ()
    switches: Switches = field(default_factory=Switches)
    auto_apps: bool = False

    def now(self) -> float:
        """Return the emulator's clock: the machine's, moved by the control plane."""
        return time.time() + float(self.store.setting("clock_offset", 0.0))

    def current_switches(self) -> Switches:
        """Return the switches as they stand."""
        return Switches.model_validate(self.store.setting("switches", self.switches.model_dump()))

    def current_trust(self) -> tuple[str, ...]:
        """Return the hosts whose confirm file counts as served."""
        return tuple(self.store.setting("trusted_hosts", list(self.trusted_hosts)))

    def world(self) -> World:
        """Return what a call meets."""
        return World(
            self.store,
            self.fetcher,
            self.current_switches(),
            self.current_trust(),
            self.auto_apps,
            self.now(),
        )

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        path = request.url.path
        body, problem = _parse(await request.body())
        route = ROUTES.get(path)
        if route is None:
            self._log(request, None, body, Answer(), None)
            text = f"the emulator has no {path}; its README.md lists what it emulates"
            return JSONResponse({"error": text}, status_code=404)
        world = self.world()
        query = request.query_params
        client_ip = request.client.host if request.client else ""
        admission = admit(world, route, request.method, _token(query), client_ip)
        appid = _appid(admission, body, query)
        fault = self.store.take_fault(path, _text(body.get("action")), appid)
        if fault and fault.delay and not fault.apply:
            await asyncio.sleep(fault.delay)
        call = Call(world, client_ip, query, body, admission.app, admission.platform)
        answer = await self._answer(route, call, admission.refusal, problem, fault)
        self._log(request, appid, body, answer, fault)
        if fault and fault.delay and fault.apply:
            await asyncio.sleep(fault.delay)
        shown = self._render(answer)
        return faulty(fault, shown) if fault else shown

    async def _answer(
        self,
        route: Route,
        call: Call,
        refusal: ApiError | None,
        problem: int | None,
        fault: FaultRule | None,
    ) -> Answer:
        if fault and not fault.reaches_wechat:
            return Answer(error=_fault_error(fault))
        if refusal is None and problem is not None and route.method == "POST":
            refusal = api_error(problem)
        if refusal is not None:
            return Answer(error=refusal)
        try:
            answer = await route.handler(call)
        except Refused as refused:
            answer = Answer(error=refused.error)
        if fault and fault.errcode is not None:
            return Answer(error=_fault_error(fault), applied=answer.applied)
        return answer

    def _log(
        self,
        request: Request,
        appid: str | None,
        body: dict[str, object],
        answer: Answer,
        fault: FaultRule | None,
    ) -> None:
        sent = body.get("webviewdomain")
        values = [value for value in sent if isinstance(value, str)] if isinstance(sent, list) else []
        record = CallRecord(
            seq=0,
            time=self.now(),
            method=request.method,
            path=request.url.path,
            action=_text(body.get("action")),
            appid=appid,
            domains=tuple(values),
            errcode=_told(request.url.path, answer, fault),
            applied=answer.applied,
            fault=fault.label if fault else None,
        )
        self.store.log(record)

    def _render(self, answer: Answer) -> Response:
        error = answer.error
        rid = f" rid: {int(self.now()) & 0xFFFFFFFF:08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        head: dict[str, object] = {"errcode": 0, "errmsg": "ok"}
        if error:
            head = {"errcode": error.errcode, "errmsg": error.errmsg + rid}
        elif answer.bare:
            head = {}
        text = json.dumps({**head, **answer.fields}, ensure_ascii=False).replace("/", "\\/")
        return Response(text.encode("utf-8", "replace"), media_type="text/plain")


def _told(path: str, answer: Answer, fault: FaultRule | None) -> int | None:
    if path not in ROUTES or (fault and fault.hides_answer):
        return None
    return answer.error.errcode if answer.error else 0


def _fault_error(fault: FaultRule) -> ApiError | None:
    if fault.errcode is None:
        return None
    return ApiError(fault.errcode, fault.errmsg or api_error(fault.errcode).errmsg)


def _parse(content: bytes) -> tuple[dict[str, object], int | None]:
    if not content.strip():
        return {}, 44002
    try:
        document = json.loads(content)
        json.dumps(document, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        return {}, 47001
    return (document, None) if isinstance(document, dict) else ({}, 47001)


def _token(query: Mapping[str, str]) -> str | None:
    return query.get("access_token") or query.get("component_access_token")


def _appid(admission: Admission, body: Mapping[str, object], query: Mapping[str, str]) -> str | None:
    """Tell which account a call is about; whatever else a request has put there is not logged."""
    if admission.app:
        return admission.app.appid
    sent = [*(body.get(name) for name in _APPID_FIELDS), query.get("appid")]
    found = [value for value in sent if isinstance(value, str) and re.fullmatch(APPID_PATTERN, value)]
    if found:
        return found[0]
    return admission.platform.appid if admission.platform else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
