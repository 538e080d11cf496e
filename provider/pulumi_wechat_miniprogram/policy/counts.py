"""Policies on WeChat's two counts: domains of one Mini Program, subjects of one domain."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, MAX_SUBJECTS
from pulumi_wechat_miniprogram.policy.declared import DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Appid, Config, Finding, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

__all__ = ["DOMAIN_HEADROOM", "SUBJECTS_PER_DOMAIN", "Headroom", "Subjects"]


class Headroom(Config):
    """Where the warning begins."""

    percent: int = Field(default=80, ge=1, le=100, description=f"warn from this share of {MAX_DOMAINS} on")


class Subjects(Config):
    """The limit, and which appids belong together."""

    limit: int = Field(
        default=MAX_SUBJECTS,
        ge=1,
        le=MAX_SUBJECTS,
        description="subjects that may share a domain in this stack; less than WeChat's 100 leaves room for "
        "other stacks",
    )
    subjects: dict[Appid, str] = Field(
        default_factory=dict,
        description="appid to subject (the registered company); an appid that is not named counts as a "
        "subject of its own",
    )


def _judge_headroom(declared: DeclaredResource, config: Headroom, run: Run) -> Iterator[Finding]:
    if any(gap.path == "domains" for gap in declared.gaps):
        yield from unjudged(declared, declared.gaps_in("domains"))
        return
    hosts = set(declared.hosts).union(*(other.hosts for other in run.others(declared)))
    count = len(hosts) + len(declared.gaps_in("domains"))
    if count * 100 >= config.percent * MAX_DOMAINS:
        text = (
            f"{declared.shown_appid} has {count} of at most {MAX_DOMAINS} webview domains "
            f"({count / MAX_DOMAINS:.0%}); this warns from {config.percent} % on."
        )
        yield Finding(text, declared.urn)


def _judge_subjects(declared: DeclaredResource, config: Subjects, run: Run) -> Iterator[Finding]:
    for domain in declared.domains:
        count = len({config.subjects.get(appid, appid) for appid in run.apps_of(domain.host)})
        if count > config.limit:
            text = (
                f"{domain.shown} is declared for {count} subjects in this stack, more than {config.limit}: "
                f"WeChat takes a domain for at most {MAX_SUBJECTS} (errcode 506015)."
            )
            yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("domains", "appid"))


DOMAIN_HEADROOM = Rule(
    id="domain-headroom",
    description=f"A Mini Program keeps room below WeChat's limit of {MAX_DOMAINS} webview domains.",
    severity="low",
    level="advisory",
    tags=("limits",),
    steps="Declare a parent domain in place of its subdomains: a configured domain covers them.",
    details="Counts what the resources of one appid declare together, each domain once; an unknown element "
    "counts as one. Domains that additive resources of other stacks added are not seen.",
    config=Headroom,
    judge=_judge_headroom,
)

SUBJECTS_PER_DOMAIN = Rule(
    id="subjects-per-domain",
    description=f"A domain is shared by at most {MAX_SUBJECTS} subjects.",
    severity="medium",
    level="advisory",
    tags=("limits",),
    steps="Give some of the subjects a domain of their own, or name the appids of one company in `subjects`.",
    details="WeChat counts subjects (registered companies), a stack knows appids: without `subjects` the "
    "count is an upper bound, which is why the policy advises. The resource that passes the limit is "
    "named, those before it are not. Other stacks and other platforms are not seen.",
    config=Subjects,
    judge=_judge_subjects,
)
