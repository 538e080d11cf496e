"""What the pack relies on in the installed SDK, and what it still has to do itself."""

from __future__ import annotations

import inspect

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.config import CONFIG
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy
from pulumi_policy import policy as sdk

from pulumi_wechat_miniprogram.exports.kinds import CONFIG_HOLDERS
from pulumi_wechat_miniprogram.policy import RULES, pulumi_policies
from pulumi_wechat_miniprogram.policy.servicer import AS_TEXT, Servicer
from tests.policy.analyzers import ours, served
from tests.policy.conftest import props, secret

CANARY = {"wechat-miniprogram:accessTokens": secret("canary")}


def sdks():
    """The same policies in the SDK's own servicer."""
    return sdk._PolicyAnalyzerServicer("pack", "1.2.3", pulumi_policies(), EnforcementLevel.ADVISORY)


@pytest.fixture(params=[ours, sdks], ids=["ours", "the SDK's"])
def pack(request):
    """A pack, and whether it is the SDK's."""
    with served(request.param()) as started:
        yield started, request.param is sdks


def test_the_sdk_has_what_is_overridden():
    """A private method of another name or with other arguments would leave the override without effect."""
    signatures = {
        name: list(inspect.signature(getattr(sdk._PolicyAnalyzerServicer, name)).parameters)
        for name in ("__init__", "_configure_runtime_settings", "_create_report_violation")
    }

    assert signatures["__init__"][:5] == ["self", "name", "version", "policies", "enforcement_level"]
    assert signatures["_configure_runtime_settings"] == ["self"]
    assert signatures["_create_report_violation"][:2] == ["self", "response"]
    assert dict(sdk._GRPC_CHANNEL_OPTIONS) == {"grpc.max_receive_message_length": 400 * 1024 * 1024}


def test_a_pack_of_the_sdk_has_no_version_of_its_own():
    """As long as this holds, `serve` makes the servicer itself."""
    assert "version" not in inspect.signature(PolicyPack).parameters
    assert 'version = "0.0.1"' in inspect.getsource(PolicyPack)


def test_the_version_is_the_packs(pack):
    """The SDK returns its own."""
    started, is_sdks = pack

    version = started.stub.GetPluginInfo(empty_pb2.Empty()).version

    assert (version == "1.2.3") is not is_sdks


def test_a_misspelled_policy_is_refused(pack):
    """The SDK accepts it silently."""
    started, is_sdks = pack
    refused = False

    try:
        started.configure(aproved_suffixes=("mandatory", {}))
    except Exception as error:  # noqa: BLE001 - gRPC raises a class of its own
        refused = "aproved-suffixes is not a policy of this pack" in str(error)

    assert refused is not is_sdks


def test_a_secret_is_not_shown(pack):
    """The SDK removes its mark, so that a policy cannot know."""
    started, is_sdks = pack
    started.configure(approved_suffixes=("mandatory", {"suffixes": ["example.com"]}))

    text = str(started.diagnostics(props(secret("hidden.org"))))

    assert ("hidden.org" in text) is is_sdks


def test_a_sealed_secret_is_not_blamed_on_a_preview(pack):
    """The SDK has one sentence for everything that is not judged."""
    started, is_sdks = pack

    text = str(started.diagnostics(props(domains="[secret]")))

    assert ("during preview" in text) is is_sdks


def test_stack_config_is_not_loaded(monkeypatch):
    """The SDK keeps all of it, decrypted, in the process."""
    loaded = []
    spy = ResourceValidationPolicy(
        "spy", "Sees.", lambda _args, _report: loaded.append(CONFIG.get().pop("acme:key", None))
    )
    monkeypatch.setenv("PULUMI_CONFIG", '{"acme:key": "canary"}')

    with served(sdk._PolicyAnalyzerServicer("pack", "1.2.3", [spy], EnforcementLevel.ADVISORY)) as theirs:
        theirs.diagnostics({})
    with served(Servicer(RULES, [spy], name="pack", version="1.2.3")) as started:
        started.diagnostics({})

    assert loaded == ["canary", None]


@pytest.mark.parametrize("provider", sorted(CONFIG_HOLDERS))
def test_no_policy_gets_a_value_of_stack_config(provider):
    """Neither from the provider resource, nor from the provider of a resource."""
    seen = []
    spy = ResourceValidationPolicy(
        "spy", "Sees.", lambda args, _report: seen.append((dict(args.props), args.provider))
    )

    with served(Servicer(RULES, [spy], name="pack", version="1.2.3")) as started:
        started.diagnostics(CANARY, provider)
        started.diagnostics({}, provider=CANARY)

    assert seen == [({"wechat-miniprogram:accessTokens": None}, None), ({AS_TEXT: "{}"}, None)]


def test_no_property_passes_for_what_the_servicer_hands_over(pack):
    """A resource of another provider may have any property, and it is none of the pack's business."""
    started, _ = pack
    started.configure(denied_suffixes=("remediate", {"suffixes": ["evil.org"]}))
    foreign = {"__properties": "not json", "domains": ["evil.org"]}

    assert started.analyze(foreign, "pulumi-python:dynamic:Resource") == []
    assert started.remediate(foreign, "pulumi-python:dynamic:Resource") == ([], None)
