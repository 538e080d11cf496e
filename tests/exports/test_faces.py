"""Both faces: their types, the two spellings of each property, and that every reader knows all of them."""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict
from typing import Any

import pytest

import pulumi_wechat_miniprogram as dynamic
from pulumi_wechat_miniprogram import native
from pulumi_wechat_miniprogram.exports import state
from pulumi_wechat_miniprogram.exports.adoption import adopt, import_file
from pulumi_wechat_miniprogram.exports.kinds import TOKENS, face_of, kind_of
from pulumi_wechat_miniprogram.exports.properties import Gap, Properties
from pulumi_wechat_miniprogram.exports.schema import state_schema
from pulumi_wechat_miniprogram.exports.state import NAMES, WIRE_NAMES, from_wire, to_wire
from pulumi_wechat_miniprogram.lifecycle.state import Recorded
from pulumi_wechat_miniprogram.plugin.schema import schema
from pulumi_wechat_miniprogram.resources.server_domains import ServerDomains
from pulumi_wechat_miniprogram.resources.session import Session
from pulumi_wechat_miniprogram.settings import Settings
from tests.exports.stacks import APPID, A, B, secret
from tests.strategies import observation_of

SEEN = {
    "appid": APPID,
    "domains": [A, B],
    "mode": "additive",
    "effective_domains": [A],
    "pending_domains": [B],
    "release_required": True,
    "added_domains": [B],
    "shared_domains": {A: ["blog"]},
    "declared_as": "shop",
    "channel": "registered",
}


@pytest.mark.parametrize("face", TOKENS)
def test_each_type_has_its_kind_and_its_face(face):
    """Whatever the properties are called."""
    found = {kind_of(token): face_of(token) for token in TOKENS[face].values()}

    assert found == dict.fromkeys(KINDS.values(), face)


def test_every_name_has_two_spellings():
    """One word is the same in both."""
    assert WIRE_NAMES == {
        "appid": "appid",
        "domains": "domains",
        "mode": "mode",
        "overwrite_existing": "overwriteExisting",
        "confirm_file_timeout": "confirmFileTimeout",
        "allow_mass_removal": "allowMassRemoval",
        "effective_domains": "effectiveDomains",
        "pending_domains": "pendingDomains",
        "release_required": "releaseRequired",
        "added_domains": "addedDomains",
        "shared_domains": "sharedDomains",
        "declared_as": "declaredAs",
        "file_name": "fileName",
        "file_content": "fileContent",
        "request": "request",
        "socket": "socket",
        "upload": "upload",
        "download": "download",
        "udp": "udp",
        "tcp": "tcp",
        "effective": "effective",
        "pending": "pending",
        "added": "added",
        "writes": "writes",
        "channel": "channel",
        "hosts": "hosts",
        "component_appid": "componentAppid",
        "publish": "publish",
        "allow_removal": "allowRemoval",
        "testing_domains": "testingDomains",
        "published_domains": "publishedDomains",
    }
    assert {NAMES[wire]: wire for wire in NAMES} == WIRE_NAMES


def test_spelling_back_and_forth_changes_nothing():
    """Names that are nobody's stay, and so do the domains inside `shared_domains`."""
    held = {**SEEN, "__name": "shop", "some_day": 1}

    assert to_wire(held)["sharedDomains"] == {A: ["blog"]}
    assert from_wire(to_wire(held)) == held
    assert to_wire(from_wire(to_wire(held))) == to_wire(held)


@pytest.mark.parametrize(
    "spelled", [dict, to_wire, lambda held: {**held, **to_wire({"declared_as": "shop"})}]
)
@pytest.mark.parametrize("face", TOKENS)
def test_a_state_reads_the_same_in_either_spelling(face, spelled):
    """After a move to the native face its names stay for a while."""
    recorded = Properties(spelled(SEEN), face=face).recorded(APPID)

    shared: Any = {A: ("blog",)}
    assert recorded == Recorded(
        APPID, (A, B), "additive", (A,), (B,), True, (B,), shared, "shop", "registered"
    )


def test_a_gap_is_reported_in_the_spelling_of_the_state():
    """Its name is the same for both."""
    props = Properties({"addedDomains": [7], "sharedDomains": {A: 1}, "releaseRequired": secret()})

    props.recorded(APPID)

    assert [(gap.name, gap.path) for gap in props.gaps] == [
        ("release_required", "releaseRequired"),
        ("added_domains", "addedDomains[0]"),
        ("shared_domains", f"sharedDomains[{A}]"),
    ]
    assert props.secrets == {"release_required"}
    assert Gap("domains", sealed=False).name == "domains"


@pytest.mark.parametrize(("face", "on"), [("dynamic", True), ("native", False)])
def test_where_both_spellings_are_there_the_one_of_the_face_counts(face, on):
    """A transform may add any name; the provider obeys only its own."""
    both = {"overwrite_existing": True, "overwriteExisting": False}

    assert Properties(both, face=face).flag("overwrite_existing") is on
    assert from_wire(both) == {"overwrite_existing": False}
    assert to_wire(both) == {"overwriteExisting": True}


OUTPUTS = {kind: [field.name for field in fields] for kind, fields in state.OUTPUTS.items()}
INPUTS = {kind: [field.name for field in fields] for kind, fields in state.INPUTS.items()}
KINDS = {
    "MiniProgramWebviewDomains": "webview-domains",
    "MiniProgramServerDomains": "server-domains",
    "MiniProgramConfirmFile": "confirm-file",
    "MiniProgramPrefetchDomains": "prefetch-domains",
    "ThirdPartyPlatformWebviewDomains": "platform-webview-domains",
    "ThirdPartyPlatformServerDomains": "platform-server-domains",
    "ThirdPartyPlatformConfirmFile": "platform-confirm-file",
}


CLASSES = ("MiniProgram", "ThirdPartyPlatform")


def names(face, known):
    """Names as a face spells them."""
    return set(to_wire(dict.fromkeys(known)) if face == "native" else known)


@pytest.mark.parametrize("face", [dynamic, native], ids=TOKENS)
def test_no_class_has_a_property_that_readers_do_not_know(face):
    """A new class needs its row in `TOKENS`, a new argument or attribute one in the table of its resource."""
    classes = {KINDS[name]: getattr(face, name) for name in face.__all__ if name.startswith(CLASSES)}
    arguments = {kind: list(inspect.signature(each).parameters) for kind, each in classes.items()}

    assert {kind: list(each.__annotations__) for kind, each in classes.items()} == OUTPUTS
    assert {kind: given[1:-1] for kind, given in arguments.items()} == INPUTS


def test_every_type_of_the_dynamic_classes_is_known():
    """Under the token that the SDK makes of a class."""
    classes = [getattr(dynamic, name) for name in dynamic.__all__ if name.startswith(CLASSES)]

    assert {f"pulumi-python:{each._resource_type_name}" for each in classes} == {*TOKENS["dynamic"].values()}


def test_the_plugin_has_no_type_or_property_that_readers_do_not_know():
    """By the schema that it gives the engine."""
    served = schema()["resources"]

    assert set(served) == {*TOKENS["native"].values()}
    assert {kind: set(served[token]["inputProperties"]) for kind, token in TOKENS["native"].items()} == {
        kind: names("native", known) for kind, known in INPUTS.items()
    }
    assert {kind: set(served[token]["properties"]) for kind, token in TOKENS["native"].items()} == {
        kind: names("native", known) for kind, known in OUTPUTS.items()
    }


SERVER_SEEN = {
    "appid": APPID,
    "channel": "registered",
    "request": [A, f"{B}:8443"],
    "socket": [],
    "mode": "additive",
    "overwrite_existing": False,
    "allow_mass_removal": False,
    "effective": {"request": [A], "socket": []},
    "pending": {"request": [f"{B}:8443"], "socket": []},
    "release_required": True,
    "added": {"request": [f"{B}:8443"], "socket": []},
    "writes": 2,
    "shared_domains": {f"request {A}": ["blog"]},
    "declared_as": "shop",
}


@pytest.mark.parametrize("face", TOKENS)
def test_a_state_of_server_domains_is_read_and_written_alike(face):
    """A list that is empty is managed, one that is not there is not."""
    held = to_wire(SERVER_SEEN) if face == "native" else SERVER_SEEN
    recorded = Properties(held, face=face).recorded_server("")

    assert recorded.managed == ("request", "socket")
    assert recorded.domains == (f"request {A}", f"request {B}:8443")
    assert ServerDomains(Session(Settings(), warn=print)).outputs_of(recorded, SERVER_SEEN) == SERVER_SEEN


def test_what_a_state_records_is_read_from_every_output():
    """Else a new one would be empty in silence; `SEEN` has a value of its own for each."""
    recorded = asdict(Properties(SEEN).recorded(""))
    empty = asdict(Properties({}).recorded(""))

    operational = {"overwrite_existing", "confirm_file_timeout", "allow_mass_removal"}
    assert recorded.keys() == SEEN.keys() == set(OUTPUTS["webview-domains"]) - operational
    assert [name for name in recorded if recorded[name] == empty[name]] == []


@pytest.mark.parametrize("face", TOKENS)
def test_the_schema_has_each_type_with_all_of_its_properties(face):
    """Of either face, in its spelling."""
    defined = state_schema()["$defs"]
    found = {
        each["properties"]["type"]["enum"][0]: [
            set(defined[each["properties"][part]["$ref"].rpartition("/")[2]]["properties"])
            for part in ("inputs", "outputs")
        ]
        for title, each in defined.items()
        if title.endswith("Resource")
    }

    assert found.keys() == {token for tokens in TOKENS.values() for token in tokens.values()}
    assert {kind: found[token] for kind, token in TOKENS[face].items()} == {
        kind: [names(face, INPUTS[kind]), names(face, OUTPUTS[kind])] for kind in INPUTS
    }


@pytest.mark.parametrize("face", TOKENS)
def test_an_import_file_has_every_property(face):
    """What it lacks would be lost to the resource."""
    adopted = adopt("shop", observation_of([A], direct=[A], effective=[A]))

    (imported,) = json.loads(import_file([adopted], face))["resources"]

    stored = [
        {name for name in imported[part] if not name.startswith("__")} for part in ("inputs", "outputs")
    ]
    assert stored == [names(face, INPUTS["webview-domains"]), names(face, OUTPUTS["webview-domains"])]
