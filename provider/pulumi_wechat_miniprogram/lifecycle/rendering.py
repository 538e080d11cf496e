"""Plans as text, JSON and Markdown. Renderers show a plan; they decide nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.lifecycle.domain import Undeclarable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_wechat_miniprogram.lifecycle.plan import Plan


def plan_to_text(plan: Plan) -> str:
    """Return a plan as lines for a person: a heading, then `+`, `-` and the refusals."""
    lines = [f"{plan.operation} of {plan.appid} ({plan.mode}), {len(plan.existing.entries)} live"]
    lines += [f"  + {_one_line(domain)}" for domain in plan.added]
    lines += [f"  - {_one_line(domain)}" for domain in plan.removed]
    lines += [f"    {_one_line(domain)} stays: another resource declares it" for domain in plan.spared]
    lines += [f"    {_one_line(domain)} stays: this resource did not add it" for domain in plan.left]
    lines += [f"  refused: {_one_line(refusal.text)}" for refusal in plan.refusals]
    calls = ", ".join(f"{step.action} {len(step.values)}" for step in plan.steps)
    lines.append(f"  writes: {calls or 'none'}")
    return "\n".join(lines)


def plan_to_markdown(plan: Plan) -> str:
    """Return a plan as Markdown for a pull request: one list in the colours of a diff, then what matters."""
    lines = [f"#### {plan.operation} of `{plan.appid}` ({plan.mode}), {len(plan.existing.entries)} live", ""]
    listed = [f"+ {_one_line(domain)}" for domain in plan.added]
    listed += [f"- {_one_line(domain)}" for domain in plan.removed]
    listed += [f"  {_one_line(domain)}" for domain in (*plan.kept, *plan.spared, *plan.left)]
    fence = _fence(listed)
    lines += [f"{fence}diff", *listed, fence, ""]
    lines += [f"- **Refused:** {_refusal(refusal.text, plan)}" for refusal in plan.refusals]
    if plan.spared:
        lines.append(f"- Stays, because another resource declares it: {_code(plan.spared)}")
    if plan.left:
        lines.append(f"- Stays, because this resource did not add it: {_code(plan.left)}")
    if plan.added and not plan.refusals:
        lines.append("- New domains are in force after the next release of the Mini Program.")
    if plan.added and plan.removed and not plan.refusals:
        lines.append(
            "- A removal may take effect immediately. Two updates are safer: add, release, then remove."
        )
    calls = ", ".join(f"`{step.action}` of {len(step.values)}" for step in plan.steps)
    lines.append(f"- Writes: {calls or 'none'}.")
    return "\n".join(lines)


def _code(domains: tuple[str, ...]) -> str:
    return ", ".join(f"`{_one_line(domain).replace('`', '')}`" for domain in domains)


def _fence(lines: Sequence[str]) -> str:
    """Return a fence that no line ends."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    return "`" * max(3, longest + 1)


def _refusal(text: str, plan: Plan) -> str:
    """Return a refusal in which a value that is not a domain is code, which Markdown does not interpret."""
    for value in plan.removed:
        if isinstance(value, Undeclarable):
            text = text.replace(value, _code((value,)))
    return _one_line(text)


def _one_line(text: str) -> str:
    """Return a text that cannot end its line: live values are anybody's."""
    return " ".join(text.split())


def plan_to_json(plan: Plan) -> dict[str, object]:
    """Return a plan as a JSON object, its keys in order: equal plans are equal in bytes too."""
    return {
        "added": plan.added,
        "appid": plan.appid,
        "desired": plan.desired,
        "existing": plan.existing.spelled,
        "kept": plan.kept,
        "left": plan.left,
        "mode": plan.mode,
        "operation": plan.operation,
        "refusals": [{"code": r.code, "domains": r.domains, "text": r.text} for r in plan.refusals],
        "removed": plan.removed,
        "spared": plan.spared,
        "steps": [{"action": step.action, "values": step.values} for step in plan.steps],
    }
