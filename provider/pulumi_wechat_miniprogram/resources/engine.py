"""Lines for the user, sent to the engine, which shows each under the resource that it is about.

It answers when it has a line. What a process writes to stderr instead may come too late for an operation that
ends, and of a native plugin the engine shows none of it.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Literal

import grpc

from pulumi_wechat_miniprogram.resources.protobuf import engine_pb2, engine_pb2_grpc
from pulumi_wechat_miniprogram.safety.masking import mask
from pulumi_wechat_miniprogram.safety.text import one_line

OPTIONS: Final = [("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20)]
_SECONDS: Final = 5.0

Severity = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_PREFIXES: Final[Mapping[str, str]] = {"WARNING": "warning: ", "ERROR": "error: "}


class Engine:
    """The engine that asks. Safe for concurrent use; each thread works for one resource at a time.

    Lines go to stderr without an address, or where it does not answer.
    """

    def __init__(self, stub: engine_pb2_grpc.EngineStub | None = None) -> None:
        self.address = ""
        self._stub = stub
        self._subject = threading.local()

    def attach(self, address: str) -> None:
        """Send further lines to this address."""
        self.address = address
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address, options=OPTIONS))

    @contextmanager
    def about(self, urn: str) -> Iterator[None]:
        """Send what this thread says in the block as lines about a resource."""
        self._subject.urn = urn
        try:
            yield
        finally:
            self._subject.urn = ""

    def warn(self, line: str) -> None:
        """Show a warning."""
        self._log("WARNING", line)

    def tell(self, line: str) -> None:
        """Show a line."""
        self._log("INFO", line)

    def debug(self, line: str) -> None:
        """Write a line that `pulumi --debug` shows."""
        self._log("DEBUG", line)

    def _log(self, severity: Severity, line: str) -> None:
        message = one_line(mask(line))
        if self._stub:
            urn = getattr(self._subject, "urn", "")
            value = engine_pb2.LogSeverity.Value(severity)
            with contextlib.suppress(grpc.RpcError):
                self._stub.Log(
                    engine_pb2.LogRequest(severity=value, message=message, urn=urn), timeout=_SECONDS
                )
                return
        with contextlib.suppress(BrokenPipeError):
            sys.stderr.write(f"{_PREFIXES.get(severity, '')}{message}\n")


class Handler(logging.Handler):
    """Sends the records of a logger to the engine."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        self._engine.tell(f"debug: {record.getMessage()}")
