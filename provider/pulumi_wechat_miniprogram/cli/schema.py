"""`schema`: the published JSON Schema of what the provider stores."""

from __future__ import annotations

import json

import typer

from pulumi_wechat_miniprogram.exports.schema import state_schema


def schema() -> None:
    """Print the JSON Schema of this provider's resources in a stack export.

    It describes one element of `deployment.resources` whose `type` is one of this provider's. Its `$id` ends
    in the version, which is raised only when a reader has to change: ignore fields that you do not know.
    """
    typer.echo(schema_text())


def schema_text() -> str:
    """Return the schema as it is printed and published."""
    return json.dumps(state_schema(), indent=2, ensure_ascii=False, sort_keys=True)
