"""The pages of docs/ say what the code says, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import write_docs

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*/README.md"), *ROOT.glob("*.md")])


@pytest.mark.parametrize("name", write_docs.TABLES)
def test_what_comes_from_the_code_is_as_the_code_has_it(name):
    """A code, cause, key or stored field that changes is written anew by `make docs`."""
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert page == write_docs.written(name), "stale: run `make docs`"


@pytest.mark.parametrize("name", write_docs.FILES)
def test_the_files_are_those_of_the_code(name):
    """A model that changes is written anew by `make docs`."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert text == write_docs.FILES[name](), "stale: run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_to_a_file(page):
    """A page that moved takes its links along."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []
