"""Exit codes, and the way to leave with one after the result was printed."""

from __future__ import annotations

from typing import Final

ERROR: Final = 1
"""An error or wrong usage."""
DRIFT: Final = 2
TIMED_OUT: Final = 124
"""The time was over, as `timeout` has it."""
INTERRUPTED: Final = 130
"""Ctrl-C, as shells have it."""
TERMINATED: Final = 143
"""SIGTERM, as shells have it."""


class Leave(Exception):
    """Ends a command with an exit code; all that there was to say is said."""

    def __init__(self, code: int) -> None:
        """Take the exit code."""
        self.code = code
        super().__init__(code)
