"""The engine's side of either face without an engine: states, order of calls, failures, kills, partial runs.

As seen on Pulumi 3.259: each resource of the program is checked and diffed in its turn, one after the other;
its create or update runs beside the checks of later ones; at the very end comes delete for what the program
no longer has. A failed update keeps the old state, a failed create leaves none, unless the face hands over a
half-done state; then an update follows whatever diff says. A policy that remediates
changes the inputs after check. The tests of tests/engine run the real one.
"""

from __future__ import annotations

import base64
import pickle
import random
from typing import Any

import pulumi
from grpc import StatusCode

from pulumi_wechat_miniprogram.dynamic.program import Program
from pulumi_wechat_miniprogram.exports.kinds import PROVIDER_KEY, PROVIDERS, SIBLINGS_KEY, TOKENS, Kind
from pulumi_wechat_miniprogram.lifecycle.hosts import STAGES
from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler
from pulumi_wechat_miniprogram.plugin.provider import Plugin
from pulumi_wechat_miniprogram.resources import engine as plugin_engine
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.safety.interruption import Interruption
from pulumi_wechat_miniprogram.settings import COMPONENT_TOKEN, Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.tokens import ReadyTokens, Tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests import native_face
from tests.bench import APPID, Line

UNKNOWN = pulumi.output.UNKNOWN


class Killed(BaseException):
    """The process died here."""


class Failed(Exception):
    """An operation failed, with a text for the user; `left` is what the engine stores all the same."""

    def __init__(self, text, left=None):
        """Keep both."""
        super().__init__(text)
        self.left = left


class _Dynamic:
    """A process of the dynamic face."""

    unknown: Any = pulumi.output.UNKNOWN
    decides = False
    """The engine compares the inputs itself where this face finds that they differ."""

    def __init__(self, session, kind: Kind, id_):
        """Begin as the SDK does, with the pickle that is in the state."""
        self._provider = pickle.loads(base64.b64decode(PROVIDERS[kind]))  # noqa: S301 - our own constant
        self._provider._session = lambda: session
        self._pin = {PROVIDER_KEY: PROVIDERS[kind]}
        self._id = id_

    def check(self, _name, news, olds):
        result = self._provider.check(olds, news)
        return result.inputs, [failure.reason for failure in result.failures]

    def diff(self, olds, news):
        result = self._done(self._provider.diff, self._id, olds, news)
        kinds = {False: "none", True: "outputs", None: "inputs"}
        return kinds[result.changes], result.replaces

    def create(self, news):
        return {**self._done(self._provider.create, news).outs, **self._pin}

    def update(self, olds, news):
        return {**self._done(self._provider.update, self._id, olds, news).outs, **self._pin}

    def read(self, olds):
        read = self._done(self._provider.read, self._id, olds)
        return {**read.outs, **self._pin}, read.inputs

    def delete(self, olds):
        self._done(self._provider.delete, self._id, olds)

    @staticmethod
    def _done(method, *arguments):
        try:
            return method(*arguments)
        except Exception as error:
            if type(error).__qualname__ != "wechat-miniprogram":
                raise
            raise Failed(str(error)) from None


class _Plugin(Plugin):
    """The native plugin, with its session given."""

    def __init__(self, session, listener):
        """Keep the session."""
        super().__init__(plugin_engine.Engine(listener), Interruption())
        self._given = session

    def _open(self):
        return self._given


class _Native:
    """A process of the native face."""

    unknown: Any = native_face.UNKNOWN
    decides = True

    def __init__(self, session, kind: Kind, id_):
        """Begin."""
        stub = native_face.Direct(_Plugin(session, native_face.Listener()))
        self._resource = native_face.Resource(stub, TOKENS["native"][kind])
        self._id = id_

    def check(self, name, news, olds):
        inputs, reasons = self._resource.check(news, olds, name=name)
        return {**inputs, **self._resource.added}, reasons

    def diff(self, olds, news):
        return self._done(self._resource.diff, olds, news)

    def create(self, news, *, preview=False):
        return self._done(self._resource.create, news, preview=preview)[1]

    def update(self, olds, news, *, preview=False):
        return self._done(self._resource.update, olds, news, preview=preview, id_=self._id)

    def read(self, olds):
        return self._done(self._resource.read_in_full, self._id, olds)

    def delete(self, olds):
        self._done(self._resource.delete, olds, id_=self._id)

    @staticmethod
    def _done(method, *arguments, **more):
        try:
            return method(*arguments, **more)
        except native_face.RefusedError as error:
            if error.left:
                raise Failed(str(error), native_face.plain(error.left.properties)) from None
            if error.code not in {StatusCode.FAILED_PRECONDITION, StatusCode.CANCELLED}:
                raise AssertionError(error) from None
            raise Failed(str(error)) from None


FACES = {"dynamic": _Dynamic, "native": _Native}


class Engine:
    """One stack's state by resource name, and the operations on it. Each operation is a new process."""

    def __init__(self, control, face="dynamic", kind: Kind = "webview-domains", id_=APPID):
        """Connect to the emulator; all resources are of one kind. Sleeping moves a clock, and calls `on_sleep`."""
        self._face = FACES[face]
        self._kind: Kind = kind
        self._id = id_
        self._account = "component_appid" if kind.startswith("platform-") else "appid"
        self._list = {"server-domains": "request", "prefetch-domains": "hosts"}.get(kind, "domains")
        self.now = 0.0
        self.line = Line()
        self.on_sleep = lambda _seconds: None
        self.settings = Settings(endpoint=control.url, probe=False)
        self.attempts = Attempts(self.settings.max_attempts, sleep=self._sleep, clock=lambda: self.now)
        self.state: dict[str, dict[str, Any]] = {}
        self.warnings: list[str] = []
        wire = Wire(self.settings, transport=self.line, attempts=self.attempts, warn=self.warnings.append)
        own = ReadyTokens(lambda component: f"emulator-component-{component}")
        platform = Tokens(own, self.attempts, kind=COMPONENT_TOKEN)
        apps = ReadyTokens(lambda appid: f"emulator-{appid}")
        self.client = Client(wire, Tokens(apps, self.attempts, platform=platform))

    def close(self):
        """Close the connections."""
        self.client.close()

    def _sleep(self, seconds):
        self.now += seconds
        self.on_sleep(seconds)

    def process(self):
        """Start a plugin process."""
        session = Session(self.settings, warn=self.warnings.append, connect=self._use_cases)
        return self._face(session, self._kind, self._id)

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
        notes = self._notes(program, computed)
        waiting: list[tuple[str, dict[str, Any]]] = []
        for name, wanted in program.items():
            if targets is not None and name not in targets:
                continue
            if name in computed:
                self._work_off(provider, waiting, watch)
            news = self._check(provider, name, {**wanted, SIBLINGS_KEY: notes[name]}, denied)
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
            try:
                outputs = provider.update(old["outputs"], news) if old else provider.create(news)
            except Failed as error:
                if error.left is not None:
                    inputs = old["inputs"] if old else news
                    self.state[name] = {"inputs": inputs, "outputs": error.left, "failed": True}
                raise
            self.state[name] = {"inputs": news, "outputs": outputs}
        waiting.clear() if isinstance(waiting, list) else None

    def _ask_dependents(self, provider, watch):
        for name, old in list(self.state.items()):
            if provider.diff(old["outputs"], {**old["inputs"], self._account: provider.unknown})[1]:
                self._delete(provider, name, watch)

    def preview(self, program, *, computed=(), denied=()):
        """Return what a preview shows of each resource that it would create or update, native face only."""
        provider = self.process()
        notes, shown = self._notes(program, computed), {}
        for name, wanted in program.items():
            news = self._check(provider, name, {**wanted, SIBLINGS_KEY: notes[name]}, denied)
            if name in computed:
                news = {**news, self._list: provider.unknown}
            old = self.state.get(name)
            if old and self._unchanged(provider, old, news):
                continue
            shown[name] = (
                provider.update(old["outputs"], news, preview=True)
                if old
                else provider.create(news, preview=True)
            )
        return shown

    def _check(self, provider, name, wanted, denied):
        old = self.state.get(name)
        inputs, reasons = provider.check(name, wanted, old["inputs"] if old else {})
        if reasons:
            raise Refused(reasons)
        return {**inputs, self._list: [domain for domain in inputs[self._list] if domain not in denied]}

    def _unchanged(self, provider, old, news):
        difference, _ = provider.diff(old["outputs"], news)
        if old.get("failed"):
            return False
        same = not provider.decides and news == old["inputs"]
        return difference == "none" or (difference == "inputs" and same)

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
            outputs, inputs = provider.read(old["outputs"])
            if provider.diff(outputs, old["inputs"])[0] != "none":
                changed.append(name)
            self.state[name] = {"inputs": inputs, "outputs": outputs}
        return changed

    def _notes(self, program, computed):
        """Return what the program says to each resource of the others, as it would itself."""
        running, appid = Program(), self._id.partition("/")[0]
        entries = {}
        for name, inputs in program.items():
            declared = [UNKNOWN] if name in computed else self._declared(inputs)
            entries[name] = running.add(name, appid, declared, inputs.get("mode"))
        return {name: running.note(appid, entry) for name, entry in entries.items()}

    def _declared(self, inputs):
        values = inputs[self._list]
        if self._kind == "server-domains":
            return [f"request {value}" for value in values]
        if self._kind.startswith("platform-"):
            return [f"{stage} {value}" for stage in STAGES for value in values]
        return values

    def _delete(self, provider, name, watch):
        watch(name, "delete")
        provider.delete(self.state[name]["outputs"])
        del self.state[name]


class Refused(Exception):
    """A check refused the program; nothing of the resource was applied."""
