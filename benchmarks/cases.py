"""The cases: which contestants meet, on how much, and under which names their samples are kept."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import DYNAMIC, DYNAMIC_FLOOR, HERE, NATIVE, NATIVE_FLOOR, Contestant, Ground
from benchmarks.drift import CONCURRENCY, drift_lap
from benchmarks.hosts import HOSTS, grow, start_lap
from benchmarks.races import Lap, Laps, race
from benchmarks.report import chromium, report_lap
from benchmarks.results import Results
from benchmarks.wechat import App, sow

_GO_TOOL = HERE.parent / "tools" / "go-tool"
_LIFE = ("create", "no-op", "refresh", "destroy")
_DRIFT_CALLS = 2
"""Calls of `drift` to WeChat for each app, by docs/reference/calls.md."""
_STARTS = {
    "pulumi": "pass",
    "program": "from pulumi_wechat_miniprogram import MiniProgramWebviewDomains",
}
"""What is imported beyond `import pulumi`."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    repeats: int = 5
    starts: int = 9
    fleet: int = 100
    latency: float = 0.05
    growth: int = 10_000
    slices: int = 10
    drift: int = 1000
    warm_up: bool = True


FULL = Sizes()
QUICK = Sizes(1, 1, 2, 0.001, 8, 2, 50, warm_up=False)


@dataclass(frozen=True)
class Bench:
    """One run: where, how much, what it has measured so far, and what the options name."""

    ground: Ground
    sizes: Sizes
    results: Results
    tell: Callable[[str], None]
    other: Path | None = None

    def race(
        self, laps: Mapping[str, Lap], repeats: int, get_ready: Callable[[], object] = lambda: None
    ) -> Laps:
        """Let contestants take turns."""
        return race(laps, repeats, warm_up=self.sizes.warm_up, tell=self.tell, get_ready=get_ready)

    def race_fleets(
        self,
        fleets: Mapping[str, tuple[Contestant, int]],
        operations: Sequence[str],
        repeats: int,
        latency: float = 0.0,
        *,
        others: Mapping[str, Lap] | None = None,
        other_apps: Sequence[App] = (),
    ) -> Laps:
        """Let contestants take turns, each with so many apps of its own; `others` bring theirs."""
        apps: list[App] = []
        laps = {}
        for name, (contestant, count) in fleets.items():
            fleet = sow(count, len(apps))
            laps[name] = self.ground.lap(contestant, fleet, operations)
            apps += fleet
        laps |= others or {}
        apps += other_apps
        return self.race(laps, repeats, lambda: self.ground.wechat.prepare(apps, latency))

    def keep(self, case: str, laps: Laps) -> None:
        """Keep the samples of a race, leg by leg."""
        for leg in dict.fromkeys(leg for samples in laps.values() for leg in samples):
            for name, samples in laps.items():
                if leg in samples:
                    unit = "byte" if leg.endswith("memory") else "second"
                    self.results.add(f"{case} / {leg} / {name}", samples[leg], unit)


def imports(bench: Bench) -> None:
    """Import times in a new interpreter."""
    python = str(bench.ground.programs / "python")

    def lap(statement: str) -> Lap:
        timed = f"import time; t = time.perf_counter(); import pulumi; {statement}; "
        command = [python, "-c", timed + "print(time.perf_counter() - t)"]

        def legs() -> Iterator[Mapping[str, float]]:
            yield {"": float(subprocess.run(command, check=True, capture_output=True).stdout)}

        return legs

    laps = bench.race({name: lap(statement) for name, statement in _STARTS.items()}, bench.sizes.starts)
    for name, samples in laps.items():
        bench.results.add(f"import / {name}", samples[""])


def start(bench: Bench) -> None:
    """Each plugin's start to its first answer."""
    bench.keep(
        "start", bench.race({name: start_lap(bench.ground, name) for name in HOSTS}, bench.sizes.starts)
    )


def fleet(bench: Bench) -> None:
    """Every operation without latency."""
    contestants = [NATIVE_FLOOR, NATIVE, DYNAMIC_FLOOR, DYNAMIC]
    if bench.other:
        paths = ":".join(str(bench.other / folder) for folder in ("provider", "emulator"))
        contestants += [each.with_(f"other {each.name}", PYTHONPATH=paths) for each in (NATIVE, DYNAMIC)]
    fleets = {each.name: (each, bench.sizes.fleet) for each in contestants}
    bench.keep("fleet", bench.race_fleets(fleets, _LIFE, bench.sizes.repeats))


def latency(bench: Bench) -> None:
    """The same with 50 ms before each answer of WeChat and 32 lanes, of which the dynamic face uses four."""
    contestants = [_with_lanes(each, 32) for each in (DYNAMIC, NATIVE, NATIVE_FLOOR)]
    fleets = {each.name: (each, bench.sizes.fleet) for each in contestants}
    apps = sow(bench.sizes.fleet, len(fleets) * bench.sizes.fleet)
    terraform = {}
    if folder := _terraform_floor(bench.tell):
        terraform["terraform"] = bench.ground.terraform_lap(folder, apps, 32)
    laps = bench.race_fleets(
        fleets, _LIFE, bench.sizes.repeats, bench.sizes.latency, others=terraform, other_apps=apps
    )
    bench.keep("latency", laps)


def _terraform_floor(tell: Callable[[str], None]) -> Path | None:
    """Build the provider that makes the same calls for Terraform, where that and Go are installed."""
    built = subprocess.run(
        [str(_GO_TOOL), "terraform-provider-floor"], check=False, stdout=subprocess.PIPE, text=True
    )
    if not built.returncode and shutil.which("terraform"):
        return Path(built.stdout.strip())
    tell("without terraform: it needs Go and `terraform` on PATH")
    return None


def preview(bench: Bench) -> None:
    """Previews that look at the live lists, with 50 ms a call and 16 lanes, and previews that do not."""
    native = _with_lanes(NATIVE, 16)
    looks = {"WECHAT_MINIPROGRAM_LIVE_DIFF": "true", "PULUMI_PARALLEL_DIFF": "true"}
    contestants = [
        native.with_("blind", WECHAT_MINIPROGRAM_PREVIEW_READS="false"),
        native.with_("looking", **looks),
    ]
    fleets = {each.name: (each, bench.sizes.fleet) for each in contestants}
    operations = ("preview of creates", "create", "no-op preview")
    bench.keep("preview", bench.race_fleets(fleets, operations, bench.sizes.repeats, bench.sizes.latency))


def _with_lanes(contestant: Contestant, lanes: int) -> Contestant:
    switches = {"PULUMI_PARALLEL": str(lanes), "WECHAT_MINIPROGRAM_MAX_CONCURRENT_CALLS": str(lanes)}
    return contestant.with_(contestant.name, **switches)


def drift(bench: Bench) -> None:
    """The command `drift`, and its memory at the first and the last tenth of the apps."""
    count, wait = bench.sizes.drift, bench.sizes.latency
    lap = drift_lap(bench.ground.wechat, bench.ground.folder, count, wait)
    laps = bench.race({"drift": lap}, bench.sizes.repeats)["drift"]
    ideal = count * _DRIFT_CALLS * wait / CONCURRENCY
    bench.results.add("drift / time / ideal", [ideal] * len(laps["command"]))
    bench.results.add("drift / time / command", laps["command"])
    for tenth in ("first tenth", "last tenth"):
        bench.results.add(f"drift / memory / {tenth}", laps[tenth], "byte")


def report(bench: Bench) -> None:
    """The command `report`, and its page in Chromium, where that is installed."""
    if not (browser := chromium()):
        bench.tell("the page is not opened: that needs Chromium on PATH")
    lap = report_lap(bench.ground.folder, bench.sizes.drift, browser)
    for name, samples in bench.race({"report": lap}, bench.sizes.repeats)["report"].items():
        bench.results.add(f"report / {name}", samples)


def growth(bench: Bench) -> None:
    """Each plugin's processor time and memory, slice after slice of a growing fleet."""
    slices = list(grow(bench.ground, bench.sizes.growth, bench.sizes.slices))
    for figure, attribute, unit in (
        ("CPU an app", "cpu", "second"),
        ("CPU an app, create", "create", "second"),
        ("memory after each slice", "memory", "byte"),
    ):
        for name in HOSTS:
            samples = [getattr(each[name], attribute) for each in slices]
            bench.results.add(f"growth / {figure} / {name}", samples, unit)


CASES: Mapping[str, Callable[[Bench], None]] = {
    "import": imports,
    "start": start,
    "fleet": fleet,
    "latency": latency,
    "preview": preview,
    "drift": drift,
    "report": report,
    "growth": growth,
}
