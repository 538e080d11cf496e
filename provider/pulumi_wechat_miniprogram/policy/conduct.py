"""Policies on how a resource is declared: protection, name, guards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import Field, field_validator, model_validator

from pulumi_wechat_miniprogram.exports.state import to_wire
from pulumi_wechat_miniprogram.policy.resources import GUARDS, DeclaredResource
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Names, Remedy, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

_PERMITS = {**GUARDS, **to_wire(GUARDS)}  # by either spelling


class OwnerInName(Config):
    """The form of a resource's name, and the owners."""

    needs = "pattern"

    pattern: str | None = Field(
        default=None,
        description="regular expression (Python) that the whole name of a resource must match, for example "
        "`(?P<owner>[a-z]+)-.+`",
    )
    owners: Names[str] | None = Field(default=None, description="what the group `owner` of `pattern` may be")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            message = f"{value!r} is not a valid regular expression: {error}"
            raise ValueError(message) from None
        return value

    @model_validator(mode="after")
    def _owners_need_a_group(self) -> OwnerInName:
        if self.owners and "owner" not in re.compile(self.pattern or "").groupindex:
            message = "`owners` needs a `pattern` with a group `(?P<owner>...)`"
            raise ValueError(message)
        return self


def _judge_protected(declared: DeclaredResource, _config: Config, _run: Run) -> Iterator[Finding]:
    if not declared.protected:
        text = (
            f"{declared.name} is not protected: removing it from the program, or `pulumi destroy`, removes "
            f"the domains of {declared.shown_appid}."
        )
        yield Finding(text, declared.urn)


def _judge_name(declared: DeclaredResource, config: OwnerInName, _run: Run) -> Iterator[Finding]:
    match = re.fullmatch(config.pattern or "", declared.name)
    if not match:
        yield Finding(f"The name {declared.name} does not match {config.pattern}.", declared.urn)
    elif config.owners and match["owner"] not in config.owners:
        owners = ", ".join(config.owners)
        text = f"The name {declared.name} gives the owner {match['owner']}, which is not one of {owners}."
        yield Finding(text, declared.urn)


def _judge_guards(declared: DeclaredResource, _config: Config, _run: Run) -> Iterator[Finding]:
    for flag in declared.lifted:
        yield Finding(f"{declared.name} has {flag}=True: {_PERMITS[flag]}.", declared.urn)
    yield from unjudged(declared, declared.gaps_in(*GUARDS))


def _restore_guards(declared: DeclaredResource, _config: Config) -> Remedy | None:
    return Remedy(turn_off=declared.lifted) if declared.lifted else None


PROTECTED = Rule(
    id="protected",
    description="Webview domains and server domains are protected from deletion.",
    severity="medium",
    level="advisory",
    tags=("safety",),
    steps="Declare the resource with `opts=pulumi.ResourceOptions(protect=True)`.",
    server_too=True,
    judge=_judge_protected,
)

OWNER_IN_NAME = Rule(
    id="owner-in-name",
    description="The name of a resource identifies its owner.",
    severity="low",
    level="advisory",
    tags=("conventions",),
    steps="Rename the resource and add the old name to `aliases`; otherwise its domains are removed and "
    "added again.",
    config=OwnerInName,
    server_too=True,
    judge=_judge_name,
)

GUARDS_ON = Rule(
    id="guards-on",
    description="The guards against accidental removals are on.",
    severity="medium",
    level="advisory",
    tags=("safety", "remediation"),
    steps="Remove `overwrite_existing` and `allow_mass_removal` after the one update that needs them, or "
    "set the policy to `remediate`, which turns them off.",
    server_too=True,
    judge=_judge_guards,
    remedy=_restore_guards,
)
