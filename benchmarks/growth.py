"""The provider's own cost as a fleet grows: the dynamic host without the engine, app after app.

The processor time of the plugin process counts, since what else the machine does matters less for it. A host
with the provider that does nothing shows which part of it is the SDK's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import psutil
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from benchmarks.contestants import FLOOR, HERE, NOTHING
from benchmarks.wechat import App, WeChat, sow, tokens
from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS

__all__ = ["THREADS", "Slice", "grow"]

THREADS = 4
"""As many as Pulumi's dynamic host has."""
_SHAPE = {
    "mode": "authoritative",
    "overwrite_existing": False,
    "confirm_file_timeout": 0,
    "allow_mass_removal": False,
}
_Map = dict[str, Any]
_CPU_TIME = 2
"""Of a process, in the lowest bits of its clock's number on Linux: clock_getcpuclockid(3)."""


@dataclass(frozen=True)
class Slice:
    """Seconds of processor time for each app of a slice, and the bytes of memory after it."""

    cpu: float
    memory: float


def grow(wechat: WeChat, folder: Path, count: int, slices: int) -> Iterator[tuple[Slice, Slice]]:
    """Drive a host of the floor's provider and then one of ours over each slice of `count` apps."""
    apps = sow(count)
    wechat.prepare(apps)
    secrets = folder / "tokens.json"  # a variable of the environment may have 128 KiB, about 2,000 tokens
    secrets.write_text(tokens(apps), encoding="utf-8")
    environment = {
        "PULUMI_PROJECT": "growth",
        "WECHAT_MINIPROGRAM_ENDPOINT": wechat.url,
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS": f"file:{secrets}",
    }
    size = count // slices
    with (
        _running(NOTHING, HERE / FLOOR.program, environment) as nothing,
        _running(PROVIDERS["webview-domains"], folder, environment) as provider,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        for host in (nothing, provider):
            host.drive(apps[:1], pool)  # what a process loads once
        for first in range(0, count, size):
            chosen = apps[first : first + size]
            yield nothing.drive(chosen, pool), provider.drive(chosen, pool)


@dataclass(frozen=True)
class _Host:
    """Pulumi's dynamic host, driven as the engine does, and the provider that its resources name."""

    pid: int
    stub: provider_pb2_grpc.ResourceProviderStub
    provider: str

    def drive(self, apps: list[App], pool: ThreadPoolExecutor) -> Slice:
        """Create, check, diff and refresh each app."""
        declared = [{"appid": app.appid, "domains": list(app.domains), **_SHAPE} for app in apps]
        inputs = [self._check(each) for each in declared]
        before = self._cpu_seconds()
        outputs = list(pool.map(self._create, inputs))
        list(map(self._compare, outputs, declared))
        list(pool.map(self._read, outputs))
        used = self._cpu_seconds() - before
        return Slice(used / len(apps), psutil.Process(self.pid).memory_info().rss)

    def _struct(self, values: _Map) -> struct_pb2.Struct:
        return json_format.ParseDict({**values, "__provider": self.provider}, struct_pb2.Struct())

    def _check(self, news: _Map) -> _Map:
        answer = self.stub.Check(pb.CheckRequest(olds=self._struct({}), news=self._struct(news)))
        if answer.failures:
            raise RuntimeError(answer.failures[0].reason)
        return dict(json_format.MessageToDict(answer.inputs))

    def _create(self, inputs: _Map) -> _Map:
        answer = self.stub.Create(pb.CreateRequest(properties=self._struct(inputs)))
        return dict(json_format.MessageToDict(answer.properties))

    def _compare(self, outputs: _Map, declared: _Map) -> None:
        olds, news = self._struct(outputs), self._struct(self._check(declared))
        answer = self.stub.Diff(pb.DiffRequest(id=outputs["appid"], olds=olds, news=news))
        if answer.changes != answer.DIFF_NONE:
            raise RuntimeError(outputs["appid"])

    def _read(self, outputs: _Map) -> None:
        self.stub.Read(pb.ReadRequest(id=outputs["appid"], properties=self._struct(outputs)))

    def _cpu_seconds(self) -> float:
        return time.clock_gettime(~self.pid << 3 | _CPU_TIME)


@contextmanager
def _running(provider: str, folder: Path, environment: Mapping[str, str]) -> Iterator[_Host]:
    """Start the plugin process in a folder, from which it may import, and end it."""
    command = [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = int(process.stdout.readline()) if process.stdout else 0
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                stub.Configure(pb.ConfigureRequest(args=struct_pb2.Struct()))
                yield _Host(process.pid, stub, provider)
        finally:
            process.kill()
