"""The cases: which contestants meet on which fleet, and which figures and targets come of it."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.conduct import many_resources, observed
from benchmarks.contestants import (
    CALLS_ALONE,
    FLOOR,
    FLOOR_WITHOUT_CHECKPOINTS,
    OPERATIONS,
    PROVIDER,
    SCRIPT,
    TERRAFORM,
    TERRAFORM_EQUAL_WORK,
    TUTORIAL,
    Contestant,
    Ground,
)
from benchmarks.drift import CALLS as DRIFT_CALLS
from benchmarks.drift import CONCURRENCY, drift_lap
from benchmarks.figures import Figure, Findings, Target, ratios
from benchmarks.fleet import App, sow
from benchmarks.growth import Slice, grow
from benchmarks.hosts import host_running
from benchmarks.long_lists import LENGTHS, check_and_diff_lap
from benchmarks.policy import RESOURCES, packs_running
from benchmarks.races import Lap, Laps, race
from benchmarks.raw_loop import CALLS, THREADS, raw_lap
from benchmarks.starting import STARTS, import_lap
from pulumi_wechat_miniprogram.exports.pinned import WEBVIEW_DOMAINS_PROVIDER

__all__ = ["CASES", "FULL", "QUICK", "Bench", "Sizes"]

LATENCY = 0.05
_FLOOR_START = "floor of 1 app"
_RAW = "raw httpx loop"
_OF_TUTORIAL = ("create", "no-op")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    repeats: int
    starts: int
    small_fleets: tuple[int, ...]
    main_fleet: int
    large_fleet: int
    growth: int
    slices: int
    drift: int
    drift_latency: float
    policy: int
    many: int
    warm_up: bool = True


FULL = Sizes(
    repeats=5,
    starts=9,
    small_fleets=(1, 10),
    main_fleet=100,
    large_fleet=300,
    growth=10_000,
    slices=10,
    drift=1000,
    drift_latency=LATENCY,
    policy=15,
    many=400,
)
QUICK = Sizes(
    repeats=1,
    starts=1,
    small_fleets=(1,),
    main_fleet=2,
    large_fleet=3,
    growth=8,
    slices=2,
    drift=50,
    drift_latency=0.0,
    policy=1,
    many=3,
    warm_up=False,
)


@dataclass(frozen=True)
class Bench:
    """One run: where, how much, and what it has found so far."""

    ground: Ground
    sizes: Sizes
    findings: Findings
    tell: Callable[[str], None]

    def race(
        self,
        contestants: Mapping[str, Lap],
        repeats: int | None = None,
        get_ready: Callable[[], object] = lambda: None,
    ) -> Laps:
        """Let contestants take turns."""
        rounds = repeats or self.sizes.repeats
        return race(contestants, rounds, warm_up=self.sizes.warm_up, tell=self.tell, get_ready=get_ready)

    def figure(
        self,
        case: str,
        what: str,
        unit: str,
        samples: Sequence[float],
        base: tuple[str, Sequence[float]] = ("", ()),
    ) -> None:
        """Note a figure; `base` is what it is measured against, and the samples of that."""
        against, other = base
        self.findings.figures.append(Figure(case, what, unit, tuple(samples), against, tuple(other)))

    def target(self, text: str, samples: Sequence[float], limit: float, **more: bool | str) -> None:
        """Note where the middle of some samples lies."""
        at_least, unit = bool(more.get("at_least")), str(more.get("unit", ""))
        self.findings.targets.append(Target(text, statistics.median(samples), limit, at_least, unit))


def start(bench: Bench) -> None:
    """Import times."""
    laps = bench.race(
        {name: import_lap(bench.ground.programs / "python", each) for name, each in STARTS.items()},
        bench.sizes.starts,
    )
    pulumi, *ours = STARTS
    base = laps[pulumi]["import"]
    bench.figure("Import", pulumi, "ms", base)
    for name in ours:
        bench.figure("Import", name, "ms", laps[name]["import"], (pulumi, base))
    beyond = [whole - part for whole, part in zip(laps[ours[0]]["import"], base, strict=True)]
    bench.target("import beyond `import pulumi`", beyond, 100, unit="ms")


def lists(bench: Bench) -> None:
    """Check and diff by the length of the list."""
    environment = {"PULUMI_PROJECT": "p", "WECHAT_MINIPROGRAM_ENDPOINT": bench.ground.wechat.url}
    with host_running(WEBVIEW_DOMAINS_PROVIDER, bench.ground.folder, environment) as host:
        contestants = {str(length): check_and_diff_lap(host, length) for length in LENGTHS}
        laps = bench.race(contestants, bench.sizes.starts)
    for call in ("check", "diff"):
        shortest = laps[str(LENGTHS[0])][call]
        for length in LENGTHS:
            what = f"{call} of {length} {'domain' if length == 1 else 'domains'}"
            base = ("", ()) if length == LENGTHS[0] else (f"{call} of {LENGTHS[0]} domain", shortest)
            bench.figure("Long lists, one call to the plugin", what, "ms", laps[str(length)][call], base)


def fleet(bench: Bench) -> None:
    """Every operation and every contestant, without latency."""
    count = bench.sizes.main_fleet
    laps = _race_fleet(
        bench,
        count,
        0.0,
        [FLOOR, CALLS_ALONE, PROVIDER, TUTORIAL, TERRAFORM, TERRAFORM_EQUAL_WORK, SCRIPT],
        raw=True,
    )
    ours, floor, calls = laps[PROVIDER.name], laps[FLOOR.name], laps[CALLS_ALONE.name]
    _fleet_figures(bench, count, 0.0, laps)
    bench.target(f"create of {count} apps / floor", ratios(ours["create"], floor["create"]), 1.10)
    bench.target(f"no-op up of {count} apps / floor", ratios(ours["no-op"], floor["no-op"]), 1.05)
    for operation in ("create", "refresh"):
        what = f"{operation} of {count} apps / floor with the same calls"
        bench.target(what, ratios(ours[operation], calls[operation]), 1.10)
    tutorial = ratios(laps[TUTORIAL.name]["create"], ours["create"])
    bench.target(f"tutorial form's create of {count} apps / ours", tutorial, 2.0, at_least=True)


def latency(bench: Bench) -> None:
    """The same with 50 ms before each answer of WeChat."""
    count = bench.sizes.main_fleet
    laps = _race_fleet(
        bench,
        count,
        LATENCY,
        [CALLS_ALONE, PROVIDER, TUTORIAL, TERRAFORM, TERRAFORM_EQUAL_WORK, SCRIPT],
        raw=True,
        more={_FLOOR_START: (FLOOR, 1)},
        only=("create", "refresh", "destroy"),
    )
    ideals = {
        operation: tuple(
            seconds + count * CALLS[operation] * LATENCY / THREADS
            for seconds in laps[_FLOOR_START][operation]
        )
        for operation in ("create", "refresh", "destroy")
    }
    laps["ideal"] = ideals
    _fleet_figures(bench, count, LATENCY, laps, against="ideal")
    for operation in ("create", "refresh"):
        ours = laps[PROVIDER.name][operation]
        what = f"{operation} of {count} apps at {LATENCY * 1000:.0f} ms / "
        bench.target(what + "ideal", ratios(ours, ideals[operation]), 1.10)
        calls = laps[CALLS_ALONE.name][operation]
        bench.target(what + "floor with the same calls", ratios(ours, calls), 1.10)


def sizes(bench: Bench) -> None:
    """Smaller fleets, and one at which the engine's checkpoints weigh."""
    for count in bench.sizes.small_fleets:
        contestants = [FLOOR, PROVIDER, TERRAFORM, SCRIPT]
        _fleet_figures(bench, count, 0.0, _race_fleet(bench, count, 0.0, contestants))
    count = bench.sizes.large_fleet
    laps = _race_fleet(bench, count, 0.0, [FLOOR, FLOOR_WITHOUT_CHECKPOINTS, PROVIDER])
    _fleet_figures(bench, count, 0.0, laps)


def _race_fleet(
    bench: Bench,
    count: int,
    latency: float,
    contestants: Sequence[Contestant],
    *,
    raw: bool = False,
    more: Mapping[str, tuple[Contestant, int]] | None = None,
    only: Sequence[str] = OPERATIONS,
) -> Laps:
    """Give each contestant so many apps of its own; `more` has other names and numbers of apps."""
    wechat = bench.ground.wechat
    fleets = {each.name: (each, count) for each in contestants} | dict(more or {})
    apps: list[App] = []
    laps: dict[str, Lap] = {}
    for name, (each, own) in fleets.items():
        if each.commands["create"][0] == "terraform" and not shutil.which("terraform"):
            continue
        operations = [operation for operation in only if each is not TUTORIAL or operation in _OF_TUTORIAL]
        fleet = sow(own, len(apps))
        laps[name] = bench.ground.lap(each, fleet, operations=operations)
        apps += fleet
    if raw:
        fleet = sow(count, len(apps))
        laps[_RAW] = raw_lap(wechat, fleet, only)
        apps += fleet
    bench.tell(f"{count} apps, {latency * 1000:.0f} ms")
    return bench.race(laps, get_ready=lambda: wechat.prepare(apps, latency))


def _fleet_figures(bench: Bench, count: int, latency: float, laps: Laps, against: str = FLOOR.name) -> None:
    with_latency = f", {latency * 1000:.0f} ms a call" if latency else ""
    case = f"{count} {'app' if count == 1 else 'apps'}{with_latency}"
    base = laps[against]
    for operation in [name for name in OPERATIONS if name in base]:
        for name, samples in laps.items():
            if operation in samples and name != _FLOOR_START:
                what, other = f"{operation}: {name}", base[operation] if name != against else ()
                bench.figure(case, what, "s", samples[operation], (against * bool(other), other))
    for operation in OPERATIONS:
        key = f"{operation}, CPU"
        for name in (FLOOR.name, CALLS_ALONE.name, PROVIDER.name):
            if key in laps.get(name, ()) and key in base:
                compared = name != against
                what = f"{operation}, processor time: {name}"
                bench.figure(case, what, "s", laps[name][key], (against * compared, base[key] * compared))
    for name, samples in laps.items():
        if (key := "state bytes") in samples and key in base:
            compared = name != against
            what = f"state for each app: {name}"
            bench.figure(case, what, "bytes", samples[key], (against * compared, base[key] * compared))


def growth(bench: Bench) -> None:
    """The provider's own processor time and memory, slice after slice of a growing fleet."""
    sizes = bench.sizes
    bench.tell(f"{sizes.growth} apps in one plugin process")
    ours, floor = grow(bench.ground.wechat, bench.ground.folder, sizes.growth, sizes.slices)
    size = sizes.growth // sizes.slices
    case = f"Growth to {sizes.growth} apps in one plugin process without the engine, by slices of {size}"
    half = sizes.slices // 2
    for operation in ours[0].ms:
        own = [a.ms[operation] - b.ms[operation] for a, b in zip(ours, floor, strict=True)]
        nothing = [each.ms[operation] for each in floor]
        what = f"processor time for each app, {operation}: "
        bench.figure(case, what + "floor (the SDK's)", "ms", nothing)
        bench.figure(case, what + "provider", "ms", [each.ms[operation] for each in ours], ("floor", nothing))
        if min(own) > 0:  # else it is lost in the noise of two clocks
            later = statistics.median(own[half:]) / statistics.median(own[:half])
            bench.figure(case, f"{operation}: own share in the second half / in the first", "", [later])
    own = [sum(a.ms.values()) - sum(b.ms.values()) for a, b in zip(ours, floor, strict=True)]
    bench.figure(case, "processor time for each app, own share of all", "ms", own)
    grown = statistics.median(own[half:]) / statistics.median(own[:half])
    bench.target("own share for each app, second half of the growth / first half", [grown], 1.10)
    _memory(bench, case, ours, floor)


def _memory(bench: Bench, case: str, ours: list[Slice], floor: list[Slice]) -> None:
    size = bench.sizes.growth // bench.sizes.slices
    first, last = ours[0].memory_mib, ours[-1].memory_mib
    bench.figure(
        case, f"memory after {size} apps: provider", "MiB", [first], ("floor", [floor[0].memory_mib])
    )
    bench.figure(case, "memory after all apps: provider", "MiB", [last], ("floor", [floor[-1].memory_mib]))


def drift(bench: Bench) -> None:
    """The command `drift`."""
    count = bench.sizes.drift
    bench.tell(f"drift of {count} apps")
    wait = bench.sizes.drift_latency
    lap = drift_lap(bench.ground.wechat, bench.ground.folder, count, wait)
    laps = bench.race({"drift": lap})["drift"]
    ideal = count * DRIFT_CALLS * wait / CONCURRENCY
    seconds = laps["seconds"]
    case = f"`wechat-miniprogram drift` of {count} apps, {wait * 1000:.0f} ms a call, {CONCURRENCY} at once"
    base = ("ideal", [ideal] * len(seconds)) if ideal else ("", ())
    bench.figure(case, "whole command", "s", seconds, base)
    if ideal:
        what = f"drift of {count} apps at {wait * 1000:.0f} ms / ideal"
        bench.target(what, [each / ideal for each in seconds], 1.3)
    if "first tenth" in laps:
        first = ("after the first tenth", laps["first tenth"])
        bench.figure(case, "memory after the last tenth", "MiB", laps["last tenth"], first)


def policy(bench: Bench) -> None:
    """The policy pack."""
    for domains in (3, 30):
        with packs_running(domains) as packs:
            laps = bench.race(packs, bench.sizes.policy)
        case = f"Policies on {RESOURCES} resources, every second one with {domains} domains"
        base = laps["empty"]["all"]
        for name, samples in laps.items():
            compared = name != "empty"
            bench.figure(case, f"pack: {name}", "ms", samples["all"], ("empty" * compared, base * compared))


def conduct(bench: Bench) -> None:
    """What each peer gets wrong."""
    bench.tell("what each peer does where things go wrong")
    terraform = bool(shutil.which("terraform"))
    bench.findings.facts += observed(bench.ground, terraform=terraform)
    bench.findings.facts += many_resources(bench.ground, bench.sizes.many)


CASES: Mapping[str, Callable[[Bench], None]] = {
    "start": start,
    "lists": lists,
    "fleet": fleet,
    "latency": latency,
    "conduct": conduct,
    "drift": drift,
    "policy": policy,
    "growth": growth,
    "sizes": sizes,
}
