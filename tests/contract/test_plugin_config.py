"""What the native plugin answers about its configuration: checks, differences, layers."""

from __future__ import annotations

import json

import pytest
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from tests.bench import APPID, A
from tests.native_face import (
    PROVIDER_TYPE,
    UNKNOWN,
    InProcess,
    plain,
    struct,
    urn_of,
)

TOKENS = {"accessTokens": json.dumps({APPID: f"emulator-{APPID}"})}
CANARY = "caNary-7f3a91b2"


def declared(*domains, **more):
    """Inputs as a program gives them."""
    return {"appid": APPID, "domains": [*domains], **more}


def check_config(plugin, config, *, provider="default"):
    """Return the inputs and the reasons."""
    request = provider_pb2.CheckRequest(urn=urn_of(PROVIDER_TYPE, provider), news=struct(config))
    reply = plugin.domains.stub.CheckConfig(request)
    return plain(reply.inputs), [failure.reason for failure in reply.failures]


@pytest.mark.parametrize(
    "tokens",
    [{APPID: "token-one"}, json.dumps({APPID: "token-one"}), rpc.wrap_rpc_secret({APPID: "token-one"})],
)
def test_a_config_is_returned_as_it_came(plugin, tokens):
    """YAML gives objects, SDKs JSON text; what a generated SDK leaves out comes as null or an empty text."""
    config = {
        "accessTokens": tokens,
        "requestTimeout": 5,
        "maxAttempts": "2",
        "liveDiff": True,
        "endpoint": None,
        "caFile": "",
        "version": "0.1.0",
        "pluginDownloadURL": "https://plugins.example.com",
        "__internal": {},
    }

    assert check_config(plugin, config) == (config, [])


@pytest.mark.parametrize(
    "config",
    [
        {"accessTokens": UNKNOWN},
        {"accessTokens": {APPID: UNKNOWN}},
        {"endpoint": UNKNOWN, "requestTimeout": "no number"},
    ],
)
def test_a_config_that_another_resource_provides_is_judged_in_the_update(plugin, config):
    """The engine sends no more than this of such a provider in a preview."""
    assert check_config(plugin, config) == (config, [])


@pytest.mark.parametrize(
    ("provider", "named"),
    [("default", "wechat-miniprogram:maxAttempts"), ("acme", "maxAttempts of the provider acme")],
)
def test_a_wrong_config_names_the_key_and_shows_no_value(plugin, provider, named):
    """All that is wrong together, in the reader's own names."""
    config = {
        "maxAttempts": CANARY,
        "endpoint": f"http://{CANARY}@api.example.com",
        "requestTimeout": [CANARY],
    }

    inputs, (reason,) = check_config(plugin, config, provider=provider)

    assert inputs == config
    assert reason.count("\n") == 2
    assert f"{named} must be a whole number" in reason
    assert CANARY not in reason


@pytest.mark.parametrize(
    ("provider", "reasons"),
    [
        ("acme", []),
        (
            "default_1_2_3",
            ["WECHAT_MINIPROGRAM_MAX_ATTEMPTS must be at most 10"],
        ),
    ],
)
def test_the_environment_wins_over_stack_config_and_not_over_a_program(
    plugin, monkeypatch, provider, reasons
):
    """It is one for all providers, so an argument of one of them decides."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_MAX_ATTEMPTS", "99")

    assert check_config(plugin, {"maxAttempts": 3}, provider=provider)[1] == reasons


def test_a_provider_of_its_own_does_not_pass_by_an_emulator_unnoticed(wechat_emulator, monkeypatch):
    """It reads no stack config, so without an endpoint it would call the real API."""
    stack = {"stack_endpoint": "emulator:.quickstart/wechat.db", "provider": "acme"}
    reported = (
        "the provider acme needs an endpoint: it does not read wechat-miniprogram:endpoint of stack config. "
        "Give it emulator:.quickstart/wechat.db too, or https://api.weixin.qq.com for WeChat's API"
    )
    with InProcess({}, **stack) as plugin:
        assert check_config(plugin, {}, provider="acme")[1] == [reported]
        assert check_config(plugin, {"endpoint": wechat_emulator.url}, provider="acme")[1] == []
        assert check_config(plugin, {}, provider="default")[1] == []
        assert plugin.domains.check({"appid": APPID, "domains": [A]})[1] == [reported]
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", wechat_emulator.url)
    with InProcess({}, **stack) as plugin:
        assert check_config(plugin, {}, provider="acme")[1] == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("default", "wechat-miniprogram:maxAttempts"),
        ("default_0_1_0", "wechat-miniprogram:maxAttempts"),
        ("default_0_1_0_alpha_1", "wechat-miniprogram:maxAttempts"),
        ("default_https://example.com", "wechat-miniprogram:maxAttempts"),
        ("default_acme", "maxAttempts of the provider default_acme"),
        ("defaults", "maxAttempts of the provider defaults"),
    ],
)
def test_only_what_the_engine_names_is_a_default_provider(plugin, name, key):
    """By `DefaultName` in its providers/provider.go."""
    ((reason,),) = [check_config(plugin, {"maxAttempts": "x"}, provider=name)[1]]

    assert reason.startswith(f"{key} ")


@pytest.mark.parametrize("provider", ["default", "acme"])
def test_an_unknown_key_of_stack_config_is_a_warning(wechat_emulator, provider):
    """The schema keeps a program from giving one."""
    with InProcess({"endpoint": wechat_emulator.url, "maxAttemps": "3"}, provider=provider) as plugin:
        reported = plugin.errors

    warning = "wechat-miniprogram:maxAttemps is not a setting of this provider; did you mean maxAttempts?"
    assert reported == (f"warning: {warning}\n" if provider == "default" else "")


@pytest.mark.parametrize(
    ("news", "changed"),
    [
        ({"accessTokens": "token-one"}, False),
        ({"accessTokens": "token-two"}, True),
        ({"endpoint": UNKNOWN}, True),
        ({}, True),
    ],
)
def test_another_config_never_replaces(plugin, news, changed):
    """It would replace every resource of the provider."""
    request = provider_pb2.DiffRequest(olds=struct({"accessTokens": "token-one"}), news=struct(news))

    reply = plugin.domains.stub.DiffConfig(request)

    assert (reply.changes, list(reply.replaces)) == (reply.DIFF_SOME if changed else reply.DIFF_NONE, [])
    assert not reply.deleteBeforeReplace


def test_a_configuration_that_is_wrong_is_a_check_failure():
    """Configure keeps it for the first use, as the dynamic face does."""
    with InProcess({"endpoint": "http://api.example.com"}) as plugin:
        inputs, (reason,) = plugin.domains.check(declared(A))

    assert inputs == declared(A)
    assert reason.startswith("wechat-miniprogram:endpoint is plain http to another machine")


def test_a_configuration_answers_what_it_can(plugin):
    """With `supportsPreview` the engine asks for creates and updates in previews."""
    reply = plugin.domains.stub.Configure(provider_pb2.ConfigureRequest())

    assert (reply.acceptSecrets, reply.supportsPreview, reply.acceptResources) == (True, True, False)


def test_a_line_of_the_audit_log_names_the_resource(wechat_emulator, tmp_path):
    """The engine tells the plugin its URN, and so its stack."""
    path = tmp_path / "audit.jsonl"
    wechat_emulator.seed(APPID)
    with InProcess({"endpoint": wechat_emulator.url, "auditLog": str(path), **TOKENS}) as face:
        inputs, _ = face.domains.check(declared(A))
        face.domains.create(inputs)

    (line,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    urn = urn_of("wechat-miniprogram:index:MiniProgramWebviewDomains", "shop")
    assert (line["urn"], line["stack"], line["project"]) == (urn, "shop/dev", "shop")
    assert (line["operation"], line["action"], line["after"]) == ("create", "set", [A])


def test_an_audit_log_that_cannot_be_written_is_reported_in_the_preview(wechat_emulator, tmp_path):
    """Before an update refuses each write for it."""
    path = tmp_path / "no/audit.jsonl"
    with InProcess({"endpoint": wechat_emulator.url, "auditLog": str(path), **TOKENS}) as face:
        said = face.errors

    assert (
        f"wechat-miniprogram:auditLog: the folder {tmp_path}/no does not exist. Nothing is written to"
        in str(said)
    )
