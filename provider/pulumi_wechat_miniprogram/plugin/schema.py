"""The Pulumi schema of the plugin, made of the settings and of the table of inputs and outputs.

No `defaultInfo.environment`: a generated SDK would read the variable in the program and put a token into the
state. The plugin reads its environment itself.
"""

from __future__ import annotations

import json
import re
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pulumi_wechat_miniprogram.__about__ import __version__, semantic
from pulumi_wechat_miniprogram.exports.kinds import MODULE, TOKENS, Kind
from pulumi_wechat_miniprogram.exports.state import (
    ABOUT,
    CHANNELS,
    INPUTS,
    MODES,
    OUTPUTS,
    WIRE_NAMES,
    Field,
)
from pulumi_wechat_miniprogram.resources.found import ABOUT as ABOUT_FUNCTIONS
from pulumi_wechat_miniprogram.resources.found import ABOUT_APPID, LIST_AUTHORIZERS, RESULTS, values_of
from pulumi_wechat_miniprogram.settings import ARGUMENTS, Settings, camel, env_name, holds_secret

_Spec = dict[str, Any]

_HOME: Final = "https://github.com/pulumi-wechat-miniprogram/pulumi-wechat-miniprogram"
_TEXT: Final[_Spec] = {"type": "string"}
_TEXTS: Final[_Spec] = {"type": "array", "items": _TEXT}
_ENUMS: Final = {MODES: f"{MODULE}:index:Mode", CHANNELS: f"{MODULE}:index:Channel"}


def schema() -> _Spec:
    """Return the schema, as JSON that `pulumi schema check` accepts."""
    settings = {camel(name): _setting(name) for name in ARGUMENTS}
    return {
        "name": MODULE,
        "displayName": "WeChat Mini Program",
        "version": semantic(__version__),
        "description": "Webview (business) domains and server domains of WeChat Mini Programs and platforms.",
        "keywords": ["wechat", "mini-program", "webview", "category/cloud", "kind/native"],
        "homepage": _HOME,
        "repository": _HOME,
        "license": "Apache-2.0",
        "publisher": "pulumi-wechat-miniprogram",
        "meta": {"moduleFormat": "(.*)"},
        "language": {
            "go": {
                "importBasePath": f"{_HOME.removeprefix('https://')}/sdk/go/wechat",
                "rootPackageName": "wechat",
                "generateResourceContainerTypes": True,
            },
            "nodejs": {"packageName": "pulumi-wechat-miniprogram", "respectSchemaVersion": True},
            "python": {
                "packageName": "pulumi_wechat_miniprogram_sdk",
                "pyproject": {"enabled": True},
                "respectSchemaVersion": True,
            },
        },
        "config": {"variables": settings},
        "provider": {
            "description": "Where and how the provider reaches WeChat, for the resources that name it. A "
            "setting that you leave out is read from the environment.",
            "inputProperties": settings,
        },
        "types": {
            _ENUMS[MODES]: {
                "type": "string",
                "enum": [
                    {"value": "authoritative", "description": "Owns the whole list."},
                    {"value": "additive", "description": "Owns only the domains that it declares."},
                ],
            },
            _ENUMS[CHANNELS]: {
                "type": "string",
                "enum": [
                    {"value": "direct", "description": "Mode two. The platform's own list is not used."},
                    {
                        "value": "registered",
                        "description": "Mode one. The platform's own list must have the domain first.",
                    },
                ],
            },
        },
        "resources": {TOKENS["native"][kind]: _resource(kind, about) for kind, about in ABOUT.items()},
        "functions": {token: _function(token) for token in RESULTS},
    }


def schema_text() -> str:
    """Return the schema as the engine reads it."""
    return json.dumps(schema())


def _resource(kind: Kind, about: str) -> _Spec:
    inputs, outputs = INPUTS[kind], OUTPUTS[kind]
    return {
        "description": _spelled(about),
        "aliases": [{"type": TOKENS["dynamic"][kind]}],
        "inputProperties": {field.wire: _property(field) for field in inputs},
        "requiredInputs": [field.wire for field in inputs if field.required],
        "properties": {field.wire: _property(field) for field in outputs},
        "required": [field.wire for field in outputs if field.default is not None],
    }


def _property(field: Field) -> _Spec:
    held = dict(field.schema)
    if choices := held.pop("enum", None):
        held = {"$ref": f"#/types/{_ENUMS[tuple(choices)]}"}
    if field.replaces:
        held["willReplaceOnChanges"] = True
    about = _spelled(field.about)
    if field.default in (..., None, [], {}, ""):
        return {**held, "description": about}
    return {**held, "description": f"{about} Default: {json.dumps(field.default)}."}


def _spelled(about: str) -> str:
    """Return a text with the names of properties as on the wire."""
    return re.sub("`([a-z_]+)`", lambda name: f"`{WIRE_NAMES.get(name[1], name[1])}`", about)


def _setting(name: str) -> _Spec:
    info = Settings.model_fields[name]
    about = f"{info.description} Environment: `{env_name(name)}`."
    spec = {**_type_of(info.annotation), "description": about}
    return {**spec, "secret": True} if holds_secret(name) or not info.repr else spec


def _type_of(annotation: object) -> _Spec:
    """Return the type of a setting; a map may also be one text: JSON, or `file:` and a path."""
    names = {int: "integer", float: "number", bool: "boolean"}
    for each in [annotation, *_inside(annotation)]:
        if isinstance(each, type) and each in names:
            return {"type": names[each]}
        if get_origin(each) is dict or getattr(each, "__name__", "") == "SecretMap":
            return {"oneOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT}]}
    return _TEXT


def _inside(annotation: object) -> list[object]:
    if get_origin(annotation) is Literal:
        return []
    parts = [each for each in get_args(annotation) if each is not NoneType]
    return [*parts, *(deep for each in parts for deep in _inside(each))]


def _function(token: str) -> _Spec:
    outputs = {field.wire: _property(field) for field in values_of(RESULTS[token])}
    spec: _Spec = {"description": ABOUT_FUNCTIONS[token], "outputs": _object(outputs)}
    if token == LIST_AUTHORIZERS:
        return spec
    return {**spec, "inputs": _object({"appid": {**_TEXT, "description": ABOUT_APPID}})}


def _object(properties: _Spec) -> _Spec:
    return {"type": "object", "properties": properties, "required": list(properties)}
