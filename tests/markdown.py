"""Code in the texts, as a reader sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code, without the indent of a list, and the paragraph before it."""

    language: str
    code: str
    lead: str


def blocks(text: str) -> Iterator[Block]:
    """Return the blocks of a page, in order."""
    for found in _BLOCK.finditer(text):
        indent, language, code = found.groups()
        lead = text[: found.start()].rstrip().rpartition("\n\n")[2].strip()
        yield Block(language, re.sub(rf"^{indent}", "", code, flags=re.MULTILINE), lead)
