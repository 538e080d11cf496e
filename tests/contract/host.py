"""Drives Pulumi's dynamic host over gRPC the way the engine does, without an engine."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS
from tests.native_face import RefusedError

UNKNOWN = rpc.UNKNOWN
_RUNS = itertools.count()


def struct(values):
    """Turn a mapping into the engine's wire form."""
    return json_format.ParseDict(values, struct_pb2.Struct())


def plain(message):
    """Turn the wire form into a mapping without the pinned provider."""
    return {k: v for k, v in json_format.MessageToDict(message).items() if k not in {"__provider", "__name"}}


@dataclass
class Host:
    """One plugin process; `provider` is the pinned string of the resource under test.

    `name` is the input that the last check added, which the engine gives to what follows.
    """

    stub: provider_pb2_grpc.ResourceProviderStub
    provider: str
    name: str = ""

    def check(self, news, olds=None, *, name=""):
        """Return the checked inputs and the reasons of the failures. The engine tells this face no name."""
        reply = self._call("Check", provider_pb2.CheckRequest(olds=self._s(olds), news=self._s(news)))
        self.name = json_format.MessageToDict(reply.inputs).get("__name", "")
        return plain(reply.inputs), [failure.reason for failure in reply.failures]

    def diff(self, olds, news):
        """Return what differs, `none`, `inputs` or `outputs`, and what a replacement is for."""
        reply = self._call(
            "Diff", provider_pb2.DiffRequest(id="x", olds=self._s(olds), news=self._checked(news))
        )
        names = {reply.DIFF_NONE: "none", reply.DIFF_SOME: "outputs", reply.DIFF_UNKNOWN: "inputs"}
        return names[reply.changes], list(reply.replaces)

    def create(self, news):
        """Return id and outputs."""
        reply = self._call("Create", provider_pb2.CreateRequest(properties=self._checked(news)))
        return reply.id, plain(reply.properties)

    def update(self, olds, news):
        """Return the outputs."""
        reply = self._call(
            "Update", provider_pb2.UpdateRequest(id="x", olds=self._s(olds), news=self._checked(news))
        )
        return plain(reply.properties)

    def read(self, id_, outputs):
        """Return outputs and inputs."""
        reply = self._call("Read", provider_pb2.ReadRequest(id=id_, properties=self._s(outputs)))
        return plain(reply.properties), plain(reply.inputs)

    def delete(self, outputs):
        """Delete."""
        self._call("Delete", provider_pb2.DeleteRequest(id="x", properties=self._s(outputs)))

    def _s(self, values):
        return struct({"__provider": self.provider, **values} if values is not None else {})

    def _checked(self, inputs):
        return self._s({"__name": self.name, **inputs})

    def _call(self, method, request):
        try:
            return getattr(self.stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            refused = RefusedError(error)
            prefix, _, text = str(refused).partition(": ")
            assert prefix == "wechat-miniprogram"
            refused.args = (text.removesuffix("\n"),)
            raise refused from None


class HostProcess:
    """A plugin process with its config; `with` ends it."""

    def __init__(self, config):
        """Start it with an engine of its own, which is not there, and configure it."""
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.dynamic", f"127.0.0.1:{os.getpid()}{next(_RUNS)}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PULUMI_PROJECT": "p"},
        )
        assert self.process.stdout is not None
        self.channel = grpc.insecure_channel(f"127.0.0.1:{int(self.process.stdout.readline())}")
        stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        args = {
            f"wechat-miniprogram:{key}": rpc.wrap_rpc_secret(value) if "Token" in key else value
            for key, value in config.items()
        }
        stub.Configure(provider_pb2.ConfigureRequest(args=struct(args), acceptSecrets=True))
        self.of = {kind: Host(stub, provider) for kind, provider in PROVIDERS.items()}
        self.domains = self.of["webview-domains"]
        self.server = self.of["server-domains"]
        self.confirm_file = self.of["confirm-file"]
        self.errors: str = ""

    def __enter__(self):
        """Return the running host."""
        return self

    def __exit__(self, *_):
        """End the process by a signal, so that its coverage is saved, and keep what it wrote to stderr."""
        self.channel.close()
        ended = False
        while not ended:
            # One that meets the main thread just before it begins to wait is not seen until the next one.
            self.process.terminate()
            try:
                self.errors = str(self.process.communicate(timeout=5)[1])
            except subprocess.TimeoutExpired:
                continue
            ended = True
