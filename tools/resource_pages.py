"""The tables of docs/reference/resources and docs/reference/functions.md, from the plugin's schema."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import CLASSES, Kind
from pulumi_wechat_miniprogram.exports.state import INPUTS, OUTPUTS, Field
from pulumi_wechat_miniprogram.plugin.schema import schema
from pulumi_wechat_miniprogram.resources.found import RESULTS, values_of
from pulumi_wechat_miniprogram.settings import ARGUMENTS, camel


def inputs(kind: Kind) -> list[str]:
    """One row for each input."""
    rows = [
        f"| {_names(field)} | {_type(field.schema)}{_default(field)} | {field.about} |"
        for field in INPUTS[kind]
    ]
    return ["| input | type | meaning |", "|---|---|---|", *rows]


def outputs(kind: Kind) -> list[str]:
    """One row for each output that is not an input."""
    return _described("output", [field for field in OUTPUTS[kind] if field not in INPUTS[kind]])


def values(token: str) -> list[str]:
    """One row for each value that a function returns."""
    return _described("value", values_of(RESULTS[token]))


def _described(what: str, fields: Sequence[Field]) -> list[str]:
    rows = [f"| {_names(field)} | {_type(field.schema)} | {field.about} |" for field in fields]
    return [f"| {what} | type | meaning |", "|---|---|---|", *rows]


def arguments() -> list[str]:
    """One row for each argument of the provider resource; the page on configuration has the meanings."""
    specs = schema()["provider"]["inputProperties"]
    rows = [
        f"| `{name}` | `{camel(name)}` | {_type(specs[camel(name)])} "
        f"| {'yes' if specs[camel(name)].get('secret') else 'no'} |"
        for name in ARGUMENTS
    ]
    return ["| argument in Python | in YAML and TypeScript | type | secret |", "|---|---|---|---|", *rows]


def _names(field: Field) -> str:
    """Return the name in Python, and the one of YAML and TypeScript: a column for each is too wide."""
    return f"`{field.name}`" if field.name == field.wire else f"`{field.name}`, `{field.wire}`"


def _type(spec: Mapping[str, Any]) -> str:
    if choices := spec.get("enum"):
        return " or ".join(f"`{choice}`" for choice in choices)
    if forms := spec.get("oneOf"):
        return " or ".join(_type(form) for form in forms)
    if spec["type"] == "array":
        return f"list of {_type(spec['items'])}s"
    if spec["type"] == "object":
        return f"map from string to {_type(spec['additionalProperties'])}"
    return str(spec["type"])


def _default(field: Field) -> str:
    if field.required:
        return ", required"
    return "" if field.default is None else f", default `{json.dumps(field.default)}`"


TABLES: Final[Mapping[str, dict[str, Callable[[], list[str]]]]] = {
    **{
        f"reference/resources/{kind}.md": {
            "inputs": functools.partial(inputs, kind),
            "outputs": functools.partial(outputs, kind),
        }
        for kind in CLASSES
    },
    "reference/resources/provider.md": {"arguments": arguments},
    "reference/functions.md": {
        token.rpartition(":")[2]: functools.partial(values, token) for token in RESULTS
    },
}
