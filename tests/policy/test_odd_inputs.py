"""Whatever the engine sends, no policy raises."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_wechat_miniprogram.exports.kinds import TOKENS
from pulumi_wechat_miniprogram.exports.state import to_wire
from pulumi_wechat_miniprogram.policy import RULES
from pulumi_wechat_miniprogram.policy.resources import Resource, make_stack_view, read_declared
from pulumi_wechat_miniprogram.policy.rule import tell
from tests.policy.conftest import APPID, UNKNOWN, config_of, declare, run_of, secret

CONFIGS: dict[str, dict[str, Any]] = {
    "approved-suffixes": {"suffixes": ["example.com"]},
    "denied-suffixes": {"suffixes": ["xyz"]},
    "owned-domains": {"domains": ["example.com"]},
    "no-look-alikes": {"names": ["example.com"]},
    "freeze": {"frozen": True, "keep": {APPID: ["a.example.com"]}},
    "owner-in-name": {"pattern": "(?P<owner>[a-z]+)-.+", "owners": ["pay"]},
}

GUARDS = {"overwrite_existing": True, "allow_mass_removal": True}

texts = st.sampled_from(
    ["https://a.example.com", "a.xyz", "ехаmple.com", APPID, UNKNOWN, "[secret]", "authoritative"]
)
leaves = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=20), texts)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
        inner.map(secret),
    ),
    max_leaves=12,
)
props = st.one_of(
    st.dictionaries(st.text(max_size=5), values, max_size=4),
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("appid", "mode", "domains", *GUARDS, *to_wire(GUARDS)), values),
    ),
)


def everything_said(rule, declared, run, stack, keys):
    """Ask a policy all that it answers."""
    config = config_of(rule, **CONFIGS.get(rule.id, {}))
    return tell(
        rule,
        [
            *(rule.judge(declared, config, run) if rule.judge else ()),
            *(rule.judge_config(keys, declared.name) if rule.judge_config else ()),
            *(rule.judge_stack(stack, config, run) if rule.judge_stack else ()),
        ],
    )


@settings(max_examples=200)
@given(first=props, second=props, other=props, name=st.text(max_size=8), face=st.sampled_from([*TOKENS]))
def test_no_policy_raises_on_odd_inputs(first, second, other, name, face):
    """Properties of any JSON shape, in our resources and in others."""
    declared = read_declared("urn:x", name, first, protected=False, face=face)
    run = run_of(read_declared("urn:y", name, second, protected=True), declared)
    token = TOKENS[face]["webview-domains"]
    ours = [Resource(token, "urn:x", name, first), Resource(token, "urn:y", name, second)]
    stack = make_stack_view([*ours, Resource("o", "urn:z", name, other)])

    reported = [
        finding for rule in RULES for finding in everything_said(rule, declared, run, stack, list(first))
    ]

    assert [finding for finding in reported if not finding.text] == []


def remediate(rule, given_props, face):
    """Apply a policy's remedy, if it has one for these inputs."""
    declared = read_declared("urn:x", "x", given_props, protected=False, face=face)
    remedy = rule.remedy(declared, config_of(rule, **CONFIGS.get(rule.id, {})))
    return {**given_props, **remedy.changes(given_props)} if remedy else None


@settings(max_examples=200)
@given(given_props=props, face=st.sampled_from([*TOKENS]))
def test_a_remedy_is_enough(given_props, face):
    """Of whatever inputs: what it returns is JSON and needs no second one."""
    remediated = [(rule, remediate(rule, given_props, face)) for rule in RULES if rule.remedy]

    again = [
        remediate(rule, json.loads(json.dumps(after)), face)
        for rule, after in remediated
        if after is not None
    ]

    assert [each for each in again if each is not None] == []


@given(hosts=st.lists(st.sampled_from(["a.xyz", "b.example.com", UNKNOWN, "c.evil.xyz"]), max_size=8))
def test_a_remediated_list_has_no_violation_and_loses_nothing_else(hosts):
    """What is left is what was allowed, in its order; a list without any allowed domain is left to the judge."""
    (denied,) = [rule for rule in RULES if rule.id == "denied-suffixes"]
    config = config_of(denied, suffixes=["xyz"])
    declared = declare(*hosts)

    assert denied.remedy is not None
    remedy = denied.remedy(declared, config)
    left = remedy.changes({"domains": hosts})["domains"] if remedy else hosts

    allowed = [host for host in hosts if not host.endswith("xyz")]
    assert left == (allowed or hosts)
