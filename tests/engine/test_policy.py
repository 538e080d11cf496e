"""The pack under the real CLI: what it stops, what it lets pass, what it could not judge, and what people read."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.exports.sources import read_exports
from tests.engine.conftest import APPID
from tests.engine.policy_project import errors, preview, reported, up, with_pack
from tests.exports.stacks import native

EXAMPLE = Path(__file__).parents[2] / "examples/policy"
SHOP = "https://shop.example.com"
LISTS = {
    "approved-suffixes": {"suffixes": ["example.com"]},
    "denied-suffixes": {"suffixes": ["xyz"]},
    "owned-domains": {"domains": ["example.com"]},
    "no-look-alikes": {"names": ["example.com"]},
    "owner-in-name": {"pattern": "(?P<owner>[a-z]+)-.+", "owners": ["pay"]},
    "freeze": {"frozen": True, "keep": {APPID: ["shop.example.com"]}},
    "domain-headroom": {"percent": 1},
    "subjects-per-domain": {"limit": 1},
    "served-by-stack": "mandatory",
}

OTHERS = """
class Record(pulumi.dynamic.Resource):
    def __init__(self, name, **props):
        super().__init__(RecordProvider(), name, props)

class RecordProvider(pulumi.dynamic.ResourceProvider):
    def create(self, props):
        return pulumi.dynamic.CreateResult(props["hostname"], props)

team = pulumi.ComponentResource("acme:index:Team", "team")
"""

BREAKS_EVERY_POLICY = f"""
first = MiniProgramWebviewDomains(
    "first", appid={APPID!r}, domains=["shop.example.com", "ехаmple.com", "www.evil.xyz", "api.example.com"],
    overwrite_existing=True, allow_mass_removal=True,
)
second = MiniProgramWebviewDomains(
    "second", appid={APPID!r}, domains=["api.example.com"], opts=pulumi.ResourceOptions(depends_on=first)
)
third = MiniProgramWebviewDomains(
    "third", appid={APPID!r}, domains=["shop.example.com"], mode="additive",
    opts=pulumi.ResourceOptions(depends_on=second),
)
MiniProgramWebviewDomains(
    "fourth", appid="wxfedcba9876543210", domains=["shop.example.com"],
    opts=pulumi.ResourceOptions(depends_on=third),
)
"""

KEEPS_EVERY_POLICY = f"""{OTHERS}
Record("dns", hostname="shop.example.com")
MiniProgramWebviewDomains(
    "pay-shop", appid={APPID!r}, domains=["shop.example.com"],
    opts=pulumi.ResourceOptions(parent=team, protect=True),
)
"""

UNKNOWN = f"""
file = MiniProgramConfirmFile("file", appid={APPID!r})

def later(value):
    return file.file_name.apply(lambda _: value)

MiniProgramWebviewDomains(
    "pay-shop", appid=later({APPID!r}), domains=["shop.example.com", later("www.evil.xyz")],
    mode=later("authoritative"), overwrite_existing=later(True), allow_mass_removal=later(False),
    opts=pulumi.ResourceOptions(protect=True),
)
"""


def writes(project):
    return [call.name for call in project.control.calls() if call.name in {"set", "add", "delete"}]


def test_each_policy_stops_or_warns(project, golden_text):
    """One program breaks all of them: the preview fails and says for each what, where and what to do."""
    project.program(BREAKS_EVERY_POLICY)
    project.run(
        "config", "set", "--secret", "wechat-miniprogram:accessTokens", '{"wx0000000000000000": "canary"}'
    )

    result = preview(project, LISTS)

    golden_text("policy/violates", reported(result))
    assert "canary" not in result[1]


def test_each_policy_lets_pass_what_keeps_it(project, golden_text):
    """With everything mandatory, beside a component and another dynamic resource."""
    project.program(KEEPS_EVERY_POLICY)
    config = {**LISTS, "all": "mandatory", "domain-headroom": {"percent": 80}}

    golden_text("policy/passes", reported(preview(project, config)))
    golden_text("policy/passes", reported(up(project, config)))
    assert project.control.live(APPID) == [SHOP]


def test_what_a_preview_cannot_judge_is_said_and_the_update_judges_it(project, golden_text):
    """A mandatory policy lets such a preview pass, names what it left open, and stops the update before the write."""
    project.program(UNKNOWN)
    config = {**LISTS, "all": "mandatory", "domain-headroom": "disabled", "served-by-stack": "disabled"}

    golden_text("policy/unknown_in_preview", reported(preview(project, config)))
    golden_text("policy/unknown_in_update", reported(up(project, config)))
    assert writes(project) == []


SERVER_DOMAINS = f"""
first = MiniProgramServerDomains("first", appid={APPID!r}, request=["api.example.com:8443"], socket=["push.example.com"])
MiniProgramServerDomains(
    "second", appid={APPID!r}, socket=["push.example.com", "www.evil.xyz"], udp=[],
    opts=pulumi.ResourceOptions(depends_on=first),
)
"""


@pytest.mark.parametrize("native_face", [False, True], ids=["dynamic", "native"])
def test_server_domains_are_judged_list_by_list(project, golden_text, native_face):
    """A kind is a list of its own: its owner, its length, and who serves its hosts."""
    if native_face:
        project.face = ".native"
    project.program(SERVER_DOMAINS)
    config = {
        "denied-suffixes": {"suffixes": ["xyz"]},
        "domain-headroom": {"percent": 1},
        "protected": "disabled",
        "served-by-stack": "mandatory",
    }

    text = reported(preview(project, config))

    types = r"\((?:pulumi-python:dynamic/wechat-miniprogram|wechat-miniprogram:index):"
    golden_text("policy/server_domains", re.sub(types, "(…:", text))
    assert project.control.writes() == []


PLATFORM = "wxc0c0c0c0c0c0c0c0"
REGISTERED = f"""
web = ThirdPartyPlatformWebviewDomains("web", component_appid={PLATFORM!r}, domains=["example.com"])
MiniProgramWebviewDomains("shop", appid={APPID!r}, domains=["shop.example.com", "www.evil.xyz"], channel="registered",
    mode="additive", opts=pulumi.ResourceOptions(depends_on=web))
MiniProgramServerDomains("api", appid={APPID!r}, request=["api.example.com"], channel="registered")
"""


def test_the_registered_channel_needs_the_platforms_list(project):
    """Before anything is written: what the configuration, the export and the program have covers a domain."""
    tokens = {APPID: f"emulator-{APPID}", PLATFORM: f"emulator-component-{PLATFORM}"}
    project.environment["WECHAT_MINIPROGRAM_ACCESS_TOKENS"] = json.dumps(tokens)
    project.program(REGISTERED)

    def configured(**lists):
        given = {"enforcementLevel": "mandatory", **lists}
        return {"all": "disabled", "domain-in-platform-list": given}

    code, text = preview(project, configured(webview=["example.org"], server=["example.org"]))

    lacking = "is not on the platform's list, and neither is a host above it."
    assert code == 1
    assert f"https://www.evil.xyz {lacking}" in text
    assert f"https://api.example.com {lacking}" in text
    assert f"https://shop.example.com {lacking}" not in text
    assert project.control.writes() == []

    assert preview(project, configured(webview=["evil.xyz"], server=["api.example.com"]))[0] == 0


def test_levels_come_from_the_configuration(project, golden_text):
    """All advisory, one mandatory, one disabled."""
    project.program(BREAKS_EVERY_POLICY)
    levels = {
        "all": "advisory",
        "no-mixed-modes": "mandatory",
        "protected": "disabled",
        "guards-on": "disabled",
    }

    golden_text("policy/levels", reported(preview(project, levels)))


def test_an_update_stops_at_the_first_violation(project, golden_text):
    """Without a preview too, and before anything is written."""
    project.domains("https://shop.example.com", "https://shop.example.org")

    golden_text("policy/stops", reported(up(project, {"approved-suffixes": {"suffixes": ["example.com"]}})))

    assert writes(project) == []


def test_a_remediation_changes_what_is_applied(project, golden_text):
    """The denied domain is not written and the guard is on again, in the state as at WeChat."""
    project.program(
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=['www.evil.xyz', 'shop.example.com'], "
        "allow_mass_removal=True)\n"
    )
    config = {
        "all": "disabled",
        "guards-on": "remediate",
        "denied-suffixes": {"enforcementLevel": "remediate", "suffixes": ["xyz"]},
    }

    golden_text("policy/remediates", reported(up(project, config)))

    assert project.control.live(APPID) == [SHOP]
    stored = project.resources()["shop"]["inputs"]
    assert (stored["domains"], stored["allow_mass_removal"]) == ([SHOP], False)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("wrong_configuration", {"aproved-suffixes": "mandatory", "denied-suffixes": {"sufixes": ["xyz"]}}),
        ("wrong_level", {"approved-suffixes": "sometimes"}),
        ("unknown_without_level", {"aproved-suffixes": {"suffixes": ["example.com"]}}),
    ],
)
def test_a_wrong_configuration_is_one_error(project, name, config, golden_text):
    """Before any resource is judged; the engine itself refuses levels, and a misspelt policy that has none."""
    project.domains("shop.example.com")

    golden_text(f"policy/{name}", errors(preview(project, config)))


def test_a_value_of_the_wrong_type_is_refused_by_the_engine(project):
    """By the schema that the pack hands out."""
    project.domains("shop.example.com")

    code, text = preview(project, {"approved-suffixes": {"suffixes": "example.com"}})

    assert code == 1
    assert "approved-suffixes: suffixes: Invalid type. Expected: array, given: string" in text


def test_a_stack_as_it_is_is_judged_from_its_export(project, golden_text):
    """Without program, login or a call; a secret needs the passphrase, or is named as not judged."""
    project.program(
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=pulumi.Output.secret(['a.example.com']))\n"
    )
    project.up()
    state = project.folder / "state.json"
    state.write_text(project.run("stack", "export"), encoding="utf-8")
    (project.folder / "__main__.py").unlink()
    project.control.clear_calls()
    analyze = ("policy", "analyze", "--file", str(state))
    config = {"approved-suffixes": {"suffixes": ["example.org"]}, "protected": "disabled"}

    readable = with_pack(project, *analyze, config=config, without=["PULUMI_BACKEND_URL"])
    sealed = with_pack(
        project, *analyze, config=config, without=["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"]
    )

    golden_text("policy/analyze", reported(readable))
    golden_text("policy/analyze_sealed", reported(sealed))
    assert project.control.calls() == []


def test_a_native_state_is_judged_too(project, golden_text):
    """By an engine that knows neither provider; a lifted guard is named as the state spells it."""
    project.program(
        f"MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=['www.evil.xyz', 'shop.example.com'], "
        "overwrite_existing=True, allow_mass_removal=True)\n"
    )
    project.up()
    state = project.folder / "state.json"
    state.write_bytes(native(project.run("stack", "export").encode()))

    result = with_pack(
        project, "policy", "analyze", "--file", str(state), config={**LISTS, "all": "mandatory"}
    )

    golden_text("policy/analyze_native", reported(result))


def test_the_freeze_stops_a_removal_in_the_preview(project, golden_text):
    """Of one domain from a list, and of a whole resource that left the program, against an export as baseline."""
    domains = "MiniProgramWebviewDomains({!r}, appid={!r}, domains=[{}], mode='additive')\n"
    project.program(
        domains.format("a", APPID, "'a.example.com', 'b.example.com'")
        + domains.format("b", APPID, "'c.example.com'")
    )
    project.up()
    project.run("stack", "export", "--file", "baseline.json")
    config = {"freeze": {"frozen": True, "baseline": "baseline.json"}, "protected": "disabled"}

    project.program(domains.format("a", APPID, "'a.example.com'"))
    golden_text("policy/freeze", reported(preview(project, config)))

    project.program(f"MiniProgramWebviewDomains('a', appid={APPID!r}, domains=['a.example.com'])\n")
    project.control.clear_calls()
    golden_text("policy/freeze_authoritative", reported(up(project, config)))
    assert writes(project) == []


SUBCLASS = """
class ShopDomains(MiniProgramWebviewDomains):
    def __init__(self, name, *hosts):
        super().__init__(name, appid={appid!r}, domains=[f"{{host}}.example.com" for host in hosts], mode="additive")

ShopDomains("shop", {hosts})
"""


def test_a_subclass_slips_past_nothing(project):
    """Whatever type the SDK registers it under: policies, exports and baselines see it."""
    project.program(SUBCLASS.format(appid=APPID, hosts='"a", "b"'))
    stopped, said = preview(project, {"approved-suffixes": {"suffixes": ["example.org"]}})
    project.up()
    project.run("stack", "export", "--file", "baseline.json")
    (stored,) = read_exports([str(project.folder / "baseline.json")], [], io.BytesIO())
    project.program(SUBCLASS.format(appid=APPID, hosts='"a"'))

    frozen, why = preview(project, {"freeze": {"frozen": True, "baseline": "baseline.json"}})

    assert (stopped, frozen) == (1, 1)
    assert "https://b.example.com is under none of the approved suffixes (example.org)." in said
    assert [each.recorded.domains for each in stored.domains] == [
        ("https://a.example.com", "https://b.example.com")
    ]
    assert f"https://b.example.com of {APPID} would be removed, and removals are frozen" in why


def test_a_removal_without_preview_is_reported_afterwards(project):
    """The limit that docs/reference/policies.md names: the engine asks about the whole stack when all is done."""
    project.domains("a.example.com")
    project.up()
    project.run("stack", "export", "--file", "baseline.json")
    project.program("")

    code, text = up(project, {"freeze": {"frozen": True, "baseline": "baseline.json"}})

    assert code == 1
    assert "no resource declares this appid any more." in text
    assert project.control.live(APPID) == []


PACK_OF_THE_SDK = """#!{python}
from pulumi_policy import PolicyPack, ResourceValidationPolicy
from pulumi_wechat_miniprogram import policy

def named_shop(args, report):
    if "WebviewDomains" in args.resource_type and args.name != "shop":
        report("is not named shop")

own = ResourceValidationPolicy("own", "The name is shop.", named_shop)
PolicyPack("acme", [*policy.pulumi_policies([policy.APPROVED_SUFFIXES, policy.GUARDS_ON]), own])
"""


def test_the_policies_work_in_a_pack_of_pulumis_sdk(project, tmp_path, golden_text):
    """Beside a policy of the user, with a violation, something not judged, and a remediation."""
    pack = tmp_path / "acme"
    pack.write_text(PACK_OF_THE_SDK.format(python=sys.executable), encoding="utf-8")
    pack.chmod(0o755)
    project.program(UNKNOWN.replace("later(True)", "True"))
    config = {"approved-suffixes": {"suffixes": ["example.org"]}, "guards-on": "remediate"}

    golden_text("policy/sdk", reported(preview(project, config, pack=pack)))


def test_the_example_passes_its_own_policies(project, golden_text):
    """With its configuration, up to the write into its own emulator."""
    shutil.copytree(EXAMPLE, project.folder, dirs_exist_ok=True)
    project.run("stack", "init", "example")
    config = json.loads((EXAMPLE / "policy.json").read_text(encoding="utf-8"))

    golden_text(
        "policy/passes",
        reported(up(project, config, without=["WECHAT_MINIPROGRAM_ENDPOINT", "PULUMI_STACK"])),
    )
