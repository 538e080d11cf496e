"""Both faces: their types, and the two spellings of each property."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.kinds import TOKENS, face_of, kind_of
from pulumi_wechat_miniprogram.exports.properties import Gap, Properties
from pulumi_wechat_miniprogram.exports.state import NAMES, WIRE_NAMES, from_wire, to_wire
from pulumi_wechat_miniprogram.lifecycle.state import Recorded
from tests.exports.stacks import APPID, A, B, secret

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
}


@pytest.mark.parametrize("face", TOKENS)
def test_each_type_has_its_kind_and_its_face(face):
    """Whatever the properties are called."""
    found = {kind_of(token): face_of(token) for token in TOKENS[face].values()}

    assert found == {"webview-domains": face, "confirm-file": face}


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

    assert recorded == Recorded(APPID, (A, B), "additive", (A,), (B,), True, (B,), {A: ("blog",)}, "shop")


def test_a_gap_is_told_in_the_spelling_of_the_state():
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
