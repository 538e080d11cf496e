"""Never run: mypy and pyright read it as a user's pack."""

from __future__ import annotations

from pulumi_policy import Policy, PolicyPack

from pulumi_wechat_miniprogram import policy

chosen = [policy.APPROVED_SUFFIXES, policy.FREEZE]
policies: list[Policy] = policy.pulumi_policies(chosen)
ids: list[str] = [rule.id for rule in policy.RULES]

policy.serve(chosen, name="acme-webview", version="1.0.0")
PolicyPack("acme", [*policies, *policy.pulumi_policies()])
