"""The endpoints that are emulated: path, what handles it, and the permission set it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.emulator.handlers import confirm_file, domains, effective
from pulumi_wechat_miniprogram.emulator.model import (
    CONFIRM_FILE_PATH,
    DOMAIN_PERMISSION_SET,
    EFFECTIVE_PATH,
    SET_PATH,
)

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.emulator.handlers import Handler


@dataclass(frozen=True)
class Route:
    """One endpoint; every one takes an authorizer's access token and a JSON object by POST."""

    path: str
    handler: Handler
    permission_set: int = DOMAIN_PERMISSION_SET


ROUTES = {
    route.path: route
    for route in (
        Route(SET_PATH, domains),
        Route(EFFECTIVE_PATH, effective),
        Route(CONFIRM_FILE_PATH, confirm_file),
    )
}
