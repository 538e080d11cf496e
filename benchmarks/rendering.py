"""Findings as JSON and as Markdown. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from benchmarks.figures import Figure, Findings, Spread, Target

__all__ = ["to_json", "to_markdown"]

_DIGITS = {"s": 2, "ms": 1, "MiB": 1, "bytes": 0, "apps/s": 0}
_UNITS_IN_TEXT = {"s": " s", "ms": " ms", "": ""}


def to_json(findings: Findings) -> str:
    """Return everything, with every sample."""
    document = {
        "version": 1,
        "machine": dict(findings.machine),
        "targets": [
            {
                "target": each.text,
                "value": round(each.value, 4),
                "limit": each.limit,
                "limit_is": "least" if each.at_least else "most",
                "unit": each.unit or "ratio",
                "met": each.met,
            }
            for each in findings.targets
        ],
        "figures": [
            {
                "case": each.case,
                "what": each.what,
                "unit": each.unit,
                "samples": [round(sample, 5) for sample in each.samples],
                "spread": _spread_document(each.spread),
                "against": each.against or None,
                "base": [round(sample, 5) for sample in each.base],
                "ratio": _spread_document(each.ratio),
            }
            for each in findings.figures
        ],
        "facts": [{"question": f.question, "peer": f.peer, "seen": f.seen} for f in findings.facts],
        "notices": findings.notices,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def to_markdown(findings: Findings) -> str:
    """Return the tables that a reader wants: targets, figures by case, facts."""
    parts = ["# Results of `make bench`", _machine(findings)]
    if findings.notices:
        parts.append("\n".join(f"- {notice}" for notice in findings.notices))
    if findings.targets:
        parts += [
            "## Targets",
            _table(("target", "limit", "measured", "met"), map(_target, findings.targets)),
        ]
    for case in dict.fromkeys(each.case for each in findings.figures):
        rows = [_figure(each) for each in findings.figures if each.case == case]
        head = ("what", "median (min–max)", "against", "ratio (min–max)")
        parts += [f"## {case}", _table(head, rows)]
    if findings.facts:
        parts += ["## What each peer did", _facts(findings)]
    return "\n\n".join(parts) + "\n"


def _spread_document(spread: Spread | None) -> dict[str, float] | None:
    if spread is None:
        return None
    return {"median": round(spread.median, 5), "min": round(spread.low, 5), "max": round(spread.high, 5)}


def _machine(findings: Findings) -> str:
    return _table(("machine", ""), list(findings.machine.items()))


def _target(target: Target) -> tuple[str, str, str, str]:
    unit = _UNITS_IN_TEXT.get(target.unit, f" {target.unit}")
    sign = "≥" if target.at_least else "≤"
    value = f"{target.value:.1f}" if target.unit else f"{target.value:.2f}"
    return target.text, f"{sign} {target.limit:g}{unit}", f"{value}{unit}", "yes" if target.met else "**no**"


def _figure(figure: Figure) -> tuple[str, str, str, str]:
    digits = _DIGITS.get(figure.unit, 2)
    ratio = _shown(figure.ratio, 2) if figure.ratio else ""
    return figure.what, f"{_shown(figure.spread, digits)} {figure.unit}", figure.against, ratio


def _shown(spread: Spread, digits: int) -> str:
    middle = f"{spread.median:,.{digits}f}"
    if spread.low == spread.high:
        return middle
    return f"{middle} ({spread.low:,.{digits}f}–{spread.high:,.{digits}f})"


def _facts(findings: Findings) -> str:
    peers = list(dict.fromkeys(fact.peer for fact in findings.facts))
    questions = list(dict.fromkeys(fact.question for fact in findings.facts))
    seen = {(fact.question, fact.peer): fact.seen for fact in findings.facts}
    rows = [(question, *(seen.get((question, peer), "") for peer in peers)) for question in questions]
    return _table(("", *peers), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
