"""An app's webview domains are edited outside Pulumi, so that drift can be tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wechat_miniprogram_emulator.api import Api
from wechat_miniprogram_emulator.confirm_fetch import ConfirmFetcher
from wechat_miniprogram_emulator.handlers import webview
from wechat_miniprogram_emulator.handlers.call import Call, Handler, Refused
from wechat_miniprogram_emulator.model import AppState
from wechat_miniprogram_emulator.model.errors import ApiError
from wechat_miniprogram_emulator.model.values import normalised, well_formed
from wechat_miniprogram_emulator.releases import known
from wechat_miniprogram_emulator.store import Store
from wechat_miniprogram_emulator.strict import Appid, Strict

Editor = Literal["other", "console", "registered"]


@dataclass(frozen=True)
class Way:
    """How an editor reaches a list.

    `stored_as` is the list's name in `AppState`, `handler` applies its rules; `editor` and `source` are what
    people call who writes it and what it is.
    """

    stored_as: Literal["direct", "mp", "third"]
    editor: str
    source: str
    handler: Handler


WAYS: dict[Editor, Way] = {
    "other": Way("direct", "another client of this API", "this API", webview.domains),
    "console": Way("mp", "the console of the Mini Program", "the app's console", webview.console_domains),
    "registered": Way(
        "third", "the registered channel (mode one)", "the platform's list", webview.listed_domains
    ),
}
_NOT_LISTED = frozenset({89020, 89021})


class Edit(Strict):
    """What the control plane and the page may do to an app's domains, and as whom."""

    appid: Appid
    by: Editor = "other"
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def edit(api: Api, appid: str, by: Editor, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
    """Remove and then add domains, all of them or none. Every host counts as serving its confirm file.

    Raises:
        LookupError: the app does not exist.
        ValueError: there is nothing to do, a value is not a domain or not on the list, or WeChat refuses it.
    """
    if not add and not remove:
        raise ValueError("nothing to do: name a domain to add or to remove")
    world, way = api.world(), WAYS[by]
    with api.store.transaction():
        app = world.known_app(appid) or known(api.store, appid)
        gone = _on_the_list(app, way, remove)
        for action, values in (("delete", gone), ("add", _domains(add))):
            if not values:
                continue
            body = {"action": action, "webviewdomain": values}
            call = Call(world, "127.0.0.1", {}, body, account_app=known(api.store, appid))
            if error := _refusal(way.handler, call):
                raise ValueError(f"{appid}: {_refused(error, action, values)}")


def edit_stored(
    store: Store, appid: str, by: Editor, *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> AppState:
    """Edit an app in a data file, whether an emulator serves it or not, and give the app afterwards.

    Raises:
        LookupError, ValueError: see `edit`.
    """
    edit(Api(store, ConfirmFetcher({})), appid, by, add=add, remove=remove)
    return known(store, appid)


def _domains(values: Sequence[str]) -> list[str]:
    domains = list(dict.fromkeys(map(normalised, values)))
    for domain in domains:
        if not well_formed(domain):
            raise ValueError(
                f"{domain!r} is not a domain: expected https://HOST, such as https://shop.example.com"
            )
    return domains


def _on_the_list(app: AppState, way: Way, values: Sequence[str]) -> list[str]:
    """Give values as the list spells them."""
    listed = getattr(app, way.stored_as)
    found = list(dict.fromkeys(value if value in listed else normalised(value) for value in values))
    for value in found:
        if value not in listed:
            others = [
                f"{other.source} ({by})"
                for by, other in WAYS.items()
                if value in getattr(app, other.stored_as)
            ]
            where = f"configured by {way.source}, but by {' and '.join(others)}" if others else "on any list"
            raise ValueError(f"{app.appid}: {value!r} is not {where}")
    return found


def _refusal(handler: Handler, call: Call) -> ApiError | None:
    try:
        return handler(call).error
    except Refused as refused:
        return refused.error


def _refused(error: ApiError, action: str, values: Sequence[str]) -> str:
    what = values[0] if len(values) == 1 else f"{len(values)} domains"
    text = f"WeChat would refuse to {action} {what}: {error.errmsg} ({error.errcode})"
    if error.errcode in _NOT_LISTED:
        text += ". First put the host on the platform's own list, such as by `jump_hosts` in a seed"
    return text
