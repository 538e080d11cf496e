"""The emulator in a process of its own, with a fixed latency before each answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.fleet import App, seeds
from wechat_miniprogram_emulator import EmulatorControl

__all__ = ["WeChat", "wechat_running"]

_COMMAND = (sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "emulator", "--trust", "*")
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class WeChat:
    """A running emulator."""

    url: str
    control: EmulatorControl
    pid: int

    def prepare(self, apps: list[App], latency: float, *, live: bool = False) -> None:
        """Forget everything, put the apps in place, and from now on wait before each answer."""
        self.control.reset()
        for first in range(0, len(apps), _AT_ONCE):
            self.control.sow({"apps": seeds(apps[first : first + _AT_ONCE], live=live)})
        if latency:
            self.control.fault(delay=latency, times=None)


@contextmanager
def wechat_running() -> Iterator[WeChat]:
    """Start an emulator with its data in memory, and end it."""
    with subprocess.Popen(_COMMAND, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        control = EmulatorControl(line.rpartition(" ")[2].strip())
        try:
            yield WeChat(control.url, control, process.pid)
        finally:
            control.close()
            process.terminate()
