"""The published JSON Schema of the state."""

from __future__ import annotations

import json
from dataclasses import fields

import jsonschema
import pytest

from pulumi_wechat_miniprogram.cli.app import run
from pulumi_wechat_miniprogram.exports.kinds import kind_of
from pulumi_wechat_miniprogram.exports.schema import state_schema
from pulumi_wechat_miniprogram.exports.state import to_wire
from pulumi_wechat_miniprogram.lifecycle.reconcile import Recorded
from tests.exports.stacks import GOLDEN, SERVER_GOLDEN, A, confirm_file, export, native, resource, secret

CHECK = jsonschema.Draft202012Validator(state_schema())


def ours(content):
    """This provider's resources in a golden export."""
    document = json.loads(content)
    deployment = document.get("deployment") or document["checkpoint"]["latest"]
    return [entry for entry in deployment["resources"] if kind_of(entry["type"])]


def test_the_schema_is_one():
    """By the rules of its own version."""
    jsonschema.Draft202012Validator.check_schema(state_schema())


@pytest.mark.parametrize(
    "path", [*GOLDEN, *SERVER_GOLDEN], ids=lambda path: f"{path.parent.name}-{path.stem}"
)
@pytest.mark.parametrize("stored", [bytes, native], ids=["as it is", "native"])
def test_the_schema_takes_every_golden_export(path, stored):
    """What every released version wrote."""
    entries = ours(stored(path.read_bytes()))

    assert len(entries) == (3 if path in GOLDEN else 2)
    assert [error.message for entry in entries for error in CHECK.iter_errors(entry)] == []


@pytest.mark.parametrize(
    ("entry", "fine"),
    [
        (resource("shop", A, outputs={"domains": secret()}), True),
        (resource("shop", A, outputs={"domains": "a.example.com"}), False),
        (resource("shop", A, outputs={"mode": "greedy"}), False),
        (resource("shop", A, type="a:b:C"), False),
        ({**confirm_file("file"), "outputs": {}}, False),
    ],
)
def test_the_schema_tells_what_it_describes(entry, fine):
    """Secrets instead of values, types and tokens; of either face."""
    (as_native,) = ours(native(export(entry))) or [entry]

    assert CHECK.is_valid(entry) == fine
    assert CHECK.is_valid(as_native) == fine


@pytest.mark.parametrize(("title", "spell"), [("WebviewDomains", dict), ("NativeWebviewDomains", to_wire)])
def test_the_schema_names_every_output(title, spell):
    """What the provider records is what is published."""
    described = state_schema()["$defs"][f"{title}Outputs"]["properties"]

    assert spell({field.name: field for field in fields(Recorded)}).keys() <= described.keys()
    assert [name for name, about in described.items() if not about.get("description")] == []


def test_the_command_prints_the_schema(capsys):
    """As JSON, and nothing else."""
    code = run(["schema"])

    assert (code, json.loads(capsys.readouterr().out)) == (0, state_schema())


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (
            "appid domains mode overwrite_existing confirm_file_timeout allow_mass_removal more",
            "webview-domains",
        ),
        ("appid domains mode overwrite_existing confirm_file_timeout", None),
        ("appid file_name file_content more", "confirm-file"),
        ("appid file_name", None),
    ],
)
def test_what_tells_a_subclass_are_the_inputs(names, kind):
    """The names by which a policy recognises a resource of ours under the SDK's own type."""
    assert kind_of("pulumi-python:dynamic:Resource", dict.fromkeys(names.split())) == kind
