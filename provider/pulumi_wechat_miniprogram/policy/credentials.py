"""The policy on credentials in stack config. It receives the names of the keys, never a value."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from pulumi_wechat_miniprogram.policy.rule import Finding, Rule
from pulumi_wechat_miniprogram.settings import Settings, config_name, env_name, holds_secret


@functools.cache
def credential_keys() -> dict[str, str]:
    """Return each config key that holds a credential, with its environment variable."""
    return {config_name(field): env_name(field) for field in Settings.model_fields if holds_secret(field)}


def _judge(keys: Sequence[str]) -> Iterator[Finding]:
    for key in sorted(keys):
        if variable := credential_keys().get(key):
            yield Finding(f"{key} is set in stack config; set {variable} in the environment instead.")


NO_CREDENTIALS_IN_CONFIG = Rule(
    id="no-credentials-in-config",
    description="Stack config holds no credential of the provider.",
    severity="critical",
    level="mandatory",
    tags=("security", "credentials"),
    steps="Remove the key (`pulumi config rm KEY`), set the environment variable instead, and issue a new "
    "credential: the engine keeps the old one in state, and every policy pack of every run has read it "
    "decrypted.",
    judge_config=_judge,
)
