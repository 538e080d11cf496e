"""The routes of the page. Each shows something, or does one thing and comes back to what was shown."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from wechat_miniprogram_emulator.api import Api
from wechat_miniprogram_emulator.clock import read_clock
from wechat_miniprogram_emulator.control import arm
from wechat_miniprogram_emulator.control_accounts import edit_list, go_online
from wechat_miniprogram_emulator.model import AppState
from wechat_miniprogram_emulator.page import views
from wechat_miniprogram_emulator.page.forms import (
    CHANGES,
    EDITORS,
    EFFECTS,
    EMPTY,
    NO_EDIT,
    ArmedFault,
    Query,
    fault_rule,
    list_edit,
)
from wechat_miniprogram_emulator.releases import after_release
from wechat_miniprogram_emulator.routes import ROUTES
from wechat_miniprogram_emulator.strict import describe

if TYPE_CHECKING:
    from jinja2 import Environment

HOME = "/_emulator/"
FOLDER = Path(__file__).parent
APPS_AT_ONCE = 25
CALLS_AT_ONCE = 25
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
DONE = {
    "release": "Released: what is configured is in force.",
    "edit": "Edited: the table shows the list and what is in force.",
    "arm": "The fault is armed.",
    "disarm": "The fault is disarmed.",
    "disarm-all": "Every fault is disarmed.",
    "reset": "Everything is forgotten.",
}

Form = Mapping[str, str]


def page_routes(api: Api) -> list[Route]:
    """Return the routes of the page."""

    async def show(request: Request) -> Response:
        try:
            query = Query.model_validate(dict(request.query_params))
        except ValidationError as error:
            return _list_page(api, Query(), problem=describe(error), status=400)
        if query.app is None:
            return _list_page(api, query)
        return _app_page(api, query, query.app)

    async def style(_request: Request) -> Response:
        return FileResponse(FOLDER / "page.css")

    async def icon(_request: Request) -> Response:
        return FileResponse(FOLDER / "icon.svg")

    async def home(_request: Request) -> Response:
        return RedirectResponse(HOME)

    def post(name: str, do: Callable[[Form], object], section: str) -> Route:
        async def answer(request: Request) -> Response:
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
            try:
                do(form)
            except ValueError as error:
                text = describe(error) if isinstance(error, ValidationError) else str(error)
                appid = form.get("app", "")
                if name == "edit" and api.store.app(appid):
                    return _app_page(api, Query(app=appid), appid, problem=text, form={**NO_EDIT, **form})
                kept = {**EMPTY, **form} if name == "arm" else None
                return _list_page(api, Query(), problem=text, status=400, form=kept)
            shown = {key: form[key] for key in ("q", "page", "app") if form.get(key)}
            return RedirectResponse(f"{HOME}?{urlencode({**shown, 'done': name})}#{section}", 303)

        return Route(f"{HOME}page/{name}", answer, methods=["POST"])

    return [
        Route(HOME.removesuffix("/"), home),
        Route(HOME, show),
        Route(f"{HOME}page.css", style),
        Route(f"{HOME}icon.svg", icon),
        post("release", lambda form: go_online(api, form.get("appid", "")), "main"),
        post("edit", lambda form: edit_list(api, list_edit(form)), "main"),
        post("arm", lambda form: arm(api, fault_rule(form)), "faults"),
        post("disarm", lambda form: api.store.clear_faults(ArmedFault.model_validate(form).number), "faults"),
        post("disarm-all", lambda _: api.store.clear_faults(), "faults"),
        post("reset", lambda _: api.store.reset(), "main"),
    ]


def _list_page(
    api: Api, query: Query, *, problem: str | None = None, status: int = 200, form: Form | None = None
) -> Response:
    if query.arm is not None:
        form = {**EMPTY, "appid": query.arm}
    total, states = api.store.find_apps(query.q, (query.page - 1) * APPS_AT_ONCE, APPS_AT_ONCE)
    return _render(
        api,
        "apps.html",
        query,
        status,
        problem=problem,
        apps=[views.app_row(state, _after(api, state)) for state in states],
        first=(query.page - 1) * APPS_AT_ONCE + 1,
        total=total,
        pages=-(-total // APPS_AT_ONCE),
        faults=[views.fault_row(fault) for fault in api.store.faults()],
        arming=form is not None,
        form=form or EMPTY,
        effects=EFFECTS,
        endpoints=list(ROUTES),
    )


def _app_page(
    api: Api, query: Query, appid: str, *, problem: str | None = None, form: Form | None = None
) -> Response:
    state = api.store.app(appid)
    if state is None:
        return _list_page(api, Query(), problem=f"The emulator has no app {appid}.", status=404)
    after = _after(api, state)
    return _render(
        api,
        "app.html",
        query,
        400 if problem else 200,
        problem=problem,
        app=state,
        row=views.app_row(state, after),
        domains=views.domain_rows(state, after),
        editing=form is not None,
        form=form or NO_EDIT,
        changes=CHANGES,
        editors=EDITORS,
    )


def _after(api: Api, state: AppState) -> AppState:
    return after_release(api.store, state, api.current_switches(), api.now())


def _render(api: Api, template: str, query: Query, status: int, **shown: object) -> Response:
    calls = [
        views.call_row(call) for call in api.store.last_calls(CALLS_AT_ONCE + 1, query.before, query.app)
    ]
    html = (
        _templates()
        .get_template(template)
        .render(
            query=query,
            done=DONE.get(query.done or ""),
            now=views.show_time(api.now()),
            frozen=read_clock(api.store).frozen_at is not None,
            switches=views.moved_switches(api.current_switches()),
            calls=calls[:CALLS_AT_ONCE],
            older=calls[CALLS_AT_ONCE - 1].seq if len(calls) > CALLS_AT_ONCE else None,
            **shown,
        )
    )
    return HTMLResponse(html, status, {"content-security-policy": POLICY})


@functools.cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - 30 ms, for those who look

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
