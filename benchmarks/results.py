"""What a run measured: samples by name, in one file that `pyperf` reads too, and as tables with their ratios.

A name is `case / leg / contestant`. The first contestant of a leg is what the others are divided by, round by
round: both samples of a ratio met the same load.
"""

from __future__ import annotations

import importlib.metadata
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyperf

Samples = Mapping[str, Sequence[float]]
"""The samples of each figure by its name, in the order of the rounds."""
Rows = Iterator[tuple[str, ...]]
_FACTS = ("cpu_count", "cpu_model_name", "load_avg_1min", "python_version")
"""What pyperf may report about a machine: no name of a host or a folder."""


class Results:
    """The samples of one run, and the facts of its machine."""

    def __init__(self, facts: Mapping[str, str | float]) -> None:
        self.facts = facts
        self.samples: dict[str, tuple[float, ...]] = {}
        self._kept: dict[str, pyperf.Benchmark] = {}

    def add(self, name: str, samples: Sequence[float], unit: str = "second") -> None:
        """Note the samples of a figure in one of pyperf's units: second, byte or integer."""
        self.samples[name] = tuple(float(f"{sample:.5g}") for sample in samples)
        metadata = {"name": name, "unit": unit, **self.facts}
        run = pyperf.Run(self.samples[name], metadata=metadata, collect_metadata=False)
        self._kept[name] = pyperf.Benchmark([run])

    def shown(self, name: str) -> str:
        """Return the middle of a figure's samples and both ends."""
        return _spread(self.samples[name], self._kept[name].format_value)

    def save(self, path: Path) -> None:
        """Write everything into one file."""
        pyperf.BenchmarkSuite(list(self._kept.values())).dump(str(path), replace=True)


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit that was set beforehand: the median of what is computed from the samples may not exceed it."""

    text: str
    limit: float
    compute: Callable[[Samples], Sequence[float]]


def ratios(over: str, under: str) -> Callable[[Samples], list[float]]:
    """Divide the samples of each round."""
    return lambda samples: [a / b for a, b in zip(samples[over], samples[under], strict=True)]


def differences(whole: str, part: str) -> Callable[[Samples], list[float]]:
    """Subtract the samples of each round."""
    return lambda samples: [a - b for a, b in zip(samples[whole], samples[part], strict=True)]


def machine_facts() -> dict[str, str | float]:
    """Return processor, load and versions."""
    known = pyperf.Run([1.0], metadata={"name": "facts"}).get_metadata()
    version = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True).stdout
    facts = {name: known[name] for name in _FACTS if name in known}
    facts["system"] = f"{platform.system()} {platform.machine()}"
    facts["pulumi_cli"] = version.strip().removeprefix("v")
    return facts | {name: importlib.metadata.version(name) for name in ("pulumi", "httpx", "pydantic")}


def to_markdown(results: Results, bars: Sequence[Bar]) -> str:
    """Return the tables for readers: the bars, then the figures case by case."""
    machine = ((name.replace("_", " "), str(fact)) for name, fact in results.facts.items())
    parts = ["# Results of `make bench`", _table(("machine", ""), machine)]
    parts.append(_table(("bar", "limit", "median (min–max)", "met"), _bar_rows(results.samples, bars)))
    parts += [
        _table((case, "median (min–max)", "ratio (min–max)"), _figure_rows(results, case))
        for case in dict.fromkeys(name.partition(" / ")[0] for name in results.samples)
    ]
    return "\n\n".join(parts) + "\n"


def _bar_rows(samples: Samples, bars: Sequence[Bar]) -> Rows:
    for bar in bars:
        try:
            values = bar.compute(samples)
        except KeyError:  # its case was not run
            continue
        met = "yes" if statistics.median(values) <= bar.limit else "**no**"
        yield bar.text, f"≤ {bar.limit:.2f}", _spread(values), met


def _figure_rows(results: Results, case: str) -> Rows:
    bases: dict[str, Sequence[float]] = {}
    for name, samples in results.samples.items():
        if name.startswith(f"{case} / "):
            base = bases.setdefault(name.rpartition(" / ")[0], samples)
            ratio = "" if base is samples else _spread([a / b for a, b in zip(samples, base, strict=True)])
            yield name.partition(" / ")[2], results.shown(name), ratio


def _spread(values: Sequence[float], show: Callable[[float], str] = "{:.2f}".format) -> str:
    middle, low, high = map(show, (statistics.median(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low}–{high})"


def _table(head: Sequence[str], rows: Rows) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))
