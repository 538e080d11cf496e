"""Settings: the environment over the stack config, and errors that name the user's own keys."""

from __future__ import annotations

import os

import pytest
from pydantic import SecretStr

from pulumi_wechat_miniprogram.settings import (
    DEFAULT_ENDPOINT,
    SettingsError,
    load_settings,
    reveal,
    unknown_config_keys,
)

CANARY = "canary-0f9a1c"
APPID = "wx0123456789abcdef"


def error_of(config, monkeypatch=None, **environment):
    """The message for a configuration; values never stand in it."""
    for name, value in environment.items():
        monkeypatch.setenv(f"WECHAT_MINIPROGRAM_{name}", value)
    with pytest.raises(SettingsError) as error:
        load_settings(config)
    assert CANARY not in str(error.value)
    return str(error.value)


def test_defaults():
    """Nothing configured is WeChat itself, without a token."""
    settings = load_settings({})

    assert (settings.endpoint, settings.max_attempts, settings.emulator_path) == (DEFAULT_ENDPOINT, 4, None)


def test_stack_config_is_camel_case_text():
    """Every value of stack config is text and is parsed."""
    config = {
        "requestTimeout": "2.5",
        "allowReservedHosts": "true",
        "accessTokens": f'{{"{APPID}": "{CANARY}"}}',
    }

    settings = load_settings(config)

    assert (settings.request_timeout, settings.allow_reserved_hosts) == (2.5, True)
    assert settings.access_tokens == {APPID: SecretStr(CANARY)}
    assert CANARY not in repr(settings)


def test_the_environment_wins(monkeypatch):
    """A key in both layers has the environment's value; an empty variable counts as absent."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_REQUEST_TIMEOUT", "3")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_MAX_ATTEMPTS", "")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", f'{{"{APPID}": "{CANARY}"}}')

    settings = load_settings({"requestTimeout": "9", "maxAttempts": "2", "accessToken": "stored"})

    assert (settings.request_timeout, settings.max_attempts, settings.access_token) == (3, 2, None)
    assert settings.access_tokens == {APPID: SecretStr(CANARY)}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("http://api.example.com", "is plain http to another machine"),
        ("ftp://api.example.com", "is no URL of a server"),
        ("api.example.com", "is no URL of a server"),
        ("https://api.example.com/path", "is more than scheme, host and port"),
        ("https://user@api.example.com", "is more than scheme, host and port"),
        ("emulator:", "names no path after emulator:"),
    ],
)
def test_a_wrong_endpoint(value, problem):
    """The endpoint is an https origin, plain http to loopback, or an emulator's path."""
    assert error_of({"endpoint": value}).startswith(f"wechat-miniprogram:endpoint {problem}")


@pytest.mark.parametrize(
    "value", ["http://127.0.0.1:8080", "http://localhost:1", "https://proxy.example.com/", "http://[::1]:80"]
)
def test_a_good_endpoint(value):
    """Loopback may be plain; a final slash goes."""
    assert load_settings({"endpoint": value}).endpoint == value.rstrip("/")


def test_an_emulator_beside_another_endpoint_is_refused(monkeypatch):
    """A stack made for the emulator never reaches a live Mini Program by a shell's leftover."""
    message = error_of({"endpoint": "emulator:x.db"}, monkeypatch, ENDPOINT="https://api.weixin.qq.com")

    assert message.startswith(
        "wechat-miniprogram:endpoint is an emulator and WECHAT_MINIPROGRAM_ENDPOINT names another endpoint"
    )


def test_two_sources_in_one_layer(monkeypatch):
    """Both keys are named, in the form of their layer."""
    both = {"accessToken": CANARY, "accessTokenAppid": APPID, "accessTokens": "{}"}

    assert error_of(both) == (
        "stack config has two token sources, wechat-miniprogram:accessToken and "
        "wechat-miniprogram:accessTokens; keep one"
    )
    assert "the environment has two token sources, WECHAT_MINIPROGRAM_ACCESS_TOKEN and" in error_of(
        {}, monkeypatch, ACCESS_TOKEN=CANARY, ACCESS_TOKEN_APPID=APPID, ACCESS_TOKENS="{}"
    )


@pytest.mark.parametrize("config", [{"accessToken": CANARY}, {"accessTokenAppid": APPID}])
def test_a_token_needs_its_appid(config):
    """A token without appid could write to any app."""
    assert "go together" in error_of(config)


def test_unknown_keys(monkeypatch):
    """An error in the environment, a warning in stack config, each with the nearest known key."""
    assert error_of({}, monkeypatch, ENDPOIMT="x", ZZZ=CANARY).splitlines() == [
        "WECHAT_MINIPROGRAM_ENDPOIMT is no setting of this provider; did you mean WECHAT_MINIPROGRAM_ENDPOINT?",
        "WECHAT_MINIPROGRAM_ZZZ is no setting of this provider",
    ]
    assert unknown_config_keys({"requestTimeuot": "1", "endpoint": "x"}) == [
        "wechat-miniprogram:requestTimeuot is no setting of this provider; did you mean requestTimeout?"
    ]


def test_wrong_types_name_the_layer(monkeypatch):
    """Each problem names its key where the user wrote it."""
    message = error_of({"requestTimeout": "soon", "accessTokens": CANARY}, monkeypatch, MAX_ATTEMPTS="99")

    assert sorted(message.splitlines()) == [
        "WECHAT_MINIPROGRAM_MAX_ATTEMPTS Input should be less than or equal to 10",
        "wechat-miniprogram:accessTokens is not a JSON object from appid to token",
        "wechat-miniprogram:requestTimeout Input should be a valid number, unable to parse string as a number",
    ]


def test_an_environment_may_be_given():
    """The names of a mapping tell which keys are set."""
    assert load_settings({}, environ={"PATH": os.defpath}).endpoint == DEFAULT_ENDPOINT


def test_a_secret_file_is_read_when_used(tmp_path):
    """A rotated file gives its new content; white space around it goes."""
    path = tmp_path / "token"
    path.write_text(f" {CANARY}\n", encoding="utf-8")

    assert reveal(SecretStr(f"file:{path}")) == CANARY
    assert reveal(SecretStr("plain")) == "plain"


def test_a_secret_file_that_is_missing_empty_or_binary(tmp_path):
    """The path is named, never what is in it."""
    for name, content in (("empty", b"\n"), ("binary", b"\xff\xfe")):
        (tmp_path / name).write_bytes(content)

    with pytest.raises(SettingsError, match="empty is empty$"):
        reveal(SecretStr(f"file:{tmp_path / 'empty'}"))
    with pytest.raises(SettingsError, match="binary cannot be read: it is not text$"):
        reveal(SecretStr(f"file:{tmp_path / 'binary'}"))
    with pytest.raises(SettingsError, match="missing cannot be read: No such file or directory$"):
        reveal(SecretStr(f"file:{tmp_path / 'missing'}"))
