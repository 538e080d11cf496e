"""Calibrations of an emulator, over the real client."""

from __future__ import annotations

import dataclasses

import httpx

from pulumi_wechat_miniprogram.calibration import probes
from pulumi_wechat_miniprogram.calibration.app import App
from pulumi_wechat_miniprogram.calibration.journal import Journal
from pulumi_wechat_miniprogram.calibration.points import judge
from pulumi_wechat_miniprogram.calibration.recorder import Recorder
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.tokens import ReadyTokens, Tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import Line

APPID = "wx0123456789abcdef"
COMPONENT = "wxc0c0c0c0c0c0c0c0"
SERVED, UNSERVED = "served.example.org", "unserved.example.org"
A, B, C = (f"https://{name}.example.com" for name in "abc")
MANY = [f"https://h{number}.example.org" for number in range(300)]
FOREIGN = {
    "live": [A],
    "mp": [B],
    "third": [C],
    "effective": [A, C],
    "server": {way: {"requestdomain": [A]} for way in ("direct", "mp", "third")},
}
"""An app with domains of every way: one in force, one that waits, and one of mode one in force."""


class Run:
    """One calibration of the app in an emulator; `line` is where it may be cut."""

    def __init__(self, control, folder):
        """Open nothing yet."""
        self.control = control
        self.folder = folder
        self.line = Line()
        self.now = 1_700_000_000.0

    def __enter__(self):
        """Keep connections open."""
        return self

    def __exit__(self, *_):
        """Close them."""
        self.line.close()

    def open(self):
        """The app as a new process has it."""
        recorder = Recorder()
        settings = Settings(endpoint=self.control.url)
        attempts = Attempts(1, sleep=lambda _: None)
        wire = Wire(settings, transport=self.line, attempts=attempts, warn=print, heard=recorder)
        platform = Tokens(ReadyTokens(lambda appid: f"emulator-component-{appid}"), attempts)
        tokens = Tokens(ReadyTokens(lambda appid: f"emulator-{appid}"), attempts, platform=platform)
        journal = Journal(self.folder, APPID)
        client = Client(wire, tokens)
        return App(
            client,
            APPID,
            recorder=recorder,
            journal=journal,
            platform=COMPONENT,
            clock=lambda: self.now,
        )

    def write(self, *hosts, most=40):
        """Write, and return what is found."""
        app = self.open()
        probes.write(app, hosts or (SERVED, UNSERVED), self.control.url, most)
        return app.outcome

    def read(self):
        """Read only."""
        app = self.open()
        probes.read(app)
        return app.outcome

    def lists(self):
        """What is configured in every way, webview and server domains, and the prefetch hosts."""
        state = self.control.state(APPID)
        client = self.open().client
        server = client.server_domains(APPID)
        return dataclasses.asdict(dataclasses.replace(state, effective=())), server.model_copy(
            update={"effective_domain": None}
        )


def scene(control, *, app=None, switches=None, unfiled=(), used_up=False):
    """Put the app in place, with one host that serves its confirm file, and a platform that lists it.

    `used_up` are the changes of the month.
    """
    control.reset()
    control.platform(jump_hosts=["example.org"], server_hosts=["example.org"])
    control.seed(APPID, **(app or {}))
    if used_up:
        control.trust("*")
        control.switch(month_limit="50", month_counts="domains")
        body = {"action": "add", "webviewdomain": MANY[:50]}
        httpx.post(f"{control.url}/wxa/setwebviewdomain_directly?access_token=emulator-{APPID}", json=body)
    control.trust(SERVED)
    control.unfiled(*unfiled)
    control.switch(**(switches or {}))


def found(outcome):
    """The positions that are left of each open point."""
    return {finding.point.switch: finding.left for finding in judge(outcome.exchanges)}
