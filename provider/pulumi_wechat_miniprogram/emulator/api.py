"""One request from its arrival to its answer: token, body, fault, handler, log."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulumi_wechat_miniprogram.emulator.confirm_fetch import ConfirmFetcher
from pulumi_wechat_miniprogram.emulator.faults import FaultRule, faulty
from pulumi_wechat_miniprogram.emulator.handlers import Answer, World, refused
from pulumi_wechat_miniprogram.emulator.model import (
    ApiError,
    AppState,
    CallRecord,
    Switches,
    api_error,
    new_app,
)
from pulumi_wechat_miniprogram.emulator.routes import ROUTES
from pulumi_wechat_miniprogram.emulator.store import Store

_AUTO_TOKEN = re.compile(r"emulator-(wx[0-9a-f]{16})")
_PERSONAL = 89231


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

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        path = request.url.path
        body, problem = _parse(await request.body())
        if path not in ROUTES:
            self._log(request, None, body, Answer({}), None)
            text = f"the emulator has no {path}; its README.md lists what it emulates"
            return JSONResponse({"error": text}, status_code=404)
        app, problem = self._admit(request, problem, ROUTES[path].permission_set)
        action = _text(body.get("action"))
        fault = self.store.take_fault(path, action, app.appid if app else None)
        if fault and fault.delay and not fault.apply:
            await asyncio.sleep(fault.delay)
        answer = await self._answer(path, app, body, problem, fault)
        self._log(request, app, body, answer, fault)
        if fault and fault.delay and fault.apply:
            await asyncio.sleep(fault.delay)
        shown = self._render(answer)
        return faulty(fault, shown) if fault else shown

    async def _answer(
        self,
        path: str,
        app: AppState | None,
        body: dict[str, object],
        problem: int | None,
        fault: FaultRule | None,
    ) -> Answer:
        if fault and not fault.reaches_wechat:
            return Answer({}, _fault_error(fault))
        if problem is not None or app is None:
            return refused(40001 if problem is None else problem)
        world = World(self.store, self.fetcher, self.current_switches(), self.current_trust())
        answer = await ROUTES[path].handler(world, app, body)
        if fault and fault.errcode is not None:
            return Answer({}, _fault_error(fault), applied=answer.applied)
        return answer

    def _admit(
        self, request: Request, problem: int | None, permission_set: int
    ) -> tuple[AppState | None, int | None]:
        if request.method != "POST":
            return None, 43002
        token = request.query_params.get("access_token") or request.query_params.get("component_access_token")
        if not token:
            return None, 41001
        found = self.store.find_token(token)
        auto = _AUTO_TOKEN.fullmatch(token)
        if found is None and self.auto_apps and auto:
            self.store.add_app(new_app(auto[1]))
            found = self.store.find_token(token)
        if found is None:
            return None, 40001
        appid, expires_at = found
        app = self.store.app(appid)
        if app is None or (expires_at is not None and expires_at <= self.now()):
            return app, 42001
        if permission_set not in app.permission_sets:
            return app, 61007
        if app.subject == "personal":
            return app, _PERSONAL
        return app, problem

    def _log(
        self,
        request: Request,
        app: AppState | None,
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
            appid=app.appid if app else None,
            domains=tuple(values),
            errcode=_told(request.url.path, answer, fault),
            applied=answer.applied,
            fault=fault.label if fault else None,
        )
        self.store.log(record)

    def _render(self, answer: Answer) -> Response:
        error = answer.error
        rid = f" rid: {int(self.now()) & 0xFFFFFFFF:08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        head: dict[str, object] = (
            {"errcode": error.errcode, "errmsg": error.errmsg + rid}
            if error
            else {"errcode": 0, "errmsg": "ok"}
        )
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


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
