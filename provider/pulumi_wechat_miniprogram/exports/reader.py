"""One stack export, read: the resources of this provider that the stack owns.

Also read are the checkpoint files of self-managed backends. Other resources, copies that a failed
replacement left, and fields of newer versions are passed over.

Sources: `sdk/go/common/apitype/core.go` and `pkg/resource/stack/deployment.go` of pulumi/pulumi; exports of
CLI 3.259.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_wechat_miniprogram.exports.kinds import Kind, kind_of
from pulumi_wechat_miniprogram.exports.state import (
    SECRET_KEY,
    SECRET_SIGNATURE,
    ConfirmFileOutputs,
    Secret,
    WebviewDomainsOutputs,
)
from pulumi_wechat_miniprogram.lifecycle.domain import read_listed
from pulumi_wechat_miniprogram.lifecycle.state import Mode, Recorded
from pulumi_wechat_miniprogram.safety.text import escape

__all__ = ["Export", "ExportUnreadable", "StoredConfirmFile", "StoredDomains", "Urn", "read_export"]

_VERSIONS: Final = (3, 4)
_BLINDED: Final = "[secret]"
"""What the CLI puts for a secret, whatever its type, where it prints state for a person."""
_HOW: Final = "Write one with `pulumi stack export --file FILE`"

_Held = TypeVar("_Held", bound=BaseModel)
_Value = TypeVar("_Value")


class ExportUnreadable(Exception):
    """What was given is no stack export, or a damaged one; the text names it and says what to do."""


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


@dataclass(frozen=True, slots=True)
class StoredDomains:
    """A `MiniProgramWebviewDomains`; `sealed` tells that the export holds its domains encrypted only."""

    urn: Urn
    recorded: Recorded
    protected: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class StoredConfirmFile:
    """A `MiniProgramConfirmFile`; the name is empty where the export holds it encrypted only."""

    urn: Urn
    appid: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Export:
    """One stack at one time.

    `source` is where it was read from, as messages name it. `secrets` are texts that the program marked as
    secret and that the export shows all the same: for comparing, not for showing. `interrupted` are the URNs
    of operations that a killed run left.
    """

    source: str
    stack_name: str = ""
    time: str = ""
    domains: tuple[StoredDomains, ...] = ()
    confirm_files: tuple[StoredConfirmFile, ...] = ()
    interrupted: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()


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
    protect: bool = False
    pending_replacement: bool = Field(default=False, alias="pendingReplacement")

    @property
    def owned(self) -> bool:
        """Tell whether it stands for something that this stack manages now."""
        return not (self.delete or self.external or self.pending_replacement)

    @property
    def kind(self) -> Kind | None:
        """Tell which of our resources it is."""
        return kind_of(self.type, self.inputs, self.outputs)


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
        owned = [entry for entry in entries if entry.owned]
        secrets: set[str] = set()
        return Export(
            source=source,
            stack_name=Urn.parse(entries[0].urn).stack_name if entries else "",
            time=deployment.manifest.time,
            domains=tuple(_domains(entry, secrets) for entry in owned if entry.kind == "webview-domains"),
            confirm_files=tuple(
                _confirm_file(entry, secrets) for entry in owned if entry.kind == "confirm-file"
            ),
            interrupted=tuple(
                operation.resource.urn
                for operation in deployment.pending_operations or []
                if operation.resource.kind == "webview-domains"
            ),
            secrets=frozenset(secrets - {""}),
        )
    except _Unreadable as error:
        raise ExportUnreadable(f"{source} {error}") from None


class _Unreadable(ValueError):
    """Why the content is no export, without its source."""


def _read_deployment(held: object) -> _Deployment:
    try:
        return _Deployment.model_validate(held)
    except ValidationError as error:
        detail = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, ("deployment", *detail["loc"])))
        raise _Unreadable(f"is damaged at {place}{_urn_at(held, detail['loc'])}: {detail['msg']}") from None


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
        raise _Unreadable(f"is no JSON ({where}). {_HOW}") from None
    except (ValueError, RecursionError):  # no text, a number of thousands of digits, nested too deeply
        raise _Unreadable(f"is no JSON. {_HOW}") from None


def _deployment(document: object) -> object:
    held = document if isinstance(document, dict) else {}
    if "deployment" not in held and "checkpoint" not in held:
        raise _Unreadable(f"is JSON, but no stack export: it has no `deployment`. {_HOW}")
    version = held.get("version")
    if version not in _VERSIONS:
        newer = isinstance(version, int) and version > max(_VERSIONS)
        cure = "Install a newer pulumi-wechat-miniprogram" if newer else "Export it with a current Pulumi CLI"
        raise _Unreadable(f"has version {version!r}; 3 and 4 are read here. {cure}")
    if "deployment" in held:
        return held["deployment"] or {}
    checkpoint = held["checkpoint"]
    return (isinstance(checkpoint, dict) and checkpoint.get("latest")) or {}


def _domains(entry: _Entry, secrets: set[str]) -> StoredDomains:
    held, secret = _outputs(entry, WebviewDomainsOutputs)
    lists = [
        tuple(map(read_listed, _plain(texts, ())))
        for texts in (held.domains, held.effective_domains, held.pending_domains, held.added_domains)
    ]
    appid = _plain(held.appid, entry.id)
    if "appid" in secret:
        secrets.add(appid)
    if "domains" in secret:  # the other lists are parts of it, and a state may hold them in clear
        secrets.update(text.removeprefix("https://") for texts in lists for text in texts)
    domains, effective, pending, added = lists
    mode: Mode = "authoritative" if isinstance(held.mode, Secret) else held.mode
    shared = {} if isinstance(held.shared_domains, Secret) else held.shared_domains
    return StoredDomains(
        urn=Urn.parse(entry.urn),
        recorded=Recorded(
            appid=appid,
            domains=domains,
            mode=mode,
            effective_domains=effective,
            pending_domains=pending,
            release_required=held.release_required is True,
            added_domains=added,
            shared_domains={read_listed(key): tuple(names) for key, names in shared.items()},
            declared_as="" if isinstance(held.declared_as, Secret) else held.declared_as,
        ),
        protected=entry.protect,
        sealed=isinstance(held.domains, Secret) or isinstance(held.mode, Secret),
    )


def _confirm_file(entry: _Entry, secrets: set[str]) -> StoredConfirmFile:
    held, secret = _outputs(entry, ConfirmFileOutputs)
    appid, name = _plain(held.appid, entry.id), _plain(held.file_name, "")
    if "appid" in secret:
        secrets.add(appid)
    if "file_name" in secret:
        secrets.add(name)
    return StoredConfirmFile(Urn.parse(entry.urn), appid, name)


def _outputs(entry: _Entry, model: type[_Held]) -> tuple[_Held, frozenset[str]]:
    """Return the outputs, with inputs for those that are not there, and the names of the secret ones."""
    together = {**entry.inputs, **entry.outputs}
    secret = frozenset(name for name, value in together.items() if _is_secret(value))
    try:
        opened = {name: _open(value) if name in secret else value for name, value in together.items()}
        return model.model_validate(opened), secret
    except ValidationError as error:
        detail = error.errors(include_input=False, include_url=False)[0]
        fault = "is missing" if detail["type"] == "missing" else "is not what this provider stores"
        problem = f"`{detail['loc'][0]}` {fault}, see `wechat-miniprogram schema`"
    except ValueError:
        problem = "a secret's plaintext is no JSON"
    raise _Unreadable(f"is damaged at {escape(entry.urn)}: {problem}")


def _is_secret(value: object) -> bool:
    return value == _BLINDED or (isinstance(value, dict) and value.get(SECRET_KEY) == SECRET_SIGNATURE)


def _open(secret: str | Mapping[str, Any]) -> object:
    """Return what a secret holds, or the secret itself where it cannot be read."""
    if isinstance(secret, str):
        return {SECRET_KEY: SECRET_SIGNATURE}
    return json.loads(secret["plaintext"]) if "plaintext" in secret else secret


def _plain(value: _Value | Secret, otherwise: _Value) -> _Value:
    """Return a value, or what stands in for one that cannot be read."""
    return otherwise if isinstance(value, Secret) else value
