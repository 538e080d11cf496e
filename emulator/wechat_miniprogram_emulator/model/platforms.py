"""A third-party platform: who may call it, its ticket, its confirm file."""

from __future__ import annotations

from dataclasses import dataclass

from wechat_miniprogram_emulator.model.confirm_files import derived_file
from wechat_miniprogram_emulator.model.tokens import TICKET_PERIOD_SECONDS


@dataclass(frozen=True)
class Platform:
    """One third-party platform.

    `allowed_ips` None lets every caller in. A `published` platform's apps are bound by its published list,
    those of another by the list for testing.
    """

    appid: str
    allowed_ips: tuple[str, ...] | None = None
    published: bool = True
    ticket_issued_at: float = 0.0
    file_name: str = ""
    file_content: str = ""

    def lets_in(self, client_ip: str) -> bool:
        """Return whether a caller's address is on the allow-list."""
        return self.allowed_ips is None or client_ip in self.allowed_ips

    def ticket_is_due(self, now: float) -> bool:
        """Return whether the next push would have come by now."""
        return now >= self.ticket_issued_at + TICKET_PERIOD_SECONDS


def new_platform(appid: str, now: float) -> Platform:
    """Make a platform whose first ticket was pushed now."""
    file = derived_file(appid)
    return Platform(appid, ticket_issued_at=now, file_name=file.name, file_content=file.content)
