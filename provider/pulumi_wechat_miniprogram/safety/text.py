"""Foreign text made safe to print: every character is visible, and none acts on a terminal or a log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_COMMAND: Final = re.compile(r"^( *):(?=:)|#(?=#\[|#vso\[|#teamcity\[)", re.MULTILINE)
"""The start of a line that GitHub Actions, Azure Pipelines or TeamCity would run, such as `::error::`."""


def escape(text: str) -> str:
    """Return a text that a terminal, a log line and protobuf can hold. Escaping it again changes nothing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable(text: str) -> str:
    r"""Return a text in which every character is visible and no line is a command to a CI system.

    Control characters, marks that change the direction of text, line separators other than `\n` and lone
    surrogates are escaped.
    """
    text = "\n".join(map(escape, text.split("\n")))
    return _COMMAND.sub(lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):02x}", text)


def one_line(text: str) -> str:
    """Return a text as `printable` does, in one line, so that it cannot imitate another line of output."""
    return printable(text.replace("\n", "\\n"))


def some(texts: Sequence[str], most: int = 5) -> str:
    """List texts, of many only the first ones: a line with hundreds of names is read by nobody."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
