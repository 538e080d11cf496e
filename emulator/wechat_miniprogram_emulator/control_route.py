"""A route of the control plane: JSON in and out, HTTP 400 with one text for whatever is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wechat_miniprogram_emulator.strict import describe


class ControlError(ValueError):
    """A control request is wrong; the text says which field and why."""


def control_route(name: str, endpoint: Callable[[Request], Awaitable[object]], *methods: str) -> Route:
    """Make the route of `/_emulator/NAME`."""

    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await endpoint(request))
        except ValidationError as error:
            return JSONResponse({"error": describe(error)}, status_code=400)
        except (ValueError, TypeError, OverflowError, OSError, sqlite3.Error) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return Route(f"/_emulator/{name}", answer, methods=list(methods))
