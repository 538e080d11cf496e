"""The configuration of a pack: read once, with everything that is wrong in one error."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from pulumi_wechat_miniprogram.policy.rule import Config, Level, Rule

__all__ = ["ALL", "ConfigError", "Entry", "configure", "parse_config", "schema_of"]

ALL = "all"
"""The key that sets the level of every policy; the engine applies it and passes it on."""


class ConfigError(ValueError):
    """The configuration of the policies is wrong; the text names every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the problems, one a line."""
        self.problems = tuple(problems)
        super().__init__("the configuration is wrong:\n  " + "\n  ".join(problems))


@dataclass(frozen=True, slots=True)
class Entry:
    """One policy as it runs: its level and its configuration."""

    rule: Rule
    level: Level
    config: Config

    @property
    def active(self) -> bool:
        """Tell whether there is anything to judge."""
        return self.level != "disabled" and not self.config.idle


def configure(
    rules: Sequence[Rule], given: Mapping[str, tuple[Level, Mapping[str, object]]]
) -> tuple[Entry, ...]:
    """Give each policy its level and configuration; what is not given keeps the default.

    Raises:
        ConfigError: a policy or a property that there is not, a wrong value, `all` with more than a level.
    """
    known = {rule.id for rule in rules}
    problems = [
        f"{name} is no policy of this pack{_nearest(name, known)}"
        for name in sorted(given.keys() - known - {ALL})
    ]
    if given.get(ALL, ("advisory", {}))[1]:
        problems.append(f"{ALL} takes a level and nothing else")
    entries = []
    for rule in rules:
        level, properties = given.get(rule.id, (rule.level, {}))
        try:
            entries.append(Entry(rule, level, parse_config(rule, properties)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return tuple(entries)


def parse_config(rule: Rule, properties: Mapping[str, object]) -> Config:
    """Read the properties of one policy.

    Raises:
        ConfigError: with every problem, each under `policy.property`.
    """
    try:
        config: Config = rule.config.model_validate(dict(properties))
    except ValidationError as error:
        raise ConfigError([_describe(rule, detail) for detail in error.errors(include_url=False)]) from None
    return config


def schema_of(rule: Rule) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each property, as the engine checks it and fills in its default."""
    properties = rule.config.model_json_schema(by_alias=True).get("properties", {})
    return {name: _plain_schema(schema) for name, schema in properties.items()}


def _plain_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what only says "not given": a null in `anyOf` or as default, and titles."""
    plain = dict(schema)
    for choice in plain.pop("anyOf", ()):
        if choice != {"type": "null"}:
            plain = {**choice, **plain}
    return {key: value for key, value in plain.items() if key != "title" and value is not None}


def _describe(rule: Rule, detail: Mapping[str, Any]) -> str:
    place = rule.id
    for step in detail["loc"]:
        if step == "[key]":  # how pydantic tells a wrong key from its value
            continue
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
    if detail["type"] == "extra_forbidden":
        known = schema_of(rule)
        return f"{place} is no property of this policy{_nearest(str(detail['loc'][-1]), known)}"
    return f"{place}: {detail['msg'].removeprefix('Value error, ')}"


def _nearest(name: str, known: Sequence[str] | Mapping[str, object] | set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
