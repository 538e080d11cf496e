"""The engine's side of the provider without an engine: states, order of calls, failures, kills, partial runs.

As seen on Pulumi 3.259: each resource of the program is checked and diffed in its turn, one after the other;
its create or update runs beside the checks of later ones; at the very end comes delete for what the program
no longer has. A failed update keeps the old state, a failed create leaves none. A policy that remediates
changes the inputs after check. The tests of tests/engine run the real one.
"""

from __future__ import annotations

import random
from typing import Any

import pulumi
from pydantic import SecretStr

from pulumi_wechat_miniprogram.dynamic.program import Program
from pulumi_wechat_miniprogram.dynamic.provider import WebviewDomainsProvider
from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler
from pulumi_wechat_miniprogram.resources.inputs import SIBLINGS
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.tokens import open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, Line

UNKNOWN = pulumi.output.UNKNOWN


class Killed(BaseException):
    """The process died here."""


class _Provider(WebviewDomainsProvider):
    """The provider of one process, with its session given."""

    def __init__(self, session):
        """Keep the session."""
        self._given = session

    def _session(self):
        return self._given


class Engine:
    """One stack's state by resource name, and the operations on it. Each operation is a new process."""

    def __init__(self, control):
        """Connect to the emulator; sleeping moves a clock, and calls `on_sleep`."""
        self.now = 0.0
        self.line = Line()
        self.on_sleep = lambda _seconds: None
        self.settings = Settings(
            endpoint=control.url,
            access_token=SecretStr(f"emulator-{APPID}"),
            access_token_appid=APPID,
            probe=False,
        )
        self.attempts = Attempts(self.settings.max_attempts, sleep=self._sleep, clock=lambda: self.now)
        self.state: dict[str, dict[str, dict[str, Any]]] = {}
        self.warnings: list[str] = []
        wire = Wire(self.settings, transport=self.line, attempts=self.attempts, warn=self.warnings.append)
        self.client = Client(wire, open_tokens(self.settings, wire, warn=self.warnings.append))

    def close(self):
        """Close the connections."""
        self.client.close()

    def _sleep(self, seconds):
        self.now += seconds
        self.on_sleep(seconds)

    def process(self):
        """Start a plugin process."""
        return _Provider(Session(self.settings, warn=self.warnings.append, connect=self._use_cases))

    def _use_cases(self, _settings, declarations):
        return Reconciler(
            self.client, warn=self.warnings.append, attempts=self.attempts, declarations=declarations
        )

    def up(self, program, watch, *, dice=0, computed=(), targets=None, denied=(), upstream_replaced=False):
        """Bring the stack to the program; `watch(name, operation)` is called before each step.

        `dice` decides how far operations run behind the checks. A resource in `computed` has a list that
        depends on the resources before it. With `targets` the others are left out. A policy takes the
        domains in `denied` away. `upstream_replaced`: what computes the appid is deleted and created again.
        """
        provider = self.process()
        chance = random.Random(dice)  # noqa: S311 - chance that repeats
        if upstream_replaced:
            self._ask_dependents(provider, watch)
        notes = _notes(program, computed)
        waiting: list[tuple[str, dict[str, Any]]] = []
        for name, wanted in program.items():
            if targets is not None and name not in targets:
                continue
            if name in computed:
                self._work_off(provider, waiting, watch)
            news = self._check(provider, name, {**wanted, SIBLINGS: notes[name]})
            news["domains"] = [domain for domain in news["domains"] if domain not in denied]
            old = self.state.get(name)
            if old and self._unchanged(provider, old, news):
                self.state[name] = {**old, "inputs": news}
                continue
            waiting.append((name, news))
            while waiting and chance.random() < 0.5:
                self._work_off(provider, waiting[:1], watch)
                del waiting[0]
        self._work_off(provider, waiting, watch)
        gone = [name for name in self.state if name not in program]
        for name in gone:
            if targets is None or name in targets:
                self._delete(provider, name, watch)

    def _work_off(self, provider, waiting, watch):
        for name, news in waiting:
            old = self.state.get(name)
            watch(name, "update" if old else "create")
            done = provider.update(APPID, old["outputs"], news) if old else provider.create(news)
            self.state[name] = {"inputs": news, "outputs": done.outs}
        waiting.clear() if isinstance(waiting, list) else None

    def _ask_dependents(self, provider, watch):
        for name, old in list(self.state.items()):
            if provider.diff(APPID, old["outputs"], {**old["inputs"], "appid": UNKNOWN}).replaces:
                self._delete(provider, name, watch)

    def _check(self, provider, name, wanted):
        old = self.state.get(name)
        result = provider.check(old["inputs"] if old else {}, wanted)
        if result.failures:
            raise Refused([failure.reason for failure in result.failures])
        return result.inputs

    def _unchanged(self, provider, old, news):
        changes = provider.diff(APPID, old["outputs"], news).changes
        return changes is False or (changes is None and news == old["inputs"])

    def destroy(self, watch, *, names=None):
        """Delete everything, or some, without a program."""
        provider = self.process()
        for name in list(self.state):
            if names is None or name in names:
                self._delete(provider, name, watch)

    def refresh(self, watch):
        """Read everything; tell which resources show a change, by the inverted diff that follows a read."""
        provider = self.process()
        changed = []
        for name, old in self.state.items():
            watch(name, "read")
            read = provider.read(APPID, old["outputs"])
            if provider.diff(APPID, read.outs, old["inputs"]).changes is not False:
                changed.append(name)
            self.state[name] = {"inputs": read.inputs, "outputs": read.outs}
        return changed

    def _delete(self, provider, name, watch):
        watch(name, "delete")
        provider.delete(APPID, self.state[name]["outputs"])
        del self.state[name]


class Refused(Exception):
    """A check refused the program; nothing of the resource was applied."""


def _notes(program, computed):
    """Return what the program says to each resource of the others, as it would itself."""
    running = Program()
    entries = {
        name: running.add(name, APPID, [UNKNOWN] if name in computed else inputs["domains"], inputs["mode"])
        for name, inputs in program.items()
    }
    return {name: running.note(APPID, entry) for name, entry in entries.items()}
