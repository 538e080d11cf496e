"""`log: debug`: what the plugin process writes for support."""

from __future__ import annotations

import logging

import pytest

from pulumi_wechat_miniprogram.dynamic.session import open_session


@pytest.fixture
def logger():
    """The package's logger, as it was after the test."""
    logger = logging.getLogger("pulumi_wechat_miniprogram")
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.mark.parametrize(("log", "printed"), [("debug", "debug: one call\n"), ("off", "")])
def test_calls_are_written_to_standard_error_when_asked_for(logger, capsys, log, printed):
    """As every line, where no engine has given its address."""
    open_session((("endpoint", "http://127.0.0.1:9"), ("log", log)))

    logger.getChild("calls").debug("one call")

    assert capsys.readouterr().err == printed
