"""Tokens as calls use them: kept while valid, fetched once for all callers, each bound to one appid."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pulumi_wechat_miniprogram.safety.interruption import Interrupted
from pulumi_wechat_miniprogram.settings import ACCESS_TOKEN, SecretKind, remember
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.errors import CallFailed, TokenRejected, may_repeat
from pulumi_wechat_miniprogram.wechat.streams import deadline
from pulumi_wechat_miniprogram.wechat.tokens.source import KnowsAppids, Token, TokenSource, TokenUnavailable

_EARLY_SECONDS: Final = 300.0
"""A token is renewed this early, or after nine tenths of its lifetime. WeChat renews 5 minutes early too."""
FETCH_SECONDS: Final = 60.0
"""No further try to get a token begins after this time, including tries for a token that this one needs."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str = field(repr=False)
    until: float


class Owners:
    """The account and the kind of each token. Safe for concurrent use."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._of: dict[str, tuple[str, SecretKind]] = {}

    def bind(self, token: str, appid: str, kind: SecretKind) -> None:
        """Note whose token it is. Raises TokenUnavailable if it was another's, or of another kind."""
        with self._guard:
            owner, other = self._of.setdefault(token, (appid, kind))
        if owner != appid:
            problem = (
                f"its token source returned the token of {owner}. A token selects the Mini Program by "
                "itself, so nothing was sent. Give each appid its own token"
            )
            raise TokenUnavailable(appid, problem)
        if other != kind:
            problem = (
                f"its token source returned one token as {other.fields[0]} and as {kind.fields[0]}, so "
                "nothing was sent. An appid is either that of a third-party platform or of a Mini Program"
            )
            raise TokenUnavailable(appid, problem)


class Tokens:
    """The tokens of one process, from one source. Safe for concurrent use."""

    def __init__(
        self,
        source: TokenSource,
        attempts: Attempts,
        *,
        kind: SecretKind = ACCESS_TOKEN,
        platform: Tokens | None = None,
    ) -> None:
        """`platform` keeps the tokens of third-party platforms. Without it, the source gives those too."""
        self.platform = platform or self
        self._kind = kind
        self._source = source
        self._attempts = attempts
        self._guard = threading.Lock()
        self._questions: dict[str, Future[str]] = {}
        self._kept: dict[str, _Kept] = {}
        self.owners: Owners = platform.owners if platform else Owners()

    def token(self, appid: str, *, rejected: str | None = None) -> str:
        """Return the token of an appid, another one than `rejected` if the source has it.

        Concurrent callers share the answer to one question, be it a token or a failure.

        Raises:
            TokenUnavailable: there is none, or the source gave it for another appid before.
            CallFailed: WeChat refused to give one (component flow).
            SettingsError: a secret file cannot be read.
        """
        joined = False
        while True:
            with self._guard:
                kept = self._kept.get(appid)
                if kept and kept.value != rejected and self._attempts.clock() < kept.until:
                    return kept.value
                asked_by_another = appid in self._questions
                question = self._questions.setdefault(appid, Future())
            if not asked_by_another:
                return self._answer(appid, question)
            value = question.result()
            # The question was asked before this call, so its answer may be the rejected token.
            if value != rejected or joined:
                return value
            joined = True

    def call(self, appid: str, send: Callable[[str], _Answer], *, again: bool = True) -> _Answer:
        """Call WeChat with an appid's token. If the token is rejected, repeat the call once with a new one.

        Without `again` the call is not repeated, and the TokenRejected is `renewed` if there is a new token.
        Raises what `token` and `send` raise.
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
        """Return the appids that have tokens, none if the source cannot list them. Raises as `token` does."""
        return self._source.appids() if isinstance(self._source, KnowsAppids) else ()

    def _answer(self, appid: str, question: Future[str]) -> str:
        try:
            fresh = self._fetch(appid)
            self.owners.bind(remember(fresh.value), appid, self._kind)
        except BaseException as error:
            with self._guard:
                del self._questions[appid]
            question.set_exception(error if isinstance(error, Exception) else Interrupted())
            raise
        seconds = math.inf if fresh.seconds is None else fresh.seconds
        with self._guard:
            if seconds > 0:
                until = self._attempts.clock() + seconds - min(_EARLY_SECONDS, seconds / 10)
                self._kept[appid] = _Kept(fresh.value, until)
            del self._questions[appid]
        question.set_result(fresh.value)
        return fresh.value

    def _fetch(self, appid: str) -> Token:
        try:
            with self._attempts.deadline.within(FETCH_SECONDS), deadline(self._attempts.limit.left):
                return self._attempts.run(lambda: self._source.fetch(appid), may_repeat=_passes)
        except CallFailed as error:
            if not _passes(error):
                raise
            raise TokenUnavailable(appid, f"no access token is available: {error}") from error


def _passes(error: BaseException) -> bool | float:
    return error.passing if isinstance(error, TokenUnavailable) else may_repeat(error)
