"""What the engine calls: thin methods that read a message, ask `resources`, and answer.

Source of the protocol: proto/pulumi/provider.proto of pulumi/pulumi. `pulumi.provider.experimental` is not
used: it hides unknowns, old inputs and status codes from a provider (SDK 3.272).
"""

from __future__ import annotations

import functools
import re
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2, struct_pb2

from pulumi_wechat_miniprogram.__about__ import __version__, semantic
from pulumi_wechat_miniprogram.exports.kinds import MODULE, PROVIDER_KEY, TOKENS, Kind
from pulumi_wechat_miniprogram.exports.marks import has_unknowns
from pulumi_wechat_miniprogram.exports.state import WIRE_NAMES, to_wire
from pulumi_wechat_miniprogram.plugin.diff import detailed
from pulumi_wechat_miniprogram.plugin.functions import FUNCTIONS
from pulumi_wechat_miniprogram.plugin.schema import schema_text
from pulumi_wechat_miniprogram.plugin.wire import Received, as_settings, sent
from pulumi_wechat_miniprogram.resources.confirm_file import ConfirmFiles, PlatformConfirmFiles
from pulumi_wechat_miniprogram.resources.domain_lists import DomainLists
from pulumi_wechat_miniprogram.resources.engine import Engine, Handler
from pulumi_wechat_miniprogram.resources.platform_domains import PlatformServerDomains, PlatformWebviewDomains
from pulumi_wechat_miniprogram.resources.prefetch_domains import PrefetchDomains
from pulumi_wechat_miniprogram.resources.protobuf import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)
from pulumi_wechat_miniprogram.resources.server_domains import ServerDomains
from pulumi_wechat_miniprogram.resources.session import Session, show_calls
from pulumi_wechat_miniprogram.resources.webview_domains import WebviewDomains
from pulumi_wechat_miniprogram.safety.audit import acting
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.safety.interruption import Interrupted, Interruption
from pulumi_wechat_miniprogram.safety.masking import shown
from pulumi_wechat_miniprogram.settings import Settings, SettingsError, load_settings, unknown_config_keys

_DEFAULT: Final = re.compile(r"default(_\d+_\d+_\d+.*|_(https?|file|github|gitlab)\W.*)?")
"""What the engine names a provider that no program declares: `DefaultName` in its `providers/provider.go`."""
_KINDS: Final[dict[str, Kind]] = {token: kind for kind, token in TOKENS["native"].items()}
_LISTS: Final[dict[Kind, type[DomainLists]]] = {
    "webview-domains": WebviewDomains,
    "server-domains": ServerDomains,
    "prefetch-domains": PrefetchDomains,
    "platform-webview-domains": PlatformWebviewDomains,
    "platform-server-domains": PlatformServerDomains,
}
_FILES: Final[dict[Kind, type[ConfirmFiles]]] = {
    "confirm-file": ConfirmFiles,
    "platform-confirm-file": PlatformConfirmFiles,
}
_DIFF: Final = provider_pb2.PropertyDiff
_Diff = provider_pb2.DiffResponse

_Method = Callable[["Plugin", Any, grpc.ServicerContext], Any]


def _answering(method: _Method) -> _Method:
    """Turn what a method raises into a status that tells the engine whether the state is as before."""

    @functools.wraps(method)
    def answer(plugin: Plugin, request: Any, context: grpc.ServicerContext) -> Any:
        with plugin.engine.about(getattr(request, "urn", "")):
            try:
                return method(plugin, request, context)
            except Interrupted as error:
                return context.abort(grpc.StatusCode.CANCELLED, shown(error))
            except _Partial as error:
                return _abort_with_state(context, error)
            except UserError as error:
                return context.abort(grpc.StatusCode.FAILED_PRECONDITION, shown(error))
            except Exception as error:
                if context.code():  # `abort` raised
                    raise
                plugin.engine.debug(traceback.format_exc())
                text = f"internal error of the provider, please report it: {type(error).__name__}: {error}"
                return context.abort(grpc.StatusCode.UNKNOWN, shown(text))

    return answer


class _Partial(Exception):
    """An operation that WeChat took a part of: the engine stores the state beside the error."""

    def __init__(
        self, error: UserError, id_: str, state: struct_pb2.Struct, inputs: struct_pb2.Struct
    ) -> None:
        self.text = shown(error)
        self.detail = provider_pb2.ErrorResourceInitFailed(
            id=id_, properties=state, inputs=inputs, reasons=[self.text]
        )


def _abort_with_state(context: grpc.ServicerContext, error: _Partial) -> Any:
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=error.text)
    status.details.add().Pack(error.detail)
    answer = grpc.Status()
    answer.code, answer.details = grpc.StatusCode.UNKNOWN, error.text
    answer.trailing_metadata = (("grpc-status-details-bin", status.SerializeToString()),)
    return context.abort_with_status(answer)


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """One process of the engine: it is configured once. Safe for concurrent use."""

    def __init__(self, engine: Engine, interruption: Interruption, *, stack_endpoint: str = "") -> None:
        """Take the endpoint of stack config, which the engine gives to default providers only."""
        self.engine = engine
        self._stack_endpoint = stack_endpoint
        self._interruption = interruption
        self._lanes: AbstractContextManager[Any] = nullcontext()
        self._session: Session | SettingsError = SettingsError("the provider was not configured")

    # About the plugin

    @_answering
    def Handshake(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Take the engine's address; from now on it tells a provider's name at `Configure`."""
        self.engine.attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @_answering
    def Attach(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Take the address of an engine that found this plugin running, in a debugger."""
        self.engine.attach(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        """Tell the version."""
        return plugin_pb2.PluginInfo(version=semantic(__version__))

    def GetSchema(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        """Tell types, properties and docs."""
        return provider_pb2.GetSchemaResponse(schema=schema_text())

    def Cancel(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        """End waits and pauses, and write nothing afterwards. The engine asks for it at each end too."""
        self._interruption.interrupt()
        return empty_pb2.Empty()

    # About the provider resource

    @_answering
    def CheckConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Validate the settings, unless another resource is yet to provide some."""
        failures = []
        if not has_unknowns(Received(request.news, of_provider=True).props):
            try:
                self._load(as_settings(request.news), _explicit(request.urn))
            except SettingsError as error:
                failures = [provider_pb2.CheckFailure(reason=shown(error))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @_answering
    def DiffConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Never replace: that would replace every resource of the provider."""
        olds, news = (Received(each, of_provider=True).props for each in (request.olds, request.news))
        return _Diff(changes=_Diff.DIFF_NONE if olds == news else _Diff.DIFF_SOME)

    @_answering
    def Configure(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Keep the settings. Errors in them are reported at the first use, as in the dynamic face."""
        given = as_settings(request.args)
        provider = _explicit(request.urn)
        try:
            settings = self._load(given, provider)
            if settings.log == "debug":
                show_calls(Handler(self.engine))
            self._lanes = threading.BoundedSemaphore(settings.max_concurrent_calls)
            self._session = Session(
                settings,
                warn=self.engine.warn,
                tell=self.engine.tell,
                interruption=self._interruption,
                engine=self.engine.address,
            )
            for line in unknown_config_keys(() if provider else given):
                self.engine.warn(line)
        except SettingsError as error:
            self._session = error
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # About resources

    @_answering
    def Check(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Canonicalise and validate."""
        olds, news = Received(request.olds), Received(request.news)
        kind = _kind(request.urn)
        try:
            if lists := _LISTS.get(kind):
                inputs, problems = lists(self._open()).check(olds.props, news.props, name=_name(request.urn))
            else:
                inputs, problems = _FILES[kind].check(news.props)
        except SettingsError as error:
            inputs, problems = news.props, [str(error)]
        failures = [provider_pb2.CheckFailure(reason=shown("\n".join(problems)))] if problems else []
        return provider_pb2.CheckResponse(inputs=sent(inputs, news.secrets), failures=failures)

    @_answering
    def Diff(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Compare meaning."""
        olds, news = Received(request.olds).props, Received(request.news).props
        kind = _kind(request.urn)
        lists = _LISTS.get(kind)
        account = (lists or _FILES[kind]).account
        if lists:
            resource = lists(self._open())
            difference = resource.diff(request.id, olds, news)
            if difference == "appid":
                resource.warn_of_replacement(request.id, olds, news)
        else:
            difference = _FILES[kind].diff(request.id, olds, news)
        stable = [WIRE_NAMES[account]]
        if difference == "none" and PROVIDER_KEY not in olds:
            return _Diff(changes=_Diff.DIFF_NONE, stables=stable)
        if difference == "none":  # the update writes the state anew; a path here could be one to replace on
            return _Diff(changes=_Diff.DIFF_SOME, stables=stable)
        if lists and difference == "outputs":
            diffs = [name for name in lists.lists if name in news]
            return _Diff(changes=_Diff.DIFF_SOME, diffs=diffs, stables=stable)
        paths = to_wire(detailed({**olds, account: olds.get(account) or request.id}, news))
        return _Diff(
            changes=_Diff.DIFF_SOME,
            replaces=stable if difference == "appid" else [],
            stables=[] if stable[0] in paths else stable,
            diffs=sorted({path.partition("[")[0] for path in paths}),
            detailedDiff={path: _DIFF(kind=_DIFF.Kind.Value(kind)) for path, kind in paths.items()},
            hasDetailedDiff=True,
        )

    @_answering
    def Create(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Adopt what is live and write what is missing; a preview only looks."""
        news = Received(request.properties)
        kind = _kind(request.urn)
        lists = _LISTS.get(kind)
        id_of = (lists or _FILES[kind]).id_of
        with self._operation(request, request.properties, news) as session:
            if not lists:
                files = _FILES[kind](session)
                outputs = files.preview(news.props) if request.preview else files.fetch(id_of(news.props), {})
            elif request.preview:
                outputs = lists(session).preview(news.props)
            else:
                outputs = lists(session).create(news.props)
        id_ = "" if request.preview else id_of(news.props)
        return provider_pb2.CreateResponse(id=id_, properties=sent(outputs, news.secrets))

    @_answering
    def Update(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Send the difference; a preview only looks, and a state of the dynamic face is written anew."""
        olds, news = Received(request.olds), Received(request.news)
        with self._operation(request, request.old_inputs, news) as session:
            outputs = self._updated(session, request, olds.props, news.props)
        return provider_pb2.UpdateResponse(properties=sent(outputs, news.secrets))

    @staticmethod
    def _updated(
        session: Session, request: Any, olds: dict[str, Any], news: dict[str, Any]
    ) -> dict[str, Any]:
        if not (lists := _LISTS.get(_kind(request.urn))):
            return {**news, **{key: value for key, value in olds.items() if key != PROVIDER_KEY}}
        resource = lists(session)
        moved = resource.move(request.id, olds, news) if PROVIDER_KEY in olds else None
        if moved is not None:
            return moved
        if request.preview:
            return resource.preview(news, id_=request.id, olds=olds)
        return resource.update(request.id, olds, news)

    @_answering
    def Read(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Return what is live as outputs and inputs: of a refresh, an import or a `get`."""
        inputs, olds = Received(request.inputs), Received(request.properties)
        secrets = inputs.secrets | olds.secrets
        with self._operation(request, request.inputs, olds) as session:
            if not (lists := _LISTS.get(kind := _kind(request.urn))):
                outputs = _FILES[kind](session).fetch(request.id, olds.props)
                read = {_FILES[kind].account: request.id}
            elif lists.computed[0] in olds.props:
                outputs, read = lists(session).read(request.id, olds.props)
            else:
                outputs, read = lists(session).adopt(request.id, _name(request.urn))
        return provider_pb2.ReadResponse(
            id=request.id, properties=sent(outputs, secrets), inputs=sent(read, secrets)
        )

    @_answering
    def Delete(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Remove what this resource owns."""
        olds = Received(request.properties)
        if lists := _LISTS.get(_kind(request.urn)):
            with self._operation(request, request.properties, olds) as session:
                lists(session).delete(request.id, olds.props, name=_name(request.urn))
        return empty_pb2.Empty()

    @_answering
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer a function of the program."""
        if not (function := FUNCTIONS.get(request.tok)):
            return context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{MODULE} has no function {request.tok}")
        with self._lanes:
            found = function(self._open(), Received(request.args).props)
        return provider_pb2.InvokeResponse(**{"return": sent(found)})

    def _load(self, given: dict[str, str], provider: str) -> Settings:
        return load_settings(given, provider=provider, stack_endpoint=self._stack_endpoint)

    def _open(self) -> Session:
        if isinstance(self._session, SettingsError):
            raise self._session
        return self._session

    @contextmanager
    def _operation(self, request: Any, inputs: struct_pb2.Struct, received: Received) -> Iterator[Session]:
        """Hold a lane, within the resource's custom timeout; store what a failed operation left behind."""
        from pulumi_wechat_miniprogram.lifecycle.reconcile import HalfDone  # noqa: PLC0415 - see `Session`

        session, began = self._open(), time.monotonic()
        limit = session.reconciler.within(request.timeout) if request.timeout else nullcontext()
        with limit, self._lanes, acting(**_place(request.urn)):
            try:
                yield session
            except HalfDone as error:
                lists = _LISTS[_kind(request.urn)]
                outputs = lists(session).outputs_of(error.recorded, received.props)
                timed = _timed(error, request.timeout, began)
                state = sent(outputs, received.secrets)
                raise _Partial(timed, lists.id_of(outputs), state, inputs) from None
            except UserError as error:
                raise _timed(error, request.timeout, began) from None


def _timed(error: UserError, seconds: float, began: float) -> UserError:
    """Say of an operation that its time ran out, if so: the error is what it was doing then."""
    if not seconds or time.monotonic() - began < seconds:
        return error
    return error.adding(f"The time that `custom_timeouts` gives to this operation, {seconds:g} s, is over.")


def _kind(urn: str) -> Kind:
    """Return the kind of resource that a URN names.

    Raises:
        UserError: this version has no such resource.
    """
    type_ = urn.split("::", 3)[2].rpartition("$")[2]
    kind = _KINDS.get(type_)
    if kind is None:
        raise UserError(f"{MODULE} {__version__} has no resource type {type_}")
    return kind


def _name(urn: str) -> str:
    """Return a resource's name in its program, with the types of its parents, which may share a name."""
    _, _, types, name = urn.split("::", 3)
    parents = types.rpartition("$")[0]
    return f"{name} ({parents})" if parents else name


def _place(urn: str) -> dict[str, str]:
    """Return where a resource is, as the audit log tells it."""
    stack, project, _, _ = urn.removeprefix("urn:pulumi:").split("::", 3)
    return {"project": project, "stack": f"{project}/{stack}", "urn": urn}


def _explicit(urn: str) -> str:
    """Return the name of a provider resource that the program declares. The engine names default ones."""
    name = urn.split("::", 3)[-1]
    return "" if _DEFAULT.fullmatch(name) else name
