"""The base of every error that a user reads: a value whose message is put together when it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class UserError(Exception):
    """What went wrong. The user sees it without a traceback.

    The message is `headline`, complete in itself, then `advice` on how to proceed, then the `facts` that a
    use case found out. An error never changes, since several callers may share it: methods return copies.
    """

    def __init__(self, headline: str, *advice: str) -> None:
        self.headline = headline
        self.advice = advice
        self.facts: tuple[str, ...] = ()
        super().__init__(headline, *advice)

    def __str__(self) -> str:
        return "\n  ".join([self.headline, *self.advice, *self.facts])

    @property
    def summary(self) -> str:
        return self.headline.partition("\n")[0]

    @property
    def alike(self) -> str:
        """A text that is the same for every app that failed in the same way."""
        return self.headline

    def adding(self, *facts: str) -> Self:
        """Return this error with more facts; empty texts are left out."""
        return self._copy(facts=(*self.facts, *filter(None, facts)))

    def advising(self, *advice: str) -> Self:
        """Return this error with other advice."""
        return self._copy(advice=advice)

    def _copy(self, **changes: Any) -> Self:  # noqa: ANN401 - any attribute
        copy = type(self).__new__(type(self), *self.args)
        vars(copy).update(vars(self), **changes)
        copy.__cause__, copy.__suppress_context__ = self.__cause__, True
        return copy
