"""Policies over webview domains: values to judge with, to serve as a pack, or to put into a `PolicyPack`.

`serve(RULES)` is what the executable `pulumi-analyzer-wechat-miniprogram` does; `pulumi_policies(RULES)`
gives objects of Pulumi's policy SDK. Both take any choice of the policies. See docs/policies.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_wechat_miniprogram.policy.conduct import GUARDS_ON, OWNER_IN_NAME, PROTECTED
from pulumi_wechat_miniprogram.policy.counts import DOMAIN_HEADROOM, SUBJECTS_PER_DOMAIN
from pulumi_wechat_miniprogram.policy.credentials import NO_CREDENTIALS_IN_CONFIG
from pulumi_wechat_miniprogram.policy.freeze import FREEZE
from pulumi_wechat_miniprogram.policy.hosts import APPROVED_SUFFIXES, DENIED_SUFFIXES, OWNED_DOMAINS
from pulumi_wechat_miniprogram.policy.look_alikes import NO_LOOK_ALIKES
from pulumi_wechat_miniprogram.policy.modes import NO_MIXED_MODES, ONE_AUTHORITATIVE
from pulumi_wechat_miniprogram.policy.rules import RULES
from pulumi_wechat_miniprogram.policy.serve import serve
from pulumi_wechat_miniprogram.policy.served import SERVED_BY_STACK

if TYPE_CHECKING:
    from pulumi_wechat_miniprogram.policy.sdk import pulumi_policies

__all__ = [
    "APPROVED_SUFFIXES",
    "DENIED_SUFFIXES",
    "DOMAIN_HEADROOM",
    "FREEZE",
    "GUARDS_ON",
    "NO_CREDENTIALS_IN_CONFIG",
    "NO_LOOK_ALIKES",
    "NO_MIXED_MODES",
    "ONE_AUTHORITATIVE",
    "OWNED_DOMAINS",
    "OWNER_IN_NAME",
    "PROTECTED",
    "RULES",
    "SERVED_BY_STACK",
    "SUBJECTS_PER_DOMAIN",
    "pulumi_policies",
    "serve",
]


def __getattr__(name: str) -> object:
    if name == "pulumi_policies":  # the SDK is an extra, and costs the executable a third of its start
        from pulumi_wechat_miniprogram.policy.sdk import pulumi_policies  # noqa: PLC0415

        return pulumi_policies
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
