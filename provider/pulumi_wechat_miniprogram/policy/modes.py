"""Policies on several resources of one appid."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_wechat_miniprogram.policy.declared import DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

__all__ = ["NO_MIXED_MODES", "ONE_AUTHORITATIVE"]


def _judge_one(declared: DeclaredResource, _config: Config, run: Run) -> Iterator[Finding]:
    if declared.mode == "authoritative":
        others = [other.name for other in run.others(declared) if other.mode == "authoritative"]
        if others:
            text = (
                f"{declared.name} owns the whole list of {declared.shown_appid}, and {', '.join(others)} "
                "too: each removes what the other adds."
            )
            yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("appid", "mode"))


def _judge_mixed(declared: DeclaredResource, _config: Config, run: Run) -> Iterator[Finding]:
    others = [
        f"{other.name} ({other.mode})"
        for other in run.others(declared)
        if other.mode and declared.mode and other.mode != declared.mode
    ]
    if others:
        text = (
            f"{declared.name} is {declared.mode} for {declared.shown_appid}, beside {', '.join(others)}: an "
            "authoritative resource removes what an additive one of another run added."
        )
        yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("appid", "mode"))


ONE_AUTHORITATIVE = Rule(
    id="one-authoritative",
    description="At most one authoritative resource owns the list of an appid.",
    severity="critical",
    level="mandatory",
    tags=("safety",),
    steps='Put all domains of the appid into one resource, or set `mode="additive"` on every one of them.',
    details="The second resource of an appid is refused before it writes; the one before it stands. Other "
    "stacks are not seen.",
    judge=_judge_one,
)

NO_MIXED_MODES = Rule(
    id="no-mixed-modes",
    description="The resources of one appid are all authoritative or all additive.",
    severity="high",
    level="mandatory",
    tags=("safety",),
    steps="Use one mode for all resources of the appid.",
    details="The resource that brings in the second mode is refused before it writes. Other stacks are not "
    "seen.",
    judge=_judge_mixed,
)
