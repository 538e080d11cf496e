"""Reading stack exports: every form that the engine writes, and one clear error for anything else."""

from __future__ import annotations

import functools
import json
from dataclasses import replace

import pytest

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS
from pulumi_wechat_miniprogram.exports.marks import SIGNATURE
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.exports.reader import ExportUnreadable, read_export
from pulumi_wechat_miniprogram.lifecycle.reconcile import Recorded
from tests.exports.stacks import (
    APPID,
    CONFIRM_FILE,
    GOLDEN,
    OTHER,
    WEBVIEW_DOMAINS,
    A,
    B,
    confirm_file,
    export,
    native,
    resource,
    secret,
    urn,
)

HUSH, X = "https://hush.example.com", "https://x.example.com"
HOW = "Write one with `pulumi stack export --file FILE`"
CART = Recorded(APPID, (A, B), pending_domains=(A, B), release_required=True, added_domains=(A, B))


def read(document, **changes):
    """The export of a document that was changed."""
    content = document if isinstance(document, bytes) else json.dumps({**document, **changes}).encode()
    return read_export(content, "dev.json")


def problem(document, **changes):
    """What the error says."""
    with pytest.raises(ExportUnreadable) as unreadable:
        read(document, **changes)
    return str(unreadable.value)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize(
    "stored",
    [bytes, native, functools.partial(native, spell=dict)],
    ids=["as it is", "native", "moved to native"],
)
def test_every_golden_export_is_read(path, stored):
    """State that a released version wrote is read by all later ones."""
    found = read_export(stored(path.read_bytes()), path.name)

    recorded = {stored.urn.name: stored.recorded for stored in found.domains}
    assert found.stack_name == "engine-test/test"
    own_name = "" if path.parent.name == "0.1" else "shop::cart"
    assert recorded["shop::cart"] == replace(CART, declared_as=own_name)
    assert (recorded["sealed"].appid, recorded["sealed"].mode) == (OTHER, "additive")
    assert [(file.appid, file.file_name) for file in found.confirm_files] == [(APPID, "q1l804kl3Y.txt")]
    native_face = path.parent.name.endswith("-native")
    encrypted = native_face and path.stem != "export-show-secrets"  # derived lists too
    assert found.secrets == (
        set() if encrypted else {HUSH.removeprefix("https://"), X.removeprefix("https://")}
    )


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_provider_reads_the_same_from_a_state(path):
    """The engine gives the provider what the reader finds in the export."""
    document = json.loads(path.read_text(encoding="utf-8"))
    deployment = document.get("deployment") or document["checkpoint"]["latest"]
    entries = [entry for entry in deployment["resources"] if entry["urn"].endswith("::shop::cart")]

    recorded = [Properties(entry["outputs"]).recorded(entry["id"]) for entry in entries]
    assert recorded == [each.recorded for each in read(document).domains if each.urn.name == "shop::cart"]


def test_a_urn_is_parted_at_its_first_three_colons():
    """A name may hold colons; parents stand before the type."""
    (stored,) = read(
        export(resource("shop::cart", A, urn=urn("shop::cart", "a:b:C$" + WEBVIEW_DOMAINS)))
    ).domains

    assert (stored.urn.project, stored.urn.stack, stored.urn.name) == ("shop", "dev", "shop::cart")
    assert stored.urn.stack_name == "shop/dev"


def test_copies_that_the_stack_does_not_own_are_passed_over():
    """What a failed replacement left, what is only read, and what was deleted before its replacement."""
    copies = [{"delete": True}, {"external": True}, {"pendingReplacement": True}]
    others = [resource("shop", B, **copy) for copy in copies]

    assert [stored.recorded.domains for stored in read(export(resource("shop", A), *others)).domains] == [
        (A,)
    ]


def test_protection_is_kept():
    """A protected resource is known as one."""
    found = read(export(resource("a", A), resource("b", B, protect=True)))

    assert [stored.protected for stored in found.domains] == [False, True]


def test_what_newer_versions_add_is_ignored():
    """Fields at every level that nobody knows yet."""
    entry = resource("shop", A, outputs={"region": "cn"}, quota={"left": 1})
    entry["inputs"]["region"] = "cn"
    document = json.loads(export(entry, telemetry=[1]))

    assert read(document, version=4, features=["taint", "views"]) == read(export(resource("shop", A)))


def test_what_older_or_partial_state_lacks_is_empty():
    """Lists without a value are empty, and inputs stand in for outputs."""
    entry = resource("shop", A)
    entry["outputs"] = {}
    del entry["inputs"]["mode"]

    (stored,) = read(export(entry)).domains

    assert stored.recorded == Recorded(APPID, (A,))


def test_domains_are_compared_in_canonical_form():
    """A value that the rules refuse is kept."""
    entry = resource("shop", "https://A.example.com/", "https://b.example.com:8443")

    (stored,) = read(export(entry)).domains

    assert stored.recorded.domains == (A, "https://b.example.com:8443")


@pytest.mark.parametrize("hidden", [secret(), "[secret]"], ids=["ciphertext", "blinded"])
def test_what_is_encrypted_is_sealed(hidden):
    """The domains are not known; the lists that derive from them are not for showing."""
    entry = resource("shop", A, outputs={"domains": hidden, "pending_domains": [HUSH]})

    found = read(export(entry))

    assert [(stored.sealed, stored.recorded.domains) for stored in found.domains] == [(True, ())]
    assert found.secrets == {"a.example.com", "hush.example.com"}


def test_a_secret_in_clear_is_read_and_marked():
    """An export with `--show-secrets` can be compared; nothing of it is for showing."""
    entry = resource("shop", outputs={"domains": secret([A]), "appid": secret(APPID)})

    found = read(export(entry))

    assert [(stored.sealed, stored.recorded.domains) for stored in found.domains] == [(False, (A,))]
    assert found.secrets == {APPID, "a.example.com"}


def test_an_encrypted_appid_is_the_id():
    """The engine stores the id in clear."""
    found = read(
        export(
            resource("shop", A, outputs={"appid": secret()}),
            {**confirm_file("file"), "outputs": {"appid": secret(), "file_name": secret()}},
            {**confirm_file("shown"), "outputs": {"appid": APPID, "file_name": secret("q1l804kl3Y.txt")}},
        )
    )

    assert [stored.recorded.appid for stored in found.domains] == [APPID]
    assert [(file.appid, file.file_name) for file in found.confirm_files] == [
        (APPID, ""),
        (APPID, "q1l804kl3Y.txt"),
    ]
    assert found.secrets == {APPID, "q1l804kl3Y.txt"}


def test_one_secret_in_a_list_seals_or_hides_the_list():
    """What is read of the others is right, and nothing of it is for showing."""
    encrypted = resource("shop", outputs={"domains": [A, secret()]})
    shown = resource("pay", outputs={"domains": [A, secret(B)]})

    found = read(export(encrypted, shown))

    assert [(stored.sealed, stored.recorded.domains) for stored in found.domains] == [
        (True, (A,)),
        (False, (A, B)),
    ]
    assert found.secrets == {"a.example.com", "b.example.com"}


def test_what_is_damaged_is_reported_and_the_rest_is_read():
    """Each fault with its place."""
    damaged = Properties({"domains": [A, 7], "mode": "greedy", "added_domains": 3, "shared_domains": {A: 1}})

    assert damaged.recorded(APPID) == Recorded(APPID, (A,), shared_domains={A: ()})
    assert [(gap.path, gap.fault) for gap in damaged.gaps] == [
        ("domains[1]", "is not text"),
        ("mode", "is not one of authoritative and additive"),
        ("added_domains", "is not a list"),
        (f"shared_domains[{A}]", "is not a list"),
    ]


def test_an_encrypted_mode_seals_too():
    """Without it, nobody knows whether a live domain is drift."""
    (stored,) = read(export(resource("shop", A, outputs={"mode": secret()}))).domains

    assert stored.sealed


def test_operations_that_a_killed_run_left_are_named():
    """Those on our resources."""
    pending = [
        {"type": "creating", "resource": {"urn": urn("half"), "type": WEBVIEW_DOMAINS}},
        {"type": "creating", "resource": {"urn": urn("bucket", "a:b:C"), "type": "a:b:C"}},
    ]

    assert read(export(pending_operations=pending)).interrupted == {urn("half"): ""}


@pytest.mark.parametrize(
    "document",
    [
        {"version": 3, "deployment": {"manifest": {}}},
        {"version": 3, "deployment": None},
        {"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": None}},
        {"version": 3, "checkpoint": None},
    ],
)
def test_an_empty_stack_is_no_error(document):
    """A stack before its first update has nothing of ours."""
    found = read(document)

    assert (found.domains, found.confirm_files, found.stack_name) == ((), (), "")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b" \n", f"dev.json is empty. {HOW}"),
        (b"urn: nothing", f"dev.json is not valid JSON (line 1, column 1: Expecting value). {HOW}"),
        (
            b'{"version": 3 "deployment"',
            f"dev.json is not valid JSON (line 1, column 15: Expecting ',' delimiter). {HOW}",
        ),
        (export(resource("shop", A))[:-20], f"dev.json is cut off in line 1. {HOW}"),
        (export(resource("shop", A))[:-1], f"dev.json is cut off in line 1. {HOW}"),
        (b'{"version": 3, "deploym', f"dev.json is cut off in line 1. {HOW}"),
        (b"[" * 100_000, f"dev.json is not valid JSON. {HOW}"),
        (b'{"a": "\xff\xfe\xfa"}', f"dev.json is not valid JSON. {HOW}"),
        (b'{"version": ' + b"3" * 5_000 + b"}", f"dev.json is not valid JSON. {HOW}"),
        (b"[]", f"dev.json is JSON, but not a stack export: it has no `deployment`. {HOW}"),
        (b'{"resources": []}', f"dev.json is JSON, but not a stack export: it has no `deployment`. {HOW}"),
        (
            export(version=5),
            "dev.json has version 5, but only versions 3 and 4 are supported. Install a newer "
            "pulumi-wechat-miniprogram",
        ),
        (
            export(version=2),
            "dev.json has version 2, but only versions 3 and 4 are supported. Export it with a current "
            "Pulumi CLI",
        ),
        (
            export(version="3"),
            "dev.json has version '3', but only versions 3 and 4 are supported. Export it with a current "
            "Pulumi CLI",
        ),
    ],
)
def test_what_is_no_export_is_one_error(content, text):
    """Empty, cut off, foreign or of another version: what is wrong, and what to do."""
    assert problem(content) == text


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"type": "a:b:C"}, "deployment.resources.1.urn: is missing"),
        ({"urn": "shop", "type": "a:b:C"}, "deployment.resources.1.urn (shop): must match"),
        (
            resource("shop", inputs=[1]),
            f"deployment.resources.1.inputs ({urn('shop')}): must be an object",
        ),
        (
            resource("shop", id=[7]),
            f"deployment.resources.1.id ({urn('shop')}): must be text",
        ),
        ("entry", "deployment.resources.1: must be an object"),
        (
            {**resource("shop", A), "inputs": {"domains": [A]}, "outputs": {}},
            f"{urn('shop')}: `appid` is missing",
        ),
        (
            {**resource("shop", A), "inputs": {"appid": APPID}, "outputs": {}},
            f"{urn('shop')}: `domains` is missing",
        ),
        (resource("shop", outputs={"domains": [A, 7]}), f"{urn('shop')}: `domains` is not what"),
        (
            resource("shop", outputs={"domains": 7}),
            f"{urn('shop')}: `domains` is not what this provider stores",
        ),
        (
            resource("shop", outputs={"mode": "greedy"}),
            f"{urn('shop')}: `mode` is not what this provider stores, see `wechat-miniprogram schema`",
        ),
        (
            resource("shop", outputs={"domains": {SIGNATURE: "another kind"}}),
            f"{urn('shop')}: `domains` is not what this provider stores",
        ),
        (
            resource("shop", outputs={"domains": {**secret(), "plaintext": "["}}),
            f"{urn('shop')}: a secret's plaintext is not valid JSON",
        ),
        ({**confirm_file("file"), "outputs": {"appid": 7}}, f"{urn('file', CONFIRM_FILE)}: `appid` is not"),
    ],
)
def test_a_damaged_export_names_the_place(entry, place):
    """The URN and the field, never the value."""
    assert problem(export(entry)).startswith(f"dev.json is damaged at {place}")


def test_a_damaged_native_state_is_reported_in_its_own_names():
    """As its owner finds them in the export."""
    content = native(export(resource("shop", A, outputs={"added_domains": 7})))

    with pytest.raises(
        ExportUnreadable, match=r"::shop: `addedDomains` is not what this provider stores, see"
    ):
        read_export(content, "dev.json")


def test_what_a_move_left_beside_the_names_of_the_native_plugin_does_not_count():
    """An older value under a dynamic name says nothing of what is live now."""
    shop = resource("shop", A, outputs={"addedDomains": [B], "added_domains": [A]})

    (dynamic,) = read(export(shop)).domains
    (moved,) = read(native(export(shop), spell=dict)).domains

    assert (dynamic.recorded.added_domains, moved.recorded.added_domains) == ((A,), (B,))


def test_a_deployment_of_another_shape_is_damaged():
    """A list in its place."""
    assert problem({"version": 3, "deployment": [1]}).startswith("dev.json is damaged at deployment: must be")


@pytest.mark.parametrize("where", ["inputs", "outputs"])
def test_a_subclass_is_reported_by_the_provider_that_it_names(where):
    """The SDK registers it as `pulumi-python:dynamic:Resource`."""
    token = "pulumi-python:dynamic:Resource"
    shop = {**resource("shop", A), "type": token, "urn": urn("shop", token)}
    file = {**confirm_file("file"), "type": token, "urn": urn("file", token)}
    for entry, provider in ((shop, PROVIDERS["webview-domains"]), (file, PROVIDERS["confirm-file"])):
        for held in (entry["inputs"], entry["outputs"]):
            held.pop("__provider", None)
        entry[where]["__provider"] = provider
    operation = {"resource": shop, "type": "updating"}

    read_back = read(export(shop, file, pending_operations=[operation]))
    other = read(export({**shop, where: {**shop[where], "__provider": "gASVpickled"}}))

    assert [each.recorded.domains for each in read_back.domains] == [(A,)]
    assert [each.file_name for each in read_back.confirm_files] == ["q1l804kl3Y.txt"]
    assert read_back.interrupted == {urn("shop", token): APPID}
    assert other.domains == ()


def test_every_list_of_a_state_is_under_the_key_that_live_values_have():
    """Else a control character that an older release stored would differ from itself."""
    odd = "https://x\x1b.example.com"

    (stored,) = read(export(resource("shop", odd))).domains

    assert stored.recorded.domains == stored.recorded.effective_domains == (r"https://x\x1b.example.com",)
