"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from tests.engine.conftest import APPID

README = Path(__file__).parents[2] / "README.md"


def test_the_program_of_the_readme_runs(project):
    """The README's program brings its two domains up, and a second run changes nothing."""
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (project.folder / "__main__.py").write_text(program, encoding="utf-8")

    project.up()

    assert project.exports()["pending"] == ["https://shop.example.com", "https://pay.example.com"]
    assert project.control.live(APPID) == ["https://shop.example.com", "https://pay.example.com"]
    assert "3 unchanged" in project.up()


def test_the_readme_is_short():
    """Under 120 lines; the rest is said where it is looked for."""
    assert len(README.read_text(encoding="utf-8").splitlines()) < 120
