"""One call in the request log."""

from __future__ import annotations

from dataclasses import dataclass

WRITE_ACTIONS = ("set", "add", "delete")

SET_PATH = "/wxa/setwebviewdomain_directly"
EFFECTIVE_PATH = "/wxa/get_effective_webviewdomain"
CONFIRM_FILE_PATH = "/wxa/get_webviewdomain_confirmfile"


@dataclass(frozen=True)
class CallRecord:
    """One request that reached the emulator. It holds no token.

    `appid` is the Mini Program that a call is about, or else the third-party platform. `errcode` is what the
    client got, None if it got none: a cut connection, a gateway's page, an unknown endpoint. `fault`
    names the fault that met the request.
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


def call_name(path: str, action: str | None) -> str:
    """Name a call in one word."""
    if path == EFFECTIVE_PATH:
        return "effective"
    if path == CONFIRM_FILE_PATH:
        return "confirmfile"
    if path == SET_PATH and action is not None:
        return action
    return path.rsplit("/", 1)[-1]
