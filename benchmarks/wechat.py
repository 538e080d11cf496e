"""The emulator in its own process, with a fixed latency before each answer, and its Mini Programs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wechat_miniprogram_emulator import EmulatorControl

_COMMAND = (sys.executable, "-m", "pulumi_wechat_miniprogram.cli", "emulator", "--trust", "*")
_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class App:
    """One Mini Program and its declared domains."""

    appid: str
    domains: tuple[str, ...]


def sow(count: int, first: int = 0) -> list[App]:
    """Return apps with ten domains of their own each, numbered from `first`."""
    return [
        App(f"wx{number:016x}", tuple(f"https://h{at}.app{number}.example.com" for at in range(10)))
        for number in range(first, first + count)
    ]


def tokens(apps: list[App]) -> str:
    """Return the tokens that the emulator takes, as the setting `accessTokens` has them."""
    return json.dumps({app.appid: f"emulator-{app.appid}" for app in apps})


@dataclass(frozen=True, slots=True)
class WeChat:
    """A running emulator."""

    url: str
    control: EmulatorControl

    def prepare(self, apps: list[App], latency: float = 0.0, *, live: bool = False) -> None:
        """Forget everything, put the apps in place with nothing live or all, and wait before each answer."""
        self.control.reset()
        seeds = [{"appid": app.appid, "live": list(app.domains) if live else []} for app in apps]
        for first in range(0, len(seeds), _TOGETHER):
            self.control.sow({"apps": seeds[first : first + _TOGETHER]})
        if latency:
            self.control.fault(delay=latency, times=None)


@contextmanager
def wechat_running(*options: str) -> Iterator[WeChat]:
    """Start an emulator, with its data in memory unless `options` say otherwise, and end it."""
    with subprocess.Popen([*_COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        control = EmulatorControl(line.rpartition(" ")[2].strip())
        try:
            yield WeChat(control.url, control)
        finally:
            control.close()
            process.terminate()
