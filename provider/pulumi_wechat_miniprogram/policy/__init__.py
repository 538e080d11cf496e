"""Policies on webview domains and server domains.

The executable `pulumi-analyzer-wechat-miniprogram` calls `serve(RULES)`. `pulumi_policies(RULES)` returns the
same policies for a `PolicyPack` of Pulumi's policy SDK. Both accept any selection of the rules. See
docs/reference/policies.md.
"""

from __future__ import annotations

from pulumi_wechat_miniprogram.policy.conduct import GUARDS_ON, OWNER_IN_NAME, PROTECTED
from pulumi_wechat_miniprogram.policy.credentials import NO_CREDENTIALS_IN_CONFIG
from pulumi_wechat_miniprogram.policy.freeze import FREEZE
from pulumi_wechat_miniprogram.policy.hosts import APPROVED_SUFFIXES, DENIED_SUFFIXES, OWNED_DOMAINS
from pulumi_wechat_miniprogram.policy.look_alikes import NO_LOOK_ALIKES
from pulumi_wechat_miniprogram.policy.platform import DOMAIN_IN_PLATFORM_LIST
from pulumi_wechat_miniprogram.policy.rules import RULES
from pulumi_wechat_miniprogram.policy.served import SERVED_BY_STACK
from pulumi_wechat_miniprogram.policy.sharing import (
    DOMAIN_HEADROOM,
    NO_MIXED_MODES,
    ONE_AUTHORITATIVE,
    SUBJECTS_PER_DOMAIN,
)

try:
    from pulumi_wechat_miniprogram.policy.sdk import pulumi_policies
    from pulumi_wechat_miniprogram.policy.serve import serve
except ModuleNotFoundError as error:
    message = f"policies need {error.name}: pip install 'pulumi-wechat-miniprogram[policy]'"
    raise ModuleNotFoundError(message, name=error.name) from None

__all__ = [
    "APPROVED_SUFFIXES",
    "DENIED_SUFFIXES",
    "DOMAIN_HEADROOM",
    "DOMAIN_IN_PLATFORM_LIST",
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
