"""The policies in a `PolicyPack` of Pulumi's SDK, beside a user's own."""

from __future__ import annotations

import pytest
from pulumi_policy import (
    EnforcementLevel,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)
from pulumi_policy.policy import _PolicyAnalyzerServicer

from pulumi_wechat_miniprogram import policy
from pulumi_wechat_miniprogram.policy import RULES, pulumi_policies
from tests.policy.analyzers import served
from tests.policy.conftest import APPID, NOON, TYPE, UNKNOWN, props, secret

PROVIDER = "pulumi:providers:pulumi-python"


@pytest.fixture
def acme():
    """A pack as `PolicyPack` serves it."""
    own = ResourceValidationPolicy("own", "The name is shop.", lambda args, report: report(args.name, None))
    policies = [*pulumi_policies(clock=lambda: NOON), own]
    with served(_PolicyAnalyzerServicer("acme", "0.0.1", policies, EnforcementLevel.ADVISORY)) as pack:
        yield pack


def messages(diagnostics, name="approved-suffixes"):
    return [each.message for each in diagnostics if each.policyName == name]


def test_each_rule_is_one_policy():
    """With its id, level, severity and properties; `freeze` judges resources and the stack."""
    policies = {each.name: each for each in pulumi_policies()}
    first = policies["approved-suffixes"]

    assert list(policies) == [rule.id for rule in RULES]
    assert isinstance(policies["freeze"], ResourceValidationPolicy)
    assert [name for name, each in policies.items() if isinstance(each, StackValidationPolicy)] == [
        "freeze",
        "served-by-stack",
    ]
    assert [name for name, each in policies.items() if not isinstance(each, ResourceValidationPolicy)] == [
        "served-by-stack"
    ]
    assert (first.enforcement_level, first.severity) == (EnforcementLevel.MANDATORY, Severity.HIGH)
    assert (first.tags, first.remediation_steps) == (["security", "domains"], RULES[0].steps)
    assert first.config_schema is not None
    assert first.config_schema.properties["suffixes"]["type"] == "array"


def test_chosen_policies_only():
    """A user's pack holds what the user names."""
    assert [each.name for each in pulumi_policies([policy.PROTECTED])] == ["protected"]


def test_a_violation_is_reported_before_what_is_not_judged(acme):
    """Under the description, as the SDK shows every violation; the rest is advisory."""
    acme.configure(approved_suffixes=("mandatory", {"suffixes": ["example.com"]}))

    found = acme.diagnostics(props("evil.org", UNKNOWN))

    assert messages(found) == [
        "Webview domains lie under approved suffixes.\n"
        f"evil.org is under none of the approved suffixes (example.com).\n{policy.APPROVED_SUFFIXES.steps}",
        "can't run policy 'approved-suffixes' from policy pack 'acme@v0.0.1' during preview: `domains[1]` of shop is "
        "known only during the update: not judged in this preview, the update judges before it writes anything.",
    ]
    assert messages(found, "own") == ["The name is shop.\nshop"]


@pytest.mark.parametrize(
    ("domain", "type_", "config"),
    [
        ("a.example.com", TYPE, {"suffixes": ["example.com"]}),
        ("evil.org", TYPE, {}),
        ("evil.org", "aws:s3/bucket:Bucket", {"suffixes": ["example.com"]}),
        ("evil.org", PROVIDER, {"suffixes": ["example.com"]}),
    ],
    ids=["approved", "not configured", "another resource", "a provider"],
)
def test_what_passes_is_silent(acme, domain, type_, config):
    """Approved, not configured, or of another type."""
    acme.configure(approved_suffixes=("mandatory", config))

    assert messages(acme.diagnostics(props(domain), type_)) == []


def test_a_credential_in_stack_config_is_reported(acme):
    """By the name of its key."""
    config = {"wechat-miniprogram:accessTokens": secret("canary")}

    (message,) = messages(acme.diagnostics(config, PROVIDER), "no-credentials-in-config")

    assert "wechat-miniprogram:accessTokens is set in stack config" in message
    assert "canary" not in message


def test_a_wrong_configuration_is_a_violation_and_remediates_nothing(acme):
    """The SDK hands a policy its configuration only when it judges."""
    acme.configure(denied_suffixes=("remediate", {"sufixes": ["xyz"]}))

    assert messages(acme.diagnostics(props("a.xyz")), "denied-suffixes") == [
        "No webview domain lies under a denied suffix.\n"
        "the configuration is wrong:\n"
        "  denied-suffixes.sufixes is no property of this policy; did you mean suffixes?"
    ]
    assert acme.remediate(props("a.xyz")) == ([], None)


def test_one_configuration_reaches_both_halves_of_the_freeze(acme):
    """Before the write of a resource, and at the end of a run."""
    acme.configure(
        freeze=("mandatory", {"until": "2026-11-12T00:00:00Z", "keep": {APPID: ["a.example.com"]}})
    )
    there = (TYPE, "shop", props("a.example.com"))

    (early,) = messages(acme.diagnostics(props("b.example.com")), "freeze")

    assert f"https://a.example.com of {APPID} would be removed, and removals are frozen until " in early
    assert acme.analyze_stack() == [("freeze", "mandatory", "No domain is removed while changes are frozen.")]
    assert acme.analyze_stack(there) == []


def test_a_remediation_keeps_secrets(acme):
    """A secret list loses what is denied and stays secret."""
    acme.configure(denied_suffixes=("remediate", {"suffixes": ["xyz"]}))

    changed, after = acme.remediate(props(domains=secret(["a.xyz", UNKNOWN]), other=secret("x")))

    assert changed == ["denied-suffixes"]
    assert (after["domains"], after["other"]) == (secret([UNKNOWN]), secret("x"))
