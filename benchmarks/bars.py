"""The published bars."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.results import Bar, Samples, differences, ratios


def _growth(face: str) -> Bar:
    """Divide the own cost of an app in the second half of the slices by that in the first half."""

    def compute(samples: Samples) -> Sequence[float]:
        own = differences(f"growth / CPU an app / {face}", "growth / CPU an app / native floor")(samples)
        half = len(own) // 2
        return [statistics.median(own[half:]) / statistics.median(own[:half])]

    return Bar(f"growth: own cost of an app, {face}, second half / first half", 1.10, compute)


def _against(leg: str, over: str, base: str, limit: float) -> Bar:
    compute = ratios(f"{leg} / {over}", f"{leg} / {base}")
    return Bar(f"{leg.replace(' / ', ': ')}: {over} / {base}", limit, compute)


_FLEET = ("create", "no-op", "refresh", "destroy")
BARS = (
    *(_against(f"fleet / {operation}", "native", "native floor", 1.10) for operation in _FLEET),
    _against("preview / no-op preview", "looking", "blind", 1.05),
    _against("preview / preview of creates", "looking", "blind", 1.15),
    _against("latency / create", "native", "dynamic", 0.55),
    _against("latency / refresh", "native", "dynamic", 0.45),
    _against("latency / destroy", "native", "dynamic", 0.55),
    _against("latency / create", "native", "terraform", 0.85),
    _against("start / first Check", "native", "native floor", 1.25),
    _against("growth / CPU an app, create", "native", "native floor", 1.25),
    Bar("import beyond `import pulumi`, seconds", 0.1, differences("import / program", "import / pulumi")),
    Bar("drift / ideal", 1.3, ratios("drift / time / command", "drift / time / ideal")),
    Bar("report: opening 1,000 apps in Chromium, seconds", 1.0, lambda samples: samples["report / page"]),
    _growth("native"),
    _growth("dynamic"),
)
