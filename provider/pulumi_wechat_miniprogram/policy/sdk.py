"""The policies as objects of Pulumi's policy SDK, for a `PolicyPack` that also holds others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import serialize_properties
from pulumi_policy.proxy import UnknownValueError

from pulumi_wechat_miniprogram.exports.kinds import PROVIDER_KEY, kind_of
from pulumi_wechat_miniprogram.exports.type_tokens import STACK_CONFIG_HOLDERS
from pulumi_wechat_miniprogram.policy.configuration import ConfigError, parse_config, schema_of
from pulumi_wechat_miniprogram.policy.remediation import remediate
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Rule, tell
from pulumi_wechat_miniprogram.policy.rules import RULES
from pulumi_wechat_miniprogram.policy.run import Clock, Run, now
from pulumi_wechat_miniprogram.policy.stack_view import Resource, make_stack_view
from pulumi_wechat_miniprogram.policy.wire import unwrap

__all__ = ["pulumi_policies"]


class _NotJudged(UnknownValueError):
    """How a policy of the SDK says something as advisory, whatever its level."""

    def __init__(self, text: str) -> None:
        """Give the SDK the text that it shows."""
        Exception.__init__(self, text)
        self.message = text


class _Facts(TypedDict):
    description: str
    enforcement_level: EnforcementLevel
    config_schema: PolicyConfigSchema
    severity: Severity
    tags: list[str]
    remediation_steps: str


def pulumi_policies(rules: Iterable[Rule] = RULES, *, clock: Clock = now) -> list[Policy]:
    """Return the policies for one `PolicyPack`; they share what they remember of a run.

    A policy that judges each resource and also all of them becomes two, the second named with `-stack`.
    """
    run = Run(clock)
    policies: list[Policy] = []
    for rule in rules:
        if rule.judges_resources:
            policies.append(_resource_policy(rule, run))
        if rule.judge_stack:
            policies.append(_stack_policy(rule, run))
    return policies


def _facts(rule: Rule) -> _Facts:
    return _Facts(
        description=rule.description,
        enforcement_level=EnforcementLevel(rule.level),
        config_schema=PolicyConfigSchema(schema_of(rule)),
        severity=Severity(rule.severity),
        tags=list(rule.tags),
        remediation_steps=rule.steps,
    )


def _resource_policy(rule: Rule, run: Run) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in STACK_CONFIG_HOLDERS and rule.judge_config:
            _report(rule, rule.judge_config(list(args.props)), report)
        elif rule.judge and _is_ours(args):
            declared = _resource(args).declared
            run.note(declared)
            if config := _config(rule, args.get_config(), report):
                _report(rule, rule.judge(declared, config, run), report)

    def mend(args: ResourceValidationArgs) -> Any:
        if not rule.remedy or not _is_ours(args):
            return None
        config = _config(rule, args.get_config(), _silent)
        remedy = rule.remedy(_resource(args).declared, config) if config else None
        if not remedy:
            return None
        mended = remediate(serialize_properties(args.props), remedy)
        # Only a change in place keeps the marks of secrets.
        props: Any = args.props
        for key in (*remedy.turn_off, *(["domains"] if remedy.drop else [])):
            props[key] = unwrap(mended[key])[0]
        return props

    return ResourceValidationPolicy(
        rule.id, validate=validate, remediate=mend if rule.remedy else None, **_facts(rule)
    )


def _stack_policy(rule: Rule, run: Run) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        config = _config(rule, args.get_config(), report)
        if config and rule.judge_stack:
            stack = make_stack_view([_resource(resource) for resource in args.resources])
            _report(rule, rule.judge_stack(stack, config, run), report)

    name = f"{rule.id}-stack" if rule.judges_resources else rule.id
    return StackValidationPolicy(name, validate=validate, **_facts(rule))


def _is_ours(args: ResourceValidationArgs) -> bool:
    props: dict[str, object] = dict.fromkeys(args.props)  # to read a value raises where it is unknown
    with contextlib.suppress(KeyError, UnknownValueError):
        props[PROVIDER_KEY] = args.props[PROVIDER_KEY]
    return kind_of(args.resource_type, props) == "webview-domains"


def _resource(args: ResourceValidationArgs | PolicyResource) -> Resource:
    return Resource(
        args.resource_type,
        args.urn,
        args.name,
        serialize_properties(args.props),
        protected=bool(args.opts.protect),
    )


def _config(rule: Rule, given: Mapping[str, Any], report: ReportViolation) -> Config | None:
    """Return the configuration if there is anything to judge; a wrong one is a violation."""
    try:
        config = parse_config(rule, given)
    except ConfigError as error:
        report(str(error), None)
        return None
    return None if config.idle else config


def _silent(_message: str, _urn: str | None = None) -> None:
    """Leave a wrong configuration to `validate`, which runs as well."""


def _report(rule: Rule, findings: Iterable[Finding], report: ReportViolation) -> None:
    told = tell(rule, findings)
    for finding in told:
        if finding.judged:
            report(finding.text, finding.urn or None)
    if open_ends := [finding.text for finding in told if not finding.judged]:
        raise _NotJudged("\n".join(open_ends))
