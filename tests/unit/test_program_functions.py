"""What a program of the dynamic face asks in its own process; tests/engine runs whole programs of both faces."""

from __future__ import annotations

import json
import sys

import pulumi
import pytest

import pulumi_wechat_miniprogram as wechat
from pulumi_wechat_miniprogram import native
from tests.bench import APPID, A, B


@pytest.fixture
def configured(wechat_emulator):
    """Sets the stack config of the program: the emulator, and a token for its app."""
    wechat_emulator.seed(APPID, live=[A, B], effective=[A])

    def configure(**more):
        given = {"endpoint": wechat_emulator.url, "accessTokens": json.dumps({APPID: f"emulator-{APPID}"})}
        config = {f"wechat-miniprogram:{key}": value for key, value in {**given, **more}.items() if value}
        pulumi.runtime.set_all_config(config)
        return wechat_emulator

    yield configure
    pulumi.runtime.set_all_config({})


@pytest.fixture
def answer_of(mocked):
    """Runs what gives an output in a program, and returns its value."""

    def run(give):
        mocked()
        found: list[object] = []

        @pulumi.runtime.test
        def of_a_program():
            return give().apply(found.append)

        of_a_program()
        return found[0]

    return run


def test_each_function_reads(configured):
    """By one session, so that a token is asked for once."""
    control = configured()

    assert wechat.list_authorizers() == [APPID]
    assert wechat.get_webview_domains(APPID).pending_domains == [B]
    assert wechat.get_server_domains(APPID).domains["request"] == []
    assert wechat.get_confirm_file(APPID).file_name == control.state(APPID).file_name
    assert [call.name for call in control.calls()] == [
        "get",
        "effective",
        "get_effective_domain",
        "confirmfile",
    ]


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        ("list_authorizers", (), [APPID]),
        ("get_webview_domains", (APPID,), [A, B]),
        ("get_server_domains", (APPID,), {}),
        ("get_confirm_file", (APPID,), ""),
    ],
)
def test_an_output_has_the_same_answer(configured, answer_of, function, arguments, value):
    """Read in a thread of its own, while the program goes on."""
    configured()

    answer = answer_of(lambda: getattr(wechat, f"{function}_output")(*arguments))

    assert answer == getattr(wechat, function)(*arguments)


def test_a_wrong_setting_is_one_error(configured):
    """It is read again at the next use."""
    configured(requestTimeout="soon")

    with pytest.raises(pulumi.RunError, match="wechat-miniprogram:requestTimeout") as refused:
        wechat.get_webview_domains(APPID)

    assert refused.value.__suppress_context__


def test_a_token_command_inherits_no_stack_config(configured, monkeypatch):
    """PULUMI_CONFIG has the secrets of the stack in clear, for the program."""
    monkeypatch.setenv("PULUMI_CONFIG", '{"x:token": "canary"}')
    program = f"import os; assert 'PULUMI_CONFIG' not in os.environ; print('emulator-{APPID}')"
    configured(accessTokens="", accessTokenCommand=json.dumps([sys.executable, "-c", program]))

    assert wechat.get_webview_domains(APPID).domains == [A, B]


@pytest.mark.parametrize("face", [wechat, native])
@pytest.mark.parametrize("function", ["get_webview_domains", "get_server_domains", "get_confirm_file"])
def test_an_output_is_for_the_other_form(face, function, answer_of):
    """Its value is not there yet."""

    def refused():
        given = pulumi.Output.from_input(APPID)
        with pytest.raises(pulumi.RunError, match=f"is an output: call {function}_output instead"):
            getattr(face, function)(given)
        return given

    assert answer_of(refused) == APPID


def test_a_secret_appid_is_in_no_error(configured, answer_of):
    """The error of the app's token would name it."""
    configured()

    with pytest.raises(pulumi.RunError, match=r"\*\*\*: the configured access tokens belong to"):
        answer_of(lambda: wechat.get_webview_domains_output(pulumi.Output.secret("wx00000000000000ed")))
