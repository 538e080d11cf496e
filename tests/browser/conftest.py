"""Pages in a real browser: the report, and the emulator's own page behind a socket."""

from __future__ import annotations

from tests.browser.chromium import browser, chromium
from tests.emulator.conftest import wechat
from tests.emulator.page.conftest import served

__all__ = ["browser", "chromium", "served", "wechat"]
