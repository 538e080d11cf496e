"""What one process of the engine shares: settings, client, locks, and what its checks declared."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.lifecycle.declarations import Declarations, Said
from pulumi_wechat_miniprogram.resources.run import Run
from pulumi_wechat_miniprogram.safety.audit import unwritable
from pulumi_wechat_miniprogram.safety.interruption import Interruption
from pulumi_wechat_miniprogram.settings import Settings

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.lifecycle.reconcile import Reconciler


def show_calls(handler: logging.Handler) -> None:
    """Hand the lines of `log: debug`, one for each call to WeChat, to a handler."""
    logger = logging.getLogger("pulumi_wechat_miniprogram")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)


class Session:
    """The settings of this process, what its checks declared, and its use cases. Safe for concurrent use."""

    def __init__(
        self,
        settings: Settings,
        *,
        warn: Callable[[str], None],
        tell: Callable[[str], None] | None = None,
        interruption: Interruption | None = None,
        engine: str = "",
        connect: Callable[[Settings, Declarations], Reconciler] | None = None,
    ) -> None:
        """Take where lines for the user go, `warn` for warnings and `tell` for the rest.

        The processes of one run have the address of one `engine`.

        Connect immediately if a setting may prevent it, so that a preview reports it; else for a call.

        An `up` without changes makes no call, so it does not load what calls are made with: 4 % of its time.

        Raises:
            SettingsError: see `reconcile.connect`.
        """
        self.settings = settings
        self.warn = warn
        self.tell = tell or warn
        self.is_update = False
        """Whether this process serves an update, as far as it knows: a preview warns of what will happen."""
        self._run = Run(engine)
        self.declarations = Declarations(self._say)
        self._interruption = interruption
        self._connect = connect or self._open
        self._connecting = threading.Lock()
        self._warned: set[str] = set()
        self._reconciler: Reconciler | None = None
        if settings.audit_log and (problem := unwritable(settings.audit_log)):
            name = settings.name_of("audit_log")
            warn(f"{name}: {problem}. Nothing is written to WeChat until this is corrected")
        atexit.register(self.close)
        atexit.register(gc.freeze)  # the engine waits for the end, which is 0.1 s earlier without collections
        if settings.emulator_path or settings.ca_file:
            _ = self.reconciler

    @property
    def reconciler(self) -> Reconciler:
        """The use cases, which share the connections."""
        with self._connecting:
            if self._reconciler is None:
                self._reconciler = self._connect(self.settings, self.declarations)
            return self._reconciler

    def hear(self) -> None:
        """Note what other processes of the run have said by now."""
        for said in self._run.hear():
            self.declarations.of(said.of).hear(said)

    def close(self) -> None:
        """Close the connections, and tell the other processes nothing more."""
        self._run.close()
        if self._reconciler:
            self._reconciler.close()

    def _say(self, said: Said) -> None:
        name = f"#{os.getpid()}{said.name}" if said.name[:1] == "#" else said.name
        self._run.say(replace(said, name=name))

    def warn_once(self, key: str, line: str) -> None:
        """Warn, unless there was a warning with this key before."""
        if key not in self._warned:
            self._warned.add(key)
            self.warn(line)

    def _open(self, settings: Settings, declarations: Declarations) -> Reconciler:
        from pulumi_wechat_miniprogram.lifecycle.reconcile import connect  # noqa: PLC0415 - see `__init__`

        return connect(settings, warn=self.warn, declarations=declarations, interruption=self._interruption)
