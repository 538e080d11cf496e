"""The policy on domains that no resource of the stack serves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pulumi_wechat_miniprogram.exports.kinds import CONFIG_HOLDERS
from pulumi_wechat_miniprogram.exports.marks import has_unknowns, texts
from pulumi_wechat_miniprogram.policy.resources import Resource, StackView
from pulumi_wechat_miniprogram.policy.rule import Config, Finding, Rule, unjudged
from pulumi_wechat_miniprogram.policy.run import Run

_NO_SERVERS = CONFIG_HOLDERS | {"pulumi:pulumi:Stack"}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


def _index(servers: Sequence[Resource]) -> dict[str, set[int]]:
    """Map every text that may be a host, a label or a zone to the resources that contain it."""
    holders: dict[str, set[int]] = {}
    for number, server in enumerate(servers):
        for text in texts(server.props):
            for name in _HOST.findall(text.lower()):
                holders.setdefault(name, set()).add(number)
    return holders


def _is_served(host: str, holders: Mapping[str, set[int]]) -> bool:
    """Whether a resource names the host, or its first labels and the zone separately, as DNS records do."""
    if host in holders:
        return True
    labels = host.split(".")
    splits = ((".".join(labels[:cut]), ".".join(labels[cut:])) for cut in range(1, len(labels) - 1))
    return any(holders.get(record, set()) & holders.get(zone, set()) for record, zone in splits)


def _judge(stack: StackView, _config: Config, _run: Run) -> Iterator[Finding]:
    servers = [other for other in stack.others if not other.kind and other.type not in _NO_SERVERS]
    holders = _index(servers)
    unknown = [server.name for server in servers if has_unknowns(server.props)]
    for declared in stack.lists:
        for domain in declared.domains:
            if _is_served(domain.host, holders):
                continue
            if unknown:
                text = (
                    f"{domain.shown}: not checked in this preview, because properties of "
                    f"{', '.join(unknown)} are known only during the update, which checks at its end."
                )
                yield Finding(text, declared.urn, judged=False)
            else:
                text = f"{domain.shown} is not named by any other resource of this stack."
                yield Finding(text, declared.urn)
        yield from unjudged(declared, declared.gaps_in("domains"), before_writes=False)


SERVED_BY_STACK = Rule(
    id="served-by-stack",
    description="Every webview domain and server domain is served by a resource of the same stack.",
    severity="low",
    level="disabled",
    tags=("hygiene",),
    steps="Declare the DNS record, bucket or server of the host in this stack, or disable the policy if "
    "it is managed elsewhere.",
    judge_stack=_judge,
)
