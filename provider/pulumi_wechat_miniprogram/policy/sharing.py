"""Policies on resources that share a list, on its length, and on appids that share a domain."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from pulumi_wechat_miniprogram.lifecycle.domain import MAX_DOMAINS, MAX_SUBJECTS
from pulumi_wechat_miniprogram.lifecycle.server_domain import MAX_OF_A_KIND
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Appid, Config, Finding, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run


class Headroom(Config):
    """Where the warning begins."""

    percent: int = Field(default=80, ge=1, le=100, description="warn from this share of the limit")


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
                f"{declared.name} owns the whole {declared.shown_kind}list of {declared.shown_appid}, and "
                f"{', '.join(others)} too: each removes what the other adds."
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
        where = declared.shown_kind and f"the {declared.shown_kind}list of "
        text = (
            f"{declared.name} is {declared.mode} for {where}{declared.shown_appid}, alongside "
            f"{', '.join(others)}: an authoritative resource removes what an additive one added in another "
            "run."
        )
        yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("appid", "mode"))


def _judge_headroom(declared: DeclaredResource, config: Headroom, run: Run) -> Iterator[Finding]:
    if any(gap.path == declared.listed for gap in declared.gaps):
        yield from unjudged(declared, declared.gaps_in("domains"))
        return
    kind = declared.shown_kind
    webview = declared.listed == "domains"
    most = MAX_DOMAINS if webview else MAX_OF_A_KIND
    known = {domain.text for each in (declared, *run.others(declared)) for domain in each.domains}
    count = len(known) + len(declared.gaps_in("domains"))
    name = f"{kind}{'webview ' if webview else ''}domains"
    if count * 100 >= config.percent * most:
        text = (
            f"{declared.shown_appid} has {count} of at most {most} {name} "
            f"({count / most:.0%}); this warns from {config.percent} %."
        )
        yield Finding(text, declared.urn)


def _judge_subjects(declared: DeclaredResource, config: Subjects, run: Run) -> Iterator[Finding]:
    if declared.channel != "direct":
        return  # WeChat names no limit there
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
    description="At most one authoritative resource owns each list of an appid.",
    severity="critical",
    level="mandatory",
    tags=("safety",),
    steps='Put all domains of the list into one resource, or set `mode="additive"` on every one of them.',
    server_too=True,
    judge=_judge_one,
)

NO_MIXED_MODES = Rule(
    id="no-mixed-modes",
    description="The resources that share a list are all authoritative or all additive.",
    severity="high",
    level="mandatory",
    tags=("safety",),
    steps="Use one mode for all resources that declare the list.",
    server_too=True,
    judge=_judge_mixed,
)

DOMAIN_HEADROOM = Rule(
    id="domain-headroom",
    description=f"A Mini Program keeps room below WeChat's limits of {MAX_DOMAINS} webview domains and of "
    f"{MAX_OF_A_KIND} server domains of a kind.",
    severity="low",
    level="advisory",
    tags=("limits",),
    steps="For webview domains, declare a parent domain instead of its subdomains: it covers them. A server "
    "domain does not cover its subdomains: remove the hosts that the app no longer calls.",
    config=Headroom,
    server_too=True,
    judge=_judge_headroom,
)

SUBJECTS_PER_DOMAIN = Rule(
    id="subjects-per-domain",
    description=f"A webview domain of the direct channel is shared by at most {MAX_SUBJECTS} subjects.",
    severity="medium",
    level="advisory",
    tags=("limits",),
    steps="Give some of the subjects their own domain, or name the appids of one company in `subjects`.",
    config=Subjects,
    judge=_judge_subjects,
)
