"""The native plugin in this process, for the tests of what it answers."""

from __future__ import annotations

import json

import pytest

from tests.bench import APPID
from tests.native_face import InProcess


@pytest.fixture
def start(wechat_emulator):
    """Starts the plugin with a token for the seeded app."""
    wechat_emulator.seed(APPID)
    tokens = json.dumps({APPID: f"emulator-{APPID}"})
    return lambda **more: InProcess({"endpoint": wechat_emulator.url, "accessTokens": tokens, **more})


@pytest.fixture
def plugin(start):
    """The plugin."""
    with start() as process:
        yield process
