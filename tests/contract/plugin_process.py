"""Starts the native plugin as the engine does, and hears what it says to the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from tests.native_face import Listener, Resource, configure_request

EXECUTABLE = Path(sysconfig.get_path("scripts"), "pulumi-resource-wechat-miniprogram")


class EngineServer(Listener, engine_pb2_grpc.EngineServicer):
    """The engine's own server, as far as a plugin uses it."""

    def __init__(self) -> None:
        super().__init__()
        self._server = grpc.server(ThreadPoolExecutor(2))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Log(self, request, context):  # type: ignore[override] # noqa: N802 - the protocol names it
        """Keep a line."""
        super().Log(request)
        return empty_pb2.Empty()

    def close(self):
        """Stop."""
        self._server.stop(None).wait()


class PluginProcess:
    """One plugin process; `with` ends it by a signal and keeps what it wrote."""

    def __init__(self, config=None, *, environment=None, provider="default", attached=True):
        """Start it; configure it where there is a config."""
        self.engine = EngineServer()
        self.process = subprocess.Popen(
            [EXECUTABLE, *([self.engine.address] if attached else [])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.domains = Resource(self.stub)
        self.confirm_file = Resource(self.stub, TOKENS["native"]["confirm-file"])
        self.written = ("", "")
        if config is not None:
            self.stub.Configure(configure_request(config, provider=provider), timeout=60)

    @property
    def lines(self):
        """What it said to the engine so far."""
        return self.engine.lines

    def end(self, sent=signal.SIGTERM):
        """End it, and return its exit code."""
        self.process.send_signal(sent)
        return self.wait()

    def wait(self):
        """Wait for its end, and return its exit code."""
        self.written = self.process.communicate(timeout=20)
        return self.process.returncode

    def __enter__(self):
        """Return the running plugin."""
        return self

    def __exit__(self, *_):
        """End it if it still runs."""
        self.channel.close()
        try:
            if self.process.poll() is None:
                self.end()
        finally:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdout, self.process.stderr):
                if stream:
                    stream.close()
            self.engine.close()
