"""The journal of a first run without checkpoints, and how a state gets what a killed one had done.

Without checkpoints the CLI writes the state once, at its end. The unit keeps the engine's events in a file
that outlives it: each resource stands there, with all that its state would hold, once its provider has
finished. What is not in the state after a kill is put there from this file before anything else is done. So
nothing that is live is forgotten, and an additive resource still owns what it added.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.fleet.locks import seconds_of
from pulumi_wechat_miniprogram.fleet.machine import backend_url
from pulumi_wechat_miniprogram.resources.run import pulumi_home

Entry = Mapping[str, Any]
"""A resource as the engine's events have it, and when its provider finished, in seconds since 1970."""

_FOLDER: Final = "wechat-miniprogram-journals"
_AT: Final = "at"
_KEPT: Final = ("urn", "custom", "id", "type", "inputs", "outputs", "parent", "provider")
_STACK_TYPE: Final = "pulumi:pulumi:Stack"
_ENDING: Final = ".jsonl"


def journal_of(project: str, stack: str) -> Path:
    """Return the file of a stack on this machine: another backend may have a stack of the same name."""
    return _folder(project) / f"{stack}{_ENDING}"


def _folder(project: str) -> Path:
    backend = hashlib.sha256(backend_url().encode()).hexdigest()[:12]
    return pulumi_home() / _FOLDER / backend / project


def read_journals(project: str) -> Mapping[str, Sequence[Entry]]:
    """Return what killed runs have left on this machine, by stack."""
    found = {
        path.name.removesuffix(_ENDING): read_journal(path) for path in _folder(project).glob(f"*{_ENDING}")
    }
    return {stack: entries for stack, entries in found.items() if entries}


def drop_journals(project: str, stacks: Iterable[str]) -> None:
    """Forget what is in the states by now."""
    for stack in stacks:
        journal_of(project, stack).unlink(missing_ok=True)


def read_journal(path: Path) -> Sequence[Entry]:
    """Return the resources that exist according to a journal; its last line may have been cut off."""
    entries: dict[str, Entry] = {}
    with suppress(FileNotFoundError), path.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n") or not line.startswith(b"{"):
                continue
            event = json.loads(line)
            step = event.get("resOutputsEvent", {}).get("metadata", {})
            new = step.get("new") or {}
            if kind_of(step.get("type", "")):
                entries.pop(step["urn"], None)
                if new.get("id"):
                    entries[step["urn"]] = {_AT: event["timestamp"], **{name: new[name] for name in _KEPT}}
    return tuple(entries.values())


def put_into(export: Mapping[str, Any], entries: Iterable[Entry]) -> Mapping[str, Any] | None:
    """Return a stack export with what it lacks of these resources; None if it lacks none.

    A state that was written later than a resource was done is right not to have it: the run was not killed
    before its end, or others have used the stack since.
    """
    deployment = export["deployment"]
    resources = list(deployment.get("resources") or ())
    there = {each["urn"] for each in resources}
    written = seconds_of(deployment["manifest"]["time"]) or 0.0
    missing = [entry for entry in entries if entry["urn"] not in there and entry[_AT] + 1 >= written]
    if not missing:
        return None
    for entry in missing:
        provider, _, provider_id = entry["provider"].rpartition("::")
        if entry["parent"] not in there:
            resources.insert(0, {"urn": entry["parent"], "custom": False, "type": _STACK_TYPE})
        if provider not in there:
            type_ = provider.split("::")[2]
            resources.append({"urn": provider, "custom": True, "id": provider_id, "type": type_})
        there |= {entry["parent"], provider}
        known = next(each["id"] for each in resources if each["urn"] == provider)
        kept = {name: value for name, value in entry.items() if name != _AT}
        resources.append({**kept, "provider": f"{provider}::{known}"})
    return {**export, "deployment": {**deployment, "resources": resources}}
