"""A Mini Program: its webview domains, what is in force, its confirm file, and what it has granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wechat_miniprogram_emulator.model.confirm_files import derived_file

Subject = Literal["enterprise", "personal"]

DOMAIN_PERMISSION_SET = 18
DEFAULT_COMPONENT = "wxc0c0c0c0c0c0c0c0"
APPID_PATTERN = r"wx[0-9a-f]{16}"

NORMAL = 1
STATUS_ERRORS = {14: 50002, 16: 48004, 19: 50002}
"""Account statuses that end every call for an app: deregistered, banned, frozen. 1 is normal, 18 warned."""


@dataclass(frozen=True)
class AppState:
    """One Mini Program: its three configured lists, what is in force, and its confirm file.

    `owner` is the subject that has registered it, `component` the third-party platform that it authorises,
    None if it has revoked that.
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
    owner: str = ""
    component: str | None = DEFAULT_COMPONENT
    account_status: int = NORMAL
    authorized_at: float = 0.0


def new_app(appid: str) -> AppState:
    """Make an app with empty lists and the permission set of the domain endpoints; it has its own owner."""
    file = derived_file(appid)
    return AppState(appid, file_name=file.name, file_content=file.content, owner=appid)
