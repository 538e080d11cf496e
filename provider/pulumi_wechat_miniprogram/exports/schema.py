"""The JSON Schema of the state, as it is published: made of the table in `state`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.marks import SECRET, SIGNATURE
from pulumi_wechat_miniprogram.exports.state import (
    CONFIRM_FILE_OUTPUTS,
    WEBVIEW_DOMAINS_INPUTS,
    WEBVIEW_DOMAINS_OUTPUTS,
    Field,
)

SCHEMA_VERSION: Final = 1
"""Raised when a reader of the schema has to change; a new field is no such change."""

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
_FILE: Final = "The inputs, and the file that every webview domain serves at its root."


def state_schema() -> _Schema:
    """Return the JSON Schema of one resource of this provider in a stack export."""
    definitions = [
        _object(
            "Secret",
            "A value that the program marked as secret: encrypted, or in clear by `--show-secrets`.",
            _SECRET,
            [SIGNATURE],
        ),
        _fields("WebviewDomainsInputs", _INPUTS, WEBVIEW_DOMAINS_INPUTS),
        _fields("WebviewDomainsOutputs", _OUTPUTS, WEBVIEW_DOMAINS_OUTPUTS),
        _resource("WebviewDomains", TOKENS["dynamic"]["webview-domains"]),
        _fields("ConfirmFileInputs", _INPUTS, CONFIRM_FILE_OUTPUTS[:1]),
        _fields("ConfirmFileOutputs", _FILE, CONFIRM_FILE_OUTPUTS),
        _resource("ConfirmFile", TOKENS["dynamic"]["confirm-file"]),
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:pulumi-wechat-miniprogram:state:{SCHEMA_VERSION}",
        "title": "Resources of pulumi-wechat-miniprogram in `deployment.resources` of a stack export",
        "anyOf": [_ref("WebviewDomainsResource"), _ref("ConfirmFileResource")],
        "$defs": {each["title"]: each for each in definitions},
    }


def _resource(name: str, token: str) -> _Schema:
    parts = {
        "urn": _TEXT,
        "id": {**_TEXT, "description": "the appid"},
        "type": {**_TEXT, "enum": [token]},
        "inputs": _ref(f"{name}Inputs"),
        "outputs": _ref(f"{name}Outputs"),
    }
    about = f"One `MiniProgram{name}` in `deployment.resources` of a stack export."
    return _object(f"{name}Resource", about, parts, list(parts))


def _fields(title: str, about: str, fields: Sequence[Field]) -> _Schema:
    props: _Schema = {}
    for field in fields:
        props[field.name] = {"anyOf": [field.schema, _ref("Secret")], "description": field.about}
        if field.default not in (..., {}):
            props[field.name]["default"] = field.default
    return _object(title, about, props, [field.name for field in fields if field.required])


def _object(title: str, about: str, props: _Schema, required: list[str]) -> _Schema:
    form = {"type": "object", "title": title, "description": about}
    return {**form, "properties": props, "required": required}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}
