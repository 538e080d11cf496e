"""Lines for the user about an operation that goes on: what stays, what waits, what somebody else holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from pulumi_wechat_miniprogram.plan import Plan

__all__ = ["left_alone", "live_differs", "only_elsewhere", "removed_early", "survivors"]


_ADVICE: Final = (
    ". After a rename without alias that is as it should be; under --target, where it is not seen, "
    "`pulumi state delete URN` of the old resource is the way"
)


def removed_early(plan: Plan, pending: Sequence[str]) -> list[str]:
    """Tell of domains that are gone while declared ones are not in force yet."""
    if not (plan.removed and pending):
        return []
    return [
        f"{plan.appid}: {_name(plan.removed, 'was', 'were')} removed while {_name(pending, 'waits', 'wait')} "
        "for the next release of the Mini Program. Safer: add, release, then remove"
    ]


def only_elsewhere(appid: str, declared: Iterable[str], others: Collection[str]) -> list[str]:
    """Tell of declared domains that only the console or mode one lists."""
    foreign = [key for key in declared if key in others]
    if not foreign:
        return []
    return [
        f"{appid}: {_name(foreign, 'is', 'are')} declared, but on the console's or mode one's list only, and "
        "may drop out at the next release"
    ]


def left_alone(appid: str, keys: Iterable[str]) -> list[str]:
    """Tell of undeclared domains that are not ours to remove."""
    return [f"{appid}: {key} is on the console's or mode one's list only: left alone" for key in sorted(keys)]


def survivors(plan: Plan) -> list[str]:
    """Tell of domains that leave the state and stay on WeChat's list."""
    lines = []
    if plan.spared:
        lines.append(
            f"{plan.appid}: {_name(plan.spared, 'stays', 'stay')} on the live list, since another resource "
            f"of this program declares the same{_ADVICE if plan.operation == 'delete' else ''}"
        )
    if plan.left:
        lines.append(
            f"{plan.appid}: {_name(plan.left, 'stays', 'stay')} on the live list, since this resource did "
            "not put it there"
        )
    return lines


def live_differs(appid: str, missing: Sequence[str], extra: Sequence[str]) -> list[str]:
    """Tell how the live list differs from the state."""
    parts = []
    if missing:
        parts.append(f"missing {', '.join(missing)}")
    if extra:
        parts.append(f"extra {', '.join(extra)} (an update removes it only after `pulumi refresh`)")
    return [f"{appid}: the live list differs from the state: {'; '.join(parts)}"] if parts else []


def _name(keys: Sequence[str], one: str, many: str) -> str:
    """Name domains with the verb that goes with their number."""
    return f"{', '.join(keys)} {one if len(keys) == 1 else many}"
