"""A Mini Program: its webview domains, what is in force, its confirm file, and what it has granted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Subject = Literal["enterprise", "personal"]

DOMAIN_PERMISSION_SET = 18
DEFAULT_COMPONENT = "wxc0c0c0c0c0c0c0c0"
APPID_PATTERN = r"wx[0-9a-f]{16}"

NORMAL = 1
STATUS_ERRORS = {14: 50002, 16: 48004, 19: 50002}
"""Account statuses that end every call for an app: deregistered, banned, frozen. 1 is normal, 18 warned."""

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class AppState:
    """One Mini Program: its three configured lists, what is in force, and its confirm file.

    `component` is the third-party platform that it authorises, None if it has revoked that.
    """

    appid: str
    direct: tuple[str, ...] = ()
    mp: tuple[str, ...] = ()
    third: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    file_name: str = ""
    file_content: str = ""
    permission_sets: tuple[int, ...] = (DOMAIN_PERMISSION_SET,)
    subject: Subject = "enterprise"
    component: str | None = DEFAULT_COMPONENT
    account_status: int = NORMAL
    authorized_at: float = 0.0


def new_app(appid: str) -> AppState:
    """Make an app with empty lists and the permission set of the domain endpoints."""
    file_name, file_content = confirm_file(appid)
    return AppState(appid, file_name=file_name, file_content=file_content)


def confirm_file(appid: str) -> tuple[str, str]:
    """Derive an app's confirm file: 10 alphanumerics and `.txt`, 32 lower-case hex digits."""
    digest = hashlib.sha256(f"confirm file of {appid}".encode()).digest()
    name = "".join(_ALPHANUMERIC[byte % len(_ALPHANUMERIC)] for byte in digest[:10])
    return f"{name}.txt", digest[16:].hex()
