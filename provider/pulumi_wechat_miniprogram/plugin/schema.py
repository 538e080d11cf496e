"""The Pulumi schema of the plugin, made of the settings and of the table of inputs and outputs.

No `defaultInfo.environment`: a generated SDK would read the variable in the program and put a token into the
state. The plugin reads its environment itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pulumi_wechat_miniprogram.__about__ import __version__, semantic
from pulumi_wechat_miniprogram.exports.kinds import MODULE, TOKENS, Kind
from pulumi_wechat_miniprogram.exports.state import (
    CHANNELS,
    INPUTS,
    MODES,
    OUTPUTS,
    Field,
)
from pulumi_wechat_miniprogram.lifecycle.server_domain import KINDS
from pulumi_wechat_miniprogram.resources.found import (
    GET_CONFIRM_FILE,
    GET_SERVER_DOMAINS,
    GET_WEBVIEW_DOMAINS,
    LIST_AUTHORIZERS,
    GetConfirmFileResult,
    GetServerDomainsResult,
    GetWebviewDomainsResult,
    ListAuthorizersResult,
    values_of,
)
from pulumi_wechat_miniprogram.settings import ARGUMENTS, Settings, camel, env_name, holds_secret

_Spec = dict[str, Any]

_HOME: Final = "https://github.com/pulumi-wechat-miniprogram/pulumi-wechat-miniprogram"
_TEXT: Final[_Spec] = {"type": "string"}
_TEXTS: Final[_Spec] = {"type": "array", "items": _TEXT}
_APPID: Final[_Spec] = {**_TEXT, "description": "The authorizer's appid, `wx` and 16 hex digits."}
_ENUMS: Final = {MODES: f"{MODULE}:index:Mode", CHANNELS: f"{MODULE}:index:Channel"}

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
_PREFETCH: Final = """The hosts whose DNS one Mini Program looks up beforehand.

Owns the whole list, which WeChat replaces at once. One resource for each app. The id is the appid."""
_PLATFORM_FILE: Final = """The confirm file of a third-party platform.

Each host of its list for web views serves it. Reads it from WeChat and writes nothing there. The id is the
platform's appid."""
_OWN_LIST: Final = """

What a Mini Program of the platform has in the registered channel, it takes from this list. So by default this
adds, and takes nothing off: a host that leaves the list leaves each of these apps at its next release. The id
is the platform's appid."""
_ABOUT: Final[Mapping[Kind, str]] = {
    "webview-domains": _WEBVIEW_DOMAINS,
    "server-domains": _SERVER_DOMAINS,
    "confirm-file": _CONFIRM_FILE,
    "prefetch-domains": _PREFETCH,
    "platform-webview-domains": "The hosts that a third-party platform lists for web views." + _OWN_LIST,
    "platform-server-domains": "The hosts that a third-party platform lists for code to call." + _OWN_LIST,
    "platform-confirm-file": _PLATFORM_FILE,
}
"""Each resource of the plugin, and what a user reads of it."""


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
            "description": "Where and how WeChat is asked. What is not given is read from the environment.",
            "inputProperties": settings,
        },
        "types": {
            _ENUMS[MODES]: {
                "type": "string",
                "enum": [
                    {"value": "authoritative", "description": "Owns the whole live list."},
                    {"value": "additive", "description": "Owns only what it lists."},
                ],
            },
            _ENUMS[CHANNELS]: {
                "type": "string",
                "enum": [
                    {"value": "direct", "description": "Mode two: no platform's list is needed."},
                    {"value": "registered", "description": "Mode one: the platform's own list has it."},
                ],
            },
        },
        "resources": {TOKENS["native"][kind]: _resource(kind, about) for kind, about in _ABOUT.items()},
        "functions": {
            LIST_AUTHORIZERS: _function(
                "The apps that the token source knows: those configured, or all that authorise the platform. "
                "An error if there are none, or if the source cannot tell.",
                ListAuthorizersResult,
            ),
            GET_WEBVIEW_DOMAINS: _function(
                "The webview domains of one Mini Program, as WeChat holds them now.",
                GetWebviewDomainsResult,
                appid=_APPID,
            ),
            GET_SERVER_DOMAINS: _function(
                "The server domains of one Mini Program, as WeChat holds them now. Each map has the keys "
                f"{', '.join(f'`{kind}`' for kind in KINDS)}.",
                GetServerDomainsResult,
                appid=_APPID,
            ),
            GET_CONFIRM_FILE: _function(
                "The confirm file of one Mini Program.", GetConfirmFileResult, appid=_APPID
            ),
        },
    }


def schema_text() -> str:
    """Return the schema as the engine reads it."""
    return json.dumps(schema())


def _resource(kind: Kind, about: str) -> _Spec:
    inputs, outputs = INPUTS[kind], OUTPUTS[kind]
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
    if choices := held.pop("enum", None):
        held = {"$ref": f"#/types/{_ENUMS[tuple(choices)]}"}
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


def _function(about: str, found: type, **inputs: _Spec) -> _Spec:
    outputs = {field.wire: _property(field) for field in values_of(found)}
    spec: _Spec = {"description": about, "outputs": _object(outputs)}
    return {**spec, "inputs": _object(inputs)} if inputs else spec


def _object(properties: _Spec) -> _Spec:
    return {"type": "object", "properties": properties, "required": list(properties)}
