"""The pack as the engine talks to it: Pulumi's analyzer protocol over a list of policies.

It stands in for `pulumi_policy.PolicyPack`, which decodes every resource once for each policy, takes a
misspelt policy in the configuration without a word, and calls every pack version 0.0.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2

from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.exports.type_tokens import STACK_CONFIG_HOLDERS
from pulumi_wechat_miniprogram.policy.configuration import ConfigError, Entry, configure, schema_of
from pulumi_wechat_miniprogram.policy.remediation import remediate
from pulumi_wechat_miniprogram.policy.rule import Finding, Level, Rule, tell
from pulumi_wechat_miniprogram.policy.run import Clock, Run
from pulumi_wechat_miniprogram.policy.stack_view import Resource, make_stack_view

__all__ = ["Analyzer"]

_LEVELS: Final[Mapping[Level, pb.EnforcementLevel.ValueType]] = {
    "advisory": pb.ADVISORY,
    "mandatory": pb.MANDATORY,
    "remediate": pb.REMEDIATE,
    "disabled": pb.DISABLED,
}
_LEVEL_NAMES: Final = {value: name for name, value in _LEVELS.items()}
_SEVERITIES: Final = {
    "low": pb.POLICY_SEVERITY_LOW,
    "medium": pb.POLICY_SEVERITY_MEDIUM,
    "high": pb.POLICY_SEVERITY_HIGH,
    "critical": pb.POLICY_SEVERITY_CRITICAL,
}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One process of the pack: configured once, then asked about each resource and at the end about all."""

    def __init__(self, rules: Sequence[Rule], *, name: str, version: str, clock: Clock) -> None:
        """Start with every policy's default."""
        self._name = name
        self._version = version
        self._rules = tuple(rules)
        self._entries = configure(self._rules, {})
        self._run = Run(clock)

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: Any) -> pb.AnalyzerInfo:  # noqa: ARG002, N802 - the protocol's
        """Tell what the pack holds."""
        return pb.AnalyzerInfo(
            name=self._name,
            version=self._version,
            supportsConfig=True,
            policies=[_info(rule) for rule in self._rules],
        )

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ARG002, N802 - the protocol's
        """Tell the version."""
        return plugin_pb2.PluginInfo(version=self._version)

    def ConfigureStack(  # noqa: N802 - the protocol's
        self,
        request: pb.AnalyzerStackConfigureRequest,  # noqa: ARG002 - it holds all of stack config, decrypted
        context: Any,  # noqa: ARG002 - the protocol's
    ) -> pb.AnalyzerStackConfigureResponse:
        """Take nothing: no policy needs more than it sees in the resources."""
        return pb.AnalyzerStackConfigureResponse()

    def Configure(self, request: pb.ConfigureAnalyzerRequest, context: Any) -> empty_pb2.Empty:  # noqa: N802 - the protocol's
        """Take levels and properties, or refuse them with all that is wrong."""
        given = {
            name: (_LEVEL_NAMES[entry.enforcementLevel], json_format.MessageToDict(entry.properties))
            for name, entry in request.policyConfig.items()
        }
        try:
            self._entries = configure(self._rules, given)
        except ConfigError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    def Analyze(self, request: pb.AnalyzeRequest, context: Any) -> pb.AnalyzeResponse:  # noqa: ARG002, N802 - the protocol's
        """Judge one resource."""
        response = pb.AnalyzeResponse()
        if request.type in STACK_CONFIG_HOLDERS:
            keys = list(request.properties.keys())
            for entry in self._active():
                if entry.rule.judge_config:
                    self._tell(response, entry, entry.rule.judge_config(keys))
        elif _is_ours(request):
            declared = _resource(request).declared
            self._run.note(declared)
            for entry in self._active():
                if entry.rule.judge:
                    self._tell(response, entry, entry.rule.judge(declared, entry.config, self._run))
        return response

    def AnalyzeStack(self, request: pb.AnalyzeStackRequest, context: Any) -> pb.AnalyzeResponse:  # noqa: ARG002, N802 - the protocol's
        """Judge all resources together."""
        response = pb.AnalyzeResponse()
        judges = [(entry, entry.rule.judge_stack) for entry in self._active() if entry.rule.judge_stack]
        if judges:
            stack = make_stack_view([_resource(resource) for resource in request.resources])
            for entry, judge in judges:
                self._tell(response, entry, judge(stack, entry.config, self._run))
        return response

    def Remediate(self, request: pb.AnalyzeRequest, context: Any) -> pb.RemediateResponse:  # noqa: ARG002, N802 - the protocol's
        """Change the inputs of one resource where a policy with the level `remediate` knows how."""
        response = pb.RemediateResponse()
        menders = [
            (entry, entry.rule.remedy)
            for entry in self._active()
            if entry.level == "remediate" and entry.rule.remedy
        ]
        if not menders or not _is_ours(request):
            return response
        props = json_format.MessageToDict(request.properties)
        for entry, mend in menders:
            declared = Resource(request.type, request.urn, request.name, props).declared
            if remedy := mend(declared, entry.config):
                props = remediate(props, remedy)
                response.remediations.append(
                    pb.Remediation(
                        policyName=entry.rule.id,
                        policyPackName=self._name,
                        policyPackVersion=self._version,
                        description=entry.rule.description,
                        properties=json_format.ParseDict(props, struct_pb2.Struct()),
                    )
                )
        return response

    def _active(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.active]

    def _tell(self, response: pb.AnalyzeResponse, entry: Entry, findings: Iterable[Finding]) -> None:
        # What a remediation could not mend is refused.
        level = pb.ADVISORY if entry.level == "advisory" else pb.MANDATORY
        for finding in tell(entry.rule, findings):
            response.diagnostics.append(
                pb.AnalyzeDiagnostic(
                    policyName=entry.rule.id,
                    policyPackName=self._name,
                    policyPackVersion=self._version,
                    description=entry.rule.description,
                    message=finding.text,
                    enforcementLevel=level if finding.judged else pb.ADVISORY,
                    severity=_SEVERITIES[entry.rule.severity],
                    urn=finding.urn,
                )
            )


def _is_ours(request: pb.AnalyzeRequest) -> bool:
    """Tell without decoding the properties of every resource of a stack."""
    props = {name: value.string_value for name, value in request.properties.fields.items()}
    return kind_of(request.type, props) == "webview-domains"


def _resource(request: pb.AnalyzeRequest | pb.AnalyzerResource) -> Resource:
    props = json_format.MessageToDict(request.properties)
    return Resource(request.type, request.urn, request.name, props, protected=request.options.protect)


def _info(rule: Rule) -> pb.PolicyInfo:
    info = pb.PolicyInfo(
        name=rule.id,
        displayName=rule.id,
        description=rule.description,
        enforcementLevel=_LEVELS[rule.level],
        severity=_SEVERITIES[rule.severity],
        tags=rule.tags,
        remediation_steps=rule.steps,
        policy_type=pb.POLICY_TYPE_RESOURCE if rule.judges_resources else pb.POLICY_TYPE_STACK,
    )
    info.configSchema.properties.update(schema_of(rule))
    return info
