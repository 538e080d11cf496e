"""Whether a machine can run units: asked before anything runs, on every machine that has slots."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pulumi_wechat_miniprogram import __version__
from pulumi_wechat_miniprogram.__about__ import docs_page
from pulumi_wechat_miniprogram.resources.run import pulumi_home
from pulumi_wechat_miniprogram.settings import SettingsError, load_settings, token_source

NO_CLI: Final = "the Pulumi CLI is not on PATH: install version 3.255 or newer"
_MINIMUM: Final = (3, 255)
"""The oldest CLI that the provider supports."""
_FILES: Final = "file://"


@dataclass(frozen=True, slots=True)
class Machine:
    """What units on a machine would find. `problem` is why none can run; `backend` tells no secret."""

    host: str
    version: str
    cli: str
    backend: str
    tokens: str = ""
    endpoint: str = ""
    fallback: str = "none"
    problem: str = ""


_ALIKE: Final = {
    "version": "the package",
    "cli": "the Pulumi CLI",
    "backend": "backend",
    "tokens": "token source",
    "endpoint": "endpoint",
    "fallback": "fallback endpoint",
}
"""What has to be the same on all machines of a run."""


def look() -> Machine:
    """Look at this machine."""
    cli = _cli()
    problem = _relative(backend_url())
    found = Machine(socket.gethostname(), __version__, cli, backend_digest(), problem=problem)
    try:
        settings = load_settings({})
    except SettingsError as error:
        found = replace(found, problem=str(error))
    else:
        tokens = "the embedded emulator" if settings.emulator_path else token_source(settings) or "none"
        fallback = settings.fallback_endpoint or "none"
        found = replace(found, tokens=tokens, endpoint=settings.endpoint, fallback=fallback)
    if not cli:
        return replace(found, problem=NO_CLI)
    if _number(cli) < _MINIMUM:
        return replace(found, problem=f"the Pulumi CLI is {cli}: install 3.255 or newer")
    return found


def unlike(checked: Machine | None) -> str:
    """Say how this machine, which may have joined late, differs from the one that was checked, if it does."""
    if not checked:
        return ""
    here = look()
    if here.problem:
        return f"{here.host}: {here.problem}"
    return "\n".join(
        f"the {name.removeprefix('the ')} of {here.host}, {getattr(here, what)}, is not the one that was "
        "checked when the run began"
        for what, name in _ALIKE.items()
        if getattr(here, what) != getattr(checked, what)
    )


def backend_digest() -> str:
    """Return what tells the backend of this machine from others, without its credentials: they may change."""
    scheme, mark, rest = backend_url().partition("://")
    host, slash, path = rest.partition("/")
    place = f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"
    return hashlib.sha256(place.encode()).hexdigest()[:12] if place else "none"


def backend_url() -> str:
    """Return the backend of this machine, by its environment or by `pulumi login`; empty without either."""
    if url := os.environ.get("PULUMI_BACKEND_URL", ""):
        return url
    try:
        current: object = json.loads((pulumi_home() / "credentials.json").read_bytes())["current"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(current)


def _relative(backend: str) -> str:
    """Return what is wrong with a backend whose path is relative: each stack runs in its own folder."""
    path, mark, query = backend.removeprefix(_FILES).partition("?")
    if not backend.startswith(_FILES) or Path(path).expanduser().is_absolute():
        return ""
    whole = f"{_FILES}{Path(path).absolute()}{mark}{query}"
    return (
        f"the backend {backend} is a relative path, and each stack runs in a folder of its own: use {whole}"
    )


def _cli() -> str:
    path = shutil.which("pulumi")
    return _version_of(path, Path(path).stat().st_mtime_ns) if path else ""


@functools.cache
def _version_of(path: str, _written: int) -> str:
    """Return the version of a CLI. A process asks once, unless the file was written since."""
    try:
        done = subprocess.run([path, "version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def _number(cli: str) -> tuple[int, ...]:
    parts = cli.removeprefix("v").partition("-")[0].split(".")[:2]
    return tuple(int(part) if part.isdecimal() else 0 for part in parts)


def problems(machines: Mapping[str, Machine], *, calls: bool) -> Iterator[str]:
    """Yield why a run may not start; it `calls` WeChat, so tokens are needed."""
    found = [*machines.values()]
    own: dict[str, list[str]] = {}
    for each in found:
        missing = f"no token source is configured; see {docs_page('guides/credentials')}"
        if problem := each.problem or (missing if calls and each.tokens == "none" else ""):
            own.setdefault(problem, []).append(each.host)
    for problem, hosts in own.items():
        yield f"{_named(hosts)}: {problem}"
    for what, name in _ALIKE.items():
        by_value: dict[str, list[str]] = {}
        if what == "version":
            by_value[__version__] = ["this command"]
        for each in found:
            by_value.setdefault(getattr(each, what), []).append(each.host)
        if len(by_value) > 1:
            kinds = "; ".join(f"{value or 'none'} on {_named(hosts)}" for value, hosts in by_value.items())
            yield f"the machines differ in {name}: {kinds}"


def _named(hosts: Sequence[str]) -> str:
    shown, *more = ", ".join(dict.fromkeys(hosts[:5])), *hosts[5:]
    return f"{shown} and {len(more)} more" if more else shown
