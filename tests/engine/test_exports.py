"""Exports of the real engine. They are stored as golden files, which every later version has to read."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.exports.kinds import kind_of
from tests.engine.conftest import APPID

GOLDEN = Path(__file__).parents[1] / "exports/golden"
OTHER = "wxfedcba9876543210"
PROGRAM = f"""
class Shop(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("acme:shop:Shop", name)
        MiniProgramWebviewDomains(
            "shop::cart",
            appid={APPID!r},
            domains=["https://a.example.com", "b.example.com"],
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )

Shop("eu")
MiniProgramConfirmFile("file", appid={APPID!r})
MiniProgramWebviewDomains(
    "sealed",
    appid={OTHER!r},
    mode="additive",
    domains=["https://x.example.com", pulumi.Output.secret("https://hush.example.com")],
)
"""

SERVER_PROGRAM = f"""
MiniProgramServerDomains(
    "api",
    appid={APPID!r},
    request=["https://A.example.com", "b.example.com:8443"],
    socket=["push.example.com"],
    udp=[],
    opts=pulumi.ResourceOptions(protect=True),
)
MiniProgramServerDomains(
    "sealed",
    appid={OTHER!r},
    mode="additive",
    request=["https://x.example.com", pulumi.Output.secret("https://hush.example.com")],
)
"""
PROGRAMS = {
    "0.1-channel": ("", PROGRAM, "shop::cart"),
    "0.1-channel-native": (".native", PROGRAM, "shop::cart"),
    "server-domains/0.1-channel": ("", SERVER_PROGRAM, "api"),
    "server-domains/0.1-channel-native": (".native", SERVER_PROGRAM, "api"),
}
"""The folder of each; its face, and a resource to taint. States of older folders have no channel."""


def stored(value, key=""):
    """Leave out what differs from run to run and from machine to machine."""
    if isinstance(value, dict):
        return {
            name: stored(item, name)
            for name, item in value.items()
            if name not in {"sourcePosition", "stackTrace"}
        }
    if isinstance(value, list):
        return [stored(item) for item in value]
    if key in {"created", "modified", "time"}:
        return "2026-01-02T03:04:05.678901234Z"
    if key in {"ciphertext", "salt"}:
        return "v1:c2VhbGVk"
    if isinstance(value, str):
        return re.sub(
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-4000-8000-000000000000", value
        )
    return value


def ours(document):
    """What this provider stores, by URN: the rest is the engine's, and differs between its versions."""
    deployment = document.get("deployment") or document["checkpoint"]["latest"]
    return {
        entry["urn"]: {key: entry[key] for key in ("type", "id", "inputs", "outputs")}
        for entry in deployment["resources"]
        if kind_of(entry["type"])
    }


@pytest.fixture(params=PROGRAMS)
def folder(request):
    """One folder of golden files after the other."""
    return request.param


@pytest.fixture
def compare(request, folder):
    """Compare a document with a golden file of the folder, or write it with --write-golden."""
    folder = GOLDEN / folder
    return functools.partial(compare_document, folder, write=request.config.getoption("write_golden"))


def compare_document(folder, name, document, *, write):
    """Compare what this provider stores with the file, which holds the engine's part too."""
    path = folder / f"{name}.json"
    document = stored(document)
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    assert ours(document) == ours(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def exported(folder, project):
    """A project with every resource, a secret among them, and another app's live domain."""
    project.face, program, _ = PROGRAMS[folder]
    live = ["https://x.example.com"]
    project.control.seed(OTHER, live=live, server={"direct": {"requestdomain": live}})
    tokens = {appid: f"emulator-{appid}" for appid in (APPID, OTHER)}
    project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = json.dumps(tokens)
    project.program(program)
    project.up()
    return project


def test_what_the_engine_stores_is_what_the_readers_are_tested_with(exported, compare, folder):
    """An export, one with its secrets shown, one of version 4, and the file of a self-managed backend."""
    compare("export", exported.export())
    compare("export-show-secrets", json.loads(exported.run("stack", "export", "--show-secrets")))
    resources = exported.export()["deployment"]["resources"]
    urn = next(each["urn"] for each in resources if each["urn"].endswith(f"::{PROGRAMS[folder][2]}"))
    exported.run("state", "taint", urn, "--yes")
    compare("export-version-4", exported.export())
    checkpoint = exported.folder / "state/.pulumi/stacks/engine-test/test.json"
    compare("checkpoint", json.loads(checkpoint.read_text(encoding="utf-8")))
