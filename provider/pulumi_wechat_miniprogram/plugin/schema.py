"""The Pulumi schema of the plugin, made of the settings and of the table of inputs and outputs.

No `defaultInfo.environment`: a generated SDK would read the variable in the program and put a token into the
state. The plugin reads its environment itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pulumi_wechat_miniprogram.__about__ import __version__, semantic
from pulumi_wechat_miniprogram.exports.kinds import MODULE, TOKENS, Kind
from pulumi_wechat_miniprogram.exports.state import (
    CONFIRM_FILE_OUTPUTS,
    SERVER_DOMAINS_INPUTS,
    SERVER_DOMAINS_OUTPUTS,
    WEBVIEW_DOMAINS_INPUTS,
    WEBVIEW_DOMAINS_OUTPUTS,
    Field,
)
from pulumi_wechat_miniprogram.settings import Settings, camel, env_name, holds_secret

_Spec = dict[str, Any]

_HOME: Final = "https://github.com/pulumi-wechat-miniprogram/pulumi-wechat-miniprogram"
_TEXT: Final[_Spec] = {"type": "string"}
_TEXTS: Final[_Spec] = {"type": "array", "items": _TEXT}
_APPID: Final[_Spec] = {**_TEXT, "description": "The authorizer's appid, `wx` and 16 hex digits."}
_MODE: Final = f"{MODULE}:index:Mode"

LIST_AUTHORIZERS: Final = f"{MODULE}:index:listAuthorizers"
GET_WEBVIEW_DOMAINS: Final = f"{MODULE}:index:getWebviewDomains"
GET_CONFIRM_FILE: Final = f"{MODULE}:index:getConfirmFile"

_WEBVIEW_DOMAINS: Final = """The webview (business) domains of one Mini Program.

Owns the whole list: a live domain that `domains` lacks is removed; with `mode: additive` it owns what it
lists, no more. Create adopts what is live, writes only what differs, and refuses to remove what nobody
declared. A new domain is effective after the app's next release, see `releaseRequired`. The id is the
appid."""
_SERVER_DOMAINS: Final = """The server domains of one Mini Program: the hosts that its code may call.

There are six lists. One that is not declared is not managed; an empty one is to be empty. Owns each managed
list as a whole, or with `mode: additive` what it lists. Create adopts what is live, writes only what differs,
and refuses to remove what nobody declared. A new domain is effective after the app's next release, see
`releaseRequired`. WeChat allows 50 changes a month. The id is the appid."""
_CONFIRM_FILE: Final = """The confirm file of one Mini Program, which every webview domain serves at its root.

Reads it from WeChat and writes nothing there; a delete is local. The id is the appid."""


def schema() -> _Spec:
    """Return the schema, as JSON that `pulumi schema check` accepts."""
    settings = {camel(name): _setting(name) for name in Settings.model_fields}
    return {
        "name": MODULE,
        "displayName": "WeChat Mini Program",
        "version": semantic(__version__),
        "description": "Webview (business) domains and server domains of WeChat Mini Programs.",
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
            "description": "Where and how WeChat is asked. What is not given is read from the environment.",
            "inputProperties": settings,
        },
        "types": {
            _MODE: {
                "type": "string",
                "enum": [
                    {"value": "authoritative", "description": "Owns the whole live list."},
                    {"value": "additive", "description": "Owns only what it lists."},
                ],
            }
        },
        "resources": {
            TOKENS["native"]["webview-domains"]: _resource(
                "webview-domains", _WEBVIEW_DOMAINS, WEBVIEW_DOMAINS_INPUTS, WEBVIEW_DOMAINS_OUTPUTS
            ),
            TOKENS["native"]["server-domains"]: _resource(
                "server-domains", _SERVER_DOMAINS, SERVER_DOMAINS_INPUTS, SERVER_DOMAINS_OUTPUTS
            ),
            TOKENS["native"]["confirm-file"]: _resource(
                "confirm-file", _CONFIRM_FILE, CONFIRM_FILE_OUTPUTS[:1], CONFIRM_FILE_OUTPUTS
            ),
        },
        "functions": {
            LIST_AUTHORIZERS: _function(
                "The apps that the token source knows: those configured, or all that authorise the platform. "
                "Empty where it cannot tell.",
                {},
                {"appids": {**_TEXTS, "description": "Sorted."}},
            ),
            GET_WEBVIEW_DOMAINS: _function(
                "The webview domains of one Mini Program, as WeChat holds them now.",
                {"appid": _APPID},
                {
                    "domains": {
                        **_TEXTS,
                        "description": "On the list of this API; canonical, WeChat's order.",
                    },
                    "effectiveDomains": {**_TEXTS, "description": "In force since the last release; sorted."},
                    "pendingDomains": {**_TEXTS, "description": "Listed, not in force until a release."},
                    "otherDomains": {
                        **_TEXTS,
                        "description": "Only on the console's or mode one's list; sorted.",
                    },
                },
            ),
            GET_CONFIRM_FILE: _function(
                "The confirm file of one Mini Program.",
                {"appid": _APPID},
                {field.wire: _property(field) for field in CONFIRM_FILE_OUTPUTS[1:]},
            ),
        },
    }


def schema_text() -> str:
    """Return the schema as the engine reads it."""
    return json.dumps(schema())


def _resource(kind: Kind, about: str, inputs: Sequence[Field], outputs: Sequence[Field]) -> _Spec:
    return {
        "description": about,
        "aliases": [{"type": TOKENS["dynamic"][kind]}],
        "inputProperties": {field.wire: _property(field) for field in inputs},
        "requiredInputs": [field.wire for field in inputs if field.required],
        "properties": {field.wire: _property(field) for field in outputs},
        "required": [field.wire for field in outputs if field.default is not None],
    }


def _property(field: Field) -> _Spec:
    held = dict(field.schema)
    if held.pop("enum", None):
        held = {"$ref": f"#/types/{_MODE}"}
    about = field.about[0].upper() + field.about[1:] + "."
    if field.default in (..., None, [], {}, ""):
        return {**held, "description": about}
    return {**held, "description": f"{about} Default: {json.dumps(field.default)}."}


def _setting(name: str) -> _Spec:
    info = Settings.model_fields[name]
    about = (info.description or "")[0].upper() + (info.description or "")[1:]
    spec = {**_type_of(info.annotation), "description": f"{about}. Environment: `{env_name(name)}`."}
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


def _function(about: str, inputs: _Spec, outputs: _Spec) -> _Spec:
    spec: _Spec = {"description": about, "outputs": _object(outputs)}
    return {**spec, "inputs": _object(inputs)} if inputs else spec


def _object(properties: _Spec) -> _Spec:
    return {"type": "object", "properties": properties, "required": list(properties)}
