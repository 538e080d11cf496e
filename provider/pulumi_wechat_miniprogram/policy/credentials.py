"""The policy on credentials in stack config and in the arguments of a provider.

It receives the names of the keys, never a value.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from pulumi_wechat_miniprogram.policy.rule import Finding, Rule
from pulumi_wechat_miniprogram.settings import NAMESPACE, Settings, config_name, env_name, holds_secret

_DEFAULT_PROVIDER = re.compile(r"default(_[0-9].*)?")


@functools.cache
def credential_keys() -> dict[str, str]:
    """Return each config key that holds a credential, with its environment variable."""
    return {config_name(field): env_name(field) for field in Settings.model_fields if holds_secret(field)}


def _judge(keys: Sequence[str], provider: str) -> Iterator[Finding]:
    """Judge all of stack config, or what one native provider has of it: keys without their namespace."""
    for key in sorted(keys):
        name = key if ":" in key else f"{NAMESPACE}:{key}"
        if variable := credential_keys().get(name):
            is_default = _DEFAULT_PROVIDER.fullmatch(provider)
            place = (
                f"{name} is set in stack config"
                if is_default
                else f"{key} is given to the provider {provider}"
            )
            yield Finding(f"{place}; set {variable} in the environment instead.")


NO_CREDENTIALS_IN_CONFIG = Rule(
    id="no-credentials-in-config",
    description="Neither stack config nor an explicit provider holds a credential.",
    severity="critical",
    level="mandatory",
    tags=("security", "credentials"),
    steps="Remove the key (`pulumi config rm KEY`) or the argument, set the environment variable instead, "
    "and issue a new credential: the engine keeps the old one in state, and every policy pack of every run "
    "has read it decrypted.",
    judge_config=_judge,
)
