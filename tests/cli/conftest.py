"""The command line in this process, as a user of its own environment runs it."""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.cli.app import run
from tests.exports.stacks import APPID, OTHER


@pytest.fixture
def printed(capsys):
    """Runs a command and returns its exit code, output and errors."""

    def printed(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return printed


@pytest.fixture
def wechat(wechat_emulator, monkeypatch):
    """The emulator with two apps, and an environment that leads there."""
    for appid in (APPID, OTHER):
        wechat_emulator.seed(appid)
    tokens = json.dumps({appid: f"emulator-{appid}" for appid in (APPID, OTHER)})
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", wechat_emulator.url)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", tokens)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_MAX_ATTEMPTS", "1")
    return wechat_emulator
