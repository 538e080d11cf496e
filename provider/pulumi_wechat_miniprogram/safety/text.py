"""Foreign text made safe to print: what it holds becomes visible and cannot act on a terminal or a log."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["escape", "one_line", "printable"]

_COMMAND: Final = re.compile(r"^( *):(?=:)|#(?=#\[|#vso\[|#teamcity\[)", re.MULTILINE)
"""How a line begins that a CI system runs, such as `::error::`; they skip blanks.

They are GitHub Actions, Azure Pipelines and TeamCity.
"""


def escape(text: str) -> str:
    """Return a text that a terminal, a log line and protobuf can hold; to escape it again changes nothing."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def printable(text: str) -> str:
    r"""Return a text in which every character is visible and no line is a command to a CI system.

    Control characters, marks that change the direction of text, line separators other than `\n` and lone
    surrogates are escaped.
    """
    text = "\n".join(map(escape, text.split("\n")))
    return _COMMAND.sub(lambda found: (found[1] or "") + _escaped_ascii(found[0][-1]), text)


def one_line(text: str) -> str:
    """Return a text as `printable` does, in one line: it cannot pass for another line of the output."""
    return printable(text.replace("\n", "\\n"))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _escaped_ascii(character: str) -> str:
    return f"\\x{ord(character):02x}"
