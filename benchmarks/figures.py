"""What a run of the benchmarks found, as values: samples, their spread, ratios, targets, facts. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Fact", "Figure", "Findings", "Spread", "Target", "ratios"]


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some samples and how far they lie apart."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Take the median, the smallest and the largest sample.

        Raises:
            ValueError: there is none.
        """
        if not samples:
            raise ValueError("no samples")
        return cls(statistics.median(samples), min(samples), max(samples))


def ratios(samples: Sequence[float], base: Sequence[float]) -> tuple[float, ...]:
    """Divide each sample by the base's of the same round, so that both met the same load.

    Raises:
        ValueError: there are not as many of the one as of the other.
    """
    return tuple(sample / other for sample, other in zip(samples, base, strict=True))


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured in every round, and what it was measured against."""

    case: str
    what: str
    unit: str
    samples: tuple[float, ...]
    against: str = ""
    base: tuple[float, ...] = ()

    @property
    def spread(self) -> Spread:
        """The spread of the samples."""
        return Spread.of(self.samples)

    @property
    def ratio(self) -> Spread | None:
        """The spread of the ratios to the base, if there is one."""
        return Spread.of(ratios(self.samples, self.base)) if self.base else None


@dataclass(frozen=True, slots=True)
class Target:
    """A bar that was set beforehand, and where the run lies."""

    text: str
    value: float
    limit: float
    at_least: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        """Tell whether the value lies on the right side of the limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Fact:
    """What one peer did in one situation, as it was seen."""

    question: str
    peer: str
    seen: str


@dataclass(slots=True)
class Findings:
    """Everything that a run found, in the order in which it was found."""

    machine: Mapping[str, str]
    figures: list[Figure] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
