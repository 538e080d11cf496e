"""All policies, in the order of their evaluation and of docs/reference/policies.md."""

from __future__ import annotations

from typing import Final

from pulumi_wechat_miniprogram.policy.conduct import GUARDS_ON, OWNER_IN_NAME, PROTECTED
from pulumi_wechat_miniprogram.policy.credentials import NO_CREDENTIALS_IN_CONFIG
from pulumi_wechat_miniprogram.policy.freeze import FREEZE
from pulumi_wechat_miniprogram.policy.hosts import APPROVED_SUFFIXES, DENIED_SUFFIXES, OWNED_DOMAINS
from pulumi_wechat_miniprogram.policy.look_alikes import NO_LOOK_ALIKES
from pulumi_wechat_miniprogram.policy.platform import DOMAIN_IN_PLATFORM_LIST
from pulumi_wechat_miniprogram.policy.rule import Rule
from pulumi_wechat_miniprogram.policy.served import SERVED_BY_STACK
from pulumi_wechat_miniprogram.policy.sharing import (
    DOMAIN_HEADROOM,
    NO_MIXED_MODES,
    ONE_AUTHORITATIVE,
    SUBJECTS_PER_DOMAIN,
)

RULES: Final[tuple[Rule, ...]] = (
    APPROVED_SUFFIXES,
    DENIED_SUFFIXES,
    OWNED_DOMAINS,
    NO_LOOK_ALIKES,
    DOMAIN_IN_PLATFORM_LIST,
    NO_CREDENTIALS_IN_CONFIG,
    ONE_AUTHORITATIVE,
    NO_MIXED_MODES,
    GUARDS_ON,
    PROTECTED,
    FREEZE,
    DOMAIN_HEADROOM,
    SUBJECTS_PER_DOMAIN,
    OWNER_IN_NAME,
    SERVED_BY_STACK,
)
