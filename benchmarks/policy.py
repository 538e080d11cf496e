"""What the policies cost beyond an empty pack, over the engine's protocol.

Three packs take turns: one of Pulumi's SDK with a policy that does nothing, since a pack may not be empty;
ours with every policy configured; and one of the SDK with our policies.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from benchmarks.races import Lap

__all__ = ["PACKS", "RESOURCES", "packs_running"]

RESOURCES = 100
"""Judged in a turn; every second one is ours."""
WEBVIEW = "pulumi-python:dynamic/wechat-miniprogram:MiniProgramWebviewDomains"
PACKS = {
    "empty": "from pulumi_policy import *\n"
    "PolicyPack('p', [ResourceValidationPolicy('p', 'd', lambda a, r: None)])",
    "ours": "from pulumi_wechat_miniprogram import policy\npolicy.serve()",
    "ours in the SDK's pack": "from pulumi_policy import PolicyPack\n"
    "from pulumi_wechat_miniprogram import policy\n"
    "PolicyPack('p', policy.pulumi_policies())",
}
CONFIG: Mapping[str, Mapping[str, object]] = {
    "approved-suffixes": {"suffixes": ["example.com"]},
    "denied-suffixes": {"suffixes": ["xyz"]},
    "owned-domains": {"domains": ["example.com"]},
    "no-look-alikes": {"names": ["example.com"]},
    "owner-in-name": {"pattern": "(?P<owner>[a-z]+)-.+"},
    "freeze": {"frozen": True, "keep": {"wx0123456789abcdef": ["shop.example.com"]}},
}


@contextmanager
def started(program: str) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Start a pack as the engine does, and end it."""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            port = int(process.stdout.readline()) if process.stdout else 0
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.kill()


def struct(value: Mapping[str, object]) -> struct_pb2.Struct:
    """Return a property map on the wire."""
    return json_format.ParseDict(value, struct_pb2.Struct())


def requests(domains: int, run: int) -> list[pb.AnalyzeRequest]:
    """Return 100 resources, every second one ours; each run has hosts and appids of its own."""
    provider = pb.AnalyzerProviderResource(
        type="pulumi:providers:pulumi-python", properties=struct({"wechat-miniprogram:endpoint": "https://x"})
    )
    made = []
    for number in range(RESOURCES):
        ours = number % 2 == 0
        props: dict[str, object] = {
            "appid": f"wx{run * RESOURCES + number:016x}",
            "domains": [f"https://h{index}.r{number}-{run}.example.com" for index in range(domains)],
            "mode": "authoritative",
            "overwrite_existing": False,
            "confirm_file_timeout": 0,
            "allow_mass_removal": False,
        }
        made.append(
            pb.AnalyzeRequest(
                type=WEBVIEW if ours else "aws:s3/bucket:Bucket",
                urn=f"urn:pulumi:dev::p::t::r{number}",
                name=f"pay-r{number}",
                properties=struct(props),
                options=pb.AnalyzerResourceOptions(protect=True),
                provider=provider,
            )
        )
    return made


def seconds(stub: analyzer_pb2_grpc.AnalyzerStub, resources: list[pb.AnalyzeRequest]) -> float:
    """Return how long a pack takes for each resource, one after the other, and for the end of the run."""
    began = time.perf_counter()
    for resource in resources:
        stub.Remediate(resource)
        stub.Analyze(resource)
    at_the_end = [
        pb.AnalyzerResource(type=each.type, urn=each.urn, name=each.name, properties=each.properties)
        for each in resources
    ]
    stub.AnalyzeStack(pb.AnalyzeStackRequest(resources=at_the_end))
    return time.perf_counter() - began


def configure(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """Give every policy of the pack something to judge."""
    config = {
        each.name: pb.PolicyConfig(
            enforcementLevel=pb.MANDATORY, properties=struct(CONFIG.get(each.name, {}))
        )
        for each in stub.GetAnalyzerInfo(struct_pb2.Value()).policies
    }
    stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=config))


@contextmanager
def packs_running(domains: int) -> Iterator[Mapping[str, Lap]]:
    """Start the packs, and return a lap of each: so many resources with so many domains each."""
    with ExitStack() as running:
        stubs = {name: running.enter_context(started(program)) for name, program in PACKS.items()}
        for stub in stubs.values():
            configure(stub)
        yield {name: _lap(stub, domains) for name, stub in stubs.items()}


def _lap(stub: analyzer_pb2_grpc.AnalyzerStub, domains: int) -> Lap:
    run = 0

    def lap() -> Iterator[Mapping[str, float]]:
        nonlocal run
        run += 1
        yield {"all": seconds(stub, requests(domains, run)) * 1000}

    return lap
