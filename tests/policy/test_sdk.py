"""The policies in a `PolicyPack` of Pulumi's SDK, beside a user's own."""

from __future__ import annotations

import pytest
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, StackValidationPolicy
from pulumi_policy.policy import _PolicyAnalyzerServicer

from pulumi_wechat_miniprogram import policy
from pulumi_wechat_miniprogram.policy import RULES, pulumi_policies
from tests.policy.analyzers import served
from tests.policy.conftest import APPID, NOON, TYPE, UNKNOWN, props


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
    """With its id; `freeze` judges resources and the stack."""
    policies = {each.name: each for each in pulumi_policies()}

    assert list(policies) == [rule.id for rule in RULES]
    assert isinstance(policies["freeze"], ResourceValidationPolicy)
    assert isinstance(policies["freeze"], StackValidationPolicy)
    assert not isinstance(policies["served-by-stack"], ResourceValidationPolicy)
    assert [each.name for each in pulumi_policies([policy.PROTECTED])] == ["protected"]


def test_a_violation_is_reported_before_what_is_not_judged(acme):
    """Under the description, as the SDK shows every violation; the rest is advisory."""
    acme.configure(approved_suffixes=("mandatory", {"suffixes": ["example.com"]}))

    found = acme.diagnostics(props("evil.org", UNKNOWN))

    assert messages(found) == [
        "Every webview domain and server domain is under an approved suffix.\n"
        f"evil.org is under none of the approved suffixes (example.com).\n{policy.APPROVED_SUFFIXES.steps}",
        "can't run policy 'approved-suffixes' from policy pack 'acme@v0.0.1' during preview: `domains[1]` "
        "of shop is known only during the update: not checked in this preview, but in the update, before it "
        "writes anything.",
    ]
    assert messages(found, "own") == ["The name is shop.\nshop"]


def test_a_wrong_configuration_is_a_violation_and_remediates_nothing(acme):
    """The SDK hands a policy its configuration only when it judges."""
    acme.configure(denied_suffixes=("remediate", {"sufixes": ["xyz"]}))

    assert messages(acme.diagnostics(props("a.xyz")), "denied-suffixes") == [
        "No webview domain or server domain is under a denied suffix.\n"
        "the configuration is wrong:\n"
        "  denied-suffixes.sufixes is not a property of this policy; did you mean suffixes?"
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
