"""The domains that a stack export declares, to hold a later program against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from pulumi_wechat_miniprogram.policy.stack_view import Resource, make_stack_view

__all__ = ["Baseline", "read_baseline"]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The hosts of each appid."""

    hosts: Mapping[str, frozenset[str]]


class _Entry(BaseModel):
    urn: str
    type: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    delete: bool = False
    external: bool = False
    pending_replacement: bool = Field(default=False, alias="pendingReplacement")

    @property
    def owned(self) -> bool:
        return not (self.delete or self.external or self.pending_replacement)


class _Deployment(BaseModel):
    resources: list[_Entry] = Field(default_factory=list)


class _Export(BaseModel):
    deployment: _Deployment


def read_baseline(path: str) -> Baseline:
    """Read the file that `pulumi stack export --file PATH` wrote.

    Raises:
        ValueError: the file cannot be read, is no stack export, or its domains are encrypted.
    """
    try:
        export = _Export.model_validate_json(Path(path).read_bytes())
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ValueError(message) from None
    except ValidationError:
        message = f"{path} is no stack export; write it with `pulumi stack export --file {path}`"
        raise ValueError(message) from None
    entries = [entry for entry in export.deployment.resources if entry.owned]
    hosts: dict[str, frozenset[str]] = {}
    for declared in make_stack_view([Resource(e.type, e.urn, e.urn, e.inputs) for e in entries]).declared:
        if declared.appid is None or declared.gaps_in("appid", "domains"):
            message = f"{declared.urn} in {path} has no readable appid or domains; name them in `keep`"
            raise ValueError(message)
        hosts[declared.appid] = hosts.get(declared.appid, frozenset()) | declared.hosts
    return Baseline(hosts)
