"""Pulumi's dynamic host, driven over gRPC as the engine does, without an engine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

__all__ = ["Host", "host_running"]

Properties = dict[str, Any]
_CPU_TIME = 2
"""Of a process, in the lowest bits of its clock's number on Linux: clock_getcpuclockid(3)."""


def _struct(values: Properties) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


class Host:
    """One plugin process, and the provider that its resources name."""

    def __init__(self, process: subprocess.Popen[str], channel: grpc.Channel, provider: str) -> None:
        """Take a started process."""
        self.pid = process.pid
        self._stub = provider_pb2_grpc.ResourceProviderStub(channel)
        self._pinned = {"__provider": provider}

    def check(self, news: Properties) -> Properties:
        """Return the checked inputs."""
        request = provider_pb2.CheckRequest(olds=_struct({}), news=_struct({**self._pinned, **news}))
        answer = self._stub.Check(request)
        if answer.failures:
            raise RuntimeError(answer.failures[0].reason)
        return _plain(answer.inputs)

    def diff(self, outputs: Properties, inputs: Properties) -> None:
        """Ask whether anything differs.

        Raises:
            RuntimeError: it does.
        """
        olds, news = _struct({**self._pinned, **outputs}), _struct({**self._pinned, **inputs})
        answer = self._stub.Diff(provider_pb2.DiffRequest(id=outputs["appid"], olds=olds, news=news))
        if answer.changes != answer.DIFF_NONE:
            message = f"{outputs['appid']} differs"
            raise RuntimeError(message)

    def create(self, inputs: Properties) -> Properties:
        """Return the outputs."""
        request = provider_pb2.CreateRequest(properties=_struct({**self._pinned, **inputs}))
        return _plain(self._stub.Create(request).properties)

    def read(self, outputs: Properties) -> Properties:
        """Return the outputs as they are now."""
        properties = _struct({**self._pinned, **outputs})
        request = provider_pb2.ReadRequest(id=outputs["appid"], properties=properties)
        return _plain(self._stub.Read(request).properties)

    def delete(self, outputs: Properties) -> None:
        """Delete."""
        properties = _struct({**self._pinned, **outputs})
        self._stub.Delete(provider_pb2.DeleteRequest(id=outputs["appid"], properties=properties))

    def cpu_seconds(self) -> float:
        """Return how long the process has kept a processor busy."""
        return time.clock_gettime(~self.pid << 3 | _CPU_TIME)


def _plain(message: struct_pb2.Struct) -> Properties:
    document: Properties = json_format.MessageToDict(message)
    return {key: value for key, value in document.items() if key != "__provider"}


@contextmanager
def host_running(provider: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Host]:
    """Start the plugin process in a folder, from which it may import, and end it."""
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = int(process.stdout.readline()) if process.stdout else 0
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                host = Host(process, channel, provider)
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                stub.Configure(provider_pb2.ConfigureRequest(args=_struct({})))
                yield host
        finally:
            process.kill()
