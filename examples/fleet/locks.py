"""What to do about a locked stack: that depends on whether the process with the lock still runs."""

from __future__ import annotations

import os
import re
import socket

HOLDER = re.compile(r"created by (?P<user>\S*)@(?P<host>\S+) \(pid (?P<pid>\d+)\)")


def about_lock(stack: str, told: str) -> str:
    """Turn the engine's text into one that says which way out is safe.

    A lock has no end of its own: a killed run leaves it behind. Nothing here breaks one.
    """
    lines = ["locked by another run:"]
    for holder in HOLDER.finditer(told):
        host, pid = holder["host"], int(holder["pid"])
        if host != socket.gethostname():
            lines.append(f"  process {pid} on {host}: look there whether it still runs")
        elif _runs(pid):
            lines.append(f"  process {pid} on this machine, which still runs: wait for its end")
        else:
            lines.append(f"  process {pid} on this machine, which has ended and left its lock behind")
    if len(lines) == 1:
        return told
    lines.append(f"Once no process has it: pulumi cancel --yes --stack {stack}, then the same command again.")
    return "\n".join(lines)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
