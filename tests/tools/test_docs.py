"""The pages of docs/ say what the code says, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.settings import Settings
from tools import write_docs

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])


@pytest.mark.parametrize("name", [*write_docs.TABLES, write_docs.SCHEMA])
def test_what_comes_from_the_code_is_as_the_code_has_it(name):
    """A code, cause, key or stored field that changes is written anew by `make docs`."""
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert page == write_docs.written(name), "stale: run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_repository_leads_to_a_file(page):
    """A page that moved takes its links along."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_setting_stands_in_the_readme():
    """A key that nobody can find helps nobody."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    camel = [re.sub("_(.)", lambda match: match[1].upper(), field) for field in Settings.model_fields]

    assert [key for key in camel if f"`{key}`" not in readme] == []
