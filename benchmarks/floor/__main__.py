"""The fleet by a provider that does nothing: what the engine itself needs for resources of this shape."""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

PROVIDER = os.environ["FLOOR_PROVIDER"]
"""The pickle of a class of `floor_provider`, by reference."""


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
    shared_domains: pulumi.Output[dict[str, list[str]]]
    declared_as: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, Any]) -> None:
        """Register without pickling the provider each time, as the package does."""
        token = f"pulumi-python:{self._resource_type_name}"
        pulumi.CustomResource.__init__(self, token, name, {**props, "__provider": PROVIDER}, None)


for app in json.loads(Path("fleet.json").read_text(encoding="utf-8")):
    Floor(
        app["appid"],
        {
            **dict.fromkeys(Floor.__annotations__),
            **app,
            "mode": "authoritative",
            "overwrite_existing": False,
            "confirm_file_timeout": 0,
            "allow_mass_removal": False,
        },
    )
