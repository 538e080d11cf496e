"""The manifest of a fleet: its Mini Programs, and the stack that each of them lives in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, cast

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from pulumi_wechat_miniprogram.lifecycle.domain import InvalidDomain, InvalidDomains, parse_domains
from pulumi_wechat_miniprogram.safety.problems import said
from pulumi_wechat_miniprogram.settings import APPID, NOT_AN_APPID

PREFIX: Final = "fleet-"
PROJECT: Final = "wechat-miniprogram-fleet"
"""Part of every URN, unless the manifest names another project."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML has it
_PROJECT: Final = re.compile(r"\.*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_DEEPEST: Final = 32
"""Four levels are needed. LibYAML's composer calls itself for each level, and ends the process far below."""
_MOST_MERGED: Final = 100
"""Pairs of a mapping after `<<`. Each level of merges can multiply what the one before it has."""
_MOST_PROBLEMS: Final = 100
"""How many are reported; the rest is counted."""


class BadManifest(ValueError):
    """The manifest is refused; the text has one line for each problem."""


def _checked_appid(appid: str) -> str:
    if not APPID.fullmatch(appid):
        raise ValueError(f"{appid!r} is not a valid appid: {NOT_AN_APPID}")
    return appid


def _checked_project(project: str) -> str:
    if not _PROJECT.fullmatch(project):
        raise ValueError(f"{project!r} must have letters, digits, '-', '_' and '.' only, and not dots alone")
    return project


def _checked(domains: list[str], info: ValidationInfo) -> list[str]:
    """Check the domains of an app, unless those of others are enough to refuse the manifest.

    By an alias, a short file can have one bad list for each of thousands of apps.
    """
    bad: list[InvalidDomain] = [] if info.context is None else info.context
    if len(bad) < _MOST_PROBLEMS:
        try:
            parse_domains(domains)
        except InvalidDomains as error:
            bad += error.values
            raise
    return domains


class App(BaseModel):
    """One Mini Program; the keys are inputs of `MiniProgramWebviewDomains`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    appid: Annotated[str, AfterValidator(_checked_appid)]
    domains: Annotated[list[str], AfterValidator(_checked)]
    mode: Literal["authoritative", "additive"] = "authoritative"
    overwrite_existing: bool = False
    allow_mass_removal: bool = False


class Fleet(BaseModel):
    """The whole manifest."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    shards: Annotated[int, Field(ge=1, le=100_000)]
    # Not dots alone: the project is a folder of the backend.
    project: Annotated[str, Field(max_length=100), AfterValidator(_checked_project)] = PROJECT
    apps: list[App]

    @cached_property
    def stacks(self) -> Mapping[str, Sequence[App]]:
        """All stacks in order, each with its apps in the manifest's order."""
        stacks: dict[str, list[App]] = {_name(number): [] for number in range(self.shards)}
        for app in self.apps:
            stacks[self.stack_of(app.appid)].append(app)
        return stacks

    def qualified(self, stack: str) -> str:
        """Return the name of a stack for the CLI in any folder."""
        return qualified(self.project, stack)

    def stack_of(self, appid: str) -> str:
        """Return the stack of an app, which depends on the appid and the number of shards alone.

        So an app that is added or removed moves no other app, and every machine gives the same answer.
        """
        digest = hashlib.sha256(appid.encode()).digest()
        return _name(int.from_bytes(digest[:8], "big") % self.shards)


def qualified(project: str, stack: str) -> str:
    """Return the name of a stack of a self-managed backend, which has one organization of this name."""
    return f"organization/{project}/{stack}"


def _name(number: int) -> str:
    return f"{PREFIX}{number:02}"


def read_fleet(path: Path) -> Fleet:
    """Read the manifest.

    Raises:
        BadManifest: with its problems, each with its line.
    """
    root = _compose(path)
    found: list[tuple[int, str]] = []
    try:
        found += _repeated_keys(root, {})
        content = _Loader("").construct_document(root)  # puts what `<<` merges into the nodes
        found += _repeated_appids(root)
        fleet = Fleet.model_validate(content, context=[])
    except ValidationError as error:
        found += _refused(root, error)
    except (yaml.YAMLError, ValueError) as error:  # a number such as `!!int x` is found here
        raise BadManifest(f"{path.name}:1: not valid YAML: {' '.join(str(error).split())}") from None
    else:
        if not found:
            return fleet
    lines = [f"{path.name}:{line}: {text}" for line, text in sorted(found)]
    if more := lines[_MOST_PROBLEMS:]:
        lines[_MOST_PROBLEMS:] = [f"and {len(more)} more problem{'s' if len(more) > 1 else ''}"]
    raise BadManifest("\n".join(lines))


def _compose(path: Path) -> yaml.Node:
    try:
        text = path.read_text(encoding="utf-8")
        if line := _too_deep(text):
            raise BadManifest(f"{path.name}:{line}: nested too deeply")
        root = yaml.compose(text, Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise BadManifest(f"{path.name}: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadManifest(
            f"{path.name}:{mark.line + 1 if mark else 1}: not valid YAML: {error.problem}"
        ) from None
    except yaml.YAMLError as error:
        raise BadManifest(f"{path.name}:1: not valid YAML: {' '.join(str(error).split())}") from None
    if root is None:
        raise BadManifest(f"{path.name}: empty; expected `shards` and `apps`")
    return root


def _too_deep(text: str) -> int:
    """Return the line where the nesting is too deep to be read, or 0."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                return cast("yaml.Mark", event.start_mark).line + 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return 0


def _repeated_keys(node: yaml.Node, met: dict[int, int]) -> Iterator[tuple[int, str]]:
    """Find keys that a mapping has twice: YAML's loader would silently take the last one.

    An alias is the node of its anchor, visited only one time. `met` has how many pairs each gives to `<<`.
    """
    if id(node) in met:
        return
    met[id(node)] = 0
    below = []
    merged: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield _line_of(key), f"the key {key.value!r} appears twice"
            seen.add(str(key.value))
            below.append(value)
            if key.value == "<<":
                merged.append(value)
    elif isinstance(node, yaml.SequenceNode):
        below = merged = node.value
    for inner in below:
        yield from _repeated_keys(inner, met)
    pairs = sum(met[id(inner)] for inner in merged)
    if isinstance(node, yaml.MappingNode):
        if pairs > _MOST_MERGED:
            raise ValueError(f"`<<` merges too much in line {_line_of(node)}")
        pairs += len(node.value)
    met[id(node)] = pairs


def _repeated_appids(root: yaml.Node) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    apps = _find(root, ("apps",))
    for app in apps.value if isinstance(apps, yaml.SequenceNode) else ():
        appid = _find(app, ("appid",))
        if not isinstance(appid, yaml.ScalarNode):
            continue
        line = max(_line_of(app), _line_of(appid))  # a merged one is where its anchor is
        if appid.value in first:
            yield line, f"the appid {appid.value} is already in line {first[appid.value]}"
        first.setdefault(appid.value, line)


def _refused(root: yaml.Node, refusal: ValidationError) -> Iterator[tuple[int, str]]:
    for problem in refusal.errors(include_url=False):
        path = problem["loc"]
        node = _find(root, path)
        cause = problem.get("ctx", {}).get("error")
        if isinstance(cause, InvalidDomains):
            lines = {InvalidDomain(scalar.value, ()).shown: _line_of(scalar) for scalar in node.value}
            yield from ((lines[value.shown], str(value)) for value in cause.values)
            yield from ((_line_of(node), reason.text) for reason in cause.reasons)
        elif problem["type"] == "extra_forbidden":
            model = App if len(path) > 1 else Fleet
            yield _line_of(node), f"unknown key {path[-1]!r}; known keys: {', '.join(model.model_fields)}"
        else:
            name = ".".join(str(part) for part in path if isinstance(part, str)) or "the manifest"
            yield _line_of(node), f"{name}: {said(problem)}"


def _find(node: yaml.Node, path: tuple[int | str, ...]) -> yaml.Node:
    """Return the node at `path`, or the nearest one above it."""
    for part in path:
        if isinstance(node, yaml.MappingNode):
            below = {str(key.value): value for key, value in node.value}.get(str(part))
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            below = node.value[part]
        else:
            below = None
        if below is None:
            break
        node = below
    return node


def _line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
