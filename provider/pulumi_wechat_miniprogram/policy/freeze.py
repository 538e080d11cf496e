"""The policy on removals while changes are frozen.

A pack sees what a program declares. It sees neither the old inputs nor the deletions of a run. The policy
therefore compares with a baseline that was exported when the freeze began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from pulumi_wechat_miniprogram.lifecycle.domain import Listed
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.policy.baseline import read_given
from pulumi_wechat_miniprogram.policy.hosts import ApprovedName
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource, ListKey, StackView, host_in, host_of
from pulumi_wechat_miniprogram.policy.rule import Appid, Config, Finding, Names, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a stack export declares: the hosts of each list, and which of these and the appids are secret."""

    hosts: Mapping[ListKey, frozenset[str]]
    secrets: frozenset[str] = frozenset()


def read_baseline(path: object) -> Baseline:
    """Read a stack export.

    Raises:
        ValueError: it cannot be read; it names no Mini Program; or its domains are encrypted.
    """
    exports = read_given(path)
    hosts: dict[ListKey, set[str]] = {}
    for stored in (each for export in exports for each in export.lists):
        appid = stored.recorded.appid
        if stored.sealed or not appid:
            message = f"{stored.urn.text} in {path} has no readable appid or domains; name them in `keep`"
            raise ValueError(message)
        channel = stored.recorded.channel
        hosts.setdefault(ListKey(appid, "domains"), set())
        for domain in stored.recorded.domains:
            listed, host = _place(domain)
            hosts.setdefault(ListKey(appid, listed, channel), set()).add(host)
    if not hosts:
        message = (
            f"{path} contains no Mini Program, so the freeze would protect nothing. Export the stack that "
            "declares them, or name the domains in `keep`"
        )
        raise ValueError(message)
    kept = {place: frozenset(found) for place, found in hosts.items()}
    return Baseline(kept, frozenset[str]().union(*(export.secrets for export in exports)))


def _place(domain: Listed) -> tuple[str, str]:
    """Return the list of a stored domain, and its host."""
    kind, _, value = domain.partition(" ")
    return (kind, host_in(kind, value)[0]) if kind in KINDS else ("domains", host_of(domain)[0])


class Freeze(Config):
    """When removals are frozen, and which domains must stay."""

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
    baseline: (
        Annotated[Baseline, BeforeValidator(read_baseline), WithJsonSchema({"type": "string"})] | None
    ) = Field(
        default=None,
        description="stack export from before the freeze, in any form that the command line reads; it "
        "must name a Mini Program; a relative path starts at the program's directory",
    )
    keep: dict[Appid, Names[ApprovedName]] = Field(
        default_factory=dict,
        description="appid to the webview domains of the direct channel that must stay, in addition to or "
        "instead of `baseline`",
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
        """Whether neither the switch nor a time is set."""
        return not (self.frozen or self.begin or self.until)

    def in_force(self, run: Run) -> bool:
        """Whether removals are frozen now."""
        if self.frozen:
            return True
        time = run.clock()
        return (self.begin is None or self.begin <= time) and (self.until is None or time < self.until)

    def must_stay(self) -> dict[ListKey, frozenset[str]]:
        """Return the hosts of each list that must not be removed; `keep` names webview domains."""
        hosts = dict(self.baseline.hosts if self.baseline else {})
        for appid, domains in self.keep.items():
            key = ListKey(appid, "domains")
            hosts[key] = hosts.get(key, frozenset()) | frozenset(domains)
        return hosts

    @property
    def secrets(self) -> frozenset[str]:
        """The appids and hosts that no message may show."""
        return self.baseline.secrets if self.baseline else frozenset()

    @property
    def reason(self) -> str:
        """Why a removal is refused, and until when."""
        if self.frozen or self.until is None:
            return "removals are frozen"
        return f"removals are frozen until {self.until.isoformat()}"


def _judge(declared: DeclaredResource, config: Freeze, run: Run) -> Iterator[Finding]:
    """Judge an authoritative list before the write: it must contain all domains of its appid."""
    if declared.mode == "additive" or not config.in_force(run):
        return
    if gaps := declared.gaps_in("appid", "mode", "domains"):
        yield from unjudged(declared, gaps, before_writes=not declared.gaps_in("mode"))
        return
    must_stay = config.must_stay().get(declared.key, frozenset())
    if missing := must_stay - declared.hosts:
        text = (
            f"{_names(missing, declared.key, config)} of {declared.shown_appid} would be removed, and "
            f"{config.reason}: {declared.name} does not declare what the baseline contains."
        )
        yield Finding(text, declared.urn)


def _judge_stack(stack: StackView, config: Freeze, run: Run) -> Iterator[Finding]:
    """Judge at the end what no single resource shows: additive lists together, and removed resources."""
    if not config.in_force(run):
        return
    unknown = [one for one in stack.lists if one.gaps_in("appid", "mode", "domains")]
    managed = {(one.appid, one.channel) for one in stack.lists if one.listed in KINDS}
    for key, hosts in sorted(config.must_stay().items()):
        appid, listed, channel = key
        of_app = [one for one in stack.lists if one.key == key]
        if any(one.mode == "authoritative" for one in of_app):
            continue
        if not of_app and listed in KINDS and (appid, channel) in managed:
            continue  # a list that its resource no longer manages stays as it is
        missing = hosts.difference(*(one.hosts for one in of_app))
        if not missing:
            continue
        if unknown:
            for one in (one for one in unknown if one.mode == "additive"):
                yield from unjudged(one, one.gaps_in("appid", "mode", "domains"), before_writes=False)
            return
        why = "no resource of this appid declares them"
        if not of_app:
            others = any(one.appid == appid for one in stack.lists)
            why = f"no resource declares this {'list' if others else 'appid'}"
        of = "an appid that is a secret" if appid in config.secrets else appid
        named = _names(missing, key, config)
        yield Finding(f"{named} of {of} would be removed, and {config.reason}: {why} any more.")


def _names(hosts: frozenset[str], key: ListKey, config: Freeze) -> str:
    webview = key.listed == "domains"
    marks = [*([] if webview else [f"`{key.listed}`"]), *([] if key.channel == "direct" else [key.channel])]
    shown = ("https://{}" if webview else "{}") + (f" ({', '.join(marks)})" if marks else "")
    named = ["a secret domain" if host in config.secrets else shown.format(host) for host in sorted(hosts)]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


FREEZE = Rule(
    id="freeze",
    description="No domain is removed while changes are frozen.",
    severity="high",
    level="mandatory",
    tags=("safety", "change-management"),
    steps="Put the domain back into its list until the freeze ends, or ask the owners of the "
    "configuration to lift the freeze.",
    config=Freeze,
    server_too=True,
    judge=_judge,
    judge_stack=_judge_stack,
)
