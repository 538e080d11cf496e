"""A pack as the engine talks to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.policy import RULES
from pulumi_wechat_miniprogram.policy.sdk import pulumi_policies
from pulumi_wechat_miniprogram.policy.servicer import Servicer
from tests.policy.conftest import NOON, spelled

LEVELS = {
    "advisory": pb.ADVISORY,
    "mandatory": pb.MANDATORY,
    "remediate": pb.REMEDIATE,
    "disabled": pb.DISABLED,
}


def struct(value):
    """A property map on the wire."""
    return json_format.ParseDict(value, struct_pb2.Struct())


class Pack:
    """Speaks to an analyzer over its stub, of `MiniProgramWebviewDomains` of one face by default."""

    def __init__(self, stub, face="dynamic"):
        """Keep the stub; properties of no given type are those of the face, and spelled so."""
        self.stub = stub
        self.face = face
        self.type = TOKENS[face]["webview-domains"]

    def info(self):
        """What the pack says of itself."""
        return self.stub.GetAnalyzerInfo(empty_pb2.Empty())

    def configure(self, **given):
        """Give levels, or levels with properties."""
        config = {
            name.replace("_", "-"): pb.PolicyConfig(
                enforcementLevel=LEVELS[level], properties=struct(properties)
            )
            for name, (level, properties) in given.items()
        }
        self.stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=config))

    def analyze(self, props, type_=None, name="shop", *, protect=False):
        """Judge one resource: policy, level and first line of each diagnostic."""
        return reported(self.diagnostics(props, type_, name, protect=protect))

    def diagnostics(self, props, type_=None, name="shop", *, protect=False, provider=None):
        """Judge one resource."""
        request = pb.AnalyzeRequest(
            type=type_ or self.type,
            urn=f"urn:{name}",
            name=name,
            properties=struct(props if type_ else self.spelled(props)),
            options=pb.AnalyzerResourceOptions(protect=protect),
            provider=pb.AnalyzerProviderResource(properties=struct(provider or {})),
        )
        return self.stub.Analyze(request).diagnostics

    def remediate(self, props, type_=None):
        """The policies that changed something, and the inputs after them."""
        request = pb.AnalyzeRequest(
            type=type_ or self.type,
            urn="urn:shop",
            name="shop",
            properties=struct(props if type_ else self.spelled(props)),
        )
        changes = self.stub.Remediate(request).remediations
        after = [json_format.MessageToDict(change.properties) for change in changes]
        return [change.policyName for change in changes], after[-1] if after else None

    def spelled(self, props):
        """The properties as this face spells them."""
        return spelled(self.face, props)

    def analyze_stack(self, *resources):
        """Judge the end of a run: type, name and properties of each resource."""
        request = pb.AnalyzeStackRequest(
            resources=[
                pb.AnalyzerResource(type=type_, urn=f"urn:{name}", name=name, properties=struct(props))
                for type_, name, props in resources
            ]
        )
        return reported(self.stub.AnalyzeStack(request).diagnostics)


def reported(diagnostics):
    """Policy, level and the first line of each diagnostic."""
    return [
        (
            each.policyName,
            pb.EnforcementLevel.Name(each.enforcementLevel).lower(),
            each.message.splitlines()[0],
        )
        for each in diagnostics
    ]


def ours(rules=RULES):
    """What `serve` serves, at noon."""
    return Servicer(rules, pulumi_policies(rules, clock=lambda: NOON), name="pack", version="1.2.3")


@contextmanager
def served(servicer, face="dynamic"):
    """A pack in this process, on loopback."""
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Pack(analyzer_pb2_grpc.AnalyzerStub(channel), face)
    server.stop(grace=None).wait()
