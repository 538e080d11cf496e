"""The texts that a reader sees are plain English: no phrase of the style guide's list, in prose, messages or comments."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.test_docs import FILES, ROOT

PHRASES = (
    r"\bis no (?!longer)",
    r"\bstands\b",
    r"\btold\b",
    r"\b[Tt]ells? of\b",
    r"\bmend(s|ed|ing)?\b",
    r"\blies in\b",
    r"\bwhat leads\b",
    r"\bas it should be\b",
    r"\bso many at a time\b",
    r"\bis its matter\b",
    r"\bat once\b",
    r"\bbut for\b",
    r"\bin place of\b",
    r"\bwhose names\b",
    r"\bthereof\b",
)
FOUND = re.compile("|".join(PHRASES))
READ = {".md", ".py", ".toml", ".yaml", ".yml", ".ts", ".go", ".sh", ".j2", ".html", ""}
OURS = Path(__file__)
TEXTS = [path for path in FILES if path.suffix in READ and path != OURS and path.name != "LICENSE"]


def phrases(text: str) -> list[str]:
    """Return the lines with one of the phrases."""
    return [f"{number}: {line}" for number, line in enumerate(text.splitlines(), 1) if FOUND.search(line)]


def test_nothing_reads_as_translated():
    """CONTRIBUTING.md says what to write instead."""
    found = {
        str(path.relative_to(ROOT)): lines
        for path in TEXTS
        if (lines := phrases(path.read_text(encoding="utf-8", errors="ignore")))
    }

    assert found == {}


def test_a_phrase_is_found():
    """What the test before this one looks for."""
    assert phrases("fine\nIt " + "is no appid") == ["2: It " + "is no appid"]
    assert phrases("It is no longer live.") == []
