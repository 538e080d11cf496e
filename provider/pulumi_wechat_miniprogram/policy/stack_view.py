"""Resources of any provider as a policy sees them: inputs one by one, outputs together at the end."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi_wechat_miniprogram.exports.kinds import Kind, kind_of
from pulumi_wechat_miniprogram.policy.declared import DeclaredResource, read_declared

__all__ = ["Resource", "StackView", "make_stack_view"]


@dataclass(frozen=True)
class Resource:
    """A resource of any provider, with its raw properties."""

    type: str
    urn: str
    name: str
    props: Mapping[str, object]
    protected: bool = False

    @property
    def kind(self) -> Kind | None:
        """The kind among this provider's resources; None for another provider's."""
        return kind_of(self.type, self.props)

    @functools.cached_property
    def declared(self) -> DeclaredResource | None:
        """The properties of a `MiniProgramWebviewDomains`; None for any other resource."""
        if self.kind != "webview-domains":
            return None
        return read_declared(self.urn, self.name, self.props, protected=self.protected)


@dataclass(frozen=True, slots=True)
class StackView:
    """All resources of a stack, ordered by URN, since the engine's order varies."""

    declared: tuple[DeclaredResource, ...]
    others: tuple[Resource, ...]


def make_stack_view(resources: Sequence[Resource]) -> StackView:
    """Separate the `MiniProgramWebviewDomains` from all other resources."""
    ordered = sorted(resources, key=lambda resource: resource.urn)
    return StackView(
        declared=tuple(resource.declared for resource in ordered if resource.declared),
        others=tuple(resource for resource in ordered if not resource.declared),
    )
