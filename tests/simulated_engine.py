"""The engine's side of the provider without an engine: states, order of calls, failures, kills.

As seen on Pulumi 3.259: check, diff, create or update for each resource of the
program, and at the very end delete for what the program no longer has. A failed update keeps the old state, a
failed create leaves none. The tests of tests/engine run the real one.
"""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from pulumi_wechat_miniprogram.dynamic.provider import WebviewDomainsProvider
from pulumi_wechat_miniprogram.dynamic.session import Session
from pulumi_wechat_miniprogram.reconcile import Reconciler
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.retries import Retries
from pulumi_wechat_miniprogram.wechat.tokens import open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, Line


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
        """Connect to the emulator; sleeping moves a clock."""
        self.now = 0.0
        self.line = Line()
        self.settings = Settings(
            endpoint=control.url,
            access_token=SecretStr(f"emulator-{APPID}"),
            access_token_appid=APPID,
            probe=False,
        )
        self.retries = Retries(self.settings.max_attempts, sleep=self._sleep, clock=lambda: self.now)
        self.state: dict[str, dict[str, dict[str, Any]]] = {}
        self.warnings: list[str] = []
        wire = Wire(self.settings, transport=self.line, retries=self.retries, warn=self.warnings.append)
        self.client = Client(wire, open_tokens(self.settings, wire, warn=self.warnings.append))

    def close(self):
        """Close the connections."""
        self.client.close()

    def _sleep(self, seconds):
        self.now += seconds

    def process(self):
        """Start a plugin process."""
        return _Provider(Session(self.settings, self._use_cases))

    def _use_cases(self, _settings, declared):
        return Reconciler(self.client, warn=self.warnings.append, retries=self.retries, declared=declared)

    def up(self, program, watch, *, chained):
        """Bring the stack to the program; `watch(name, operation)` is called before each step.

        All resources are checked before the first step is through, or, if each depends on the one before it
        (`chained`), each when it is its turn. `declared` is what was checked so far.
        """
        provider = self.process()
        self.declared: set[str] = set()
        checks = (self._check(provider, name, wanted) for name, wanted in program.items())
        for name, news in zip(program, checks if chained else list(checks), strict=True):
            old = self.state.get(name)
            if old and self._unchanged(provider, old, news):
                self.state[name] = {**old, "inputs": news}
                continue
            watch(name, "update" if old else "create")
            done = provider.update(APPID, old["outputs"], news) if old else provider.create(news)
            self.state[name] = {"inputs": news, "outputs": done.outs}
        for name in [name for name in self.state if name not in program]:
            self._delete(provider, name, watch)

    def _check(self, provider, name, wanted):
        old = self.state.get(name)
        result = provider.check(old["inputs"] if old else {}, wanted)
        if result.failures:
            raise Refused([failure.reason for failure in result.failures])
        self.declared.update(result.inputs["domains"])
        return result.inputs

    def _unchanged(self, provider, old, news):
        changes = provider.diff(APPID, old["outputs"], news).changes
        return changes is False or (changes is None and news == old["inputs"])

    def destroy(self, watch):
        """Delete everything, without a program."""
        provider = self.process()
        self.declared = set()
        for name in list(self.state):
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
