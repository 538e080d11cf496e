"""The functions of the schema, answered in the names of the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pulumi_wechat_miniprogram.resources import functions
from pulumi_wechat_miniprogram.resources.found import (
    GET_CONFIRM_FILE,
    GET_SERVER_DOMAINS,
    GET_WEBVIEW_DOMAINS,
    LIST_AUTHORIZERS,
    to_wire,
)
from pulumi_wechat_miniprogram.resources.session import Session

Function = Callable[[Session, Mapping[str, Any]], dict[str, Any]]


def _of_an_app(read: Callable[[Session, object], object]) -> Function:
    return lambda session, arguments: to_wire(read(session, arguments.get("appid")))


FUNCTIONS: Final[Mapping[str, Function]] = {
    LIST_AUTHORIZERS: lambda session, _: to_wire(functions.list_authorizers(session)),
    GET_WEBVIEW_DOMAINS: _of_an_app(functions.get_webview_domains),
    GET_SERVER_DOMAINS: _of_an_app(functions.get_server_domains),
    GET_CONFIRM_FILE: _of_an_app(functions.get_confirm_file),
}
