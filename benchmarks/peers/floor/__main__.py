"""The fleet by a provider that does nothing: what the engine itself needs for resources of this shape."""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

PICKLES = {
    "Nothing": "gASMDmZsb29yX3Byb3ZpZGVyjAdOb3RoaW5nkymBLg==",
    "Calls": "gASMDmZsb29yX3Byb3ZpZGVyjAVDYWxsc5MpgS4=",
}
"""Instances of the classes of `floor_provider`, by reference."""
PROVIDER = PICKLES[os.environ.get("FLOOR_PROVIDER", "Nothing")]


class Floor(dynamic.Resource, module="floor", name="Floor"):
    """A resource with the inputs and outputs of `MiniProgramWebviewDomains`, registered in the same way."""

    appid: pulumi.Output[str]
    domains: pulumi.Output[list[str]]
    mode: pulumi.Output[str]
    overwrite_existing: pulumi.Output[bool]
    confirm_file_timeout: pulumi.Output[float]
    allow_mass_removal: pulumi.Output[bool]
    effective_domains: pulumi.Output[list[str]]
    pending_domains: pulumi.Output[list[str]]
    release_required: pulumi.Output[bool]
    added_domains: pulumi.Output[list[str]]

    def __init__(self, name: str, props: dict[str, Any]) -> None:
        """Register without pickling the provider each time, as the package does."""
        token = f"pulumi-python:{self._resource_type_name}"
        pulumi.CustomResource.__init__(self, token, name, {**props, "__provider": PROVIDER}, None)


for app in json.loads(Path("fleet.json").read_text(encoding="utf-8")):
    Floor(
        app["appid"],
        {
            **app,
            "mode": "authoritative",
            "overwrite_existing": False,
            "confirm_file_timeout": 0,
            "allow_mass_removal": False,
            "effective_domains": None,
            "pending_domains": None,
            "release_required": None,
            "added_domains": None,
        },
    )
