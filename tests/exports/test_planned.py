"""What an update does to each Mini Program."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.marks import UNKNOWN
from pulumi_wechat_miniprogram.exports.planned import (
    Declared,
    Planned,
    Unplanned,
    of_manifest,
    of_preview,
    of_step,
)
from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable, read_export
from tests.exports.stacks import APPID, OTHER, A, B, C, export, resource, server

FLEET = "wechat-miniprogram-fleet"


def step(op, old=None, new=None):
    """A step of `pulumi preview --json`."""
    return {"op": op, "urn": "urn:pulumi:dev::p::t::shop", "oldState": old, "newState": new}


def test_a_preview_tells_what_goes_and_what_of_it_is_in_force():
    """Also of a deletion, about which the engine asks no provider."""
    document = {
        "config": {},
        "steps": [
            step("create", None, {"type": "pulumi:pulumi:Stack"}),
            step("create", None, {**resource("shop", A), "outputs": None}),
            step(
                "update", resource("pay", A, B, effective=[B], appid=OTHER), resource("pay", C, appid=OTHER)
            ),
            step("delete", server(request=["https://api.example.com"])),
            step("same", resource("x", A), resource("x", A)),
            step("delete", {"type": TOKENS["dynamic"]["webview-domains"]}),
        ],
    }

    assert [*of_preview(document, "x")] == [
        Planned(APPID, "create", (A,)),
        Planned(OTHER, "update", (C,), (A, B), (B,)),
        Planned(
            APPID, "delete", (), ("request https://api.example.com",), ("request https://api.example.com",)
        ),
        Planned("urn:pulumi:dev::p::t::shop", "delete"),
    ]


def preview(*steps, **more):
    """What a preview of these steps tells."""
    return [*of_preview({"steps": list(steps), **more}, "x")]


def test_a_preview_that_failed_is_no_plan():
    """The resource that it names, or the program."""
    text = "preview failed"
    diagnostics = [
        {"urn": "urn:pulumi:dev::p::t::shop", "message": "refused\n", "severity": "error"},
        {"message": text, "severity": "error"},
        {"message": "careful", "severity": "warning"},
    ]

    assert preview(diagnostics=diagnostics) == [Unplanned("shop", "refused"), Unplanned("the preview", text)]


@pytest.mark.parametrize("op", ["replace", "update"])
def test_another_appid_is_a_loss_and_a_gain(op):
    """Of two apps, also where both have a domain."""
    old, new = resource("shop", A, B, effective=[A]), resource("shop", A, C, appid=OTHER)

    assert preview(step(op, old, new)) == [
        Planned(APPID, "delete", (), (A, B), (A,)),
        Planned(OTHER, "create", (A, C)),
    ]


def test_a_replacement_is_reported_once():
    """The engine reports its halves too."""
    old, new = resource("shop", A), resource("shop", B)
    halves = (step("create-replacement", old, new), step("delete-replaced", old))

    assert preview(*halves, step("replace", old, new)) == [Planned(APPID, "replace", (B,), (A,), (A,))]
    assert [each.operation for each in preview(*halves)] == ["create-replacement", "delete-replaced"]


def test_what_stays_is_not_removed():
    """What another resource declares, what an additive one did not add, a kind that is given up, what is kept."""
    other = {**step("same", resource("pay", A), resource("pay", A)), "urn": "urn:pulumi:dev::p::t::pay"}
    additive = {"mode": "additive", "outputs": {"added_domains": [B]}}
    kept = {**resource("shop", A), "retainOnDelete": True}
    kinds = server(request=["https://a.example.com"], socket=["wss://b.example.com"])

    assert preview(other, step("update", resource("shop", A, B), resource("shop", C))) == [
        Planned(APPID, "update", (C,), (B,), (B,))
    ]
    assert preview(
        step("update", resource("shop", A, B, C, **additive), resource("shop", C, mode="additive"))
    ) == [Planned(APPID, "update", (), (B,), (B,))]
    assert preview(step("delete", kept)) == [Planned(APPID, "delete")]
    assert preview(step("update", kinds, server(request=[]))) == [
        Planned(APPID, "update", (), ("request https://a.example.com",), ("request https://a.example.com",))
    ]


@pytest.mark.parametrize("domains", ["[secret]", ["[secret]"]])
def test_secret_domains_cannot_be_foreseen(domains):
    """A preview masks them."""
    side = resource("shop", A)
    side["inputs"]["domains"] = side["outputs"]["domains"] = domains

    (reported,) = preview(step("update", side, side))

    assert reported == Unplanned(APPID, "its domains are secret, and a preview masks them")


def test_what_is_not_known_yet_is_called_so():
    """Not by the engine's mark."""
    side = {**resource("shop", A, UNKNOWN), "outputs": None}

    assert preview(step("create", None, side)) == [Planned(APPID, "create", (A, "one that is not known yet"))]


@pytest.mark.parametrize("document", [None, [], {}, {"steps": 5}, {"steps": [5]}, {"steps": [{}]}])
def test_what_is_no_preview(document):
    """Such as the text that the command prints without --json."""
    with pytest.raises(ExportUnreadable, match="x.json is not the output of `pulumi preview --json`"):
        list(of_preview(document, "x.json"))


def test_a_side_without_lists():
    """A list that is not known yet does not count as one."""
    new = {"inputs": {"domains": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}}

    assert of_step(APPID, "create", None, new) == Planned(APPID, "create")


def exported(*resources, stack=f"{FLEET}/fleet-00"):
    """One export."""
    return read_export(export(*resources, stack=stack), "x")


def declared(appid, *domains, mode="authoritative", allow_mass_removal=False):
    """An app of a manifest."""
    return Declared(appid, domains, mode, allow_mass_removal)


def of_fleet(*domains, appid=APPID, **more):
    """A resource of the fleet."""
    return resource(appid, *domains, appid=appid, stack=f"{FLEET}/fleet-00", **more)


def test_a_manifest_against_states():
    """What comes, changes and goes; what stays is not shown."""
    gone, new, same = (f"wx00000000000000a{number}" for number in range(3))
    states = (
        exported(
            of_fleet(A, B, effective=[A]),
            of_fleet(C, appid=same),
            of_fleet(A, B, appid=gone, effective=[B]),
        ),
        exported(resource("shop", A, appid=OTHER), stack="shop/dev"),
    )
    apps = [declared(APPID, B, C), declared(same, C), declared(new, A)]

    assert [*of_manifest(states, apps, FLEET)] == [
        Planned(APPID, "update", (C,), (A,), (A,)),
        Planned(new, "create", (A,)),
        Planned(gone, "delete", (), (A, B), (B,)),
    ]


def test_an_additive_app_that_goes_takes_what_it_added():
    """The rest of the list is not its own."""
    states = (exported(of_fleet(A, B, mode="additive", outputs={"added_domains": [B]})),)

    assert [*of_manifest(states, [], FLEET)] == [Planned(APPID, "delete", (), (B,), (B,))]


def test_what_would_be_refused_and_what_cannot_be_foreseen():
    """Each with its reason."""
    states = (exported(of_fleet(A, B, C), of_fleet(A, appid=OTHER)), exported(of_fleet(B, appid=OTHER)))

    refused, unforeseen = of_manifest(states, [declared(APPID), declared(OTHER, A)], FLEET)

    assert isinstance(refused, Unplanned)
    assert isinstance(unforeseen, Unplanned)
    assert "allow_mass_removal" in refused.reason
    assert "2 resources" in unforeseen.reason
