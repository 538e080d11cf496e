"""A provider that does nothing, imported by reference and without any other package."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

INPUTS = (
    "appid",
    "domains",
    "mode",
    "overwrite_existing",
    "confirm_file_timeout",
    "allow_mass_removal",
)


class Nothing(ResourceProvider):
    """Answers at once, with outputs of the same shape and size as the package's."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Take the inputs as they are."""
        return CheckResult({key: news[key] for key in INPUTS}, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare the domains."""
        return DiffResult(changes=False) if olds["domains"] == news["domains"] else DiffResult()

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make an id."""
        return CreateResult(props["appid"], outputs(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Find everything as it was."""
        return ReadResult(id_, outputs(props), {key: props[key] for key in INPUTS})

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Take the new inputs."""
        return UpdateResult(outputs(news))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Forget."""


def outputs(props: dict[str, Any]) -> dict[str, Any]:
    """Return what a new resource has: all pending until a release."""
    return {
        **{key: props[key] for key in INPUTS},
        "effective_domains": [],
        "pending_domains": props["domains"],
        "release_required": True,
        "added_domains": props["domains"],
    }
