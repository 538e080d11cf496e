"""The policy on removals while changes are frozen.

A pack sees what a program declares, not what the state holds: neither the old inputs nor the deletions of a
run reach it. So the freeze compares with a baseline that was written down when it began.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from pulumi_wechat_miniprogram.policy.baseline import Baseline, read_baseline
from pulumi_wechat_miniprogram.policy.declared import DeclaredResource
from pulumi_wechat_miniprogram.policy.hosts import ApprovedName
from pulumi_wechat_miniprogram.policy.rule import Appid, Config, Finding, Names, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run
from pulumi_wechat_miniprogram.policy.stack_view import StackView

__all__ = ["FREEZE", "Freeze"]

_NAMED = 5


def _baseline(value: object) -> Baseline:
    if not isinstance(value, str):
        message = "is no path"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueError as a wrong value
    return read_baseline(value)


class Freeze(Config):
    """When removals are frozen, and what must stay."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    frozen: bool = Field(default=False, description="frozen as long as this is true")
    begin: AwareDatetime | None = Field(
        default=None,
        alias="from",
        description="frozen from this time on, such as `2026-11-10T00:00:00+08:00`",
    )
    until: AwareDatetime | None = Field(
        default=None, description="frozen until this time; with `from` a window, alone from now on"
    )
    baseline: Annotated[Baseline, BeforeValidator(_baseline), WithJsonSchema({"type": "string"})] | None = (
        Field(
            default=None,
            description="stack export from before the freeze, in any form that the command line reads; it "
            "must name a Mini Program; a relative path starts at the program's directory",
        )
    )
    keep: dict[Appid, Names[ApprovedName]] = Field(
        default_factory=dict,
        description="appid to the domains that must stay, in addition to or instead of `baseline`",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Freeze:
        if self.begin and self.until and self.until <= self.begin:
            message = "`until` is not after `from`"
            raise ValueError(message)
        if not self.idle and not self.keep and self.baseline is None:
            message = "a freeze needs a `baseline` or `keep` to compare with"
            raise ValueError(message)
        return self

    @property
    def idle(self) -> bool:
        """Nothing is frozen as long as neither the switch nor a time is given."""
        return not (self.frozen or self.begin or self.until)

    def in_force(self, run: Run) -> bool:
        """Tell whether removals are frozen now."""
        if self.frozen:
            return True
        time = run.clock()
        return (self.begin is None or self.begin <= time) and (self.until is None or time < self.until)

    def must_stay(self) -> dict[str, frozenset[str]]:
        """Return the hosts of each appid that may not go."""
        hosts = dict(self.baseline.hosts if self.baseline else {})
        for appid, domains in self.keep.items():
            hosts[appid] = hosts.get(appid, frozenset()) | frozenset(domains)
        return hosts

    @property
    def secrets(self) -> frozenset[str]:
        """What no message may show."""
        return self.baseline.secrets if self.baseline else frozenset()

    @property
    def reason(self) -> str:
        """Until when."""
        if self.frozen or self.until is None:
            return "removals are frozen"
        return f"removals are frozen until {self.until.isoformat()}"


def _judge(declared: DeclaredResource, config: Freeze, run: Run) -> Iterator[Finding]:
    """Judge an authoritative list before the write: it must hold all of its appid's domains by itself."""
    if not config.in_force(run):
        return
    if declared.mode == "additive":
        return
    if gaps := declared.gaps_in("appid", "mode", "domains"):
        yield from unjudged(declared, gaps, before_writes=not declared.gaps_in("mode"))
    elif missing := config.must_stay().get(declared.appid or "", frozenset()) - declared.hosts:
        text = (
            f"{_names(missing, config)} of {declared.shown_appid} would be removed, and {config.reason}: "
            f"{declared.name} does not declare what the baseline holds."
        )
        yield Finding(text, declared.urn)


def _judge_stack(stack: StackView, config: Freeze, run: Run) -> Iterator[Finding]:
    """Judge at the end what no single resource tells: additive lists together, resources that are gone."""
    if not config.in_force(run):
        return
    unknown = [one for one in stack.declared if one.gaps_in("appid", "mode", "domains")]
    untold = [one for one in unknown if one.mode == "additive"]
    for appid, hosts in sorted(config.must_stay().items()):
        of_app = [one for one in stack.declared if one.appid == appid]
        if any(one.mode == "authoritative" for one in of_app):
            continue
        missing = hosts.difference(*(one.hosts for one in of_app))
        if not missing:
            continue
        if unknown:
            for one in untold:
                yield from unjudged(one, one.gaps_in("appid", "mode", "domains"), before_writes=False)
            return
        why = "no resource declares this appid" if not of_app else "no resource of this appid declares them"
        of = "an appid that is a secret" if appid in config.secrets else appid
        text = f"{_names(missing, config)} of {of} would be removed, and {config.reason}: {why} any more."
        yield Finding(text)


def _names(hosts: frozenset[str], config: Freeze) -> str:
    named = ["a secret domain" if host in config.secrets else f"https://{host}" for host in sorted(hosts)]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


FREEZE = Rule(
    id="freeze",
    description="No domain is removed while changes are frozen.",
    severity="high",
    level="mandatory",
    tags=("safety", "change-management"),
    steps="Put the domain back into `domains` until the freeze ends, or have those who own the "
    "configuration lift it.",
    details="Compares with a baseline, since a pack sees neither the state nor the deletions of a run: "
    "`pulumi stack export --file baseline.json` when the freeze begins. An authoritative list that lacks a "
    "domain of the baseline is refused before the write, in the preview and in the update. Additive lists "
    "count together, so they, and resources that left the program, are judged when all resources are "
    "known: at the end of the preview, which then fails before anything is written, and at the end of the "
    "update. **Not stopped:** a removal of the second kind under `--skip-preview`, which is told when it "
    "has happened, and `pulumi destroy`, which takes no `--policy-pack`. `protect` stops both. Domains "
    "that somebody else put on WeChat's list are not in the baseline.",
    config=Freeze,
    judge=_judge,
    judge_stack=_judge_stack,
)
