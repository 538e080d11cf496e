"""Tokens as calls use them: kept while they are good, asked for once at a time, each bound to one appid."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.settings import remember
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.errors import CallFailed, TokenRejected, may_repeat
from pulumi_wechat_miniprogram.wechat.tokens.source import KnowsAppids, Token, TokenSource, TokenUnavailable

__all__ = ["FETCH_SECONDS", "Tokens"]

_EARLY_SECONDS: Final = 300.0
"""A token is renewed this long before its end, or a tenth of its life: WeChat too renews 5 minutes early."""
FETCH_SECONDS: Final = 60.0
"""No further try to get a token begins after this time, not even one for a token that this one needs."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str = field(repr=False)
    until: float | None


class Tokens:
    """The tokens of one process, from one source. Safe for concurrent use."""

    def __init__(self, source: TokenSource, attempts: Attempts) -> None:
        """Ask for nothing yet."""
        self._source = source
        self._attempts = attempts
        self._guard = threading.Lock()
        self._questions: dict[str, Future[str]] = {}
        self._kept: dict[str, _Kept] = {}
        self._owners: dict[str, str] = {}

    def token(self, appid: str, *, rejected: str | None = None) -> str:
        """Return the token of an appid; one that was `rejected` is asked for anew.

        Callers that ask at the same time get the answer to one question, be it a token or a failure.

        Raises:
            TokenUnavailable: there is none, or the source gave it for another appid before.
            CallFailed: WeChat refused to give one (component flow).
            SettingsError: a secret file cannot be read.
        """
        joined = False
        while True:
            with self._guard:
                kept = self._kept.get(appid)
                if kept and kept.value != rejected and not self._is_over(kept):
                    return kept.value
                asked_by_another = appid in self._questions
                question = self._questions.setdefault(appid, Future())
            if not asked_by_another:
                return self._answer(appid, question)
            value = question.result()
            # The first question was asked before this call: its answer may be the token that was rejected.
            if value != rejected or joined:
                return value
            joined = True

    def call(self, appid: str, send: Callable[[str], _Answer], *, again: bool = True) -> _Answer:
        """Call WeChat with the token of an appid. One that it rejects is renewed, and the call repeated once.

        Raises what `token` and `send` raise. Where the call must not be made `again`, the TokenRejected tells
        whether there is a new token.
        """
        token = self.token(appid)
        try:
            return send(token)
        except TokenRejected as rejected:
            fresh = self.token(appid, rejected=token)
            if fresh == token:
                raise
            if not again:
                raise rejected.with_token_renewed() from None
        return send(fresh)

    def appids(self) -> tuple[str, ...]:
        """Return for whom the source has tokens; nobody where it cannot tell. Raises as `token` does."""
        return self._source.appids() if isinstance(self._source, KnowsAppids) else ()

    def _answer(self, appid: str, question: Future[str]) -> str:
        """Ask the source, and tell everyone who waits for the answer."""
        try:
            fresh = self._fetch(appid)
            self._bind(remember(fresh.value), appid)
        except BaseException as error:
            with self._guard:
                del self._questions[appid]
            question.set_exception(error if isinstance(error, Exception) else Interrupted())
            raise
        with self._guard:
            self._keep(appid, fresh)
            del self._questions[appid]
        question.set_result(fresh.value)
        return fresh.value

    def _fetch(self, appid: str) -> Token:
        try:
            with self._attempts.deadline.within(FETCH_SECONDS):
                return self._attempts.run(lambda: self._source.fetch(appid), may_repeat=_passes)
        except CallFailed as error:
            if not _passes(error):
                raise
            raise TokenUnavailable(appid, f"no access token could be had: {error}") from error

    def _is_over(self, kept: _Kept) -> bool:
        return kept.until is not None and self._attempts.clock() >= kept.until

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
            self._kept[appid] = _Kept(token.value, self._attempts.clock() + token.seconds - early)


def _passes(error: BaseException) -> bool | float:
    return error.passing if isinstance(error, TokenUnavailable) else may_repeat(error)
