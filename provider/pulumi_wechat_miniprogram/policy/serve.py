"""The process that the Pulumi CLI starts for a pack."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from pulumi_wechat_miniprogram.__about__ import __version__, semantic
from pulumi_wechat_miniprogram.policy.rule import Rule
from pulumi_wechat_miniprogram.policy.rules import RULES
from pulumi_wechat_miniprogram.policy.sdk import pulumi_policies
from pulumi_wechat_miniprogram.policy.servicer import Servicer, run

PACK_NAME = "wechat-miniprogram"


def serve(rules: Sequence[Rule] = RULES, *, name: str = PACK_NAME, version: str = __version__) -> None:
    """Serve the policies until the engine ends this process.

    Raises:
        ValueError: no policy is given, a policy occurs twice, or the version is not valid.
    """
    ids = [rule.id for rule in rules]
    if not ids or len(set(ids)) < len(ids):
        message = f"a pack needs at least one policy, and each only once, not {', '.join(ids) or 'none'}"
        raise ValueError(message)
    run(Servicer(rules, pulumi_policies(rules), name=name, version=semantic(version)))


def main() -> None:
    """Serve every policy. The engine starts the executable with its address as argument."""
    if len(sys.argv) == 1:
        path = Path(sys.argv[0]).resolve()
        sys.exit(f"The Pulumi CLI starts this program: pulumi preview --policy-pack {path}")
    serve()
