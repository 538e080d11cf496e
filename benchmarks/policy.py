"""What the policies cost beyond an empty pack, over the engine's protocol.

Two packs take turns: one of Pulumi's SDK with a policy that does nothing (a pack may not be empty), and ours
with every policy configured. Each lap starts a process of its own, as each preview and each update does.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from benchmarks.races import Lap
from benchmarks.wechat import sow

__all__ = ["PACKS", "pack_lap"]

RESOURCES = 100  # judged in a leg; every second one is ours
LENGTHS = (3, 30)  # domains of each of them
WEBVIEW = "pulumi-python:dynamic/wechat-miniprogram:MiniProgramWebviewDomains"
EMPTY = (
    "from pulumi_policy import *\n"
    "PolicyPack('p', [ResourceValidationPolicy('p', 'd', lambda args, report: None)])"
)
PACKS: Mapping[str, Sequence[str]] = {
    "empty": (sys.executable, "-c", EMPTY),
    "ours": (str(Path(sys.executable).with_name("pulumi-analyzer-wechat-miniprogram")),),
}
FROZEN = {"frozen": True, "keep": {"wx0123456789abcdef": ["shop.example.com"]}}
CONFIG: Mapping[str, Mapping[str, object]] = {
    "approved-suffixes": {"suffixes": ["example.com"]},
    "denied-suffixes": {"suffixes": ["xyz"]},
    "owned-domains": {"domains": ["example.com"]},
    "no-look-alikes": {"names": ["example.com"]},
    "owner-in-name": {"pattern": "(?P<owner>[a-z]+)-.+"},
    "freeze": FROZEN,
}


def pack_lap(command: Sequence[str]) -> Lap:
    """Return a lap: the start until the pack is configured, then resources with few and with many domains."""

    def lap() -> Iterator[Mapping[str, float]]:
        began = time.perf_counter()
        with subprocess.Popen(  # the address is where an engine would listen
            [*command, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                port = int(process.stdout.readline()) if process.stdout else 0
                with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                    stub = analyzer_pb2_grpc.AnalyzerStub(channel)
                    _configure(stub)
                    yield {"start": time.perf_counter() - began}
                    _seconds(stub, _requests(1, 0))  # what a process loads once
                    for run, domains in enumerate(LENGTHS, 1):
                        leg = f"{RESOURCES} resources of {domains} domains"
                        yield {leg: _seconds(stub, _requests(domains, run))}
            finally:
                process.kill()

    return lap


def _configure(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """Give every policy of the pack something to judge."""
    config = {
        each.name: pb.PolicyConfig(
            enforcementLevel=pb.MANDATORY, properties=_struct(CONFIG.get(each.name, {}))
        )
        for each in stub.GetAnalyzerInfo(struct_pb2.Value()).policies
    }
    stub.Configure(pb.ConfigureAnalyzerRequest(policyConfig=config))


def _seconds(stub: analyzer_pb2_grpc.AnalyzerStub, resources: list[pb.AnalyzeRequest]) -> float:
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


def _requests(domains: int, run: int) -> list[pb.AnalyzeRequest]:
    """Return resources, every second one ours; each run has hosts and appids of its own."""
    provider = pb.AnalyzerProviderResource(
        type="pulumi:providers:pulumi-python",
        properties=_struct({"wechat-miniprogram:endpoint": "https://x"}),
    )
    return [
        pb.AnalyzeRequest(
            type="aws:s3/bucket:Bucket" if number % 2 else WEBVIEW,
            urn=f"urn:pulumi:dev::p::t::r{number}",
            name=f"pay-r{number}",
            properties=_struct({"appid": app.appid, "domains": list(app.domains)}),
            options=pb.AnalyzerResourceOptions(protect=True),
            provider=provider,
        )
        for number, app in enumerate(sow(RESOURCES, run * RESOURCES, domains))
    ]


def _struct(value: Mapping[str, object]) -> struct_pb2.Struct:
    return json_format.ParseDict(value, struct_pb2.Struct())
