"""Settings as `doctor` shows them: no secret, and where each lies."""

from __future__ import annotations

import json
import os

import pytest

from pulumi_wechat_miniprogram.settings import SettingsError, load_settings, shown_settings

APPID = "wx0123456789abcdef"
SECRETS = {
    "ACCESS_TOKEN": "canary-token-value",
    "ACCESS_TOKENS": json.dumps({APPID: "canary-token-value"}),
    "ACCESS_TOKEN_COMMAND": "fetch --password canary-token-value",
    "ACCESS_TOKEN_URL": "https://tokens.example.com/{appid}?key=canary-token-value",
}


@pytest.fixture
def shown(monkeypatch):
    """Sets keys in the environment and returns how they are shown."""

    def shown(**keys):
        for name, value in keys.items():
            monkeypatch.setenv(f"WECHAT_MINIPROGRAM_{name}", value)
        return shown_settings(load_settings({}))

    return shown


def test_what_is_set_is_shown_and_what_is_default_is_not(shown):
    """As the environment variables that do it."""
    assert shown(REQUEST_TIMEOUT="7", PROBE="false") == [
        "WECHAT_MINIPROGRAM_REQUEST_TIMEOUT  7.0",
        "WECHAT_MINIPROGRAM_PROBE  False",
    ]


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_shown(shown, name):
    """Nor what somebody may put a secret into."""
    more = {"ACCESS_TOKEN_APPID": APPID} if name == "ACCESS_TOKEN" else {}

    lines = shown(**{name: SECRETS[name]}, **more)

    assert "canary" not in "\n".join(lines)
    assert lines[0].startswith(f"WECHAT_MINIPROGRAM_{name}  ***")


def test_a_map_of_tokens_is_shown_by_its_appids(shown):
    """So that a missing one is seen."""
    assert shown(ACCESS_TOKENS=SECRETS["ACCESS_TOKENS"]) == [
        f"WECHAT_MINIPROGRAM_ACCESS_TOKENS  *** for 1: {APPID}"
    ]


def test_a_map_in_a_file_is_shown_by_its_place_and_its_appids(shown, tmp_path):
    """Every token in it is read."""
    place = tmp_path / "tokens.json"
    place.write_text(SECRETS["ACCESS_TOKENS"])

    assert shown(ACCESS_TOKENS=f"file:{place}") == [
        f"WECHAT_MINIPROGRAM_ACCESS_TOKENS  file:{place} for 1: {APPID}"
    ]


def test_a_secret_in_a_file_is_shown_by_its_place(shown, tmp_path):
    """That is not secret, and what one looks for."""
    place = tmp_path / "token"
    place.write_text("canary-token-value")

    assert shown(ACCESS_TOKEN=f"file:{place}", ACCESS_TOKEN_APPID=APPID)[0] == (
        f"WECHAT_MINIPROGRAM_ACCESS_TOKEN  file:{place}"
    )


@pytest.mark.parametrize(
    "keys",
    [
        {"ACCESS_TOKEN": "file:/no/such", "ACCESS_TOKEN_APPID": APPID},
        {"ACCESS_TOKENS": json.dumps({APPID: "file:/no/such"})},
    ],
)
def test_a_secret_file_that_is_missing_is_an_error(shown, keys):
    """It is read, as it will be when it is needed."""
    with pytest.raises(SettingsError, match=r"/no/such cannot be read"):
        shown(**keys)


def test_a_file_of_many_tokens_is_read_once(shown, tmp_path, monkeypatch):
    """And not for each appid: `doctor` has to end with 100,000."""
    place = tmp_path / "tokens.json"
    place.write_text(json.dumps({f"wx{number:016x}": f"token-{number}" for number in range(100)}))
    opened = []
    real = os.open

    def open_and_note(path, *rest):
        opened.append(path)
        return real(path, *rest)

    monkeypatch.setattr(os, "open", open_and_note)

    assert "for 100: wx0000000000000000, " in shown(ACCESS_TOKENS=f"file:{place}")[0]

    assert opened == [place]
