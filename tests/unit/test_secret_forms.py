"""A secret as people and programs hand it over, by every way in: one reader, and no value in an error."""

from __future__ import annotations

import json
import os
import socket
import sys

import pytest
from pydantic import SecretStr

from pulumi_wechat_miniprogram.settings import SecretMap, Settings, SettingsError, load_settings, reveal
from pulumi_wechat_miniprogram.settings.parsing import ACCESS_TOKEN, ANY, REFRESH_TOKEN, parse_secret
from pulumi_wechat_miniprogram.wechat.tokens.command import CommandTokens
from pulumi_wechat_miniprogram.wechat.tokens.source import NoToken, TokenUnavailable, parse_token

APPID = "wx0123456789abcdef"
CANARY = "canary-5f3b9d7e"


def in_environment(text, monkeypatch, _tmp_path):
    """A variable."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN", text)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_APPID", APPID)
    return held(load_settings({}))


def in_stack_config(text, _monkeypatch, _tmp_path):
    """A key."""
    return held(load_settings({"accessToken": text, "accessTokenAppid": APPID}))


def in_a_file(text, _monkeypatch, tmp_path):
    """A file that a key names."""
    (tmp_path / "token").write_text(text, encoding="utf-8")
    return held(load_settings({"accessToken": f"file:{tmp_path}/token", "accessTokenAppid": APPID}))


def in_a_map(text, _monkeypatch, _tmp_path):
    """A value of the JSON object."""
    return in_map(load_settings({"accessTokens": json.dumps({APPID: text})}))


def in_a_map_in_a_file(text, _monkeypatch, tmp_path):
    """A value of the JSON object that a file holds."""
    (tmp_path / "tokens").write_text("\ufeff" + json.dumps({APPID: text}), encoding="utf-8")
    return in_map(load_settings({"accessTokens": f"file:{tmp_path}/tokens"}))


def from_a_command(text, _monkeypatch, tmp_path):
    """What a command prints."""
    (tmp_path / "printed").write_text(text, encoding="utf-8")
    program = f"import sys; sys.stdout.buffer.write(open('{tmp_path}/printed', 'rb').read())"
    return CommandTokens((sys.executable, "-c", program), 30).fetch(APPID).value


def from_a_service(text, _monkeypatch, _tmp_path):
    """What a token service answers."""
    return parse_token(APPID, text).value


def held(settings):
    """The access token of some settings."""
    return reveal(settings.access_token, ACCESS_TOKEN)


def in_map(settings):
    """The access token of one app in a map."""
    return settings.access_tokens.get(APPID)


WAYS = [
    in_environment,
    in_stack_config,
    in_a_file,
    in_a_map,
    in_a_map_in_a_file,
    from_a_command,
    from_a_service,
]
GOOD = {
    "alone": CANARY,
    "blanks": f"  {CANARY}\t",
    "line break": f"{CANARY}\r\n",
    "byte order mark": f"\ufeff{CANARY}\n",
    "JSON text": f'"{CANARY}"\n',
    "JSON text with a line break": json.dumps(f"{CANARY}\n"),
    "JSON object": json.dumps({"access_token": CANARY, "expires_in": 7200}),
    "WeChat's JSON object": json.dumps(
        {"authorizer_access_token": CANARY, "authorizer_refresh_token": "other-token"}
    ),
}
BAD = {
    "single quotes": (f"'{CANARY}'", "has quotes around it; remove them"),
    "back quotes": (f"`{CANARY}`", "has quotes around it; remove them"),
    "one quote": (f'"{CANARY}', "has a quote at one end; remove it"),
    "array": (f'["{CANARY}"]', "is a JSON array; give the value alone"),
    "two words": (f"{CANARY} {CANARY}", "is more than one word; give the value alone"),
    "no-break space": (f"{CANARY}\u00a0{CANARY}", "is more than one word; give the value alone"),
    "umlaut": (f"{CANARY}ö", "contains characters other than printable ASCII"),
    "control": (f"{CANARY}\x1b[m", "contains characters other than printable ASCII"),
    "too long": (CANARY * 100, "is longer than 1024 characters"),
    "another object": (
        f'{{"token": "{CANARY}"}}',
        "is a JSON object without the text authorizer_access_token or access_token",
    ),
    "JSON in JSON": (
        json.dumps(json.dumps({"access_token": CANARY}, separators=(",", ":"))),
        "is JSON within a JSON string; give the value alone",
    ),
    "empty": ('""', "is empty"),
    "HTML": (f"<html>{CANARY}", "is HTML, such as a login page"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", GOOD)
def test_one_secret_in_its_wrapping_is_taken_out_of_it(monkeypatch, tmp_path, way, form):
    """What can mean one thing only is that."""
    assert way(GOOD[form], monkeypatch, tmp_path) == CANARY


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", BAD)
def test_what_is_not_one_secret_is_named_and_not_shown(monkeypatch, tmp_path, way, form):
    """In the same words whatever the way."""
    text, problem = BAD[form]

    with pytest.raises((SettingsError, TokenUnavailable, NoToken)) as wrong:
        way(text, monkeypatch, tmp_path)

    assert problem in str(wrong.value)
    assert CANARY not in str(wrong.value)


@pytest.mark.parametrize("value", [f'{{"{APPID}":"{CANARY}"}}', f'"{CANARY}"', f"'{CANARY}'", f"[{CANARY}]"])
def test_a_value_after_file_is_no_path(value):
    """It is named and not shown."""
    for config in (
        {"accessTokens": f"file:{value}"},
        {"accessTokens": json.dumps({APPID: f"file: {value}"})},
        {"accessToken": f"file:{value}", "accessTokenAppid": APPID},
    ):
        with pytest.raises(SettingsError) as wrong:
            load_settings(config)

        assert "has JSON or a quote after `file:`; give a path there, or the value without" in str(
            wrong.value
        )
        assert CANARY not in str(wrong.value)


def test_a_token_after_file_is_not_shown():
    """It looks like a relative path."""
    with pytest.raises(SettingsError) as wrong:
        reveal(SecretStr(f"file:{CANARY}"))

    assert str(wrong.value) == (
        "the secret file after `file:`, a relative path, cannot be read: No such file or directory"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f'{{"access_token": "{CANARY}"', "starts like JSON but is not valid JSON"),
        ("[" * 100_000, "starts like JSON but is not valid JSON"),
        (f'{{"access_token": ["{CANARY}"]}}', "is a JSON object; give the value alone"),
    ],
)
def test_damaged_json_is_named(text, problem):
    """For a secret that has no documented field, too."""
    with pytest.raises(ValueError, match=f"^{problem}$"):
        parse_secret(text, ANY)


def test_a_map_takes_objects_with_the_documented_field():
    """As WeChat's answers are, kept app by app; each kind of secret has its own field."""
    given = {APPID: {"authorizer_access_token": "other-token", "authorizer_refresh_token": CANARY}}

    assert SecretMap.parse(json.dumps(given), REFRESH_TOKEN).get(APPID) == CANARY
    assert SecretMap.parse(json.dumps(json.dumps({APPID: CANARY}))).get(APPID) == CANARY
    assert SecretMap.parse({APPID: SecretStr(CANARY)}).get(APPID) == CANARY


def test_a_number_in_a_map_is_not_a_secret():
    """Nor is null."""
    with pytest.raises(ValueError, match="it is not text"):
        SecretMap.parse({APPID: None})


UTF_16 = CANARY.encode("utf-16")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (UTF_16, "is UTF-16 text; UTF-8 is expected"),
        (CANARY.encode("utf-16-be"), "is UTF-16 text; UTF-8 is expected"),
        (b"\xff" + CANARY.encode(), "is not UTF-8 text"),
    ],
)
def test_another_encoding_is_named(tmp_path, content, problem):
    """Windows PowerShell writes UTF-16."""
    (tmp_path / "secret").write_bytes(content)

    for get in (
        lambda: reveal(SecretStr(f"file:{tmp_path}/secret")),
        lambda: SecretMap.parse(f"file:{tmp_path}/secret").get(APPID),
    ):
        with pytest.raises(SettingsError) as wrong:
            get()
        assert str(wrong.value) == f"the secret file {tmp_path}/secret {problem}"
    with pytest.raises(NoToken, match=f"^{problem}$"):
        parse_token(APPID, content)


def test_a_service_whose_text_was_utf_16_is_named():
    """It was read as UTF-8 before it came here."""
    with pytest.raises(NoToken, match="is UTF-16 text"):
        parse_token(APPID, CANARY.encode("utf-16-le").decode())


@pytest.fixture
def special(tmp_path):
    """What is in a file's place and is not a file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        yield {
            tmp_path / "pipe": "it is a named pipe, not a file",
            tmp_path / "folder": "it is a folder",
            tmp_path / "socket": "it is a socket, not a file",
            "/dev/zero": "it is a device, not a file",
        }


def test_a_secret_is_read_from_a_regular_file_only(special):
    """A pipe without a writer waits without end, a device gives without end."""
    for path, problem in special.items():
        for get in (
            lambda path=path: reveal(SecretStr(f"file:{path}")),
            lambda path=path: SecretMap.parse(f"file:{path}").appids(),
        ):
            with pytest.raises(SettingsError) as wrong:
                get()
            assert str(wrong.value) == f"the secret file {path} cannot be read: {problem}"


def test_a_secret_file_of_another_kind_is_not_read_to_its_end(tmp_path):
    """A wrong path may lead to a large file."""
    (tmp_path / "large").write_bytes(b"x" * (65 << 10))

    with pytest.raises(SettingsError, match="large cannot be read: it is larger than 64 KiB$"):
        reveal(SecretStr(f"file:{tmp_path}/large"))


def test_a_wrong_ca_file_is_named_as_it_was_set(special, monkeypatch):
    """Before it is opened."""
    from pulumi_wechat_miniprogram.wechat.tls import trusted_authorities  # noqa: PLC0415 - loads httpx

    pipe = next(iter(special))
    monkeypatch.setenv("WECHAT_MINIPROGRAM_CA_FILE", str(pipe))

    with pytest.raises(SettingsError) as wrong:
        trusted_authorities(load_settings({}))

    assert str(wrong.value) == (
        f"WECHAT_MINIPROGRAM_CA_FILE {pipe} cannot be used: it is a named pipe, not a file"
    )


def test_a_bearer_may_be_long(tmp_path):
    """A token of a company's directory has thousands of characters."""
    (tmp_path / "bearer").write_text("b" * 5000)
    settings = Settings(
        access_token_url="https://t.example.com/{appid}",
        access_token_url_bearer=SecretStr(f"file:{tmp_path}/bearer"),
    )

    assert settings.access_token_url_bearer is not None
    assert len(reveal(settings.access_token_url_bearer)) == 5000
