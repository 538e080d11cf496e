"""The examples of the reference: a reader copies them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.markdown import blocks

REFERENCE = Path(__file__).parents[2] / "docs/reference"
PAGES = sorted((REFERENCE / "resources").glob("*.md"))


def examples(language):
    """Return the first example of each page on a resource, and those of the page on functions."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES if page.name != "index.md"]
    found = [next(block.code for block in blocks(text) if block.language == language) for text in texts]
    functions = (REFERENCE / "functions.md").read_text(encoding="utf-8")
    return found + [block.code for block in blocks(functions) if block.language == language]


@pytest.fixture
def embedded(project):
    """The project on the emulator that the pages name."""
    project.environment["WECHAT_MINIPROGRAM_ENDPOINT"] = f"emulator:{project.folder}/wechat.db"
    del project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"]
    return project


def test_the_examples_in_python_run_together(embedded):
    """One update makes all of them, and a preview then sees no change."""
    (embedded.folder / "__main__.py").write_text("\n".join(examples("python")), encoding="utf-8")

    printed = embedded.up()
    embedded.preview("--expect-no-changes")

    assert "+ 10 created" in printed
    assert embedded.exports()["in force"] == []
    assert embedded.exports()["served at"].startswith("https://app.example.com/")
