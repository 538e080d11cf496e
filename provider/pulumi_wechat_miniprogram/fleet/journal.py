"""The journal of a first run without checkpoints, and how a state gets what a killed one had done.

Without checkpoints the CLI writes the state once, at its end. The unit keeps the engine's events in a file
that outlives it: each resource is in it, with all that its state would hold, once its provider has
finished. What is not in the state after a kill is put there from this file before anything else is done. So
nothing that is live is forgotten, and an additive resource still owns what it added. An app that was begun
and not finished stays in the file, as an operation that a killed run left, until an update has been at it.

Each attempt has its own file. It begins with the processes that write it, each with its host: until they are
proved gone, the file is nobody else's business. Several machines may share the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import uuid4

import psutil

from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.fleet.locks import Verdict, seconds_of, together
from pulumi_wechat_miniprogram.fleet.machine import backend_digest
from pulumi_wechat_miniprogram.resources.run import pulumi_home

Entry = Mapping[str, Any]
"""A resource as the engine's events have it, and when its provider finished, in seconds since 1970."""

_FOLDER: Final = "wechat-miniprogram-journals"
_AT: Final = "at"
_KEPT: Final = ("urn", "custom", "id", "type", "inputs", "outputs", "parent", "provider")
_STACK_TYPE: Final = "pulumi:pulumi:Stack"
_ENDING: Final = ".jsonl"
WRITER: Final = "writer"
"""The key of a line that is not of the engine."""
_SKEW: Final = 2.0
"""Seconds by which the start of a process may seem to differ: that of the machine is known to the second."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_STRONGEST: Final[Sequence[Verdict]] = ("running", "unknown", "gone")
"""Which verdict on one of its writers is that on a journal."""


class JournalUnreadable(Exception):
    """A journal is damaged; the text names it, and the way out."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What a killed run had done on one stack; `name` is the name of its file.

    `begun` are URNs of resources that it had not finished: they may be live, and no import of a state keeps
    an operation. `verdict` is about its writers. `path` is for messages, and so is `host`, of a writer
    that this machine knows nothing of.
    """

    name: str
    stack: str
    entries: tuple[Entry, ...]
    begun: frozenset[str] = frozenset()
    verdict: Verdict = "gone"
    path: str = ""
    host: str = ""

    @property
    def empty(self) -> bool:
        """Return whether the run had begun nothing."""
        return not (self.entries or self.begun)


def begin_journal(project: str, stack: str) -> Path:
    """Make the file of an attempt by this process."""
    folder = _folder(project)
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{stack}.{uuid4().hex}{_ENDING}"
    unnamed = path.with_suffix(".new")  # without its writer it would be taken for one of a killed run
    os.close(os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with unnamed.open("ab") as file:
        note_writer(file, os.getpid())
    return unnamed.rename(path)


def note_writer(file: BinaryIO, pid: int) -> None:
    """Note a process that a journal belongs to, unless it has ended already."""
    with contextlib.suppress(psutil.NoSuchProcess):
        writer = {"host": socket.gethostname(), "boot": _boot(), "pid": pid, "began": _began(pid)}
        file.write(json.dumps({WRITER: writer}).encode() + b"\n")
        file.flush()


def _boot() -> str:
    """Return what tells this start of the machine from others, where the system has it."""
    with contextlib.suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return ""


def _began(pid: int) -> float:
    """Return when a process began, in seconds since the machine did: a clock may be set meanwhile."""
    boot = psutil.boot_time()  # first: it is what psutil reckons the start of a process from
    return psutil.Process(pid).create_time() - boot


def _folder(project: str) -> Path:
    """Return where the journals of a project are: another backend may have stacks of the same names."""
    return pulumi_home() / _FOLDER / backend_digest() / project


def read_journals(project: str) -> tuple[Journal, ...]:
    """Return the journals in the folder of this machine, with what it knows about their writers.

    Raises:
        JournalUnreadable: a file is damaged.
    """
    return tuple(map(read_journal, sorted(_folder(project).glob(f"*{_ENDING}"))))


def drop_journals(project: str, names: Iterable[str]) -> None:
    """Forget what is in the states by now."""
    for name in names:
        (_folder(project) / name).unlink(missing_ok=True)


def read_journal(path: Path) -> Journal:
    """Return one journal. Raises as `read_journals` does."""
    lines = _lines(path)
    stack = path.name.removesuffix(_ENDING).rpartition(".")[0]
    writers = [line[WRITER] for line in lines if WRITER in line]
    verdicts = [_judge(writer) for writer in writers]
    verdict: Verdict = next((one for one in _STRONGEST if one in verdicts), "gone")
    host = writers[verdicts.index("unknown")]["host"] if verdict == "unknown" else ""
    return Journal(path.name, stack, _entries(lines), _begun(lines), verdict, str(path), host)


def _lines(path: Path) -> Sequence[Mapping[str, Any]]:
    """Return the lines of JSON; the last one may have been cut off."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    whole = content.rpartition(b"\n")[0].splitlines()
    try:
        return [json.loads(line) for line in whole if line.startswith(b"{")]
    except ValueError:
        raise JournalUnreadable(
            f"the journal {path} is damaged. Move it away: the next update then adopts what is live, and "
            "additive resources do not own it"
        ) from None


def _judge(writer: Mapping[str, Any]) -> Verdict:
    """Return whether a writer is gone, which only its own host knows."""
    if writer["host"] != socket.gethostname():
        return "unknown"
    try:
        same = abs(_began(writer["pid"]) - writer["began"]) <= _SKEW and writer["boot"] == _boot()
        running = same and psutil.Process(writer["pid"]).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return "gone"
    return "running" if running else "gone"


def agreed(found: Iterable[Journal]) -> Journal:
    """Return one journal as all machines that share its folder know it."""
    by_verdict = {journal.verdict: journal for journal in found}
    return by_verdict[together(by_verdict.keys())]


def _entries(lines: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    entries: dict[str, Entry] = {}
    for line in lines:
        step = line.get("resOutputsEvent", {}).get("metadata", {})
        new = step.get("new") or {}
        if kind_of(step.get("type", "")):
            entries.pop(step["urn"], None)
            if new.get("id"):
                entries[step["urn"]] = {_AT: line["timestamp"], **{name: new[name] for name in _KEPT}}
    return tuple(entries.values())


def _begun(lines: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    begun: set[str] = set()
    for line in lines:
        if step := line.get("resourcePreEvent"):
            begun.update({step["metadata"]["urn"]} if kind_of(step["metadata"]["type"]) else ())
        elif step := line.get("resOutputsEvent") or line.get("resOpFailedEvent"):
            begun.discard(step["metadata"]["urn"])
    return frozenset(begun)


def lacking(export: Mapping[str, Any], entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return which resources a stack export lacks, each once.

    A state that was written later than a resource was done is right not to have it: the run was not killed
    before its end, or others have used the stack since.
    """
    deployment = export["deployment"]
    there = {each["urn"] for each in deployment.get("resources") or ()}
    written = seconds_of(deployment["manifest"]["time"]) or 0.0
    newest = {entry["urn"]: entry for entry in sorted(entries, key=_at)}
    return tuple(
        entry for urn, entry in newest.items() if urn not in there and _at(entry) + 1 >= written
    )  # the engine tells whole seconds


def _at(entry: Entry) -> float:
    return float(entry[_AT])


def put_into(export: Mapping[str, Any], missing: Iterable[Entry]) -> Mapping[str, Any]:
    """Return a stack export with these resources too."""
    deployment = export["deployment"]
    resources = list(deployment.get("resources") or ())
    there = {each["urn"] for each in resources}
    for entry in missing:
        resources += _beside(entry, there)
        there |= {each["urn"] for each in resources}
        provider = entry["provider"].rpartition("::")[0]
        known = next(each["id"] for each in resources if each["urn"] == provider)
        kept = {name: value for name, value in entry.items() if name != _AT}
        resources.append({**kept, "provider": f"{provider}::{known}"})
    return {**export, "deployment": {**deployment, "resources": resources}}


def _beside(entry: Entry, there: set[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the stack and the provider of a resource, if the state lacks them."""
    provider, _, provider_id = entry["provider"].rpartition("::")
    if entry["parent"] not in there:
        yield {"urn": entry["parent"], "custom": False, "type": _STACK_TYPE}
    if provider not in there:
        yield {"urn": provider, "custom": True, "id": provider_id, "type": provider.split("::")[2]}
