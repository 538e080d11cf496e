"""The policies as objects of Pulumi's policy SDK, called as its servicer calls them."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_policy import (
    EnforcementLevel,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Secret,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from pulumi_wechat_miniprogram import policy
from pulumi_wechat_miniprogram.exports.pinned import WEBVIEW_DOMAINS_PROVIDER
from pulumi_wechat_miniprogram.policy import RULES, pulumi_policies
from pulumi_wechat_miniprogram.policy.rule import Rule
from tests.policy.conftest import APPID, NOON, TYPE, UNKNOWN, props, secret

PROVIDER = "pulumi:providers:pulumi-python"
SUBCLASS = "pulumi-python:dynamic:Resource"
SUFFIXES = {"suffixes": ["example.com"]}


def policies_of(*rules: Rule) -> list[Any]:
    return pulumi_policies(rules)


def options(*, protect=False):
    return PolicyResourceOptions(protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def args(given, type_=TYPE, *, name="shop", config=None, keep_secrets=False, protect=False):
    """What the SDK hands to a policy: proxies that raise where a value is unknown."""
    wrapped = unknown_checking_proxy(deserialize_properties(given, keep_secrets))
    provider = PolicyProviderResource(PROVIDER, {}, "urn:provider", "default")
    return ResourceValidationArgs(
        type_, wrapped, f"urn:{name}", name, options(protect=protect), provider, config
    )


def validate(policy_, arguments):
    """The violations, and the text that the SDK shows as advisory."""
    reported, open_end = [], None
    try:
        policy_.validate(arguments, lambda message, urn=None: reported.append((message, urn)))
    except UnknownValueError as error:
        open_end = error.message
    return reported, open_end


def test_each_policy_becomes_one_and_the_freeze_two():
    """The kinds of the SDK are apart; ids, levels and severities are those of the policies."""
    policies = pulumi_policies()

    names = [each.name for each in policies]
    assert [name for name in names if name != "freeze-stack"] == [rule.id for rule in RULES]
    assert isinstance(policies[names.index("freeze-stack")], StackValidationPolicy)
    assert isinstance(policies[names.index("served-by-stack")], StackValidationPolicy)
    assert isinstance(policies[names.index("freeze")], ResourceValidationPolicy)
    first = policies[0]
    assert (first.enforcement_level, first.severity) == (EnforcementLevel.MANDATORY, Severity.HIGH)
    assert (first.tags, first.remediation_steps) == (["security", "domains"], RULES[0].steps)
    assert first.config_schema is not None
    assert first.config_schema.properties["suffixes"]["type"] == "array"


def test_chosen_policies_only():
    """A user's pack holds what the user names."""
    assert [each.name for each in pulumi_policies([policy.PROTECTED])] == ["protected"]


def test_a_violation_is_reported_before_what_is_not_judged():
    """The SDK shows the second as advisory; it keeps what was reported."""
    (approved,) = pulumi_policies([policy.APPROVED_SUFFIXES])

    reported, open_end = validate(approved, args(props("evil.org", UNKNOWN), config=SUFFIXES))

    assert reported == [
        (
            f"evil.org is under none of the approved suffixes (example.com).\n{policy.APPROVED_SUFFIXES.steps}",
            "urn:shop",
        )
    ]
    assert open_end == (
        "`domains[1]` of shop is known only during the update: not judged in this preview, the update judges before "
        "it writes anything."
    )


@pytest.mark.parametrize(
    "arguments",
    [
        args(props("a.example.com"), config=SUFFIXES),
        args(props("evil.org")),
        args(props("evil.org"), "aws:s3/bucket:Bucket", config=SUFFIXES),
        args(props("evil.org"), PROVIDER, config=SUFFIXES),
    ],
    ids=["approved", "not configured", "another resource", "a provider"],
)
def test_what_passes_is_silent(arguments):
    """Approved, not configured, or not ours."""
    (approved,) = pulumi_policies([policy.APPROVED_SUFFIXES])

    assert validate(approved, arguments) == ([], None)


def test_policies_share_what_they_remember():
    """The second owner of an appid is seen, and protection is read from the options."""
    one, protected = pulumi_policies([policy.ONE_AUTHORITATIVE, policy.PROTECTED])

    assert validate(one, args(props("a.example.com"), name="a")) == ([], None)
    assert validate(protected, args(props("a.example.com"), name="a", protect=True)) == ([], None)
    ((message, _),), _ = validate(one, args(props("b.example.com"), name="b"))
    assert message.startswith(f"b owns the whole list of {APPID}, and a too: ")


def test_a_credential_in_stack_config_is_reported():
    """By the name of its key."""
    (credentials,) = pulumi_policies([policy.NO_CREDENTIALS_IN_CONFIG])

    reported, _ = validate(credentials, args({"wechat-miniprogram:accessTokens": secret("canary")}, PROVIDER))

    assert len(reported) == 1
    assert "canary" not in reported[0][0]
    assert validate(credentials, args(props("a.example.com"))) == ([], None)


def test_a_wrong_configuration_is_a_violation():
    """The SDK tells a policy its configuration only when it judges."""
    (approved,) = pulumi_policies([policy.APPROVED_SUFFIXES])

    reported, _ = validate(approved, args(props("a.example.com"), config={"sufixes": ["example.com"]}))

    assert reported == [
        (
            "the configuration is wrong:\n"
            "  approved-suffixes.sufixes is no property of this policy; did you mean suffixes?",
            None,
        )
    ]


def test_the_end_of_a_run_is_judged():
    """By the clock that the pack was given."""
    _, at_the_end = pulumi_policies([policy.FREEZE], clock=lambda: NOON)
    config = {"until": "2026-11-12T00:00:00Z", "keep": {APPID: ["a.example.com"]}}
    gone = StackValidationArgs([], config)
    there = StackValidationArgs(
        [PolicyResource(TYPE, props("a.example.com"), "urn:shop", "shop", options(), None, None, [], {})],
        config,
    )

    ((message, urn),), _ = validate(at_the_end, gone)
    assert message.startswith(
        f"https://a.example.com of {APPID} would be removed, and removals are frozen until "
    )
    assert urn is None
    assert validate(at_the_end, there) == ([], None)
    assert validate(at_the_end, StackValidationArgs([])) == ([], None)


def test_a_subclass_is_told_by_the_provider_that_it_names():
    """Its type is the SDK's own."""
    (denied,) = policies_of(policy.DENIED_SUFFIXES)
    given = props("a.xyz", "b.example.com", __provider=WEBVIEW_DOMAINS_PROVIDER)
    ours = args(given, SUBCLASS, config={"suffixes": ["xyz"]})
    theirs = args({**given, "__provider": "gASVpickled"}, SUBCLASS, config={"suffixes": ["xyz"]})

    unknown = args({**given, "__provider": UNKNOWN, "other": UNKNOWN}, SUBCLASS, config={"suffixes": ["xyz"]})

    unnamed = args(props("a.xyz", UNKNOWN), SUBCLASS, config={"suffixes": ["xyz"]})

    assert len(validate(denied, ours)[0]) == len(validate(denied, unnamed)[0]) == 1
    assert validate(denied, theirs) == validate(denied, unknown) == ([], None)
    assert denied.remediate(ours)["domains"] == ["b.example.com"]
    assert denied.remediate(theirs) is None


def test_a_remediation_changes_in_place_and_keeps_secrets():
    """The SDK's proxy is what keeps the marks, so it is what must come back."""
    (guards,) = policies_of(policy.GUARDS_ON)
    arguments = args(props("a.example.com", allow_mass_removal=True, other=secret("x")), keep_secrets=True)

    mended = guards.remediate(arguments)

    assert mended is arguments.props
    assert mended["allow_mass_removal"] is False
    assert isinstance(mended["__target"]["other"], Secret)


def test_denied_domains_are_dropped_from_a_secret_list():
    """Unknown elements stay, and the list stays secret."""
    (denied,) = policies_of(policy.DENIED_SUFFIXES)
    given = props(domains=secret(["a.xyz", UNKNOWN]))

    mended = denied.remediate(args(given, config={"suffixes": ["xyz"]}, keep_secrets=True))

    assert mended["__target"]["domains"].value == [UNKNOWN]


@pytest.mark.parametrize(
    "arguments",
    [
        args(props("a.example.com"), config={"suffixes": ["xyz"]}),
        args(props("a.xyz")),
        args(props("a.xyz"), config={"sufixes": ["xyz"]}),
        args(props("a.xyz"), "aws:s3/bucket:Bucket", config={"suffixes": ["xyz"]}),
    ],
    ids=["nothing denied", "not configured", "wrongly configured", "another resource"],
)
def test_nothing_is_remediated_without_a_violation(arguments):
    """And a policy without remedy has none."""
    (denied,) = policies_of(policy.DENIED_SUFFIXES)
    (protected,) = policies_of(policy.PROTECTED)

    assert denied.remediate(arguments) is None
    assert not protected.has_remediation()
