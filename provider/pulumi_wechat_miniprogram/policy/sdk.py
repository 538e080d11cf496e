"""The rules as policies of Pulumi's policy SDK: for `serve`, or for a `PolicyPack` that also holds others."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any

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

from pulumi_wechat_miniprogram.exports.kinds import CONFIG_HOLDERS
from pulumi_wechat_miniprogram.policy.configuration import ConfigError, parse_config, schema_of
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource, Resource, make_stack_view
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Rule, tell
from pulumi_wechat_miniprogram.policy.rules import RULES
from pulumi_wechat_miniprogram.policy.run import Clock, Run, now
from pulumi_wechat_miniprogram.policy.servicer import AS_TEXT, Report


class _NotJudged(UnknownValueError):
    """How a policy of the SDK reports something as advisory, whatever its level."""

    def __init__(self, text: str) -> None:
        Exception.__init__(self, text)
        self.message = text


class _BothPolicy(ResourceValidationPolicy, StackValidationPolicy):
    """A policy that judges each resource and then the stack, under one name and with one configuration.

    Two policies would need two names: Pulumi Cloud refuses a name that occurs twice (pulumi/pulumi#11473).
    The SDK's servicer asks a policy only whether it is an instance of either kind.
    """

    def __init__(self, resource: ResourceValidationPolicy, stack: StackValidationPolicy) -> None:
        vars(self).update(vars(stack) | vars(resource))

    def validate(self, args: Any, report_violation: ReportViolation) -> Any:
        """Judge a resource, or the stack."""
        kind = StackValidationPolicy if isinstance(args, StackValidationArgs) else ResourceValidationPolicy
        return kind.validate(self, args, report_violation)


def pulumi_policies(rules: Iterable[Rule] = RULES, *, clock: Clock = now) -> list[Policy]:
    """Return one policy for each rule, all for one `PolicyPack`: they share what they remember of a run."""
    run = Run(clock)
    return [_policy(rule, run) for rule in rules]


def _policy(rule: Rule, run: Run) -> Policy:
    facts: dict[str, Any] = {
        "description": rule.description,
        "enforcement_level": EnforcementLevel(rule.level),
        "config_schema": PolicyConfigSchema(schema_of(rule)),
        "severity": Severity(rule.severity),
        "tags": list(rule.tags),
        "remediation_steps": rule.steps,
    }

    def judge(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in CONFIG_HOLDERS and rule.judge_config:
            _report(rule, rule.judge_config(list(args.props), args.name), report)
        elif rule.judge and (lists := _judged(rule, args)):
            for declared in lists:
                run.note(declared)
            if config := _config(rule, args.get_config(), report):
                findings = [each for declared in lists for each in rule.judge(declared, config, run)]
                _report(rule, findings, report)

    def judge_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        config = _config(rule, args.get_config(), report)
        if config and rule.judge_stack:
            stack = make_stack_view([_resource(resource) for resource in args.resources])
            _report(rule, rule.judge_stack(stack, config, run), report)

    remediate = functools.partial(_remediate, rule) if rule.remedy else None
    resource = ResourceValidationPolicy(rule.id, validate=judge, remediate=remediate, **facts)
    stack = StackValidationPolicy(rule.id, validate=judge_stack, **facts)
    if not rule.judge_stack:
        return resource
    return _BothPolicy(resource, stack) if rule.judges_resources else stack


def _remediate(rule: Rule, args: ResourceValidationArgs) -> Any:
    config = _config(rule, args.get_config(), lambda _message, _urn: None)  # the judge reports a wrong one
    if not (rule.remedy and config):
        return None
    found = [rule.remedy(declared, config) for declared in _judged(rule, args)]
    remedies = [remedy for remedy in found if remedy]
    if not remedies:
        return None
    props: Any = args.props  # only a change in place keeps the marks of secrets
    plain = serialize_properties(props)
    for remedy in remedies:
        for name, value in remedy.changes(plain).items():
            props[name] = value
    return props


def _judged(rule: Rule, args: ResourceValidationArgs) -> tuple[DeclaredResource, ...]:
    """Return the lists of a resource that a rule judges."""
    resource = _resource(args)
    return resource.lists if rule.server_too or resource.kind == "webview-domains" else ()


def _resource(args: ResourceValidationArgs | PolicyResource) -> Resource:
    text = args.props.get(AS_TEXT) or json.dumps(serialize_properties(args.props))
    return _read(args.resource_type, args.urn, args.name, text, protected=bool(args.opts.protect))


@functools.lru_cache(maxsize=16)
def _read(type_: str, urn: str, name: str, text: str, *, protected: bool) -> Resource:
    """Read once what the SDK passes to one policy after the other."""
    return Resource(type_, urn, name, json.loads(text), protected=protected)


def _config(rule: Rule, given: Mapping[str, Any], report: ReportViolation) -> Config | None:
    """Return the configuration if there is anything to judge; a wrong one is a violation."""
    try:
        config = parse_config(rule, given)
    except ConfigError as error:
        report(str(error), None)
        return None
    return None if config.idle else config


def _report(rule: Rule, findings: Iterable[Finding], report: ReportViolation) -> None:
    reported = tell(rule, findings)
    if isinstance(report, Report):
        for finding in reported:
            report(finding.text, finding.urn, judged=finding.judged)
        return
    for finding in reported:
        if finding.judged:
            report(finding.text, finding.urn)
    if open_ends := [finding.text for finding in reported if not finding.judged]:
        raise _NotJudged("\n".join(open_ends))
