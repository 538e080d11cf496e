"""What `serve` needs and the servicer of Pulumi's policy SDK does not do. Each deviation gives its reason.

The servicer is private in pulumi/pulumi-policy (`sdk/python/lib/pulumi_policy/policy.py`), and nothing public
changes it. tests/policy/test_servicer.py checks what is used here against the installed SDK.
"""

from __future__ import annotations

import json
import secrets
import signal
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2
from pulumi_policy import EnforcementLevel, Policy, ReportViolation
from pulumi_policy.policy import _GRPC_CHANNEL_OPTIONS, _PolicyAnalyzerServicer

from pulumi_wechat_miniprogram.exports.kinds import CONFIG_HOLDERS
from pulumi_wechat_miniprogram.policy.configuration import ConfigError, check_config
from pulumi_wechat_miniprogram.policy.rule import Rule

AS_TEXT = f"__properties_{secrets.token_hex(8)}"
"""The one property that a policy gets: all as JSON, secrets marked. Its name is one that no resource has."""


class Report:
    """The SDK's callback, without the policy's description above each violation.

    It also takes what cannot be judged. The SDK shows that as "can't run policy … during preview", which is
    wrong for a sealed secret and for a damaged state.
    """

    def __init__(self, report: ReportViolation, response: pb.AnalyzeResponse) -> None:
        self._report = report
        self._response = response

    def __call__(self, message: str, urn: str | None = None, *, judged: bool = True) -> None:
        """Report a violation; as advisory if it could not be judged."""
        self._report(message, urn)
        diagnostic = self._response.diagnostics[-1]
        diagnostic.message = message
        if not judged:
            diagnostic.enforcementLevel = pb.ADVISORY


class Servicer(_PolicyAnalyzerServicer):
    """A pack of rules that the engine asks about each resource and about the stack."""

    def __init__(self, rules: Sequence[Rule], policies: list[Policy], *, name: str, version: str) -> None:
        super().__init__(name, version, policies, EnforcementLevel.ADVISORY)
        self._rules = rules
        self._version = version

    def GetPluginInfo(self, _request: empty_pb2.Empty, _context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802 - gRPC
        """Return the version of the pack; the SDK returns its own, and `PolicyPack` always uses 0.0.1."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Configure(self, request: pb.ConfigureAnalyzerRequest, context: Any) -> empty_pb2.Empty:  # noqa: N802 - gRPC
        """Refuse a wrong configuration; the SDK ignores a misspelled policy and runs it with defaults."""
        given = {name: json_format.MessageToDict(it.properties) for name, it in request.policyConfig.items()}
        try:
            check_config(self._rules, given)
        except ConfigError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return super().Configure(request, context)

    def Analyze(self, request: pb.AnalyzeRequest, context: Any) -> Any:  # noqa: N802 - gRPC
        """Judge one resource."""
        return super().Analyze(_with_marks(request), context)

    def AnalyzeStack(self, request: pb.AnalyzeStackRequest, context: Any) -> Any:  # noqa: N802 - gRPC
        """Judge all resources together."""
        for resource in request.resources:
            _with_marks(resource)
        return super().AnalyzeStack(request, context)

    def _configure_runtime_settings(self) -> None:
        """Do nothing; the SDK loads all of stack config, decrypted, which no rule reads."""

    def _create_report_violation(self, response: pb.AnalyzeResponse, *args: Any, **kwargs: Any) -> Report:
        return Report(super()._create_report_violation(response, *args, **kwargs), response)


def _with_marks(resource: Any) -> Any:
    """Let policies see what is secret (pulumi/pulumi-policy#241), in a text that each one decodes fast."""
    resource.ClearField("provider")  # its properties may be credentials, decrypted
    if resource.type in CONFIG_HOLDERS:
        resource.properties.update(dict.fromkeys(resource.properties))
    else:
        text = json.dumps(json_format.MessageToDict(resource.properties))
        resource.properties.Clear()
        resource.properties[AS_TEXT] = text
    return resource


def run(servicer: Servicer) -> None:
    """Serve until the engine ends this process with an interrupt.

    `PolicyPack` sleeps until a KeyboardInterrupt. The system may deliver the signal to one of gRPC's threads,
    and nothing then wakes the main thread, which alone runs Python's handlers. Here a socket wakes it.
    """
    reader, writer = socket.socketpair()
    writer.settimeout(0)
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.set_wakeup_fd(writer.fileno())
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_GRPC_CHANNEL_OPTIONS)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 - the engine reads it
    reader.recv(1)
    signal.set_wakeup_fd(-1)
    server.stop(grace=None).wait()
