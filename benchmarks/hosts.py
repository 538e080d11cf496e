"""Plugin processes without the engine, driven as the engine does, and their own cost as a fleet grows.

The processor time of the plugin process counts, since what else the machine does matters less for it.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import psutil
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from benchmarks.contestants import HERE, Ground
from benchmarks.races import Lap
from benchmarks.wechat import App, sow, tokens
from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.exports.state import to_wire

_THREADS = 4
"""As many as Pulumi's dynamic host has."""
_SHAPE = {
    "mode": "authoritative",
    "overwrite_existing": False,
    "confirm_file_timeout": 0,
    "allow_mass_removal": False,
}
_Map = dict[str, Any]
_engines = itertools.count(1)
_CPU_TIME = 2
"""Of a process, in the lowest bits of its clock's number on Linux: clock_getcpuclockid(3)."""
_FLOOR = str(HERE / "floor" / "pulumi-resource-floor")


@dataclass(frozen=True)
class Slice:
    """Seconds of processor time for each app of a slice, those of its creation, and the memory after it."""

    cpu: float
    create: float
    memory: float


@dataclass(frozen=True)
class _Kind:
    """A plugin: its command after the interpreter, its resource, and how that spells its properties."""

    command: Sequence[str]
    type: str
    spell: Callable[[_Map], _Map]


_DYNAMIC = {"__provider": PROVIDERS["webview-domains"]}
HOSTS = {
    "native floor": _Kind([_FLOOR], "floor:index:Floor", lambda props: props),
    "native": _Kind(["pulumi-resource-wechat-miniprogram"], TOKENS["native"]["webview-domains"], to_wire),
    "dynamic": _Kind(
        ["-u", "-m", "pulumi.dynamic"], TOKENS["dynamic"]["webview-domains"], lambda props: props | _DYNAMIC
    ),
}


def start_lap(ground: Ground, name: str) -> Lap:
    """Return a lap from the start of a plugin to the answer to its first Check."""

    def lap() -> Iterator[Mapping[str, float]]:
        began = time.perf_counter()
        with _running(ground, name, {}) as host:
            host.check(_declared(sow(1)[0]))
            yield {"first Check": time.perf_counter() - began}

    return lap


def grow(ground: Ground, count: int, slices: int) -> Iterator[dict[str, Slice]]:
    """Drive a process of each kind over each slice of `count` apps."""
    apps = sow(count)
    secrets = ground.folder / "tokens.json"  # a variable may have 128 KiB, about 2,000 tokens
    secrets.write_text(tokens(apps), encoding="utf-8")
    environment = {
        "PULUMI_PROJECT": "growth",
        "WECHAT_MINIPROGRAM_ENDPOINT": ground.wechat.url,
        "WECHAT_MINIPROGRAM_ACCESS_TOKENS": f"file:{secrets}",
    }
    size = count // slices
    with ThreadPoolExecutor(_THREADS) as pool, ExitStack() as stack:
        hosts = {name: stack.enter_context(_running(ground, name, environment)) for name in HOSTS}
        for first in [None, *range(0, count, size)]:
            chosen = apps[:1] if first is None else apps[first : first + size]
            measured = {}
            for name, host in hosts.items():
                ground.wechat.prepare(chosen)
                measured[name] = host.drive(chosen, pool)
            if first is not None:  # before: what a process loads once
                yield measured


def _declared(app: App) -> _Map:
    return {"appid": app.appid, "domains": list(app.domains), **_SHAPE}


@dataclass(frozen=True)
class _Host:
    """A plugin's process, driven as the engine does."""

    pid: int
    stub: provider_pb2_grpc.ResourceProviderStub
    kind: _Kind

    def drive(self, apps: list[App], pool: ThreadPoolExecutor) -> Slice:
        """Create, check, diff and refresh each app."""
        declared = list(map(_declared, apps))
        inputs = list(map(self.check, declared))
        began = self._cpu_seconds()
        outputs = list(pool.map(self._create, inputs))
        created = self._cpu_seconds()
        list(map(self._compare, outputs, declared))
        list(pool.map(self._read, outputs))
        ended = self._cpu_seconds()
        memory = psutil.Process(self.pid).memory_info().rss
        return Slice((ended - began) / len(apps), (created - began) / len(apps), memory)

    def _about(self, appid: str) -> str:
        return f"urn:pulumi:prod::growth::{self.kind.type}::{appid}"

    def check(self, declared: _Map) -> struct_pb2.Struct:
        """Return the inputs that a declaration makes."""
        news = json_format.ParseDict(self.kind.spell(declared), struct_pb2.Struct())
        answer = self.stub.Check(pb.CheckRequest(urn=self._about(declared["appid"]), news=news))
        if answer.failures:
            raise RuntimeError(answer.failures[0].reason)
        return answer.inputs

    def _create(self, inputs: struct_pb2.Struct) -> struct_pb2.Struct:
        urn = self._about(inputs["appid"])
        return self.stub.Create(pb.CreateRequest(urn=urn, properties=inputs)).properties

    def _compare(self, outputs: struct_pb2.Struct, declared: _Map) -> None:
        appid = declared["appid"]
        news = self.check(declared)
        answer = self.stub.Diff(pb.DiffRequest(urn=self._about(appid), id=appid, olds=outputs, news=news))
        if answer.changes != answer.DIFF_NONE:
            raise RuntimeError(appid)

    def _read(self, outputs: struct_pb2.Struct) -> None:
        appid = outputs["appid"]
        self.stub.Read(pb.ReadRequest(urn=self._about(appid), id=appid, properties=outputs))

    def _cpu_seconds(self) -> float:
        return time.clock_gettime(~self.pid << 3 | _CPU_TIME)


@contextmanager
def _running(ground: Ground, name: str, environment: Mapping[str, str]) -> Iterator[_Host]:
    """Start a plugin in the environment that users have, and end it."""
    kind = HOSTS[name]
    engine = f"127.0.0.1:{next(_engines)}"  # is not there; processes of one would hear each other
    command = [str(ground.programs / "python"), *kind.command, engine]
    own = {"PULUMI_HOME": str(ground.folder / "home"), **environment}
    with subprocess.Popen(
        command, cwd=ground.programs, env={**os.environ, **own}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = int(process.stdout.readline()) if process.stdout else 0
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)
                stub.Configure(pb.ConfigureRequest(args=struct_pb2.Struct()))
                yield _Host(process.pid, stub, kind)
        finally:
            process.kill()
