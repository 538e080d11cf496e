"""After WeChat did not find a confirm file: which hosts lack it, and waiting for them when asked to.

Nothing here blocks a write that WeChat accepts: hosts are looked at only once a write was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from pulumi_wechat_miniprogram.settings import SettingsError
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errcodes import SYSTEM_ERROR
from pulumi_wechat_miniprogram.wechat.errors import CallFailed, ConfirmFileRejected, WeChatError
from pulumi_wechat_miniprogram.wechat.models import ConfirmFile
from pulumi_wechat_miniprogram.wechat.probe import HostFinding, Prober, explain, failing
from pulumi_wechat_miniprogram.wechat.retries import Retries
from pulumi_wechat_miniprogram.wechat.tokens import TokenUnavailable

__all__ = ["ConfirmFileWait"]

FIRST_PAUSE: Final = 2.0
"""Seconds before the hosts are looked at again; doubled each time."""
LONGEST_PAUSE: Final = 30.0

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Look:
    """What the hosts of a refused write answered; no file when they were not asked."""

    file: ConfirmFile | None = None
    findings: tuple[HostFinding, ...] = ()
    problem: str = ""


class ConfirmFileWait:
    """Explains a refused write host by host, and tries it again. Safe for concurrent use; holds no lock."""

    def __init__(
        self, client: Client, prober: Prober | None, *, retries: Retries, warn: Callable[[str], None]
    ) -> None:
        """Without a `prober` no host is asked: the config key `probe` is off."""
        self._client = client
        self._prober = prober
        self._retries = retries
        self._warn = warn

    def insist(self, first: Callable[[], _Result], again: Callable[[], _Result], seconds: float) -> _Result:
        """Run `first`; if WeChat misses the confirm file, run `again` within `seconds`.

        That is when every host serves the file, and once more at the end whatever they answer.

        Raises:
            WeChatError: the last refusal, with a line for each host that does not serve the file.
        """
        try:
            return first()
        except WeChatError as error:
            look = self._look(error, None)
            if look is None:
                raise
            refused = error
        tries = 1
        if seconds > 0:
            self._announce(refused, look, seconds)
            for _ in self._moments(refused, look, self._retries.clock() + seconds):
                tries += 1
                try:
                    return again()
                except WeChatError as error:
                    refused = error
                    if not (look := self._look(error, look.file)):
                        raise
            refused.facts.append(f"It was tried {tries} times within confirm_file_timeout ({seconds:g} s).")
        if look.file:
            refused.advice = explain(look.findings, look.file)
        elif look.problem:
            refused.advice.append(look.problem)
        raise refused

    def _look(self, error: WeChatError, file: ConfirmFile | None) -> _Look | None:
        """Ask the hosts, if the refusal is about their confirm files: 86103, or -1 and a host that fails."""
        certain = isinstance(error, ConfirmFileRejected)
        if not certain and (error.errcode != SYSTEM_ERROR or error.call.action not in {"set", "add"}):
            return None
        if not self._prober:
            return _Look() if certain else None
        try:
            file = file or self._client.confirm_file(error.call.appid)
        except (CallFailed, SettingsError, TokenUnavailable) as reason:
            problem = (
                f"No host was probed, since the confirm file is not known: {str(reason).splitlines()[0]}"
            )
            return _Look(problem=problem) if certain else None
        findings = self._prober.probe(error.call.domains, file)
        return _Look(file, findings) if certain or failing(findings) else None

    def _announce(self, refused: WeChatError, look: _Look, seconds: float) -> None:
        waiting = f"{refused.call.appid}: WeChat did not find the confirm file; waiting up to {seconds:g} s"
        if not look.file:
            self._warn(f"{waiting}, then trying again (the hosts are not probed)")
        elif missing := failing(look.findings):
            self._warn(f"{waiting} for {', '.join(missing)} to serve /{look.file.file_name}")
        else:
            self._warn(f"{waiting}, although every new host serves /{look.file.file_name}, seen from here")

    def _moments(self, refused: WeChatError, look: _Look, deadline: float) -> Iterator[None]:
        """Sleep until each moment to try again: once every host serves the file, and at the deadline."""
        pause = FIRST_PAUSE
        while self._prober and look.file and self._retries.clock() + pause < deadline:
            self._retries.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            if not failing(self._prober.probe(refused.call.domains, look.file)):
                yield
                break
        self._retries.sleep(max(0.0, deadline - self._retries.clock()))
        yield
