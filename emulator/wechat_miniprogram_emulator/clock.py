"""The emulator's clock: the machine's, moved, set or stopped by the control plane."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from wechat_miniprogram_emulator.strict import Strict

if TYPE_CHECKING:
    from wechat_miniprogram_emulator.store import Store

MAX_ADVANCE_SECONDS = 10 * 366 * 86400
LATEST = 2**32 - 1  # a rid tells the time in eight hex digits


@dataclass(frozen=True)
class Clock:
    """How far ahead of the machine's clock it runs, or, if it is stopped, at which time."""

    offset: float = 0.0
    frozen_at: float | None = None

    def now(self, machine: float) -> float:
        """Tell the emulator's time when the machine's clock shows `machine`."""
        return machine + self.offset if self.frozen_at is None else self.frozen_at

    def changed(self, request: ClockRequest, machine: float) -> Clock:
        """Give the clock after a request: the time first, then whether it runs.

        Raises:
            ValueError: a rid could not tell the time.
        """
        now = self.now(machine) if request.at is None else request.at
        now += request.advance
        if not 0 <= now <= LATEST:
            raise ValueError(f"the clock would show {now:.0f}; it goes from 0 to {LATEST}, Unix time")
        frozen = self.frozen_at is not None if request.frozen is None else request.frozen
        return Clock(frozen_at=now) if frozen else Clock(now - machine)


class ClockRequest(Strict):
    """What the control plane may do to the clock."""

    at: Annotated[float, Field(ge=0, le=LATEST)] | None = None
    advance: Annotated[float, Field(ge=-MAX_ADVANCE_SECONDS, le=MAX_ADVANCE_SECONDS)] = 0.0
    frozen: bool | None = None

    @model_validator(mode="after")
    def _something(self) -> ClockRequest:
        if not self.model_fields_set:
            raise ValueError(f"a clock request needs one of {', '.join(type(self).model_fields)}")
        return self


def read_clock(store: Store) -> Clock:
    """Read the clock of a store."""
    return Clock(**store.settings.get("clock", {}))


def change_clock(store: Store, request: ClockRequest, machine: float) -> None:
    """Change the clock of a store."""
    with store.transaction():
        store.settings.put("clock", asdict(read_clock(store).changed(request, machine)))
