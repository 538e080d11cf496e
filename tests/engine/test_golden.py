"""The files of golden/ are those that tests compare with."""

from __future__ import annotations

import re
from pathlib import Path

from tests.engine.golden import GOLDEN

COMPARED = re.compile(r'(?:golden|refused)\([^"\n]*"([a-z0-9-]+)"')


def test_every_golden_file_is_compared():
    """A file that no test reads any more would be kept for nothing."""
    sources = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]

    compared = COMPARED.findall("".join(sources))
    files = [path.stem for path in GOLDEN.glob("*.txt")]
    native = [name for name in files if name.removesuffix("-native") in compared and name not in compared]
    assert sorted(files) == sorted([*compared, *native])  # a test of both faces has a file for each
