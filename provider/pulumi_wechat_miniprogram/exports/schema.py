"""The JSON Schema of the state, as it is published: made of the table in `state`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import CLASSES, TOKENS, Face, Kind
from pulumi_wechat_miniprogram.exports.marks import SECRET, SIGNATURE
from pulumi_wechat_miniprogram.exports.state import (
    INPUTS,
    OUTPUTS,
    Field,
)

SCHEMA_VERSION: Final = 1
"""Raised when a reader of the schema has to change; not for a new field or type."""

_Schema = dict[str, Any]

_TEXT: Final[_Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[_Schema] = {"anyOf": [_TEXT, {"type": "null"}], "default": None}
_SECRET: Final[_Schema] = {
    SIGNATURE: {**_TEXT, "const": SECRET, "description": "tells a secret from an object"},
    "ciphertext": {**_TEXT_OR_NULL, "description": "the encrypted value"},
    "plaintext": {**_TEXT_OR_NULL, "description": "the value as JSON text"},
}
_INPUTS: Final = "What the program declared, after checks."
_OUTPUTS: Final = "The inputs, and what was seen at the last operation."
_FILE: Final = "The inputs, and the file that each host for web views serves at its root."


def state_schema() -> _Schema:
    """Return the JSON Schema of one resource of this provider in a stack export."""
    secret = _object(
        "Secret",
        "A value that the program marked as secret: encrypted, or in clear by `--show-secrets`.",
        _SECRET,
        [SIGNATURE],
    )
    definitions = [definition for face in TOKENS for definition in _definitions(face)]
    resources = [each["title"] for each in definitions if each["title"].endswith("Resource")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:pulumi-wechat-miniprogram:state:{SCHEMA_VERSION}",
        "title": "Resources of pulumi-wechat-miniprogram in `deployment.resources` of a stack export",
        "anyOf": [_ref(title) for title in resources],
        "$defs": {each["title"]: each for each in (secret, *definitions)},
    }


def _definitions(face: Face) -> Iterator[_Schema]:
    for kind, name in CLASSES.items():
        about = _FILE if name.endswith("ConfirmFile") else _OUTPUTS
        title = name.removeprefix("MiniProgram")
        yield _fields(face, f"{title}Inputs", _INPUTS, INPUTS[kind])
        yield _fields(face, f"{title}Outputs", about, OUTPUTS[kind])
        yield _resource(face, title, kind)


def _title(face: Face, name: str) -> str:
    return f"Native{name}" if face == "native" else name


def _resource(face: Face, name: str, kind: Kind) -> _Schema:
    title = _title(face, name)
    parts = {
        "urn": _TEXT,
        "id": {**_TEXT, "description": "the appid, with `/registered` after it in that channel"},
        "type": {**_TEXT, "enum": [TOKENS[face][kind]]},
        "inputs": _ref(f"{title}Inputs"),
        "outputs": _ref(f"{title}Outputs"),
    }
    by = " by the native plugin" if face == "native" else ""
    about = f"One `{CLASSES[kind]}`{by} in `deployment.resources` of a stack export."
    return _object(f"{title}Resource", about, parts, list(parts))


def _fields(face: Face, name: str, about: str, fields: Sequence[Field]) -> _Schema:
    spelled = {field.wire if face == "native" else field.name: field for field in fields}
    props: _Schema = {}
    for key, field in spelled.items():
        props[key] = {"anyOf": [field.schema, _ref("Secret")], "description": field.about}
        if field.default not in (..., {}, None):
            props[key]["default"] = field.default
    return _object(
        _title(face, name), about, props, [key for key, field in spelled.items() if field.required]
    )


def _object(title: str, about: str, props: _Schema, required: list[str]) -> _Schema:
    form = {"type": "object", "title": title, "description": about}
    return {**form, "properties": props, "required": required}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}
