"""Tokens as calls use them: kept while they are good, asked for once at a time, each bound to one appid."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from pulumi_wechat_miniprogram.settings import remember
from pulumi_wechat_miniprogram.wechat.errors import CallFailed, may_repeat
from pulumi_wechat_miniprogram.wechat.retries import Retries
from pulumi_wechat_miniprogram.wechat.tokens.source import KnowsAppids, Token, TokenSource, TokenUnavailable

__all__ = ["FETCH_SECONDS", "Tokens"]

_EARLY_SECONDS: Final = 300.0
"""A token is renewed this long before its end, or a tenth of its life: WeChat too renews 5 minutes early."""
FETCH_SECONDS: Final = 60.0
"""No further try to get a token begins after this time."""


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str = field(repr=False)
    until: float | None


class Tokens:
    """The tokens of one process, from one source. Safe for concurrent use."""

    def __init__(self, source: TokenSource, retries: Retries) -> None:
        """Ask for nothing yet."""
        self._source = source
        self._retries = retries
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._kept: dict[str, _Kept] = {}
        self._owners: dict[str, str] = {}

    def token(self, appid: str, *, rejected: str | None = None) -> str:
        """Return the token of an appid; one that was `rejected` is asked for anew.

        Callers that ask at the same time get the answer to one question.

        Raises:
            TokenUnavailable: there is none, or the source gave it for another appid before.
            CallFailed: WeChat refused to give one (component flow).
            SettingsError: a secret file cannot be read.
        """
        with self._lock(appid):
            kept = self._kept.get(appid)
            if kept and kept.value != rejected and (kept.until is None or self._retries.clock() < kept.until):
                return kept.value
            fresh = self._fetch(appid)
            self._bind(remember(fresh.value), appid)
            self._keep(appid, fresh)
            return fresh.value

    def appids(self) -> tuple[str, ...]:
        """Return for whom the source has tokens; nobody where it cannot tell. Raises as `token` does."""
        return self._source.appids() if isinstance(self._source, KnowsAppids) else ()

    def _fetch(self, appid: str) -> Token:
        try:
            for attempt in self._retries.attempts(self._retries.clock() + FETCH_SECONDS, may_repeat=_passes):
                with attempt:
                    return self._source.fetch(appid)
        except CallFailed as error:
            if not _passes(error):
                raise
            raise TokenUnavailable(appid, f"no access token could be had: {error}") from None
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _bind(self, token: str, appid: str) -> None:
        with self._guard:
            owner = self._owners.setdefault(token, appid)
        if owner != appid:
            problem = (
                f"its token source returned the token of {owner}. A token selects the Mini Program by "
                "itself, so nothing was sent. Give each appid its own token"
            )
            raise TokenUnavailable(appid, problem)

    def _keep(self, appid: str, token: Token) -> None:
        if token.seconds is None:
            self._kept[appid] = _Kept(token.value, None)
        elif token.seconds > 0:
            early = min(_EARLY_SECONDS, token.seconds / 10)
            self._kept[appid] = _Kept(token.value, self._retries.clock() + token.seconds - early)

    def _lock(self, appid: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(appid, threading.Lock())


def _passes(error: BaseException) -> bool | float:
    return error.passing if isinstance(error, TokenUnavailable) else may_repeat(error)
