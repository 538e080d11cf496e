"""Foreign text as it is printed: visible, and no command to a terminal or a CI system."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.safety.text import one_line, printable

PARTS = {
    "escape": ("\x1b[31m", "\\x1b[31m"),
    "C1": ("\x9b31m", "\\x9b31m"),
    "bell": ("\x07", "\\x07"),
    "carriage return": ("\r", "\\r"),
    "bidi override": ("\u202etxt", "\\u202etxt"),
    "bidi isolate": ("\u2066txt", "\\u2066txt"),
    "line separator": ("\u2028", "\\u2028"),
    "paragraph separator": ("\u2029", "\\u2029"),
    "next line": ("\x85", "\\x85"),
    "lone surrogate": ("\udc80", "\\udc80"),
    "zero width": ("\u200b", "\\u200b"),
    "tag": ("\U000e0041", "\\U000e0041"),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("show", [printable, one_line])
def test_what_acts_on_a_terminal_is_made_visible(show, part):
    """A live domain is anybody's text."""
    text, shown = PARTS[part]

    assert show(f"a{text}b") == f"a{shown}b"
    assert show(f"a{text}b").encode("utf-8")


@pytest.mark.parametrize("text", ["業務域名 https://例え.jp", "plain", "", "a: b::c #1 ##", "C:: x"])
def test_ordinary_text_stays(text):
    """In any script."""
    assert printable(text) == one_line(text) == text


def test_lines_stay_lines_or_become_one():
    """Where a text may have several, and where it may not."""
    assert printable("a\nb") == "a\nb"
    assert one_line("a\nb") == "a\\nb"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::forged", "\\x3a:error::forged"),
        ("a\n::error::forged", "a\n\\x3a:error::forged"),
        ("a\n   ::add-mask::x", "a\n   \\x3a:add-mask::x"),
        ("a ##[error]forged", "a \\x23#[error]forged"),
        ("a ##vso[task.complete]", "a \\x23#vso[task.complete]"),
        ("a ##teamcity[buildStatus]", "a \\x23#teamcity[buildStatus]"),
    ],
)
def test_no_line_is_a_command_to_a_ci_system(text, shown):
    """GitHub Actions skips blanks before `::` and takes `##[` anywhere, Azure Pipelines `##vso[`, TeamCity `##teamcity[`."""
    assert printable(text) == shown


def test_one_line_is_no_command_either():
    """Its line break becomes visible first."""
    assert one_line("::error::x\n::error::y") == "\\x3a:error::x\\n::error::y"
