"""What may be configured, and what a wrong configuration says."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.policy import APPROVED_SUFFIXES, FREEZE, RULES
from pulumi_wechat_miniprogram.policy.configuration import ConfigError, check_config, parse_config, schema_of
from tests.policy.conftest import APPID


def problems(**given):
    with pytest.raises(ConfigError) as refused:
        check_config(RULES, {name.replace("_", "-"): value for name, value in given.items()})
    return list(refused.value.problems)


def test_without_configuration_some_policies_have_nothing_to_judge():
    """Those that need a list, a pattern or a window."""
    assert [rule.id for rule in RULES if parse_config(rule, {}).idle] == [
        "approved-suffixes",
        "denied-suffixes",
        "owned-domains",
        "no-look-alikes",
        "domain-in-platform-list",
        "freeze",
        "owner-in-name",
    ]


def test_a_list_is_taken_in_canonical_form():
    """A policy that is given its list has something to judge."""
    config = parse_config(APPROVED_SUFFIXES, {"suffixes": ["Example.com"]})

    assert (config.idle, config.model_dump()) == (False, {"suffixes": ("example.com",)})


def test_everything_that_is_wrong_is_in_one_error():
    """Names with the nearest one, places, and reasons."""
    with pytest.raises(ConfigError) as refused:
        check_config(
            RULES,
            {
                "aproved-suffixes": {},
                "quite-another": {},
                "denied-suffixes": {"sufixes": ["xyz"], "suffixes": ["xyz", "*.evil.com"]},
                "all": {"suffixes": []},
            },
        )

    assert str(refused.value) == (
        "the configuration is wrong:\n  aproved-suffixes is not a policy of this pack; did you mean "
        "approved-suffixes?\n  quite-another is not a policy of this pack\n  all accepts a level and "
        "nothing else\n  denied-suffixes.suffixes[1]: '*.evil.com': has a wildcard; a configured domain "
        "already covers its subdomains, so declare the domain itself\n  denied-suffixes.sufixes is not a "
        "property of this policy; did you mean suffixes?"
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"freeze": {"frozen": True, "keep": {APPID: []}}},
            f"freeze.keep.{APPID}: is empty; give at least one value, or leave it out",
        ),
        (
            {"freeze": {"frozen": True, "keep": {"wx0": ["a.example.com"]}}},
            "freeze.keep.wx0: 'wx0' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits",
        ),
        (
            {"subjects_per_domain": {"subjects": {"wx0": "Acme"}}},
            "subjects-per-domain.subjects.wx0: 'wx0' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits",
        ),
        (
            {"approved_suffixes": {"suffixes": [" example.com"]}},
            "approved-suffixes.suffixes[0]: ' example.com': has white space before it; write 'example.com'",
        ),
        (
            {"denied_suffixes": {"suffixes": [" xyz"]}},
            "denied-suffixes.suffixes[0]: ' xyz': has white space before it; remove it",
        ),
        (
            {"owned_domains": {"domains": ['"example.com"']}},
            "owned-domains.domains[0]: '\"example.com\"': has quotation marks around it; write 'example.com'",
        ),
        (
            {"denied_suffixes": {"suffixes": ["https://user:pa55word@example.com"]}},
            "denied-suffixes.suffixes[0]: 'https://***@example.com': has user info before @: declare only "
            "the host",
        ),
        (
            {"approved_suffixes": {"suffixes": []}},
            "approved-suffixes.suffixes: is empty; give at least one value, or leave it out",
        ),
        (
            {"approved_suffixes": {"suffixes": ["com"]}},
            "approved-suffixes.suffixes[0]: 'com': has a single label",
        ),
        (
            {"approved_suffixes": {"suffixes": "example.com"}},
            "approved-suffixes.suffixes: must be a list",
        ),
        ({"owned_domains": {"domains": ["a.example.com"]}}, "its registrable domain is example.com"),
        (
            {"domain_headroom": {"percent": 0}},
            "domain-headroom.percent: must be at least 1",
        ),
        (
            {"subjects_per_domain": {"limit": 101}},
            "subjects-per-domain.limit: must be at most",
        ),
        (
            {"owner_in_name": {"pattern": "("}},
            "owner-in-name.pattern: '(' is not a valid regular expression: ",
        ),
        (
            {"owner_in_name": {"pattern": "a", "owners": ["x"]}},
            "owner-in-name: `owners` needs a `pattern` with a",
        ),
        ({"owner_in_name": {"owners": ["x"]}}, "owner-in-name: `owners` needs a `pattern` with a"),
        ({"freeze": {"frozen": True}}, "freeze: a freeze needs a `baseline` or `keep` to compare with"),
        ({"freeze": {"frozen": True, "baseline": 1}}, "freeze.baseline: is not a path"),
        (
            {"freeze": {"frozen": True, "baseline": "/none"}},
            "freeze.baseline: /none cannot be read: No such file",
        ),
        ({"freeze": {"from": "2026-11-10T00:00:00"}}, "freeze.from: must have a time zone, such as +08:00"),
        ({"freeze": {"until": "tomorrow"}}, "freeze.until: must be a time such as 2026-01-31T09:00:00+08:00"),
        (
            {
                "freeze": {
                    "from": "2026-11-10T00:00:00Z",
                    "until": "2026-11-10T00:00:00Z",
                    "keep": {APPID: ["a.example.com"]},
                }
            },
            "freeze: `until` is not after `from`",
        ),
        ({"protected": {"x": 1}}, "protected.x is not a property of this policy"),
    ],
)
def test_a_wrong_value_says_where_and_why(given, problem):
    """One line for each."""
    (found,) = problems(**given)

    assert problem in found


def test_a_policy_of_another_choice_is_unknown():
    """A pack with fewer policies refuses the configuration of those that it lacks."""
    with pytest.raises(ConfigError, match=r"protected is not a policy of this pack$"):
        check_config([FREEZE], {"protected": {}})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_schema_is_plain_and_its_defaults_are_accepted(rule):
    """The engine fills in defaults and checks them: nothing that is not given may appear."""
    schema = schema_of(rule)
    defaults = {name: each["default"] for name, each in schema.items() if "default" in each}

    assert parse_config(rule, defaults) == rule.config()
    assert all(
        each["type"] in {"array", "boolean", "integer", "object", "string"} for each in schema.values()
    )
    assert all(each["description"] for each in schema.values())
    assert not [each for each in schema.values() if "anyOf" in each or "title" in each or "$ref" in each]
