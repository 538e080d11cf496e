"""One process's use cases over the real client and the emulator, sleeping by a list."""

from __future__ import annotations

from pulumi_wechat_miniprogram.lifecycle.domain import read_listed
from pulumi_wechat_miniprogram.lifecycle.reconcile import Declaration, Reconciler
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.probe import Prober
from pulumi_wechat_miniprogram.wechat.tokens import Token, Tokens, TokenUnavailable
from pulumi_wechat_miniprogram.wechat.transport import Transport
from pulumi_wechat_miniprogram.wechat.wire import Wire

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
A, B, C = (read_listed(f"https://{name}.example.com") for name in "abc")


class RotatingTokens:
    """Gives one token after the other, then the last for ever."""

    def __init__(self, *tokens):
        """Keep them in order."""
        self.tokens = list(tokens)

    def fetch(self, _appid):
        """Return the next one, to be asked for each time."""
        return Token(self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0], seconds=0)


class FailingTokens:
    """Gives the app's token so many times; then the source is gone."""

    def __init__(self, times):
        """Keep the number."""
        self.left = times

    def fetch(self, appid):
        """Return the token, or fail."""
        if not self.left:
            raise TokenUnavailable(appid, "the source is gone")
        self.left -= 1
        return Token(f"emulator-{appid}", seconds=0)


class Line(Transport):
    """The way to the emulator, on which one call may fail before or after it gets through."""

    def __init__(self):
        """Plan nothing; no authorities are loaded, since the emulator speaks plain HTTP."""
        super().__init__()
        self.plan: tuple[range, str, BaseException] | None = None
        self.passed = 0

    def fail(self, after, when, error, *, times=1):
        """Let `error` come `before` or `after` each of `times` calls, which follow the next `after` ones."""
        self.passed = 0
        self.plan = (range(after, after + times), when, error)

    def heal(self):
        """Fail no more."""
        self.plan = None

    def handle_request(self, request):
        """Pass a call on, or fail."""
        number, self.passed = self.passed, self.passed + 1
        if self.plan is None or number not in self.plan[0]:
            return super().handle_request(request)
        _, when, error = self.plan
        if when == "after":
            super().handle_request(request).close()
        raise error


class Bench:
    """One process's use cases against the emulator."""

    def __init__(self, control, tokens=None, *, live=(), probe=False, declarations=None, **settings):
        """Hosts are probed only where they are mapped to loopback."""
        self.control = control
        self.now = 0.0
        self.pauses: list[float] = []
        self.warnings: list[str] = []
        control.seed(APPID, live)
        chosen = Settings(endpoint=control.url, probe=probe, **settings)
        self.attempts = attempts = Attempts(chosen.max_attempts, sleep=self.sleep, clock=lambda: self.now)
        self.line = Line()
        wire = Wire(chosen, transport=self.line, attempts=attempts, warn=self.warnings.append)
        self.client = Client(wire, Tokens(tokens or RotatingTokens(f"emulator-{APPID}"), attempts))
        self.use = Reconciler(
            self.client,
            warn=self.warnings.append,
            attempts=attempts,
            prober=Prober(chosen) if chosen.probe else None,
            keep_unauthorized=chosen.on_unauthorized == "keep",
            declarations=declarations,
        )

    def sleep(self, seconds):
        """Move the clock, and remember by how much."""
        self.pauses.append(seconds)
        self.now += seconds

    @property
    def calls(self):
        """The calls since the last look, in one word each."""
        names = [call.name for call in self.control.calls()]
        self.control.clear_calls()
        return names


def declare(*domains, **more):
    """A declaration for the app."""
    return Declaration(APPID, domains, **more)
