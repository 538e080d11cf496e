"""One emulator over HTTP, as a client that knows nothing of it meets it."""

from __future__ import annotations

import pytest

APPID = "wx0123456789abcdef"
COMPONENT = "wxc0c0c0c0c0c0c0c0"
SECRET = f"emulator-secret-{COMPONENT}"
REFRESH_TOKEN = f"emulator-refresh-{APPID}"
A, B, C = (f"https://{name}.example.com" for name in "abc")


@pytest.fixture
def control(wechat_emulator):
    """One app that authorises the default platform, with one domain in force."""
    wechat_emulator.seed(APPID, live=[A])
    return wechat_emulator
