"""What was found, as rows for people and as a seed of the emulator."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pulumi_wechat_miniprogram.calibration.points import Finding, settled
from pulumi_wechat_miniprogram.calibration.seen import Exchange

COLUMNS = ("open point", "position", "", "evidence")


def rows(findings: Iterable[Finding]) -> list[tuple[str, str, str, str]]:
    """Return a row for each point: what was found first, then what was not and why."""
    found = list(findings)
    return [
        *(row(each) for each in found if each.by is not None),
        *(row(each) for each in found if each.by is None and each.point.needs != "nothing"),
        *(row(each) for each in found if each.point.needs == "nothing"),
    ]


def row(finding: Finding) -> tuple[str, str, str, str]:
    point = finding.point
    if finding.contradictory:
        return point.switch, "contradictory", "", _said(finding.by)
    if finding.position:
        return point.switch, finding.position, "certain" if finding.certain else "likely", _said(finding.by)
    if finding.by is not None:
        return point.switch, " or ".join(finding.left), "", f"{_said(finding.by)}; {point.how}"
    if point.needs == "nothing":
        return point.switch, "not observable", "", point.how
    return point.switch, "not seen", "", f"{'with --write: ' if point.needs == 'write' else ''}{point.how}"


def seed_of(findings: Iterable[Finding]) -> str:
    """Return the settled points as YAML that `emulator --seed` takes."""
    positions = settled(findings)
    lines = [f"  {switch}: {json.dumps(position)}" for switch, position in positions.items()]
    return "\n".join(["switches:" if lines else "switches: {}", *lines]) + "\n"


def _said(by: Exchange | None) -> str:
    """Return a call and its answer in one line."""
    if by is None:
        return ""
    code = by.errcode if "errcode" in by.document else "no errcode"
    return f"{by} → {code} {by.document.get('errmsg', '')}".rstrip()
