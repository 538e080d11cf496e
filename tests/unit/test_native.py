"""The classes of the native face: the same arguments as the dynamic ones, and what they register."""

from __future__ import annotations

import inspect

import pulumi
import pytest
from pulumi.runtime import rpc
from pulumi.runtime import settings as registered

import pulumi_wechat_miniprogram as dynamic
from pulumi_wechat_miniprogram import native
from pulumi_wechat_miniprogram.dynamic.resources import with_alias
from pulumi_wechat_miniprogram.exports.kinds import SIBLINGS_KEY
from pulumi_wechat_miniprogram.plugin.schema import schema
from pulumi_wechat_miniprogram.resources.found import from_wire, to_wire
from pulumi_wechat_miniprogram.settings import ARGUMENTS, Settings, camel, holds_secret
from tests.bench import APPID, A


@pytest.mark.parametrize(
    "name", ["MiniProgramConfirmFile", "MiniProgramServerDomains", "MiniProgramWebviewDomains"]
)
def test_a_class_has_the_arguments_of_the_other_face(name):
    """A program changes its import, and nothing else."""
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (native, dynamic))

    assert ours == theirs


@pytest.mark.parametrize(
    "name", [each for each in dynamic.__all__ if each.startswith(("get_", "list_"))], ids=lambda name: name
)
def test_a_function_has_the_arguments_of_the_other_face(name):
    """A program changes its import, and nothing else; only an invoke takes options."""
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (native, dynamic))
    *arguments, options = ours.parameters.values()

    assert arguments == [*theirs.parameters.values()]
    assert (options.name, options.default) == ("opts", None)
    assert ours.return_annotation == theirs.return_annotation


def test_both_faces_have_the_same_names():
    """Except for what only the native one has."""
    assert {*native.__all__} - {"Provider"} == {*dynamic.__all__} - {"__version__"}


def test_an_answer_comes_back_from_the_wire():
    """With the names of a program."""
    found = native.GetConfirmFileResult(file_name="Ab3dE5fG7h.txt", file_content="0" * 32)

    assert from_wire(native.GetConfirmFileResult, to_wire(found)) == found


def test_the_alias_of_the_other_face_goes_with_every_other_name():
    """Without it the engine would delete what the other face made, and so empty a live list."""
    given = pulumi.ResourceOptions(
        aliases=[pulumi.Alias(name="old"), pulumi.Alias(type_="x:y:Z"), "urn:pulumi:z"]
    )

    aliases = with_alias(given, "a:b:C").aliases
    alone = with_alias(None, "a:b:C").aliases

    assert isinstance(aliases, list)
    assert isinstance(alone, list)
    reported = [each if isinstance(each, str) else (each.name, each.type_) for each in aliases]
    assert {(..., "a:b:C"), ("old", "a:b:C"), ("old", ...), (..., "x:y:Z"), "urn:pulumi:z"} == {*reported}
    assert [each.type_ for each in alone if isinstance(each, pulumi.Alias)] == ["a:b:C"]


def test_an_import_of_a_dynamic_resource_is_refused():
    """The engine cannot make it; the native face can."""
    with pytest.raises(ValueError, match="does not work for dynamic resources"):
        dynamic.MiniProgramConfirmFile("file", appid=APPID, opts=pulumi.ResourceOptions(import_=APPID))


def test_the_provider_takes_every_setting():
    """Under its name, and nothing else."""
    first, *rest, last = inspect.signature(native.Provider).parameters

    assert (first, last) == ("resource_name", "opts")
    assert rest == [*ARGUMENTS]


def test_the_schema_has_every_setting_and_no_default_from_the_environment():
    """A generated SDK would put a token of the environment into the state."""
    made = schema()

    assert made["config"]["variables"].keys() == {camel(name) for name in ARGUMENTS}
    assert made["provider"]["inputProperties"] == made["config"]["variables"]
    assert "defaultInfo" not in str(made)
    secrets = {key for key, spec in made["config"]["variables"].items() if spec.get("secret")}
    assert secrets >= {camel(name) for name in ARGUMENTS if holds_secret(name)}
    assert secrets - {camel(name) for name in Settings.model_fields if holds_secret(name)} == {
        "accessTokenCommand",
        "accessTokenUrl",
    }


def register(mocked, program):
    """Run a program under mocks, and return what it registered."""
    monitor = mocked()

    @pulumi.runtime.test
    def of_a_stack():
        registered.ROOT.set(pulumi.ComponentResource("pulumi:pulumi:Stack", "stack"))
        program()

    of_a_stack()
    return monitor


def test_resources_are_registered_in_the_plugins_names(mocked):
    """And the outputs come back in those of Python."""
    seen: list[object] = []

    def program():
        shop = native.MiniProgramWebviewDomains("shop", appid=APPID, domains=[A], overwrite_existing=True)
        native.MiniProgramConfirmFile("file", appid=shop.appid).url_for(A).apply(seen.append)
        shop.overwrite_existing.apply(seen.append)

    monitor = register(mocked, program)

    assert monitor.types == {
        "shop": "wechat-miniprogram:index:MiniProgramWebviewDomains",
        "file": "wechat-miniprogram:index:MiniProgramConfirmFile",
    }
    assert monitor.inputs["file"] == {"appid": APPID}
    assert {key: value for key, value in monitor.inputs["shop"].items() if key != SIBLINGS_KEY} == {
        "appid": APPID,
        "domains": [A],
        "channel": "direct",
        "mode": "authoritative",
        "overwriteExisting": True,
        "confirmFileTimeout": 0,
        "allowMassRemoval": False,
    }
    assert True in seen


def test_the_credentials_of_a_provider_are_secrets(mocked):
    """Objects go as JSON, and what is not given is left out."""

    def program():
        native.Provider(
            "acme", access_tokens={APPID: pulumi.Output.from_input("t")}, max_attempts=3, probe=False
        )

    monitor = register(mocked, program)

    assert monitor.inputs["acme"] == {
        "accessTokens": rpc.wrap_rpc_secret(f'{{"{APPID}": "t"}}'),
        "maxAttempts": "3",
        "probe": "false",
    }
    assert monitor.types["acme"] == "pulumi:providers:wechat-miniprogram"


def test_server_domains_register_the_lists_that_are_declared(mocked):
    """One that is left out is not there, an empty one is; a `get` declares none."""

    def program():
        native.MiniProgramServerDomains("shop", appid=APPID, request=[A], udp=[])
        native.MiniProgramServerDomains.get("theirs", APPID)

    monitor = register(mocked, program)

    assert monitor.types["shop"] == "wechat-miniprogram:index:MiniProgramServerDomains"
    assert {key: value for key, value in monitor.inputs["shop"].items() if key != SIBLINGS_KEY} == {
        "appid": APPID,
        "request": [A],
        "udp": [],
        "channel": "direct",
        "mode": "authoritative",
        "overwriteExisting": False,
        "allowMassRemoval": False,
    }
