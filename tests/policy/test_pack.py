"""The pack over the engine's protocol."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2 as pb

from pulumi_wechat_miniprogram.exports.kinds import PROVIDERS, TOKENS
from pulumi_wechat_miniprogram.policy import RULES
from tests.policy.analyzers import ours, served
from tests.policy.conftest import APPID, OTHER, UNKNOWN, props, secret

DYNAMIC_PROVIDER = "pulumi:providers:pulumi-python"
NATIVE_PROVIDER = "pulumi:providers:wechat-miniprogram"
SUFFIXES = {"suffixes": ["example.com"]}
SUBCLASS = "pulumi-python:dynamic:Resource"
QUIET: dict[str, tuple[str, dict[str, Any]]] = {
    "protected": ("disabled", {}),
    "subjects_per_domain": ("disabled", {}),
}


@pytest.fixture
def pack(face):
    """A fresh pack with every policy, asked about the resources of each face."""
    with served(ours(), face) as served_pack:
        yield served_pack


def test_the_pack_says_what_it_holds(pack):
    """Each policy with all that a person or a service reads."""
    info = pack.info()
    approved = info.policies[0]

    assert (info.name, info.version, info.supportsConfig) == ("pack", "1.2.3", True)
    assert [each.name for each in info.policies] == [rule.id for rule in RULES]
    assert [pb.EnforcementLevel.Name(each.enforcementLevel).lower() for each in info.policies] == [
        rule.level for rule in RULES
    ]
    assert (approved.enforcementLevel, approved.severity) == (pb.MANDATORY, pb.POLICY_SEVERITY_HIGH)
    assert (approved.description, approved.remediation_steps) == (RULES[0].description, RULES[0].steps)
    assert list(approved.tags) == ["security", "domains"]
    schema = json_format.MessageToDict(approved.configSchema.properties)
    assert (schema["suffixes"]["type"], schema["suffixes"]["items"]) == ("array", {"type": "string"})
    assert [each.policy_type for each in info.policies if each.name in {"freeze", "served-by-stack"}] == [
        pb.POLICY_TYPE_RESOURCE,
        pb.POLICY_TYPE_STACK,
    ]
    assert pack.stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"


def test_the_pack_needs_no_stack_config(pack):
    """The engine hands all of it, decrypted; nothing is kept."""
    request = pb.AnalyzerStackConfigureRequest(config={"wechat-miniprogram:accessToken": "canary"})

    assert pack.stub.ConfigureStack(request) == pb.AnalyzerStackConfigureResponse()


def test_a_violation_has_the_level_of_its_policy(pack):
    """As configured, or else the default."""
    pack.configure(approved_suffixes=("mandatory", SUFFIXES))
    assert pack.analyze(props("evil.org")) == [
        ("approved-suffixes", "mandatory", "evil.org is under none of the approved suffixes (example.com)."),
        (
            "protected",
            "advisory",
            "shop is not protected: removing it from the program, or `pulumi destroy`, removes the domains of "
            f"{APPID}.",
        ),
    ]

    pack.configure(approved_suffixes=("advisory", SUFFIXES), protected=("mandatory", {}))
    assert [each[:2] for each in pack.analyze(props("evil.org"))] == [
        ("approved-suffixes", "advisory"),
        ("protected", "mandatory"),
    ]


def test_what_a_remediation_left_is_mandatory(pack):
    """A policy with the level `remediate` that still finds a violation stops the resource."""
    pack.configure(approved_suffixes=("remediate", SUFFIXES), **QUIET)

    assert [each[:2] for each in pack.analyze(props("evil.org"))] == [("approved-suffixes", "mandatory")]


def test_what_is_not_judged_is_advisory_whatever_the_level(pack):
    """A preview could else never pass; the update judges."""
    pack.configure(approved_suffixes=("mandatory", SUFFIXES), **QUIET)

    assert pack.analyze(props("evil.org", UNKNOWN)) == [
        ("approved-suffixes", "mandatory", "evil.org is under none of the approved suffixes (example.com)."),
        (
            "approved-suffixes",
            "advisory",
            "`domains[1]` of shop is known only during the update: not checked in this preview, but in the "
            "update, before it writes anything.",
        ),
    ]


def test_a_disabled_policy_is_silent(pack):
    """Also one whose list is given."""
    pack.configure(approved_suffixes=("disabled", SUFFIXES), **QUIET)

    assert pack.analyze(props("evil.org")) == []


def test_violations_of_one_policy_stand_together_with_what_to_do(pack):
    """One diagnostic for each policy and resource."""
    pack.configure(approved_suffixes=("mandatory", SUFFIXES), **QUIET)

    (diagnostic,) = pack.diagnostics(props("a.org", "b.org"))

    assert diagnostic.message == (
        "a.org is under none of the approved suffixes (example.com).\n"
        "b.org is under none of the approved suffixes (example.com).\n"
        "Declare a domain under an approved suffix, or ask the owners of the configuration to add its "
        "suffix to `suffixes`."
    )


def test_resources_of_others_are_none_of_its_business(pack):
    """Whatever they are called and hold."""
    pack.configure(approved_suffixes=("mandatory", SUFFIXES))

    assert pack.analyze(props("evil.org"), "aws:s3/bucket:Bucket") == []
    assert pack.analyze({"domains": ["evil.org"]}, "pulumi-python:dynamic:Resource") == []
    assert pack.analyze({"appid": APPID}, TOKENS[pack.face]["confirm-file"]) == []


def test_server_domains_are_judged_and_remediated_list_by_list(pack):
    """Rules about webview domains alone leave them out, also at the end of a run."""
    pack.configure(
        **QUIET,
        approved_suffixes=("mandatory", SUFFIXES),
        denied_suffixes=("remediate", {"suffixes": ["xyz"]}),
        freeze=("mandatory", {"frozen": True, "keep": {APPID: ["a.example.com"]}}),
    )
    token = TOKENS[pack.face]["server-domains"]
    flags = {"mode": "authoritative", "overwrite_existing": False, "allow_mass_removal": False}
    given = pack.spelled(
        {
            "appid": APPID,
            "request": ["https://a.example.com"],
            "socket": ["wss://b.example.com", "wss://x.xyz"],
        }
        | flags
    )

    assert [reported[0] for reported in pack.analyze(given, token)] == [
        "approved-suffixes",
        "denied-suffixes",
    ]
    assert pack.remediate(given, token)[1] == {**given, "socket": ["wss://b.example.com"]}
    assert [reported[0] for reported in pack.analyze_stack((token, "shop", given))] == ["freeze"]


def test_a_subclass_is_reported_by_the_provider_that_it_names(pack):
    """The SDK registers it under its own type; it is judged, remediated and counted all the same."""
    pack.configure(
        **QUIET,
        approved_suffixes=("mandatory", SUFFIXES),
        denied_suffixes=("remediate", {"suffixes": ["xyz"]}),
        freeze=("mandatory", {"frozen": True, "keep": {APPID: ["a.example.com"]}}),
    )
    given = props(
        "https://a.example.com", "https://a.xyz", mode="additive", __provider=PROVIDERS["webview-domains"]
    )

    assert [reported[0] for reported in pack.analyze(given, SUBCLASS)] == [
        "approved-suffixes",
        "denied-suffixes",
    ]
    assert pack.remediate(given, SUBCLASS)[1] == {**given, "domains": ["https://a.example.com"]}
    assert pack.analyze_stack((SUBCLASS, "shop", given)) == []
    unnamed = {name: value for name, value in given.items() if name != "__provider"}
    assert pack.analyze(unnamed, SUBCLASS) == pack.analyze(given, SUBCLASS)
    assert pack.analyze(unnamed, "other:index:Domains") == []
    assert pack.analyze({**given, "__provider": "gASVpickled"}, SUBCLASS) == []
    assert pack.analyze({**given, "__provider": secret("x")}, SUBCLASS) == []
    assert pack.analyze({**given, "__provider": UNKNOWN}, SUBCLASS) == []


def test_a_credential_in_stack_config_is_found_and_not_shown(pack):
    """By the name of its key; the value stays where it is."""
    config = {"wechat-miniprogram:accessTokens": secret("canary"), "wechat-miniprogram:endpoint": "canary"}

    (found,) = pack.analyze(config, DYNAMIC_PROVIDER, name="default")

    assert found == (
        "no-credentials-in-config",
        "mandatory",
        "wechat-miniprogram:accessTokens is set in stack config; set WECHAT_MINIPROGRAM_ACCESS_TOKENS in the "
        "environment instead.",
    )


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("default", "wechat-miniprogram:accessTokens is set in stack config"),
        ("default_1_2_3", "wechat-miniprogram:accessTokens is set in stack config"),
        ("default-acme", "accessTokens is given to the provider default-acme"),
        ("acme", "accessTokens is given to the provider acme"),
    ],
)
@pytest.mark.parametrize("value", ["canary", secret("canary")])
def test_a_credential_of_a_native_provider_is_found_and_not_shown(pack, name, reported, value):
    """Its keys have no namespace; only a default provider takes them from stack config."""
    given = {"accessTokens": value, "endpoint": "canary", "version": "1.2.3"}

    (found,) = pack.diagnostics(given, NATIVE_PROVIDER, name)

    assert (found.policyName, found.enforcementLevel) == ("no-credentials-in-config", pb.MANDATORY)
    assert found.message.splitlines()[0] == (
        f"{reported}; set WECHAT_MINIPROGRAM_ACCESS_TOKENS in the environment instead."
    )
    assert "canary" not in str(found)


VIOLATIONS = {
    "approved-suffixes": {"suffixes": ["example.com"]},
    "denied-suffixes": {"suffixes": ["xyz"]},
    "owned-domains": {"domains": ["example.com"]},
    "no-look-alikes": {"names": ["example.com"]},
    "domain-in-platform-list": {"webview": ["example.com"]},
    "one-authoritative": {},
    "no-mixed-modes": {},
    "guards-on": {},
    "protected": {},
    "freeze": {"frozen": True, "keep": {APPID: ["shop.example.com"]}},
    "domain-headroom": {"percent": 1},
    "subjects-per-domain": {"limit": 1},
    "owner-in-name": {"pattern": "pay-.+"},
    "served-by-stack": {},
}


def test_each_policy_refuses_what_breaks_it(pack):
    """None is silent, whatever the face: the credentials' one is asked about the provider resource."""
    pack.configure(**{name.replace("-", "_"): ("mandatory", given) for name, given in VIOLATIONS.items()})
    bad = props("www.evil.xyz", "ехаmple.com", "a.example.com", "b.example.com", overwrite_existing=True)
    before = [
        *pack.analyze(props("www.evil.xyz", appid=OTHER), name="other"),
        *pack.analyze(props("a.example.com"), name="first"),
        *pack.analyze(props("b.example.com", mode="additive"), name="added"),
    ]

    stack = {"shop": bad, "mode-one": props("www.evil.xyz", channel="registered")}
    at_the_end = pack.analyze_stack(*((pack.type, name, pack.spelled(held)) for name, held in stack.items()))

    found = [*before, *pack.analyze(bad), *at_the_end]

    assert {policy for policy, level, _ in found if level == "mandatory"} == {
        rule.id for rule in RULES if not rule.judge_config
    }


def test_the_other_faces_name_hides_no_lifted_guard(pack):
    """A transform may add any property, and the provider obeys only its own."""
    pack.configure(**QUIET, guards_on=("mandatory", {}))
    mine, other = ("overwriteExisting", "overwrite_existing")[:: 1 if pack.face == "native" else -1]
    given = {**pack.spelled(props("a.example.com")), mine: True, other: False}

    assert pack.analyze(given, pack.type) == [
        (
            "guards-on",
            "mandatory",
            f"shop has {mine}=True: it may remove live domains that no resource declares.",
        )
    ]


def test_the_resources_of_a_run_are_remembered(pack):
    """The second owner of an appid is refused, with the first one named."""
    pack.configure(**QUIET)

    assert pack.analyze(props("a.example.com"), name="a") == []
    assert pack.analyze(props("b.example.com"), name="b") == [
        (
            "one-authoritative",
            "mandatory",
            f"b owns the whole list of {APPID}, and a too: each removes what the other adds.",
        )
    ]


def test_protection_is_read_from_the_options(pack):
    """Not from the inputs."""
    assert pack.analyze(props("a.example.com"), protect=True) == []


def test_a_remediation_changes_the_inputs_and_keeps_the_rest(pack):
    """Unknowns, secrets and the provider's own property come back as they were."""
    pack.configure(
        denied_suffixes=("remediate", {"suffixes": ["xyz"]}),
        guards_on=("remediate", {}),
        protected=("remediate", {}),
    )
    given = props(
        "a.xyz",
        UNKNOWN,
        secret("b.example.com"),
        allow_mass_removal=secret(True),
        __provider="pinned",
        other=secret("x"),
    )

    changed_by, after = pack.remediate(given)

    assert changed_by == ["denied-suffixes", "guards-on"]
    assert after == pack.spelled(
        {**given, "domains": [UNKNOWN, secret("b.example.com")], "allow_mass_removal": secret(False)}
    )


def test_a_secret_list_stays_one_when_it_is_remediated(pack):
    """The mark is kept, and so the state stays encrypted."""
    pack.configure(denied_suffixes=("remediate", {"suffixes": ["xyz"]}))

    _, after = pack.remediate(props(domains=secret(["a.xyz", "b.example.com"])))

    assert after["domains"] == secret(["b.example.com"])


def test_nothing_is_remediated_without_the_level_or_a_violation(pack):
    """And no resource of others."""
    assert pack.remediate(props("a.xyz", allow_mass_removal=True)) == ([], None)

    pack.configure(guards_on=("remediate", {}))
    assert pack.remediate(props("a.xyz")) == ([], None)
    assert pack.remediate(props(allow_mass_removal=True), "aws:s3/bucket:Bucket") == ([], None)


def test_a_list_of_denied_domains_alone_is_refused_and_not_emptied(pack):
    """The safety valve must not report a list that nobody wrote."""
    pack.configure(**QUIET, denied_suffixes=("remediate", {"suffixes": ["xyz"]}))
    given = props("https://a.xyz")

    assert pack.remediate(given) == ([], None)
    assert pack.analyze(given) == [
        ("denied-suffixes", "mandatory", "https://a.xyz is under xyz, which is denied.")
    ]


def test_damaged_properties_are_named(pack):
    """As `pulumi policy analyze` may find them in a state: never a crash, never silence."""
    damaged = {"domains": "https://a.example.com", "mode": 7}

    assert set(pack.analyze(damaged)) == {
        (
            policy,
            "advisory",
            f"The properties of urn:shop are damaged: {faults}. They cannot be checked. Run `pulumi refresh` "
            "or correct the state.",
        )
        for policy, faults in [
            ("one-authoritative", "`appid` is missing, `mode` is not text"),
            ("no-mixed-modes", "`appid` is missing, `mode` is not text"),
            ("domain-headroom", "`domains` is not a list"),
            ("subjects-per-domain", "`appid` is missing, `domains` is not a list"),
        ]
    } | {
        (
            "protected",
            "advisory",
            "shop is not protected: removing it from the program, or `pulumi destroy`, removes the domains of an unknown appid.",
        )
    }


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ({"mode": "greedy"}, "`mode` is not one of authoritative and additive"),
        (
            {"domains": [7, None, {}, [], 8]},
            "`domains[0]` is not text, `domains[1]` is not text, `domains[2]` is not text and 2 more",
        ),
    ],
)
def test_a_freeze_names_what_it_cannot_judge(pack, damage, fault):
    """It may hide a removal."""
    pack.configure(
        **QUIET,
        domain_headroom=("disabled", {}),
        one_authoritative=("disabled", {}),
        no_mixed_modes=("disabled", {}),
        freeze=("mandatory", {"frozen": True, "keep": {APPID: ["a.example.com"]}}),
    )

    assert [text for _, _, text in pack.analyze({**props(), **damage})] == [
        f"The properties of urn:shop are damaged: {fault}. They cannot be checked. Run `pulumi refresh` or "
        "correct the state."
    ]


def test_the_end_of_a_run_is_judged(pack):
    """With the outputs of every resource."""
    pack.configure(
        served_by_stack=("mandatory", {}),
        freeze=("mandatory", {"frozen": True, "keep": {OTHER: ["a.example.com"]}}),
    )

    assert pack.analyze_stack((pack.type, "shop", pack.spelled(props("https://a.example.com")))) == [
        (
            "freeze",
            "mandatory",
            f"https://a.example.com of {OTHER} would be removed, and removals are frozen: no resource declares this "
            "appid any more.",
        ),
        (
            "served-by-stack",
            "mandatory",
            "https://a.example.com is not named by any other resource of this stack.",
        ),
    ]


def test_the_end_of_a_run_passes_without_a_policy_for_it(pack):
    """The default: nothing is even read."""
    assert pack.analyze_stack((pack.type, "shop", pack.spelled(props("https://a.example.com")))) == []


def test_a_wrong_configuration_is_refused_with_all_that_is_wrong(pack):
    """Before any resource is judged."""
    with pytest.raises(grpc.RpcError) as refused:
        pack.configure(aproved_suffixes=("mandatory", {}), domain_headroom=("advisory", {"percent": 101}))

    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == (
        "the configuration is wrong:\n"
        "  aproved-suffixes is not a policy of this pack; did you mean approved-suffixes?\n"
        "  domain-headroom.percent: must be at most 100"
    )
