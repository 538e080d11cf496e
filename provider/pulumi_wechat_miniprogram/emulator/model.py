"""State of an app and the rules that change it: no I/O, no clock."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from pydantic import field_validator

from pulumi_wechat_miniprogram.emulator.strict import Strict

Subject = Literal["enterprise", "personal"]

MAX_DOMAINS = 300
MAX_APPS_PER_DOMAIN = 100
DOMAIN_PERMISSION_SET = 18
WRITE_ACTIONS = ("set", "add", "delete")

SET_PATH = "/wxa/setwebviewdomain_directly"
EFFECTIVE_PATH = "/wxa/get_effective_webviewdomain"
CONFIRM_FILE_PATH = "/wxa/get_webviewdomain_confirmfile"

ERRORS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40097: "invalid args",
    41001: "access_token missing",
    42001: "access_token expired",
    43002: "require POST method",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    48001: "api unauthorized",
    61004: "access clientip is not registered",
    61007: "api is unauthorized to component",
    85017: "no domain to modify",
    86100: "invalid url protocol",
    86103: "check confirmfile fail!",
    89019: "webview domain not change",
    89022: "delete domain is not exist!",
    89029: "webview domain exceed limit",
    89231: "not support single",
    506015: "domain is bound to too many mini programs",
}

_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Switches(Strict):
    """What the emulator does where WeChat's behaviour is not documented; README.md gives the reasons."""

    get_returns: Literal["direct", "all"] = "direct"
    add_existing: Literal["reset", "noop", "error"] = "reset"
    delete_missing: Literal["ok", "error"] = "ok"
    set_empty: Literal["clear", "error"] = "clear"
    duplicates: Literal["dedupe", "keep", "error"] = "dedupe"
    multi_failure: Literal["atomic", "non-atomic"] = "atomic"
    new_effect: Literal["on-release", "at-once"] = "on-release"
    delete_effect: Literal["at-once", "on-release"] = "at-once"
    empty_get: Literal["list", "omit"] = "list"
    value_form: Literal["strict", "echo"] = "strict"
    set_recheck: Literal["recheck", "new-only"] = "recheck"
    missing_file: Literal["86103", "-1"] = "86103"

    @field_validator("missing_file", mode="before")
    @classmethod
    def _code_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


@dataclass(frozen=True)
class AppState:
    """One Mini Program: its three configured lists, what is in force, and its confirm file."""

    appid: str
    direct: tuple[str, ...] = ()
    mp: tuple[str, ...] = ()
    third: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    file_name: str = ""
    file_content: str = ""
    permission_sets: tuple[int, ...] = (DOMAIN_PERMISSION_SET,)
    subject: Subject = "enterprise"


@dataclass(frozen=True)
class CallRecord:
    """One request that reached the emulator. It holds no token.

    `errcode` is what the client was told, None where it got none: a cut connection, a gateway's page, an
    unknown endpoint. `fault` names the fault that met the request.
    """

    seq: int
    time: float
    method: str
    path: str
    action: str | None
    appid: str | None
    domains: tuple[str, ...]
    errcode: int | None
    applied: bool
    fault: str | None

    @property
    def name(self) -> str:
        """`get`, `set`, `add`, `delete`, `effective`, `confirmfile`, or the end of the path."""
        return call_name(self.path, self.action)


@dataclass(frozen=True)
class ApiError:
    """An answer with an errcode; `errmsg` is without the rid."""

    errcode: int
    errmsg: str


@dataclass(frozen=True)
class Outcome:
    """The state after a write, and the error it answers with."""

    state: AppState
    error: ApiError | None = None
    applied: bool = True


Refuse = Callable[[str], "ApiError | None"]


def api_error(errcode: int) -> ApiError:
    """Give the error with the text WeChat uses for this code."""
    return ApiError(errcode, ERRORS.get(errcode, "system error"))


def call_name(path: str, action: str | None) -> str:
    """Name a call in one word."""
    if path == EFFECTIVE_PATH:
        return "effective"
    if path == CONFIRM_FILE_PATH:
        return "confirmfile"
    if path == SET_PATH and action is not None:
        return action
    return path.rsplit("/", 1)[-1]


def default_token(appid: str) -> str:
    """Give the token under which an app is known unless it was seeded with another."""
    return f"emulator-{appid}"


def confirm_file(appid: str) -> tuple[str, str]:
    """Derive an app's confirm file: 10 alphanumerics and `.txt`, 32 lower-case hex digits."""
    digest = hashlib.sha256(f"confirm file of {appid}".encode()).digest()
    name = "".join(_ALPHANUMERIC[byte % len(_ALPHANUMERIC)] for byte in digest[:10])
    return f"{name}.txt", digest[16:].hex()


def union(*lists: Iterable[str]) -> tuple[str, ...]:
    """Join lists, first spelling first, each value once."""
    return tuple(dict.fromkeys(value for values in lists for value in values))


def host_of(value: str) -> str:
    """Give the lower-case host of a stored value; a value without one is its own host."""
    try:
        host = urlsplit(value).hostname
    except ValueError:
        host = None
    return host or value.lower()


def well_formed(value: str) -> bool:
    """Tell whether a value is `https://host`, with at most one slash at its end and no IP address."""
    if not value.startswith("https://"):
        return False
    host = value.removeprefix("https://").removesuffix("/")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and all(_HOST_LABEL.fullmatch(label) for label in host.split("."))
    return False


def new_app(appid: str) -> AppState:
    """Make an app with empty lists and the permission set of the domain endpoints."""
    file_name, file_content = confirm_file(appid)
    return AppState(appid, file_name=file_name, file_content=file_content)


def released(state: AppState) -> AppState:
    """Give the state after the app went online: every configured domain is in force."""
    return replace(state, effective=union(state.direct, state.mp, state.third))


def needs_confirm_file(state: AppState, action: str, value: str, switches: Switches) -> bool:
    """Tell whether this value's host must serve the confirm file for the write to pass."""
    if action == "delete":
        return False
    recheck = action == "set" and switches.set_recheck == "recheck"
    return recheck or host_of(value) not in {host_of(stored) for stored in state.direct}


def change(state: AppState, action: str, sent: Sequence[str], switches: Switches, refuse: Refuse) -> Outcome:
    """Carry out `set`, `add` or `delete`.

    `refuse` gives the error of a value for reasons outside this app's lists: another app's domains,
    a confirm file that is not served.
    """
    values = union(sent)
    if len(values) < len(sent) and switches.duplicates == "error":
        return Outcome(state, api_error(40097), applied=False)
    if switches.duplicates == "keep" and action != "delete":
        values = tuple(sent)
    if action == "set" and not values and switches.set_empty == "error":
        return Outcome(state, api_error(85017), applied=False)

    accepted, error = _accepted(state, action, values, switches, refuse)
    if error is not None and (switches.multi_failure == "atomic" or not accepted):
        return Outcome(state, error, applied=False)
    return Outcome(_changed(state, action, accepted, switches), error)


def _accepted(
    state: AppState, action: str, values: tuple[str, ...], switches: Switches, refuse: Refuse
) -> tuple[tuple[str, ...], ApiError | None]:
    count = 0 if action == "set" else len(state.direct)
    for index, value in enumerate(values):
        exists = value in state.direct
        if action == "delete":
            error = None if exists or switches.delete_missing == "ok" else api_error(89022)
        else:
            count += action == "set" or not exists
            error = _refusal(action, value, count, exists, switches) or refuse(value)
        if error is not None:
            return values[:index], error
    return values, None


def _refusal(action: str, value: str, count: int, exists: bool, switches: Switches) -> ApiError | None:  # noqa: FBT001
    if switches.value_form == "strict" and not well_formed(value):
        return api_error(86100)
    if action == "add" and exists and switches.add_existing == "error":
        return api_error(89019)
    if count > MAX_DOMAINS:
        return api_error(89029)
    return None


def _changed(state: AppState, action: str, values: tuple[str, ...], switches: Switches) -> AppState:
    if action == "delete":
        direct = tuple(value for value in state.direct if value not in values)
    elif action == "set":
        direct = values
    else:
        direct = state.direct + tuple(value for value in values if value not in state.direct)

    elsewhere = {*state.mp, *state.third}
    gone = {value for value in state.direct if value not in direct} - elsewhere
    if switches.delete_effect == "on-release":
        gone = set()
    restarted = set(() if action == "delete" else values) - elsewhere
    if action == "add" and switches.add_existing == "noop":
        restarted -= set(state.direct)

    effective = tuple(value for value in state.effective if value not in gone)
    if switches.new_effect == "at-once":
        effective = union(effective, () if action == "delete" else values)
    else:
        effective = tuple(value for value in effective if value not in restarted)
    return replace(state, direct=direct, effective=effective)
