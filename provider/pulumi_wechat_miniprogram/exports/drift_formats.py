"""Drift as Markdown and as metrics. What is decided is in `drift`; nothing here decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, get_args

from pulumi_wechat_miniprogram.exports.drift import Comparison, Kind, Row
from pulumi_wechat_miniprogram.exports.reader import declared_by
from pulumi_wechat_miniprogram.safety.moment import seconds_since_1970
from pulumi_wechat_miniprogram.safety.text import one_line

_COLUMNS: Final = ("result", "Mini Program", "declared by", "reason", "time", "seconds")
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~])")
_PREFIX: Final = "wechat_miniprogram_drift"


def counts_of(comparison: Comparison) -> str:
    """Return the numbers in one line."""
    return counts(comparison.compared, comparison.drifted, comparison.failed)


def counts(compared: int, drifted: int, failed: int) -> str:
    """Return how many Mini Programs were compared, and what became of it, in one line."""
    apps = f"{compared} Mini Program{'' if compared == 1 else 's'}"
    return f"{apps} compared, {drifted} with drift, {failed} failed"


def as_markdown(comparison: Comparison) -> str:
    """Return a table, as for the comment of a pull request or the summary of a CI job."""
    lines = [f"**{counts_of(comparison)}**"]
    if comparison.rows:
        lines += ["", f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    for row in comparison.drift_first:
        cells = (row.result, row.appid, declared_by(row.resources), row.reason, row.time, f"{row.seconds:g}")
        lines.append(f"| {' | '.join(map(_in_markdown, cells))} |")
    return "\n".join(lines)


def _in_markdown(text: str) -> str:
    return _MARKUP.sub(r"\\\1", one_line(text))


def as_metrics(comparison: Comparison) -> str:
    """Return gauges in the text form of OpenMetrics, which node_exporter reads too."""
    return "\n".join([*_gauges(comparison), "# EOF"])


def _gauges(comparison: Comparison) -> Iterator[str]:
    yield from _family("apps", "Mini Programs by result of the last comparison.")
    in_sync = comparison.compared - comparison.drifted
    for result, count in (("drift", comparison.drifted), ("failed", comparison.failed), ("in-sync", in_sync)):
        yield _sample("apps", count, result=result)
    yield from _family("app_drifted", "1 if a Mini Program drifted. Absent if it could not be compared.")
    for row in comparison.rows:
        if row.result != "failed":
            yield _sample("app_drifted", int(row.result == "drift"), **_labels(row))
    yield from _family("app_failed", "1 if a Mini Program could not be compared.")
    for row in comparison.rows:
        yield _sample("app_failed", int(row.result == "failed"), **_labels(row))
    yield from _family("app_seconds", "How long the comparison of a Mini Program took.")
    for row in comparison.rows:
        yield _sample("app_seconds", row.seconds, **_labels(row))
    yield from _family("app_timestamp_seconds", "When a Mini Program was compared, in seconds since 1970.")
    for row in comparison.rows:
        yield _sample("app_timestamp_seconds", seconds_since_1970(row.time), **_labels(row))
    yield from _family("domain", "1 for each domain that differs, by kind of difference.")
    for row in comparison.rows:
        for kind in get_args(Kind):
            for domain in row.domains(kind):
                yield _sample("domain", 1, appid=row.appid, kind=kind, domain=domain)


def _family(name: str, meaning: str) -> tuple[str, str]:
    return f"# TYPE {_PREFIX}_{name} gauge", f"# HELP {_PREFIX}_{name} {meaning}"


def _labels(row: Row) -> dict[str, str]:
    return {"appid": row.appid, "declared_by": declared_by(row.resources)}


def _sample(name: str, value: float, **labels: str) -> str:
    held = ",".join(f'{label}="{_in_metrics(text)}"' for label, text in labels.items())
    return f"{_PREFIX}_{name}{{{held}}} {value:.12g}"


def _in_metrics(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
