"""Fixtures: `wechat_emulator_server`, one server a test run, and `wechat_emulator`, its control, reset."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_wechat_miniprogram.emulator.client import EmulatorControl
from pulumi_wechat_miniprogram.emulator.server import Emulator


@pytest.fixture(scope="session")
def wechat_emulator_server() -> Iterator[Emulator]:
    """Run one emulator in memory for the whole test run."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def wechat_emulator(wechat_emulator_server: Emulator) -> EmulatorControl:
    """Give the control of an emulator that is as new."""
    wechat_emulator_server.control.reset()
    return wechat_emulator_server.control
