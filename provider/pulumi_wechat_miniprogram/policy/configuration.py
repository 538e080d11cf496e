"""The configuration of a pack: one error lists everything that is wrong in it."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from pulumi_wechat_miniprogram.policy.rule import Config, Rule
from pulumi_wechat_miniprogram.safety.problems import said

ALL = "all"
"""The key that sets the level of every policy. The engine applies it and passes it on."""


class ConfigError(ValueError):
    """The configuration of the policies is wrong; the text lists every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("the configuration is wrong:\n  " + "\n  ".join(problems))


def check_config(rules: Sequence[Rule], given: Mapping[str, Mapping[str, object]]) -> None:
    """Check the properties that each policy is given; the engine has checked the levels.

    Raises:
        ConfigError: there are unknown policies or properties, wrong values, or properties of `all`.
    """
    known = {rule.id for rule in rules}
    problems = [
        f"{name} is not a policy of this pack{_nearest(name, known)}"
        for name in sorted(given.keys() - known - {ALL})
    ]
    if given.get(ALL):
        problems.append(f"{ALL} accepts a level and nothing else")
    for rule in rules:
        try:
            parse_config(rule, given.get(rule.id, {}))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)


def parse_config(rule: Rule, properties: Mapping[str, object]) -> Config:
    """Parse the properties of one policy.

    Raises:
        ConfigError: it lists every problem, each with `policy.property`.
    """
    return _parsed(rule, json.dumps(properties, sort_keys=True))


@functools.lru_cache(maxsize=64)
def _parsed(rule: Rule, properties: str) -> Config:
    """Parse once what the SDK passes with each resource: `freeze` reads a file for it."""
    try:
        config: Config = rule.config.model_validate(json.loads(properties))
    except ValidationError as error:
        raise ConfigError([_describe(rule, detail) for detail in error.errors(include_url=False)]) from None
    return config


def schema_of(rule: Rule) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each property. The engine validates with it and fills in defaults."""
    properties = rule.config.model_json_schema(by_alias=True).get("properties", {})
    return {name: _plain_schema(schema) for name, schema in properties.items()}


def _plain_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out titles, and the null that means "not given" in `anyOf` or as a default."""
    plain = dict(schema)
    for choice in plain.pop("anyOf", ()):
        if choice != {"type": "null"}:
            plain = {**choice, **plain}
    return {key: value for key, value in plain.items() if key != "title" and value is not None}


def _describe(rule: Rule, detail: Mapping[str, Any]) -> str:
    place = rule.id
    for step in detail["loc"]:
        if step == "[key]":  # pydantic marks a wrong key this way, as opposed to its value
            continue
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
    if detail["type"] == "extra_forbidden":
        known = schema_of(rule)
        return f"{place} is not a property of this policy{_nearest(str(detail['loc'][-1]), known)}"
    return f"{place}: {said(detail)}"


def _nearest(name: str, known: Sequence[str] | Mapping[str, object] | set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
