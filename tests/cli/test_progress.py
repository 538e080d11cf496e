"""How far long work has come, on standard error."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.cli.progress import watched


def test_without_a_terminal_a_line_comes_with_each_tenth(capsys):
    """Logs of CI stay readable."""
    assert list(watched(range(100), 100, "Comparing")) == list(range(100))

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [f"Comparing: {count} of 100" for count in range(10, 101, 10)]


def test_a_few_items_are_not_counted_aloud(capsys):
    """They are done before anybody asks."""
    assert list(watched(range(49), 49, "Comparing")) == list(range(49))

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("colours", ["0", "1"])
def test_on_a_terminal_there_is_a_bar_that_goes_away(capsys, monkeypatch, colours):
    """Standard output stays free for the result."""
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("NO_COLOR", colours)

    assert list(watched(range(3), 3, "Comparing")) == [0, 1, 2]

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Comparing" in captured.err
    assert captured.err.endswith("\x1b[1A\x1b[2K")  # up, and the line is gone
