"""An emulator behind a socket."""

from __future__ import annotations

import pytest

from wechat_miniprogram_emulator import Emulator, EmulatorControl


@pytest.fixture
def served(wechat_emulator_server: Emulator) -> EmulatorControl:
    """Give the control of an emulator that is as new and listens on a port."""
    wechat_emulator_server.control.reset()
    return wechat_emulator_server.control
