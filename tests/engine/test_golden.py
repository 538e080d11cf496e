"""The files of golden/ are those that tests compare with."""

from __future__ import annotations

import re
from pathlib import Path

from tests.engine.golden import GOLDEN

COMPARED = re.compile(r'(?:golden|refused)\([^"\n]*"([a-z0-9-]+)"')


def test_every_golden_file_is_compared():
    """A file that no test reads any more would be kept for nothing."""
    sources = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]

    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(COMPARED.findall("".join(sources)))
