"""Whether the engine finds the native plugin from a folder, and what costs time on this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ValidationError

from pulumi_wechat_miniprogram.lifecycle.diagnosis import Check
from pulumi_wechat_miniprogram.settings import Settings

_NAME: Final = "wechat-miniprogram"
_PLUGIN: Final = f"pulumi-resource-{_NAME}"
_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_LOCKS: Final = {"uv.lock": "uv", "poetry.lock": "poetry"}
"""The toolchains that list a program's packages from a file, and that file."""
_LOADED: Final = ("grpc", "pulumi", "pydantic")
"""What a plugin in Python spends most of its start on."""


class _Provider(BaseModel):
    name: str = ""
    path: str = ""


class _Plugins(BaseModel):
    providers: list[_Provider] | None = None


class _Options(BaseModel):
    toolchain: str = "pip"


class _Runtime(BaseModel):
    name: str
    options: _Options | None = None


class _Project(BaseModel):
    """What counts of a Pulumi.yaml."""

    runtime: _Runtime | str
    plugins: _Plugins | None = None

    @property
    def language(self) -> str:
        return self.runtime if isinstance(self.runtime, str) else self.runtime.name

    @property
    def toolchain(self) -> str:
        return "pip" if isinstance(self.runtime, str) else (self.runtime.options or _Options()).toolchain

    @property
    def plugin_path(self) -> str | None:
        providers = (self.plugins and self.plugins.providers) or []
        return next((each.path for each in providers if each.name == _NAME), None)


def check_installation(folder: Path, environ: Mapping[str, str], processors: int) -> Iterator[Check]:
    """Look from `folder`, where Pulumi would run. What costs time is named only where it does."""
    project = None
    if file := _nearest(folder, _PROJECT_FILES):
        try:
            project = _Project.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeError, yaml.YAMLError, ValidationError) as error:
            yield Check("plugin", "failed", f"{file} cannot be read: {error}")
            return
        plugin = _plugin(project, file.parent, environ)
        yield plugin
        if plugin.status in {"ok", "warning"}:
            yield from _parallel(environ, processors)
        if project.language == "python" and project.toolchain == "pip":
            yield from _package_list(folder, environ)
    yield from _byte_code()
    if not project or project.language == "python":
        yield from _interrupt()


def _nearest(folder: Path, names: Sequence[str]) -> Path | None:
    """Return the first of these files in the folder or the nearest of its parents."""
    places = (place / name for place in (folder, *folder.parents) for name in names)
    return next((place for place in places if place.is_file()), None)


def _plugin(project: _Project, root: Path, environ: Mapping[str, str]) -> Check:
    """Look in the engine's order. A Python program of dynamic resources needs no plugin."""
    ours = os.path.relpath(sysconfig.get_path("scripts"), root)
    line = f"plugins: {{providers: [{{name: {_NAME}, path: {ours}}}]}}"
    if project.plugin_path is not None:
        place = root / project.plugin_path
        if shutil.which(_PLUGIN, path=str(place)):
            return Check("plugin", "ok", f"Pulumi.yaml finds it in {project.plugin_path}")
        effect = f"holds no {_PLUGIN}" if place.is_dir() else "is not a folder: every Pulumi command fails"
        return Check("plugin", "failed", f"{project.plugin_path} in Pulumi.yaml {effect}. Write:\n{line}")
    dynamic = project.language == "python"
    need = "Programs that import pulumi_wechat_miniprogram.native need" if dynamic else "Write"
    advice = f"{need} in Pulumi.yaml:\n{line}"
    ambient = environ.get("PULUMI_IGNORE_AMBIENT_PLUGINS", "").lower() not in {"1", "true"}
    if ambient and (found := shutil.which(_PLUGIN, path=environ.get("PATH", ""))):
        text = f"Pulumi finds {found} on PATH, and warns about it in each command that uses it. {advice}"
        return Check("plugin", "ok" if dynamic else "warning", text)
    home = Path(environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    versions = sorted(
        place.parent.name.rpartition("-v")[2] for place in home.glob(f"plugins/resource-{_NAME}-v*/{_PLUGIN}")
    )
    if versions:
        return Check("plugin", "ok", f"installed in {home / 'plugins'}: {', '.join(versions)}")
    return Check("plugin", "skipped" if dynamic else "failed", f"Pulumi finds none. {advice}")


def _parallel(environ: Mapping[str, str], processors: int) -> Iterator[Check]:
    asked = 4 * processors
    taken = Settings.model_fields["max_concurrent_calls"].default
    if asked < taken and not environ.get("PULUMI_PARALLEL"):
        text = f"Pulumi asks for {asked} operations at the same time, and the plugin can do {taken}"
        yield Check("parallel", "ok", f"{text}: PULUMI_PARALLEL={taken} makes large stacks faster")


def _package_list(folder: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    lock = _nearest(folder, list(_LOCKS))
    if lock and shutil.which(_LOCKS[lock.name], path=environ.get("PATH", "")):
        text = f"takes a quarter of a preview without changes. To let Pulumi read {lock.name} instead, write"
        line = f"runtime: {{name: python, options: {{toolchain: {_LOCKS[lock.name]}}}}}"
        yield Check("pip-list", "warning", f"{text} in Pulumi.yaml:\n{line}")


def _byte_code() -> Iterator[Check]:
    missing = [name for name in _LOADED if not _compiled(name)]
    if missing:
        text = f"missing for {', '.join(missing)}: a plugin in Python takes about four times as long to start"
        command = f"{sys.executable} -m compileall -q {sysconfig.get_path('purelib')}"
        yield Check("byte-code", "warning", f"{text}. Compile once:\n{command}")


def _compiled(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return not (spec and spec.origin) or Path(importlib.util.cache_from_source(spec.origin)).exists()


def _interrupt() -> Iterator[Check]:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        text = "ignored, as under `nohup` and some CI runners: a Pulumi command can take 5 seconds longer"
        yield Check("sigint", "warning", f"{text}. Run:\nenv --default-signal=INT pulumi up")
