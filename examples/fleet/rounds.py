"""One operation on many stacks: so many at a time, each on its own, told as they end."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from locks import about_lock
from pulumi import automation as auto
from pulumi.automation.events import EngineEvent

from pulumi_wechat_miniprogram.exports.kinds import kind_of

COLOUR = re.compile(r"<\{%.*?%\}>")

Listener = Callable[[EngineEvent], None]
Operation = Callable[[auto.Stack, Listener], Mapping[str, int]]
"""Does one thing to a stack and returns the engine's counts."""


@dataclass(frozen=True)
class Outcome:
    """What became of one stack; `status` is `done`, `failed`, `locked` or `not run`."""

    stack: str
    apps: int
    status: str
    changes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    message: str = ""

    @property
    def changed(self) -> bool:
        """Tell whether the engine counts anything but unchanged resources."""
        return any(count for kind, count in self.changes.items() if kind != "same")


class Progress:
    """Says how far a round is: each stack as it ends, and each tenth of the apps."""

    def __init__(self, doing: str, stacks: int, apps: int, tell: Callable[[str], None]) -> None:
        """Expect so many stacks with so many apps."""
        self._doing = doing
        self._stacks = stacks
        self._apps = apps
        self._tell = tell
        self._guard = threading.Lock()
        self._ended = 0
        self._seen = 0

    def app(self) -> None:
        """Count an app that the engine is done with."""
        with self._guard:
            self._seen += 1
            if self._apps >= 100 and self._seen * 10 // self._apps > (self._seen - 1) * 10 // self._apps:  # noqa: PLR2004
                self._tell(f"{self._doing}: {self._seen} of {self._apps} apps")

    def interrupted(self) -> None:
        """Say what Ctrl-C does."""
        self._tell("Interrupted: stacks that have begun end what they are at, the others are not run.")

    def stack(self, outcome: Outcome) -> None:
        """Tell about a stack that ended."""
        with self._guard:
            self._ended += 1
            head = f"{self._doing} {self._ended}/{self._stacks}: {outcome.stack}"
            text = describe(outcome.changes) if outcome.status == "done" else outcome.status.upper()
            self._tell(
                f"{head}, {outcome.apps} app{'s' * (outcome.apps != 1)}: {text} ({outcome.seconds:.1f} s)"
            )


def describe(changes: Mapping[str, int]) -> str:
    """Say the engine's counts in words; the stack's own entry is among them."""
    counts = [f"{count} {kind}" for kind, count in sorted(changes.items()) if count]
    return ", ".join(counts) or "nothing"


def play(
    stacks: Iterable[tuple[auto.Stack, int]], operate: Operation, progress: Progress, at_a_time: int
) -> list[Outcome]:
    """Run an operation on every stack; one that fails does not stop the others.

    Ctrl-C reaches the CLIs too: each ends what it is at, and stacks that have not begun are not run.
    """
    outcomes = {}
    with ThreadPoolExecutor(at_a_time) as pool:
        waiting = {
            pool.submit(_attempt, stack, apps, operate, progress): (stack, apps) for stack, apps in stacks
        }
        try:
            for future in as_completed(waiting):
                outcome = future.result()
                outcomes[outcome.stack] = outcome
                progress.stack(outcome)
        except KeyboardInterrupt:
            progress.interrupted()
            pool.shutdown(cancel_futures=True)
    for future, (stack, apps) in waiting.items():
        if future.cancelled():
            outcomes[stack.name] = Outcome(stack.name, apps, "not run")
        else:
            outcomes.setdefault(stack.name, future.result())
    return [outcomes[name] for name in sorted(outcomes)]


def _attempt(stack: auto.Stack, apps: int, operate: Operation, progress: Progress) -> Outcome:
    errors: list[str] = []

    def listen(event: EngineEvent) -> None:
        told = event.diagnostic_event
        if told and told.severity == "error":
            errors.append(COLOUR.sub("", told.message).strip())
        ended = event.res_outputs_event
        if ended and kind_of(ended.metadata.type) == "webview-domains":
            progress.app()

    began = time.monotonic()
    try:
        changes = operate(stack, listen)
    except auto.ConcurrentUpdateError as error:
        message = about_lock(stack.name, stderr_of(error))
        return Outcome(stack.name, apps, "locked", {}, time.monotonic() - began, message)
    except (auto.CommandError, RuntimeError) as error:
        message = "\n".join(errors) or stderr_of(error)
        return Outcome(stack.name, apps, "failed", {}, time.monotonic() - began, message)
    return Outcome(stack.name, apps, "done", changes, time.monotonic() - began)


def stderr_of(error: Exception) -> str:
    """Return what the CLI said on standard error, if the error is of a CLI."""
    text = str(error)
    return (text.partition("\n stderr: ")[2] or text).strip()
