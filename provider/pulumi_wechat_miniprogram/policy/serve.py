"""The process that a CLI starts for a pack: prints its port and serves until it is told to end."""

from __future__ import annotations

import re
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from pulumi_wechat_miniprogram.__about__ import __version__
from pulumi_wechat_miniprogram.policy.analyzer import Analyzer
from pulumi_wechat_miniprogram.policy.rule import Rule
from pulumi_wechat_miniprogram.policy.rules import RULES
from pulumi_wechat_miniprogram.policy.run import now

__all__ = ["PACK_NAME", "main", "semantic", "serve"]

PACK_NAME = "wechat-miniprogram"

_LARGEST_MESSAGE = 400 * 1024 * 1024  # Pulumi's own limit: the end of a run brings the whole stack at once


def serve(rules: Sequence[Rule] = RULES, *, name: str = PACK_NAME, version: str = __version__) -> None:
    """Serve the policies until the engine ends this process.

    Raises:
        ValueError: there is no policy, one stands twice, or the version is none.
    """
    ids = [rule.id for rule in rules]
    if not ids or len(set(ids)) < len(ids):
        message = f"a pack needs policies, each once, not {', '.join(ids) or 'none'}"
        raise ValueError(message)
    server = grpc.server(
        ThreadPoolExecutor(max_workers=4), options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE)]
    )
    analyzer = Analyzer(rules, name=name, version=semantic(version), clock=now)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    with _interrupt() as interrupted:
        server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        interrupted.recv(1)
    server.stop(grace=None).wait()


@contextmanager
def _interrupt() -> Iterator[socket.socket]:
    """Give a socket that gets a byte when the engine ends this process, by an interrupt.

    A KeyboardInterrupt would not do: the system may hand the signal to one of gRPC's threads, and then
    nothing wakes the main one.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.settimeout(0)
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        yield reader
        signal.set_wakeup_fd(-1)


def semantic(version: str) -> str:
    """Return a Python version in the form that the engine takes: `0.1.0.dev0` as `0.1.0-dev0`."""
    found = re.fullmatch(r"([0-9]+\.[0-9]+\.[0-9]+)(?:[.-]?([0-9A-Za-z][0-9A-Za-z.-]*))?", version)
    if not found:
        message = f"{version!r} is no version such as 1.2.3"
        raise ValueError(message)
    release, rest = found.groups()
    return f"{release}-{rest}" if rest else release


def main() -> None:
    """Serve every policy: the executable, which the engine starts with its address."""
    if len(sys.argv) == 1:
        path = Path(sys.argv[0]).resolve()
        sys.exit(f"The Pulumi CLI starts this program: pulumi preview --policy-pack {path}")
    serve()
