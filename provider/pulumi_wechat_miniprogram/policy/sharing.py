"""Policies on resources that share an appid, and on appids that share a domain."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, MAX_SUBJECTS
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Appid, Config, Finding, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run


class Headroom(Config):
    """Where the warning begins."""

    percent: int = Field(default=80, ge=1, le=100, description=f"warn from this share of {MAX_DOMAINS}")


class Subjects(Config):
    """The limit, and which appids belong together."""

    limit: int = Field(
        default=MAX_SUBJECTS,
        ge=1,
        le=MAX_SUBJECTS,
        description=f"subjects that may share a domain in this stack; a limit below WeChat's {MAX_SUBJECTS} "
        "leaves room for other stacks",
    )
    subjects: dict[Appid, str] = Field(
        default_factory=dict,
        description="appid to subject (the registered company); an appid that is not listed counts as a "
        "subject of its own",
    )


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
            f"{declared.name} is {declared.mode} for {declared.shown_appid}, alongside {', '.join(others)}: "
            "an authoritative resource removes what an additive one added in another run."
        )
        yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("appid", "mode"))


def _judge_headroom(declared: DeclaredResource, config: Headroom, run: Run) -> Iterator[Finding]:
    if any(gap.path == "domains" for gap in declared.gaps):
        yield from unjudged(declared, declared.gaps_in("domains"))
        return
    hosts = set(declared.hosts).union(*(other.hosts for other in run.others(declared)))
    count = len(hosts) + len(declared.gaps_in("domains"))
    if count * 100 >= config.percent * MAX_DOMAINS:
        text = (
            f"{declared.shown_appid} has {count} of at most {MAX_DOMAINS} webview domains "
            f"({count / MAX_DOMAINS:.0%}); this warns from {config.percent} %."
        )
        yield Finding(text, declared.urn)


def _judge_subjects(declared: DeclaredResource, config: Subjects, run: Run) -> Iterator[Finding]:
    for domain in declared.domains:
        count = len({config.subjects.get(appid, appid) for appid in run.apps_of(domain.host)})
        if count > config.limit:
            text = (
                f"{domain.shown} is declared for {count} subjects in this stack, more than {config.limit}: "
                f"WeChat accepts a domain for at most {MAX_SUBJECTS} (errcode 506015)."
            )
            yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("domains", "appid"))


ONE_AUTHORITATIVE = Rule(
    id="one-authoritative",
    description="At most one authoritative resource owns the list of an appid.",
    severity="critical",
    level="mandatory",
    tags=("safety",),
    steps='Put all domains of the appid into one resource, or set `mode="additive"` on every one of them.',
    judge=_judge_one,
)

NO_MIXED_MODES = Rule(
    id="no-mixed-modes",
    description="The resources of one appid are all authoritative or all additive.",
    severity="high",
    level="mandatory",
    tags=("safety",),
    steps="Use one mode for all resources of the appid.",
    judge=_judge_mixed,
)

DOMAIN_HEADROOM = Rule(
    id="domain-headroom",
    description=f"A Mini Program keeps room below WeChat's limit of {MAX_DOMAINS} webview domains.",
    severity="low",
    level="advisory",
    tags=("limits",),
    steps="Declare a parent domain instead of its subdomains: a configured domain covers them.",
    config=Headroom,
    judge=_judge_headroom,
)

SUBJECTS_PER_DOMAIN = Rule(
    id="subjects-per-domain",
    description=f"A domain is shared by at most {MAX_SUBJECTS} subjects.",
    severity="medium",
    level="advisory",
    tags=("limits",),
    steps="Give some of the subjects their own domain, or name the appids of one company in `subjects`.",
    config=Subjects,
    judge=_judge_subjects,
)
