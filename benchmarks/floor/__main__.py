"""The fleet by a provider with no logic: what the engine and the calls need for resources of this shape."""

import json
import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

PROVIDER = os.environ.get("FLOOR_PROVIDER")
"""The pickle of `floor_provider.Calls`, by reference; without it the native floor is asked."""


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
        """Register without pickling the provider each time."""
        if PROVIDER:
            token, props = f"pulumi-python:{self._resource_type_name}", {**props, "__provider": PROVIDER}
        else:
            token = "floor:index:Floor"  # noqa: S105 - a type
        pulumi.CustomResource.__init__(self, token, name, props, None)


Floor.__init__.__code__ = Floor.__init__.__code__.replace(co_name="declare")  # no stack trace in the state
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
