"""One stack export, read: the resources of this provider that the stack owns.

Also read are the checkpoint files of self-managed backends. Other resources, copies that a failed
replacement left, and fields of newer versions are passed over.

Sources: `sdk/go/common/apitype/core.go` and `pkg/resource/stack/deployment.go` of pulumi/pulumi; exports of
CLI 3.259.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_wechat_miniprogram.exports.kinds import Kind, face_of, kind_of
from pulumi_wechat_miniprogram.exports.properties import MISSING, NO_JSON, Properties
from pulumi_wechat_miniprogram.lifecycle.domain import host_of_listed
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.lifecycle.state import ListName, Recorded, list_name
from pulumi_wechat_miniprogram.safety.problems import said
from pulumi_wechat_miniprogram.safety.text import escape

_VERSIONS: Final = (3, 4)
_HOW: Final = "Write one with `pulumi stack export --file FILE`"


class ExportUnreadable(Exception):
    """The input is not a stack export, or is a damaged one; the text names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Urn:
    """`urn:pulumi:STACK::PROJECT::[PARENTTYPES$]TYPE::NAME`; a name may contain anything."""

    text: str
    stack: str
    project: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Part a URN.

        Raises:
            ValueError: it is none.
        """
        stack, project, _, name = text.removeprefix("urn:pulumi:").split("::", 3)
        return cls(text, stack, project, name)

    @property
    def stack_name(self) -> str:
        """The stack with its project before it: `project/stack`."""
        return f"{self.project}/{self.stack}"


def declared_by(urns: Sequence[str]) -> str:
    """Name resources by stack, each stack once, and each name: the two resources of an app often share it."""
    names: dict[str, dict[str, None]] = {}
    for urn in map(Urn.parse, urns):
        names.setdefault(urn.stack_name, {})[urn.name] = None
    return ", ".join(f"{stack}: {' '.join(found)}" for stack, found in sorted(names.items()))


@dataclass(frozen=True, slots=True)
class StoredDomains:
    """A resource that manages domains `of` a list, or kinds of one.

    `sealed` means that the export holds its domains encrypted only. `secrets` are texts that the program
    marked as secret and that the export shows anyway. `modified` is when its state was written, if the
    export tells.
    """

    urn: Urn
    recorded: Recorded
    of: ListName
    modified: str = ""
    protected: bool = False
    sealed: bool = False
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredConfirmFile:
    """A `MiniProgramConfirmFile`; the name is empty where the export holds it encrypted only."""

    urn: Urn
    appid: str
    file_name: str
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Export:
    """One stack at one time.

    `source` is where it was read from, as messages name it. `domains` are those of the
    `MiniProgramWebviewDomains`, `server_domains` those of the `MiniProgramServerDomains`, `prefetch_domains`
    those of the `MiniProgramPrefetchDomains`, and `platform_domains` the own lists of third-party platforms.
    `interrupted` are the operations that a killed run left: each resource's URN, and its appid where the
    export tells it.
    """

    source: str
    stack_name: str = ""
    time: str = ""
    domains: tuple[StoredDomains, ...] = ()
    server_domains: tuple[StoredDomains, ...] = ()
    prefetch_domains: tuple[StoredDomains, ...] = ()
    platform_domains: tuple[StoredDomains, ...] = ()
    confirm_files: tuple[StoredConfirmFile, ...] = ()
    interrupted: Mapping[str, str] = field(default_factory=dict)

    @property
    def lists(self) -> tuple[StoredDomains, ...]:
        """What manages webview domains and server domains of Mini Programs."""
        return (*self.domains, *self.server_domains)

    @property
    def all_lists(self) -> tuple[StoredDomains, ...]:
        """What manages any list: also prefetch hosts and the own lists of platforms."""
        return (*self.lists, *self.prefetch_domains, *self.platform_domains)

    @property
    def secrets(self) -> frozenset[str]:
        """What the program marked as secret and the export shows: for comparing, not for showing."""
        of_domains = (stored.secrets for stored in self.all_lists)
        of_files = (stored.secrets for stored in self.confirm_files)
        return frozenset[str]().union(*of_domains, *of_files) - {""}


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Manifest(_Lenient):
    time: str = ""


class _Entry(_Lenient):
    urn: str = Field(pattern=r"^urn:pulumi:.*::.*::.*::")
    type: str
    id: str = ""
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    delete: bool = False
    external: bool = False
    modified: str = ""
    protect: bool = False
    pending_replacement: bool = Field(default=False, alias="pendingReplacement")

    @property
    def owned(self) -> bool:
        """Return whether it is something that this stack manages now."""
        return not (self.delete or self.external or self.pending_replacement)

    @property
    def kind(self) -> Kind | None:
        """Return which of our resources it is."""
        return kind_of(self.type, self.inputs, self.outputs)

    def props(self, *required: str) -> Properties:
        """Return the outputs, with inputs for those that are not there."""
        return Properties({**self.inputs, **self.outputs}, required, face=face_of(self.type))


class _Operation(_Lenient):
    resource: _Entry


class _Deployment(_Lenient):
    manifest: _Manifest = Field(default_factory=_Manifest)
    resources: list[_Entry] | None = None
    pending_operations: list[_Operation] | None = None


def read_export(content: bytes, source: str) -> Export:
    """Read what `pulumi stack export` printed, or a checkpoint file of a self-managed backend.

    Raises:
        ExportUnreadable: it is something else, cut off, of an unknown version, or damaged.
    """
    try:
        deployment = _read_deployment(_deployment(_document(content)))
        entries = deployment.resources or []
        owned = [(entry, entry.kind) for entry in entries if entry.owned]
        return Export(
            source=source,
            stack_name=Urn.parse(entries[0].urn).stack_name if entries else "",
            time=deployment.manifest.time,
            domains=tuple(_domains(entry) for entry, kind in owned if kind == "webview-domains"),
            server_domains=tuple(_server_domains(entry) for entry, kind in owned if kind == "server-domains"),
            prefetch_domains=tuple(_prefetch(entry) for entry, kind in owned if kind == "prefetch-domains"),
            platform_domains=tuple(
                _platform_domains(entry, _PLATFORMS[kind]) for entry, kind in owned if kind in _PLATFORMS
            ),
            confirm_files=tuple(_confirm_file(entry) for entry, kind in owned if kind == "confirm-file"),
            interrupted={
                entry.urn: Properties(entry.inputs).text("appid") or entry.id
                for entry in (operation.resource for operation in deployment.pending_operations or [])
                if entry.kind in {"webview-domains", "server-domains", "prefetch-domains", *_PLATFORMS}
            },
        )
    except _Unreadable as error:
        raise ExportUnreadable(f"{source} {error}") from None


_PLATFORMS: Final[Mapping[Kind | None, ListName]] = {
    "platform-webview-domains": "platform-webview",
    "platform-server-domains": "platform-server",
}


class _Unreadable(ValueError):
    """Why the content is not an export, without its source."""


def _read_deployment(held: object) -> _Deployment:
    try:
        return _Deployment.model_validate(held)
    except ValidationError as error:
        detail = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, ("deployment", *detail["loc"])))
        raise _Unreadable(f"is damaged at {place}{_urn_at(held, detail['loc'])}: {said(detail)}") from None


def _urn_at(held: object, place: tuple[int | str, ...]) -> str:
    """Return the URN of the entry around a place, in brackets, if it has one."""
    for step in place:
        if isinstance(held, Mapping) and isinstance(urn := held.get("urn"), str):
            return f" ({escape(urn)})"
        try:
            held = held[step]  # type: ignore[index] # whatever the document holds
        except (LookupError, TypeError):
            break
    return ""


def _document(content: bytes) -> object:
    if not content.strip():
        raise _Unreadable(f"is empty. {_HOW}")
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
            raise _Unreadable(f"is cut off in line {error.lineno}. {_HOW}") from None
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _Unreadable(f"is not valid JSON ({where}). {_HOW}") from None
    except (ValueError, RecursionError):  # no text, a number of thousands of digits, nested too deeply
        raise _Unreadable(f"is not valid JSON. {_HOW}") from None


def _deployment(document: object) -> object:
    held = document if isinstance(document, dict) else {}
    if "deployment" not in held and "checkpoint" not in held:
        raise _Unreadable(f"is JSON, but not a stack export: it has no `deployment`. {_HOW}")
    version = held.get("version")
    if version not in _VERSIONS:
        newer = isinstance(version, int) and version > max(_VERSIONS)
        cure = "Install a newer pulumi-wechat-miniprogram" if newer else "Export it with a current Pulumi CLI"
        raise _Unreadable(f"has version {version!r}, but only versions 3 and 4 are supported. {cure}")
    if "deployment" in held:
        return held["deployment"] or {}
    checkpoint = held["checkpoint"]
    return (isinstance(checkpoint, dict) and checkpoint.get("latest")) or {}


def _domains(entry: _Entry) -> StoredDomains:
    props = entry.props("appid", "domains")
    recorded = props.recorded(entry.id)
    return _stored(entry, props, recorded, list_name("webview", recorded.channel), ("domains",))


def _server_domains(entry: _Entry) -> StoredDomains:
    props = entry.props("appid")
    recorded = props.recorded_server(entry.id)
    return _stored(entry, props, recorded, list_name("server", recorded.channel), KINDS)


def _prefetch(entry: _Entry) -> StoredDomains:
    props = entry.props("appid", "hosts")
    return _stored(entry, props, props.recorded_prefetch(entry.id), "prefetch", ("hosts",))


def _platform_domains(entry: _Entry, of: ListName) -> StoredDomains:
    props = entry.props("component_appid", "domains")
    return _stored(entry, props, props.recorded_platform(entry.id), of, ("domains",))


def _stored(
    entry: _Entry, props: Properties, recorded: Recorded, of: ListName, declared: Sequence[str]
) -> StoredDomains:
    """Return what was read of a resource, whose `declared` properties hold the domains of its program."""
    _refuse_damage(entry, props)
    secrets = set[str]() if props.secrets.isdisjoint({"appid", "component_appid"}) else {recorded.appid}
    if not props.secrets.isdisjoint(declared):  # the other lists are parts of it, perhaps stored in clear
        of_state = (recorded.effective_domains, recorded.pending_domains, recorded.added_domains)
        domains = {*recorded.domains}.union(*of_state)
        secrets.update(map(host_of_listed, domains))
    return StoredDomains(
        urn=Urn.parse(entry.urn),
        recorded=recorded,
        of=of,
        modified=entry.modified,
        protected=entry.protect,
        sealed=any(gap.name in {*declared, "mode"} for gap in props.gaps),
        secrets=frozenset(secrets),
    )


def _confirm_file(entry: _Entry) -> StoredConfirmFile:
    props = entry.props("appid")
    appid, name = props.text("appid") or entry.id, props.text("file_name") or ""
    _refuse_damage(entry, props)
    secrets = {text for key, text in (("appid", appid), ("file_name", name)) if key in props.secrets}
    return StoredConfirmFile(Urn.parse(entry.urn), appid, name, frozenset(secrets))


def _refuse_damage(entry: _Entry, props: Properties) -> None:
    for gap in props.gaps:
        if gap.fault == NO_JSON:
            raise _damaged(entry, "a secret's plaintext is not valid JSON")
        if gap.fault:
            fault = MISSING if gap.fault == MISSING else "is not what this provider stores"
            raise _damaged(entry, f"`{gap.spelling}` {fault}, see `wechat-miniprogram schema`")


def _damaged(entry: _Entry, problem: str) -> _Unreadable:
    return _Unreadable(f"is damaged at {escape(entry.urn)}: {problem}")
