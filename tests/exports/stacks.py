"""Stack exports made up for tests, as the engine writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.marks import SECRET, SIGNATURE
from pulumi_wechat_miniprogram.exports.state import to_wire
from pulumi_wechat_miniprogram.lifecycle.domain import Domain

APPID = "wx0123456789abcdef"
OTHER = "wxfedcba9876543210"
A, B, C, D = (Domain(f"https://{name}.example.com") for name in "abcd")
WEBVIEW_DOMAINS = TOKENS["dynamic"]["webview-domains"]
SERVER_DOMAINS = TOKENS["dynamic"]["server-domains"]
CONFIRM_FILE = TOKENS["dynamic"]["confirm-file"]
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*/*.json"))
SERVER_GOLDEN = sorted((Path(__file__).parent / "golden/server-domains").glob("*/*.json"))


def urn(name, type_=WEBVIEW_DOMAINS, stack="shop/dev"):
    """A URN; `stack` is `project/stack`."""
    project, _, short = stack.rpartition("/")
    return f"urn:pulumi:{short}::{project}::{type_}::{name}"


def resource(name, *domains, appid=APPID, effective=None, stack="shop/dev", outputs=None, **more):
    """One resource whose domains are in force, except for those that `effective` leaves out."""
    effective = list(domains) if effective is None else list(effective)
    inputs = {
        "__provider": "cGlubmVk",
        "allow_mass_removal": False,
        "appid": appid,
        "confirm_file_timeout": 0,
        "domains": list(domains),
        "mode": more.pop("mode", "authoritative"),
        "overwrite_existing": False,
    }
    seen = {
        "added_domains": [],
        "effective_domains": effective,
        "pending_domains": [domain for domain in domains if domain not in effective],
        "release_required": set(effective) != set(domains),
    }
    return {
        "urn": urn(name, stack=stack),
        "custom": True,
        "id": appid,
        "type": WEBVIEW_DOMAINS,
        "inputs": inputs,
        "outputs": {**inputs, **seen, **(outputs or {})},
        **more,
    }


def server(name="hosts", *, mode="authoritative", appid=APPID, channel="direct", **lists):
    """One resource whose domains are in force; a state of the direct channel may lack the channel."""
    inputs = {"appid": appid, "mode": mode, "overwrite_existing": False, "allow_mass_removal": False, **lists}
    inputs |= {} if channel == "direct" else {"channel": channel}
    seen = {"effective": lists, "pending": {}, "added": {}, "release_required": False, "writes": 1}
    return {
        "urn": urn(name, SERVER_DOMAINS),
        "custom": True,
        "id": appid if channel == "direct" else f"{appid}/{channel}",
        "type": SERVER_DOMAINS,
        "inputs": inputs,
        "outputs": {**inputs, **seen},
    }


def confirm_file(name, appid=APPID, file_name="q1l804kl3Y.txt", stack="shop/dev"):
    """The confirm file of an app."""
    return {
        "urn": urn(name, CONFIRM_FILE, stack),
        "custom": True,
        "id": appid,
        "type": CONFIRM_FILE,
        "inputs": {"appid": appid},
        "outputs": {"appid": appid, "file_name": file_name, "file_content": "0" * 32},
    }


def secret(value=None):
    """A secret, in clear where a value is given."""
    held = {"ciphertext": "v1:c2VhbGVk"} if value is None else {"plaintext": json.dumps(value)}
    return {SIGNATURE: SECRET, **held}


def export(*resources: dict[str, Any], stack="shop/dev", version=3, **more: Any) -> bytes:
    """An export with the stack's own resource before these."""
    root = {
        "urn": urn("shop-dev", "pulumi:pulumi:Stack", stack),
        "custom": False,
        "type": "pulumi:pulumi:Stack",
    }
    deployment = {"manifest": {"time": "2026-01-02T03:04:05Z"}, "resources": [root, *resources], **more}
    return json.dumps({"version": version, "deployment": deployment}).encode()


def native(content: bytes, spell=to_wire) -> bytes:
    """An export with its dynamic resources as the native plugin's; `spell` gives their outputs' names."""
    text = content.decode()
    for kind, token in TOKENS["dynamic"].items():
        text = text.replace(token, TOKENS["native"][kind])
    text = text.replace("pulumi:providers:pulumi-python", "pulumi:providers:wechat-miniprogram")
    document = json.loads(text)
    deployment = document.get("deployment") or document["checkpoint"]["latest"]
    operations = deployment.get("pending_operations", [])
    for entry in [*deployment["resources"], *(operation["resource"] for operation in operations)]:
        if entry["type"] in TOKENS["native"].values():
            for held, names in (("inputs", to_wire), ("outputs", spell)):
                entry[held] = names(entry.get(held, {}))
            entry["inputs"].pop("__provider", None)
            if spell is to_wire:
                entry["outputs"].pop("__provider", None)
            if dependencies := entry.get("propertyDependencies"):
                dependencies.pop("__provider", None)
                entry["propertyDependencies"] = to_wire(dependencies)
    return json.dumps(document, indent=2).encode() + b"\n"


def platform(name, *hosts, of="platform-webview-domains", component="wxc0c0c0c0c0c0c0c0", **outputs):
    """A platform's own list, which is published."""
    inputs = {"component_appid": component, "domains": list(hosts), "mode": "additive", "publish": True}
    inputs |= {"overwrite_existing": False, "allow_removal": False}
    seen = {"testing_domains": list(hosts), "published_domains": list(hosts), "pending_domains": []}
    type_ = TOKENS["dynamic"][of]
    return {
        "urn": urn(name, type_),
        "custom": True,
        "id": component,
        "type": type_,
        "inputs": inputs,
        "outputs": {**inputs, **seen, **outputs},
    }
