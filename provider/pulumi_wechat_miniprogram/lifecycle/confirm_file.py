"""After WeChat did not find a confirm file: which hosts lack it, and waiting for them when asked to.

Nothing here blocks a write that WeChat accepts: hosts are looked at only once a write was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errcodes import SYSTEM_ERROR
from pulumi_wechat_miniprogram.wechat.errors import ConfirmFileRejected, WeChatError
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile
from pulumi_wechat_miniprogram.wechat.probe import HostFinding, Prober, explain, failing

FIRST_PAUSE: Final = 2.0
"""Seconds before the hosts are looked at again; doubled each time."""
LONGEST_PAUSE: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Look:
    """What the hosts of a refused write answered; no file when they were not asked."""

    file: ConfirmFile | None = None
    findings: tuple[HostFinding, ...] = ()
    problem: str = ""

    def explaining(self, refused: WeChatError) -> WeChatError:
        """Return the refusal with a line for each host that does not serve the file."""
        if self.file:
            return refused.advising(*explain(self.findings, self.file))
        return refused.advising(*refused.advice, self.problem) if self.problem else refused


class ConfirmFileWait:
    """The wait of one operation for confirm files. It holds no lock.

    Call `after` with each refusal of the write: it returns when the write may be tried again.
    """

    def __init__(
        self,
        client: Client,
        prober: Prober | None,
        *,
        attempts: Attempts,
        tell: Callable[[str], None],
        seconds: float,
    ) -> None:
        """Wait at most `seconds`. Without a `prober` no host is asked: the config key `probe` is off."""
        self._client = client
        self._prober = prober
        self._attempts = attempts
        self._tell = tell
        self._seconds = seconds
        self._tries = 0
        self._file: ConfirmFile | None = None
        self._moments: Iterator[None] | None = None

    def after(self, refused: WeChatError) -> None:
        """Wait until every host serves the file, then once more until the end, whatever they answer.

        Raises:
            WeChatError: it is not about confirm files, or the time is over; then it has a line for each host
                that does not serve the file.
            Interrupted: the run is not to go on.
        """
        look = self._look(refused)
        if look is None:
            raise refused
        self._tries += 1
        self._file = look.file
        if self._seconds > 0:
            if self._moments is None:
                self._announce(refused, look)
                self._moments = self._pauses(refused, look, self._attempts.clock() + self._seconds)
            if next(self._moments, "over") is None:
                return
            refused = refused.adding(
                f"The write was tried {self._tries} times within confirm_file_timeout ({self._seconds:g} s)."
            )
        raise look.explaining(refused)

    def _look(self, refused: WeChatError) -> _Look | None:
        """Ask the hosts, if the refusal is about their confirm files: 86103, or -1 and a host that fails."""
        certain = isinstance(refused, ConfirmFileRejected)
        if not certain and (refused.errcode != SYSTEM_ERROR or refused.call.action not in {"set", "add"}):
            return None
        if not self._prober:
            return _Look() if certain else None
        try:
            file = self._file or self._client.confirm_file(refused.call.appid)
        except Interrupted:
            raise
        except UserError as reason:
            problem = f"No host was probed, because the confirm file is not known: {reason.summary}"
            return _Look(problem=problem) if certain else None
        findings = self._prober.probe(refused.call.domains, file)
        return _Look(file, findings) if certain or failing(findings) else None

    def _announce(self, refused: WeChatError, look: _Look) -> None:
        waiting = (
            f"{refused.call.appid}: WeChat did not find the confirm file; waiting up to {self._seconds:g} s"
        )
        if not look.file:
            self._tell(f"{waiting}, then trying again (the hosts are not probed)")
        elif missing := failing(look.findings):
            self._tell(f"{waiting} for {', '.join(missing)} to serve /{look.file.file_name}")
        else:
            self._tell(f"{waiting}, although every new host serves /{look.file.file_name}, seen from here")

    def _pauses(self, refused: WeChatError, look: _Look, end: float) -> Iterator[None]:
        """Sleep until each moment to try again: once every host serves the file, and at the end."""
        pause = FIRST_PAUSE
        while self._prober and look.file and self._attempts.clock() + pause < end:
            self._attempts.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            if not failing(self._prober.probe(refused.call.domains, look.file)):
                yield
                break
        self._attempts.sleep(max(0.0, end - self._attempts.clock()))
        yield
