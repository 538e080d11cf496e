"""The policy on domains of the registered channel: the platform's own list has to cover them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from pulumi_wechat_miniprogram.exports.kinds import Kind, face_of
from pulumi_wechat_miniprogram.exports.properties import Properties
from pulumi_wechat_miniprogram.lifecycle.domain import Domain
from pulumi_wechat_miniprogram.lifecycle.hosts import hosts_of, is_covered, read_host
from pulumi_wechat_miniprogram.policy.baseline import read_given
from pulumi_wechat_miniprogram.policy.hosts import ApprovedName
from pulumi_wechat_miniprogram.policy.resources import DeclaredResource, Resource, StackView
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Names, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

_List = Literal["webview", "server"]
_KINDS: Final[Mapping[Kind | None, _List]] = {
    "platform-webview-domains": "webview",
    "platform-server-domains": "server",
}
_Hosts = Mapping[_List, frozenset[str]]


def read_lists(path: object) -> _Hosts:
    """Read the lists of a platform from a stack export.

    Raises:
        ValueError: it cannot be read; it has no list of a platform; or its hosts are encrypted.
    """
    lists: dict[_List, set[str]] = {}
    for stored in (each for export in read_given(path) for each in export.platform_domains):
        if stored.sealed:
            message = f"{stored.urn.text} in {path} has no readable hosts; name them in `webview` or `server`"
            raise ValueError(message)
        of: _List = "webview" if stored.of == "platform-webview" else "server"
        seen = hosts_of((*stored.recorded.domains, *stored.recorded.effective_domains))
        lists.setdefault(of, set()).update(seen)
    if not lists:
        message = (
            f"{path} has no list of a platform. Export the stack that declares "
            "ThirdPartyPlatformWebviewDomains or ThirdPartyPlatformServerDomains, or name the hosts in "
            "`webview` and `server`"
        )
        raise ValueError(message)
    return {of: frozenset(hosts) for of, hosts in lists.items()}


class PlatformLists(Config):
    """What the platform's own lists have."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    webview: Names[ApprovedName] | None = Field(
        default=None, description="hosts on the platform's list for web views: `example.com`"
    )
    server: Names[ApprovedName] | None = Field(
        default=None, description="hosts on the platform's list of server domains: `example.com`"
    )
    export: Annotated[_Hosts, BeforeValidator(read_lists), WithJsonSchema({"type": "string"})] | None = Field(
        default=None,
        description="export of the stack that declares the platform's lists, in any form that the command "
        "line reads; a relative path starts at the program's directory",
    )

    @property
    def idle(self) -> bool:
        """Whether no list is known."""
        return not (self.webview or self.server or self.export)

    def hosts(self, of: _List) -> frozenset[str] | None:
        """Return the hosts of a list; None if nothing is known of it."""
        named = self.webview if of == "webview" else self.server
        exported = (self.export or {}).get(of)
        if named is None and exported is None:
            return None
        return frozenset(named or ()).union(exported or ())


def _judge(stack: StackView, config: PlatformLists, _run: Run) -> Iterator[Finding]:
    here, computed = _declared_here(stack.others)
    for declared in (each for each in stack.lists if each.channel == "registered"):
        of: _List = "webview" if declared.listed == "domains" else "server"
        known = config.hosts(of)
        if known is not None:
            yield from _judge_list(declared, known | here[of], computed[of])


def _judge_list(
    declared: DeclaredResource, hosts: frozenset[str], computed: Sequence[str]
) -> Iterator[Finding]:
    for domain in declared.domains:
        if is_covered(domain.host, hosts):
            continue
        if computed:
            text = (
                f"{domain.shown}: not checked in this preview, because hosts of {', '.join(computed)} are "
                "known only during the update, which checks at its end."
            )
            yield Finding(text, declared.urn, judged=False)
        else:
            text = f"{domain.shown} is not on the platform's list, and neither is a host above it."
            yield Finding(text, declared.urn)
    yield from unjudged(declared, declared.gaps_in("domains"), before_writes=False)


def _declared_here(
    resources: Sequence[Resource],
) -> tuple[dict[_List, frozenset[str]], dict[_List, list[str]]]:
    """Return what the program itself declares for each list, and the resources that declare more."""
    hosts: dict[_List, frozenset[str]] = {"webview": frozenset(), "server": frozenset()}
    computed: dict[_List, list[str]] = {"webview": [], "server": []}
    for resource in resources:
        if of := _KINDS.get(resource.kind):
            held = Properties(resource.props, face=face_of(resource.type))
            found = (read_host(element.text) for element in held.elements("domains"))
            hosts[of] |= {host for host in found if isinstance(host, Domain)}
            if held.gaps:
                computed[of].append(resource.name)
    return hosts, computed


DOMAIN_IN_PLATFORM_LIST = Rule(
    id="domain-in-platform-list",
    description="The platform's own list has every domain of the registered channel, or a host above it.",
    severity="high",
    level="mandatory",
    tags=("domains",),
    steps="Put the host on the platform's list first (ThirdPartyPlatformWebviewDomains, "
    "ThirdPartyPlatformServerDomains) and into the configuration of this policy. WeChat refuses a domain "
    "that the list does not cover, or drops it at the next release of the app.",
    config=PlatformLists,
    judge_stack=_judge,
)
