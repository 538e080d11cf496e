"""The floor of the native face: a plugin that makes calls and does nothing else.

It loads the SDK's messages and not the SDK, by stand-ins of its own.
"""

from __future__ import annotations

import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import calls
import grpc
from google.protobuf import empty_pb2, struct_pb2

_sdk = find_spec("pulumi")
for _name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
    _package = sys.modules[_name] = ModuleType(_name)
    _package.__path__ = [str(Path(_sdk.origin or "").parent.joinpath(*_name.split(".")[1:]))] if _sdk else []

from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc  # noqa: E402

_Diff = provider_pb2.DiffResponse


class Floor(provider_pb2_grpc.ResourceProviderServicer):
    """Answers with outputs of the same shape and size as the package's."""

    def Handshake(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="0.0.0")

    def CheckConfig(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _context: Any) -> Any:
        return _Diff(changes=_Diff.DIFF_NONE)

    def Configure(self, _request: Any, _context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, _request: Any, _context: Any) -> Any:
        return _Diff(changes=_Diff.DIFF_NONE)

    def Create(self, request: Any, _context: Any) -> Any:
        props = request.properties
        appid, domains = _named(props)
        if not request.preview:
            calls.create(appid, domains)
        props.update(calls.computed(appid, domains))
        return provider_pb2.CreateResponse(id=appid, properties=props)

    def Read(self, request: Any, _context: Any) -> Any:
        calls.read(request.id)
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request: Any, _context: Any) -> Any:
        calls.delete(*_named(request.properties))
        return empty_pb2.Empty()

    def Cancel(self, _request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()


def _named(props: struct_pb2.Struct) -> tuple[str, list[str]]:
    return props.fields["appid"].string_value, [
        each.string_value for each in props.fields["domains"].list_value.values
    ]


def main() -> None:
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before there is a thread that may receive one
    server = grpc.server(ThreadPoolExecutor(64))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Floor(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    signal.sigwait(ends)
    server.stop(None)
