"""What the states of a fleet hold, read in a slot: only the machines with slots need the backend."""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import CONFIG_HOLDERS, TOKENS
from pulumi_wechat_miniprogram.exports.reader import Export, ExportUnreadable, read_export
from pulumi_wechat_miniprogram.fleet.engine import Say
from pulumi_wechat_miniprogram.fleet.machine import NO_CLI, Machine, unlike
from pulumi_wechat_miniprogram.fleet.manifest import App
from pulumi_wechat_miniprogram.fleet.unit import NO_STACK, environment, write_project
from pulumi_wechat_miniprogram.lifecycle.domain import parse_domains
from pulumi_wechat_miniprogram.safety.masking import redact

_OURS: Final = TOKENS["dynamic"]["webview-domains"]
_OF_EVERY_STACK: Final = frozenset({"pulumi:pulumi:Stack", *CONFIG_HOLDERS})


class BackendUnreadable(Exception):
    """The CLI could not read the backend; the text is what it said."""


@dataclass(frozen=True, slots=True)
class StoredApp:
    """A Mini Program in the state of a stack; `digest` changes with its inputs and outputs."""

    appid: str
    urn: str
    domains: tuple[str, ...] = ()
    mode: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """The state of one stack.

    `interrupted` maps URNs to appids of operations that a killed run left, and of copies that are marked for
    deletion. `foreign` are resources that the program of the fleet does not declare, so that an update would
    delete them.
    """

    stack: str
    exists: bool = True
    apps: tuple[StoredApp, ...] = ()
    interrupted: Mapping[str, str] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A stack of a project, or the project; `machine` is as in a `Request`."""

    project: str
    stack: str = ""
    machine: Machine | None = None


def list_stacks(place: Place, _say: Say) -> tuple[str, ...]:
    """Return the names of all stacks of a project.

    Raises:
        BackendUnreadable: the CLI refuses.
    """
    found = json.loads(ask_pulumi(place, "stack", "ls", "--json"))
    return tuple(each["name"].rpartition("/")[2] for each in found)


def ask_pulumi(place: Place, *arguments: str) -> bytes:
    """Return what a command of the CLI prints.

    Raises:
        BackendUnreadable: the CLI refuses.
    """
    done = _pulumi(place, *arguments)
    if done.returncode:
        raise BackendUnreadable(_said(done))
    return done.stdout


def read_stack(place: Place, _say: Say) -> Stored:
    """Return the state of a stack."""
    try:
        export, content = export_stack(place)
    except (BackendUnreadable, ExportUnreadable) as error:
        return Stored(place.stack, problem=str(error))
    if export is None:
        return Stored(place.stack, exists=False)
    entries = json.loads(content)["deployment"].get("resources") or []
    digests = {entry["urn"]: _digest(entry) for entry in entries if not entry.get("delete")}
    return Stored(
        place.stack,
        apps=tuple(
            StoredApp(
                each.recorded.appid,
                each.urn.text,
                each.recorded.domains,
                each.recorded.mode,
                digests[each.urn.text],
            )
            for each in export.domains
        ),
        interrupted={
            **export.interrupted,
            **{
                entry["urn"]: entry["inputs"]["appid"]
                for entry in entries
                if entry["type"] == _OURS and entry.get("delete")
            },
        },
        foreign=tuple(
            entry["urn"]
            for entry in entries
            if entry["type"] not in _OF_EVERY_STACK
            and (
                entry["type"] != _OURS
                or entry["urn"].rpartition("::")[2] != entry.get("inputs", {}).get("appid")
            )
        ),
    )


def export_stack(place: Place) -> tuple[Export | None, bytes]:
    """Return the export of a stack, read and as it is; None for a stack that does not exist.

    Raises:
        BackendUnreadable: the CLI refuses.
        ExportUnreadable: the CLI printed something else.
    """
    done = _pulumi(place, "stack", "export", "--stack", place.stack)
    if done.returncode == NO_STACK:
        return None, b""
    if done.returncode:
        raise BackendUnreadable(_said(done))
    return read_export(done.stdout, f"stack {place.stack}"), done.stdout


def with_begun(stored: Stored, urns: Iterable[str]) -> Stored:
    """Return a state with resources that a run without checkpoints had begun when it was killed."""
    held = {app.urn for app in stored.apps}
    begun = {urn: urn.rpartition("::")[2] for urn in urns if urn not in held}
    return replace(stored, interrupted={**stored.interrupted, **begun})


def differences(apps: Sequence[App], stored: Stored) -> frozenset[str]:
    """Return what an update of a stack may find to do, as far as its state tells.

    Each is a text that changes with what the state has. An app that is as declared has none. Where a state
    has none that it did not have before, an update does nothing but what was found then.
    """
    declared = {app.appid: app for app in apps}
    held = {each.appid: each for each in stored.apps}
    found = {appid: f"{appid} is absent" for appid in declared.keys() - held.keys()}
    found |= {
        each.appid: f"{each.urn} {each.digest}"
        for each in held.values()
        if each.appid not in declared or _differs(declared[each.appid], each)
    }
    cut = {f"{urn} is unfinished" for urn, appid in stored.interrupted.items() if appid not in found}
    return frozenset({*found.values(), *cut, *stored.foreign})


def find_change(place: Place, apps: Sequence[App], checked: Iterable[str]) -> str:
    """Read a state again, and return why its stack may not be updated after a check found `checked`."""
    stored = read_stack(place, lambda _: None)
    if stored.problem:
        return f"the state of {place.stack} could not be compared with its preview: {stored.problem}"
    if differences(apps, stored) <= {*checked}:
        return ""
    return f"the state of {place.stack} has changed since it was previewed: run the command again"


def _digest(entry: Mapping[str, Any]) -> str:
    """Return a short text for the inputs and outputs of a resource."""
    held = json.dumps([entry.get("inputs"), entry.get("outputs")], sort_keys=True)
    return hashlib.sha256(held.encode()).hexdigest()[:16]


def _differs(app: App, stored: StoredApp) -> bool:
    if app.mode != stored.mode:
        return True
    return tuple(app.domains) != stored.domains and {*parse_domains(app.domains)} != {*stored.domains}


@functools.cache
def _folder(project: str) -> Path:
    """Return a folder with the project, which lives as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix=f"{project}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_project(folder, project, ())
    return folder


def _pulumi(place: Place, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    if problem := unlike(place.machine):
        raise BackendUnreadable(problem)
    try:
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=_folder(place.project),
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,  # Ctrl-C is for the command, which decides what goes on
            check=False,
        )
    except FileNotFoundError:
        raise BackendUnreadable(NO_CLI) from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return redact(done.stderr.decode(errors="replace").strip().removeprefix("error: "))
