"""All resources of a stack as a policy sees them at the end: outputs, as far as the engine knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi_wechat_miniprogram.exports.kinds import Kind, kind_of
from pulumi_wechat_miniprogram.policy.declared import Declared, read_declared

__all__ = ["Resource", "StackView", "make_stack_view"]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of any provider, with its raw properties."""

    type: str
    urn: str
    name: str
    props: Mapping[str, object]
    protected: bool = False

    @property
    def kind(self) -> Kind | None:
        """Which of our resources it is; None for another provider's."""
        return kind_of(self.type, self.props)

    @property
    def declared(self) -> Declared:
        """Its reading as `MiniProgramWebviewDomains`."""
        return read_declared(self.urn, self.name, self.props, protected=self.protected)


@dataclass(frozen=True, slots=True)
class StackView:
    """Our resources, read, and all others, in the order of their URNs: the engine's order is chance."""

    declared: tuple[Declared, ...]
    others: tuple[Resource, ...]


def make_stack_view(resources: Sequence[Resource]) -> StackView:
    """Part our resources from the others."""
    ordered = sorted(resources, key=lambda resource: resource.urn)
    return StackView(
        declared=tuple(resource.declared for resource in ordered if resource.kind == "webview-domains"),
        others=tuple(resource for resource in ordered if resource.kind != "webview-domains"),
    )
