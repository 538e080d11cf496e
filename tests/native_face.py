"""Speaks to the native plugin as the engine does, in the engine's own messages: to its servicer, or to a process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.state import from_wire, to_wire
from pulumi_wechat_miniprogram.plugin.provider import Plugin
from pulumi_wechat_miniprogram.resources.engine import Engine
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.safety.interruption import Interruption
from pulumi_wechat_miniprogram.settings import Settings, camel, holds_secret

UNKNOWN = rpc.UNKNOWN
STACK = "urn:pulumi:dev::shop"


def struct(values):
    """Turn a mapping into the engine's wire form."""
    return json_format.ParseDict(to_wire(values or {}), struct_pb2.Struct())


def plain(message):
    """Turn the wire form into a mapping with the names of a program."""
    return from_wire(json_format.MessageToDict(message))


def urn_of(type_, name):
    """The URN of a resource of the stack."""
    return f"{STACK}::{type_}::{name}"


PROVIDER_TYPE = "pulumi:providers:wechat-miniprogram"


class RefusedError(Exception):
    """What the user would read, the code that tells the engine of the state, and a state that goes with it."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.code = error.code()
        self.left: Any = None
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                (detail,) = status_pb2.Status.FromString(value).details
                self.left = provider_pb2.ErrorResourceInitFailed()
                assert detail.Unpack(self.left)


class Aborted(grpc.RpcError):  # type: ignore[misc] # grpc has no types
    """A call that its servicer ended."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def code(self):
        """Return the status code."""
        return self._context.code()

    def details(self):
        """Return the text."""
        return self._context.text

    def trailing_metadata(self):
        """Return what goes with it."""
        return self._context.metadata


class Context:
    """What gRPC gives to a method beside its request."""

    def __init__(self) -> None:
        self._code: grpc.StatusCode | None = None
        self.text = ""
        self.metadata: Any = ()

    def code(self):
        """Return the code once there is one."""
        return self._code

    def abort(self, code, details):
        """End the call, as gRPC does: with an exception of no type of its own."""
        self._code, self.text = code, details
        raise Exception  # noqa: TRY002 - the same type as grpc raises

    def abort_with_status(self, status):
        """End the call with more than a text."""
        self.metadata = status.trailing_metadata
        self.abort(status.code, status.details)


class Direct:
    """Calls a servicer as a stub calls a server: with messages that were sent and read."""

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer

    def __getattr__(self, method: str) -> Any:
        """Return a method that takes a request and returns the reply, or raises as a stub does."""

        def call(request, timeout=None):
            context = Context()
            received = type(request).FromString(request.SerializeToString())
            try:
                reply = getattr(self._servicer, method)(received, context)
            except Exception:
                if context.code() is None:
                    raise
                raise Aborted(context) from None
            return type(reply).FromString(reply.SerializeToString())

        return call


class Listener:
    """The engine's ear: keeps the lines for the user."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def Log(self, request, timeout=None):  # noqa: N802 - the protocol names it
        """Keep a line."""
        self.heard.append(request)

    @property
    def lines(self) -> list[str]:
        """What was said, without the lines that only `--debug` shows."""
        levels = {1: "", 2: "warning: ", 3: "error: "}
        return [levels[line.severity] + line.message for line in self.heard if line.severity]


@dataclass
class Resource:
    """The methods about one kind of resource; `name` is the one in the program that the last check was about.

    `added` is the input that the check added, which the engine gives to what follows.
    """

    stub: Any
    type_: str = TOKENS["native"]["webview-domains"]
    name: str = "shop"
    added: dict[str, Any] = field(default_factory=dict)

    @property
    def urn(self):
        """The resource's URN."""
        return urn_of(self.type_, self.name)

    def check(self, news, olds=None, *, name="shop"):
        """Return the checked inputs and the reasons of the failures."""
        self.name = name
        reply = self.call(
            "Check", provider_pb2.CheckRequest(urn=self.urn, olds=struct(olds), news=struct(news))
        )
        inputs = plain(reply.inputs)
        self.added = {key: inputs.pop(key) for key in ["__name"] if key in inputs}
        return inputs, [failure.reason for failure in reply.failures]

    def diff_in_full(self, olds, news, *, id_="x"):
        """Return the whole answer."""
        request = provider_pb2.DiffRequest(
            id=id_, urn=self.urn, olds=struct(olds), news=struct({**self.added, **news})
        )
        return self.call("Diff", request)

    def diff(self, olds, news):
        """Return what differs, `none`, `inputs` or `outputs`, and what a replacement is for."""
        reply = self.diff_in_full(olds, news)
        if reply.changes == reply.DIFF_NONE:
            return "none", list(reply.replaces)
        return "inputs" if reply.hasDetailedDiff else "outputs", list(reply.replaces)

    def create(self, news, *, preview=False, timeout=0.0):
        """Return id and outputs."""
        request = provider_pb2.CreateRequest(
            urn=self.urn, properties=struct({**self.added, **news}), preview=preview, timeout=timeout
        )
        reply = self.call("Create", request)
        return reply.id, plain(reply.properties)

    def update(self, olds, news, *, preview=False, timeout=0.0, id_="x", old_inputs=None):
        """Return the outputs."""
        request = provider_pb2.UpdateRequest(
            id=id_,
            urn=self.urn,
            olds=struct(olds),
            news=struct({**self.added, **news}),
            old_inputs=struct(old_inputs),
            preview=preview,
            timeout=timeout,
        )
        return plain(self.call("Update", request).properties)

    def read(self, id_, outputs=None, inputs=None):
        """Return outputs and inputs, without the one that a check adds."""
        outs, ins = self.read_in_full(id_, outputs, inputs)
        return outs, {key: value for key, value in ins.items() if key != "__name"}

    def read_in_full(self, id_, outputs=None, inputs=None):
        """Return outputs and inputs."""
        request = provider_pb2.ReadRequest(
            id=id_, urn=self.urn, properties=struct(outputs), inputs=struct(inputs)
        )
        reply = self.call("Read", request)
        assert reply.id == id_
        return plain(reply.properties), plain(reply.inputs)

    def delete(self, outputs, *, id_="x"):
        """Delete."""
        self.call("Delete", provider_pb2.DeleteRequest(id=id_, urn=self.urn, properties=struct(outputs)))

    def call(self, method, request):
        """Return the reply, or raise RefusedError."""
        try:
            return getattr(self.stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            raise RefusedError(error) from None


def configure_request(config, *, provider="default"):
    """The engine's request, with secrets wrapped as the schema says."""
    secrets = {camel(name) for name in Settings.model_fields if holds_secret(name)}
    args = {key: rpc.wrap_rpc_secret(value) if key in secrets else value for key, value in config.items()}
    return provider_pb2.ConfigureRequest(
        urn=urn_of(PROVIDER_TYPE, provider),
        name=provider,
        type=PROVIDER_TYPE,
        variables={f"wechat-miniprogram:config:{key}": str(value) for key, value in config.items()},
        args=struct(args),
        acceptSecrets=True,
        acceptResources=True,
    )


class InProcess:
    """The plugin without its process, configured; `with` closes its connections."""

    def __init__(self, config, *, engine="", stack_endpoint="", **more):
        """Configure it, as one of the processes of the engine at an address."""
        self.listener = Listener()
        ear = Engine(self.listener)  # type: ignore[arg-type] # as a stub
        ear.address = engine
        self.plugin = Plugin(ear, Interruption(), stack_endpoint=stack_endpoint)
        stub = Direct(self.plugin)
        stub.Configure(configure_request(config, **more))
        self.of = {kind: Resource(stub, token) for kind, token in TOKENS["native"].items()}
        self.domains = self.of["webview-domains"]
        self.server = self.of["server-domains"]
        self.confirm_file = self.of["confirm-file"]

    def __enter__(self):
        """Return the plugin."""
        return self

    def __exit__(self, *_):
        """Close what it opened."""
        session = self.plugin._session
        if isinstance(session, Session):
            session.close()

    @property
    def errors(self):
        """The lines for the user."""
        return "".join(f"{line}\n" for line in self.listener.lines)
