"""The process that the engine starts: `pulumi-resource-wechat-miniprogram ENGINE_ADDRESS`.

It prints its port and serves until a signal comes or the engine is gone.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc

from pulumi_wechat_miniprogram.plugin.provider import Plugin
from pulumi_wechat_miniprogram.resources.engine import OPTIONS, Engine
from pulumi_wechat_miniprogram.resources.protobuf import provider_pb2_grpc
from pulumi_wechat_miniprogram.resources.run import engine_address
from pulumi_wechat_miniprogram.safety.interruption import Interruption, output_unread
from pulumi_wechat_miniprogram.settings import config_name

_THREADS: Final = 64
"""The most that `maxConcurrentCalls` may ask for. A thread begins when it is needed."""
_STDOUT: Final = 1
_GRACE_SECONDS: Final = 4.0
"""The engine kills a plugin 5 seconds after its signal."""


class _Cancelling(grpc.ServerInterceptor):  # type: ignore[misc] # grpc has no types
    """Hears Cancel in gRPC's own thread, since all others may wait for what it cancels."""

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption

    def intercept_service(self, continuation: Callable[..., Any], details: grpc.HandlerCallDetails) -> Any:
        if details.method.endswith("/Cancel"):
            self._interruption.interrupt()
        return continuation(details)


def main() -> None:
    """Serve until the engine ends this process."""
    ends = _ends()
    interruption = Interruption(output_unread)
    engine = Engine()
    if address := engine_address(sys.argv[1:]):
        engine.attach(address)
    server = grpc.server(
        ThreadPoolExecutor(_THREADS), options=OPTIONS, interceptors=[_Cancelling(interruption)]
    )
    plugin = Plugin(engine, interruption, stack_endpoint=_stack_endpoint())
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(plugin, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 - the engine reads it
    ends.poll()
    interruption.interrupt()
    server.stop(_GRACE_SECONDS).wait()


def _stack_endpoint() -> str:
    """Return the endpoint in stack config; the engine gives this package's keys without their namespace."""
    config = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")
    return str(config.get("endpoint") or config.get(config_name("endpoint")) or "")


def _ends() -> select.poll:
    """Return what becomes ready at a signal, or when nobody reads our output any more: the engine was killed.

    A thread of gRPC may receive the signal. That wakes no lock on which the main thread waits, but Python
    writes to the pipe immediately.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: None)
    ends = select.poll()
    ends.register(woken, select.POLLIN)
    ends.register(_STDOUT, 0)
    return ends
