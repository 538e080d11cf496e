"""What a user reads, compared with the files of golden/: our texts as the CLI prints them, or a diff.

`pytest --write-golden` writes them anew; read the difference before it is committed.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
DIAGNOSTICS = re.compile(r"^Diagnostics:\n(.*?)(?=^\S)", re.MULTILINE | re.DOTALL)
DIFF = re.compile(r"^  pulumi:pulumi:Stack: .*?(?=^\S)", re.MULTILINE | re.DOTALL)
THE_ENGINES = re.compile(r"^ +error: update failed\n?", re.MULTILINE)
VARYING = {
    re.compile(r"rid [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"): "rid RID",
    re.compile(r"127\.0\.0\.1:[0-9]+"): "127.0.0.1:PORT",
    re.compile(r"\[Errno [0-9]+\]"): "[Errno N]",
}


def compare(name, text, *, write):
    """Compare a text with its file."""
    path = GOLDEN / f"{name}.txt"
    if write:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path.name} differs: read it, then --write-golden"


def normalise(text):
    """Leave the diagnostics or the diff, without what another run or another CLI prints otherwise."""
    for varying, constant in VARYING.items():
        text = varying.sub(constant, text)
    diagnostics = DIAGNOSTICS.search(text)
    if diagnostics:
        return textwrap.dedent(_sorted_blocks(diagnostics[1]))
    (diff,) = DIFF.findall(text)
    return diff


def _sorted_blocks(text):
    """Order the blocks of the resources, and the warnings of one block: they come as the calls ended."""
    blocks = []
    for block in re.split(r"\n{2,}", THE_ENGINES.sub("", text).strip("\n")):
        heading, *lines = block.split("\n")
        warnings = all(line.startswith("    warning: ") for line in lines)
        if lines:
            blocks.append("\n".join([heading, *(sorted(lines) if warnings else lines)]))
    return "\n\n".join(sorted(blocks)) + "\n"
