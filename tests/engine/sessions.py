"""Runs of the CLI in sessions of their own, so that one can be killed with its plugins or without."""

from __future__ import annotations

import os
import signal
import subprocess
from itertools import islice
from pathlib import Path

PROCESSES = Path("/proc")
"""Linux shows every process here, with its session."""


class Run:
    """One run of the CLI. Its plugins have process groups of their own and share its session."""

    def __init__(self, command, folder, environment):
        """Start it."""
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self._printed = self.process.stdout

    def kill(self):
        """Kill the engine, the language host, the program and the plugins."""
        while members := _members(self.process.pid):
            for member in members:
                _kill(member)
        self.process.wait()
        self._printed.close()

    def kill_cli(self):
        """Kill the engine alone; its plugins are orphans from then on."""
        self.process.kill()
        self.process.wait()

    def read_lines(self, count):
        """Wait until it has printed as many lines, or has ended."""
        return list(islice(self._printed, count))

    def finish(self):
        """Wait for the end of a run that must succeed."""
        printed, _ = self.process.communicate(timeout=300)
        assert self.process.returncode == 0, printed


def _members(session):
    """Return the ids of the processes of a session that still run; an orphan may stay a zombie for ever."""
    found = []
    for path in PROCESSES.glob("[0-9]*/stat"):
        try:
            state, _, _, of, *_ = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state not in "ZX":
            found.append(int(path.parent.name))
    return found


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
