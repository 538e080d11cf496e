"""Settings: the environment over the stack config, and errors that name the user's own keys."""

from __future__ import annotations

import itertools
import json

import pytest
from pydantic import SecretStr

from pulumi_wechat_miniprogram.settings import (
    DEFAULT_ENDPOINT,
    ENV_PREFIX,
    SOURCES,
    SecretMap,
    Settings,
    SettingsError,
    env_name,
    load_settings,
    reveal,
    unknown_config_keys,
)
from pulumi_wechat_miniprogram.settings.model import snake

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
    assert settings.access_tokens is not None
    assert settings.access_tokens.get(APPID) == CANARY
    assert CANARY not in repr(settings)


def test_the_environment_wins(monkeypatch):
    """A key in both layers has the environment's value; an empty variable counts as absent."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_REQUEST_TIMEOUT", "3")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_MAX_ATTEMPTS", "")

    settings = load_settings({"requestTimeout": "9", "maxAttempts": "2"})

    assert (settings.request_timeout, settings.max_attempts) == (3, 2)


COMPLETE = {
    "access_token": {"access_token": CANARY, "access_token_appid": APPID},
    "access_tokens": {"access_tokens": f'{{"{APPID}": "{CANARY}"}}'},
    "access_token_command": {"access_token_command": "print-token"},
    "access_token_url": {"access_token_url": f"https://t.example.com/{{appid}}?key={CANARY}"},
    "component_appid": {
        "component_appid": APPID,
        "component_access_token": CANARY,
        "authorizer_refresh_tokens": f'{{"{APPID}": "{CANARY}"}}',
    },
}


def camel(field):
    """A field as a key of stack config."""
    head, *tail = field.split("_")
    return head + "".join(map(str.capitalize, tail))


def test_there_is_a_complete_case_of_every_source():
    """The cases below leave none out."""
    assert {*COMPLETE} == {source.first for source in SOURCES}


@pytest.mark.parametrize("stored", COMPLETE)
@pytest.mark.parametrize("given", COMPLETE)
def test_a_source_in_the_environment_puts_every_stored_one_aside(monkeypatch, stored, given):
    """Refresh and destroy see stored config: its source keys never mix with the environment's."""
    for field, value in COMPLETE[given].items():
        monkeypatch.setenv(f"WECHAT_MINIPROGRAM_{field.upper()}", value)

    settings = load_settings({camel(field): "stale" for field in COMPLETE[stored]})

    configured = {
        field for source in SOURCES for field in source.keys if getattr(settings, field) is not None
    }
    assert configured == {*COMPLETE[given]}


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(COMPLETE, 2)))
def test_two_sources_in_one_layer(monkeypatch, first, second):
    """Both keys are named, in the form of their layer."""
    both = {**COMPLETE[first], **COMPLETE[second]}

    in_config = error_of({camel(field): value for field, value in both.items()})
    in_environment = error_of({}, monkeypatch, **{field.upper(): value for field, value in both.items()})

    assert in_config.startswith("stack config has more than one token source, wechat-miniprogram:")
    assert {f"wechat-miniprogram:{camel(first)}", f"wechat-miniprogram:{camel(second)}"} <= {
        word.strip(",;") for word in in_config.split()
    }
    assert in_environment.startswith("the environment has more than one token source, WECHAT_MINIPROGRAM_")


def test_three_sources_in_one_layer_are_all_named():
    """Each by the key that was written."""
    config = {"accessTokenAppid": APPID, "accessTokenUrlBearer": CANARY, "accessTokenCommand": "x"}

    assert error_of(config) == (
        "stack config has more than one token source, wechat-miniprogram:accessTokenAppid and "
        "wechat-miniprogram:accessTokenCommand and wechat-miniprogram:accessTokenUrlBearer; keep one"
    )


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("http://api.example.com", "is plain http to another machine"),
        ("ftp://api.example.com", "is not the URL of a server"),
        ("api.example.com", "is not the URL of a server"),
        ("https://999.999.999.999", "is not the URL of a server"),
        ("https://-ü.example.com", "is not the URL of a server"),
        ("https://xn--a.example.com", "is not the URL of a server"),
        ("https://api.example.com/path", "must consist of scheme, host and port only"),
        ("https://user@api.example.com", "must consist of scheme, host and port only"),
        ("emulator:", "has no path after emulator:"),
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


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"accessToken": CANARY}, "accessToken needs wechat-miniprogram:accessTokenAppid: a token selects"),
        (
            {"accessTokenAppid": APPID},
            "accessTokenAppid needs wechat-miniprogram:accessToken: a token selects",
        ),
        ({"accessTokenUrlBearer": CANARY}, "accessTokenUrlBearer needs wechat-miniprogram:accessTokenUrl"),
        (
            {"componentAppid": APPID, "componentAppsecret": CANARY},
            "componentAppid, wechat-miniprogram:componentAppsecret needs "
            "wechat-miniprogram:componentVerifyTicket: the component",
        ),
        (
            {"authorizerRefreshTokens": "{}"},
            "authorizerRefreshTokens needs wechat-miniprogram:componentAppid and "
            "wechat-miniprogram:componentAccessToken: the component",
        ),
        (
            {"componentAccessToken": CANARY, "componentVerifyTicket": CANARY},
            "componentAccessToken and wechat-miniprogram:componentVerifyTicket both provide the same token",
        ),
    ],
)
def test_half_a_source(config, problem):
    """What is there, what is missing, and why it is needed."""
    assert error_of(config).startswith(f"wechat-miniprogram:{problem}")


def test_a_misspelt_variable_is_an_error(monkeypatch):
    """It names the nearest setting, and the way out where the variable is another program's."""
    assert error_of({}, monkeypatch, ENDPOIMT="x", ACCES_TOKEN=CANARY, ZZZ=CANARY).splitlines() == [
        "WECHAT_MINIPROGRAM_ACCES_TOKEN is not a setting of this provider; did you mean "
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN? If it belongs to another program, run "
        "`env -u WECHAT_MINIPROGRAM_ACCES_TOKEN pulumi …`.",
        "WECHAT_MINIPROGRAM_ENDPOIMT is not a setting of this provider; did you mean "
        "WECHAT_MINIPROGRAM_ENDPOINT? If it belongs to another program, run "
        "`env -u WECHAT_MINIPROGRAM_ENDPOIMT pulumi …`.",
    ]


FOREIGN = [
    *(
        "APPID",
        "APP_ID",
        "SECRET",
        "APPSECRET",
        "APP_SECRET",
        "APP_KEY",
        "TOKEN",
        "AES_KEY",
        "ENCODING_AES_KEY",
    ),
    *(
        "ENCODINGAESKEY",
        "MCH_ID",
        "NOTIFY_URL",
        "ORIGINAL_ID",
        "ACCESS_KEY",
        "LOG_LEVEL",
        "TIMEOUT",
        "API_URL",
    ),
    *("COMPONENT_TOKEN", "COMPONENT_AES_KEY", "CERT_FILE", "ENV", "DEBUG", "PROXY", "VERIFY_TICKET"),
]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_variable_of_the_mini_programs_own_server_stops_nothing(monkeypatch, name):
    """Such names are in wide use."""
    monkeypatch.setenv(f"WECHAT_MINIPROGRAM_{name}", CANARY)

    load_settings({})

    assert unknown_config_keys([]) == [
        f"WECHAT_MINIPROGRAM_{name} is not a setting of this provider; ignored"
    ]


def test_the_name_of_a_variable_forges_no_line(monkeypatch):
    """Whoever sets one may put a line break into it."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_X\nerror: forged", "x")
    assert "WECHAT_MINIPROGRAM_X\\nerror: forged is not a setting" in unknown_config_keys([])[0]
    assert "\n" not in unknown_config_keys(["x\nerror: forged"])[0]

    monkeypatch.setenv("wechat_miniprogram_x\nerror: forged", "y")
    with pytest.raises(SettingsError, match=r"\\nerror: forged give one key two different values") as wrong:
        load_settings({})
    assert "\n" not in str(wrong.value)


def test_another_token_source_is_named_in_the_layer_of_the_one_that_counts(monkeypatch):
    """A source in the environment puts one in stack config aside: to set it there has no effect."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN", CANARY)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_APPID", APPID)

    settings = load_settings({"liveDiff": "true"})

    assert settings.name_of("access_tokens") == "WECHAT_MINIPROGRAM_ACCESS_TOKENS"
    assert settings.name_of("request_timeout") == "wechat-miniprogram:requestTimeout"


def test_unknown_keys_are_warnings_and_unknown_variables_one_of_them(monkeypatch):
    """Each key with the nearest known one; the variables together, as they are spelt."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_SECRET", CANARY)
    monkeypatch.setenv("wechat_miniprogram_appid", CANARY)

    assert unknown_config_keys({"requestTimeuot": "1", "endpoint": "x"}) == [
        "wechat-miniprogram:requestTimeuot is not a setting of this provider; did you mean requestTimeout?",
        "WECHAT_MINIPROGRAM_SECRET, wechat_miniprogram_appid are not settings of this provider; ignored",
    ]


def test_a_variable_in_lower_case_counts_as_well(monkeypatch):
    """The environment is read without regard to case; an error names the variable as it is spelt."""
    monkeypatch.setenv("wechat_miniprogram_endpoimt", "x")
    monkeypatch.setenv("wechat_miniprogram_max_attempts", "99")

    assert "wechat_miniprogram_endpoimt is not a setting" in error_of({})
    monkeypatch.delenv("wechat_miniprogram_endpoimt")
    assert error_of({}) == "wechat_miniprogram_max_attempts must be at most 10"


def test_one_setting_in_two_spellings_is_refused(monkeypatch):
    """Which of them counts would be chance."""
    monkeypatch.setenv("wechat_miniprogram_endpoint", "https://b.example.com")

    assert error_of({}, monkeypatch, ENDPOINT="https://a.example.com") == (
        "WECHAT_MINIPROGRAM_ENDPOINT and wechat_miniprogram_endpoint give one key two different values; "
        "unset one of them"
    )
    monkeypatch.setenv("wechat_miniprogram_endpoint", "https://a.example.com")
    assert load_settings({}).endpoint == "https://a.example.com"


def test_a_variable_in_lower_case_does_not_slip_past_the_guard_of_the_emulator(monkeypatch):
    """The merge would take it, and a stack made for the emulator would reach WeChat."""
    monkeypatch.setenv("wechat_miniprogram_endpoint", "https://api.weixin.qq.com")

    assert error_of({"endpoint": "emulator:x.db"}).startswith(
        "wechat-miniprogram:endpoint is an emulator and wechat_miniprogram_endpoint names another endpoint"
    )


@pytest.mark.parametrize("value", ["7\n", "\ufeff7", " 7 \r\n"])
def test_values_of_both_layers_are_stripped(monkeypatch, value):
    """As files are: a script or an editor adds a line break or a byte order mark."""
    assert load_settings({"maxAttempts": value}).max_attempts == 7
    monkeypatch.setenv("WECHAT_MINIPROGRAM_MAX_ATTEMPTS", value)
    assert load_settings({}).max_attempts == 7


NAMES = [
    ({}, {}, "ca_file", "WECHAT_MINIPROGRAM_CA_FILE"),
    ({"caFile": "x"}, {}, "ca_file", "wechat-miniprogram:caFile"),
    ({"caFile": "x"}, {"CA_FILE": "y"}, "ca_file", "WECHAT_MINIPROGRAM_CA_FILE"),
    ({"log": "off"}, {}, "ca_file", "wechat-miniprogram:caFile"),
    (
        {"log": "off"},
        {"ACCESS_TOKEN_URL": "https://t.example.com/{appid}"},
        "access_token_url_bearer",
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL_BEARER",
    ),
    (
        {"accessTokenUrl": "https://t.example.com/{appid}"},
        {"LOG": "off"},
        "access_token_url_bearer",
        "wechat-miniprogram:accessTokenUrlBearer",
    ),
]


@pytest.mark.parametrize(("config", "environment", "field", "name"), NAMES)
def test_a_message_names_a_setting_as_the_user_set_it(monkeypatch, config, environment, field, name):
    """By its layer; one that is not set, by that of its token source, or by the only layer there is."""
    for variable, value in environment.items():
        monkeypatch.setenv(f"WECHAT_MINIPROGRAM_{variable}", value)

    assert load_settings(config).name_of(field) == name


def test_settings_made_by_a_program_are_named_by_their_config_keys():
    """No layer is known."""
    assert Settings().name_of("ca_file") == "wechat-miniprogram:caFile"


def test_advice_in_a_problem_names_the_other_key_in_the_same_layer(monkeypatch):
    """The environment's variable for somebody who uses the environment."""
    url = f"https://u:{CANARY}@t.example.com/{{appid}}"

    assert error_of({}, monkeypatch, ACCESS_TOKEN_URL=url) == (
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL has a user or password; put the credential into "
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL_BEARER"
    )


def test_a_leading_tilde_is_the_home_folder(monkeypatch, tmp_path):
    """No shell reads stack config."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text(CANARY)

    settings = load_settings(
        {
            "endpoint": "emulator:~/wechat.db",
            "caFile": "~/ca.pem",
            "accessToken": "file:~/token",
            "accessTokenAppid": APPID,
        }
    )

    assert settings.emulator_path == f"{tmp_path}/wechat.db"
    assert settings.ca_file == tmp_path / "ca.pem"
    assert settings.access_token is not None
    assert reveal(settings.access_token) == CANARY
    command = load_settings({"accessTokenCommand": "~/bin/token --app ~"}).access_token_command
    assert command == (f"{tmp_path}/bin/token", "--app", "~")


@pytest.mark.parametrize(
    "config",
    [
        {"endpoint": "emulator:~no-such-user/x.db"},
        {"caFile": "~no-such-user/ca.pem"},
        {"accessTokens": "file:~no-such-user/tokens.json"},
        {"accessTokenCommand": "~no-such-user/bin/token"},
        {"accessToken": "file:~no-such-user/token", "accessTokenAppid": APPID},
    ],
)
def test_a_tilde_before_somebody_unknown_is_refused(config):
    """A folder of this name would be made in the project."""
    assert error_of(config) == (
        f"wechat-miniprogram:{next(iter(config))} begins with ~no-such-user, which is not a user of this machine; "
        "write ./~no-such-user for a file"
    )


WRONG = [
    ("requestTimeout", "soon", "must be a number"),
    ("log", "loud", "must be 'off' or 'debug'"),
    ("accessTokens", CANARY, "is not a JSON object that maps appids to tokens"),
    ("accessTokens", f'["{CANARY}"]', "is not a JSON object that maps appids to tokens"),
    (
        "accessTokens",
        f'{{"{CANARY}": "x"}}',
        'has a key that is not a valid appid: expected "wx" followed by',
    ),
    (
        "accessTokens",
        f'{{"wx123": "{CANARY}"}}',
        "has a key that is not a valid appid (wx123): expected",
    ),
    ("accessTokens", f'{{"{APPID}": 5}}', f"has no token for {APPID}: it is not text"),
    ("accessTokens", f'{{"{APPID}": ""}}', f"has no token for {APPID}: it is empty"),
    (
        "accessTokens",
        f'{{"{APPID}": "a {CANARY}"}}',
        f"has no token for {APPID}: it is more than one word",
    ),
    ("accessTokens", f'{{"{APPID}": "a", "{APPID}": "b"}}', "has the same key twice"),
    (
        "accessTokens",
        f'{{"{APPID}": "{CANARY}", "wxfedcba9876543210": "{CANARY}"}}',
        f"gives {APPID} and wxfedcba9876543210 the same token, which belongs to one of them",
    ),
    ("accessTokens", "[" * 100_000, "is not a JSON object that maps appids to tokens"),
    (
        "accessTokenCommand",
        f"TOKEN={CANARY} print-token",
        "begins with an assignment, which only a shell knows",
    ),
    (
        "accessTokenCommand",
        '["a\\u0000"]',
        "is neither a JSON array of words nor words as a shell reads them",
    ),
    ("accessTokenUrl", "https://example.com/#{appid}", "has no {appid} in its path or query"),
    (
        "accessTokenUrl",
        f"https://u:{CANARY}@example.com/{{appid}}",
        "has a user or password; put the credential",
    ),
    ("accessTokenUrl", "https://example.com:port/{appid}", "is not the URL of a server"),
    ("endpoint", f"https://:{CANARY}@example.com", "must consist of scheme, host and port only"),
    ("endpoint", "https://example.com:99999", "is not the URL of a server"),
    (
        "accessTokenCommand",
        f'\'["sh", "-c", "{CANARY}"]\'',
        "is a JSON array with quotes around it; remove them",
    ),
    ("accessTokenCommand", "[" * 100_000, "is neither a JSON array of words nor words as a shell reads them"),
    ("probeHostMap", "[" * 100_000, "is not a JSON object that maps hosts to address:port"),
    ("probeHostMap", f'{{"a.example.com": "{CANARY}"}}', "has a target that is not a loopback address"),
    ("accessTokens", f'\'{{"{APPID}": "{CANARY}"}}\'', "is JSON with single quotes around it; remove them"),
    ("accessTokens", f"{{'{APPID}': '{CANARY}'}}", "has single quotes in it; JSON needs double quotes"),
    ("accessTokens", "1" * 5000, "is not a JSON object that maps appids to tokens"),
    (
        "accessTokens",
        f'{{"{APPID}": ["{CANARY}"]}}',
        f"has no token for {APPID}: it is a JSON array; give the",
    ),
    ("accessTokens", f'{{"{APPID}": {{"t": "{CANARY}"}}}}', f"has no token for {APPID}: it is a JSON object"),
    (
        "accessTokens",
        f'{{"{APPID}": {{"access_token": "a {CANARY}"}}}}',
        f"has no token for {APPID}: it is more than one word",
    ),
    ("accessTokenCommand", "'open", "is neither a JSON array of words nor words as a shell reads them"),
    ("accessTokenCommand", "[1]", "is neither a JSON array of words nor words as a shell reads them"),
    ("accessTokenCommand", " ", "is neither a JSON array of words nor words as a shell reads them"),
    ("accessTokenUrl", f"http://{CANARY}.example.com/{{appid}}", "is plain http to another machine"),
    ("accessTokenUrl", f"https://example.com/{CANARY}", "has no {appid} in its path or query"),
    ("accessTokenUrl", "https://{appid}.example.com/", "has no {appid} in its path or query"),
    (
        "accessTokenUrl",
        "https://[::1/{appid}",
        "is not the URL of a server, such as https://tokens.example.com",
    ),
]


@pytest.mark.parametrize(("key", "value", "problem"), WRONG)
def test_a_wrong_value_is_named_by_its_key_and_not_shown(key, value, problem):
    """One line says what is wrong."""
    assert error_of({key: value}).startswith(f"wechat-miniprogram:{key} {problem}")


@pytest.mark.parametrize(("key", "value", "problem"), WRONG)
def test_a_wrong_value_in_the_environment_is_read_by_the_same_rules(monkeypatch, key, value, problem):
    """What is there is text too: no JSON reader comes before ours."""
    name = env_name(snake(key)).removeprefix(ENV_PREFIX)

    message = error_of({}, monkeypatch, **{name: value})

    assert message.startswith(f"WECHAT_MINIPROGRAM_{name} {problem}")


def test_a_command_of_one_word_is_a_command(monkeypatch):
    """Also one that a JSON reader would take for a value."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKEN_COMMAND", "true")

    assert load_settings({}).access_token_command == ("true",)


def test_wrong_values_name_their_layer(monkeypatch):
    """Each problem names its key where the user wrote it."""
    message = error_of({"componentAppid": "wx1", **CONFIG}, monkeypatch, MAX_ATTEMPTS="99")

    assert sorted(message.splitlines()) == [
        "WECHAT_MINIPROGRAM_MAX_ATTEMPTS must be at most 10",
        'wechat-miniprogram:componentAppid is not a valid appid: expected "wx" followed by 16 hexadecimal digits',
    ]


CONFIG = {"componentAccessToken": CANARY, "authorizerRefreshTokens": "{}"}


@pytest.mark.parametrize("value", ["print-token --app x", '["print-token", "--app", "x"]'])
def test_a_command_is_words_or_a_json_array(value):
    """Both forms give the same words."""
    assert load_settings({"accessTokenCommand": value}).access_token_command == ("print-token", "--app", "x")


@pytest.mark.parametrize(
    ("endpoint", "fallback", "problem"),
    [
        ("https://api.weixin.qq.com", "http://api2.weixin.qq.com", "fallbackEndpoint is plain http"),
        (
            "emulator:x.db",
            "https://api2.weixin.qq.com",
            ("fallbackEndpoint cannot be combined with an emulator"),
        ),
        (
            "https://api.weixin.qq.com",
            "emulator:x.db",
            ("fallbackEndpoint cannot be combined with an emulator"),
        ),
    ],
)
def test_a_wrong_fallback(endpoint, fallback, problem):
    """It is held to the rules of the endpoint, and no emulator has one."""
    assert problem in error_of({"endpoint": endpoint, "fallbackEndpoint": fallback})


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
    with pytest.raises(SettingsError, match="binary is UTF-16 text; UTF-8 is expected$"):
        reveal(SecretStr(f"file:{tmp_path / 'binary'}"))
    with pytest.raises(SettingsError, match="missing cannot be read: No such file or directory$"):
        reveal(SecretStr(f"file:{tmp_path / 'missing'}"))


def test_a_file_of_secrets_is_read_when_used(tmp_path):
    """It holds the JSON object, and may be written anew at any time."""
    path = tmp_path / "tokens.json"
    secrets = load_settings({"accessTokens": f"file:{path}"}).access_tokens
    assert secrets is not None

    path.write_text(json.dumps({APPID: CANARY}), encoding="utf-8")
    assert (secrets.get(APPID), secrets.appids()) == (CANARY, (APPID,))
    path.write_text(json.dumps({APPID: "rotated-1"}), encoding="utf-8")
    assert secrets.get(APPID) == "rotated-1"
    path.write_text(f"[{CANARY}", encoding="utf-8")
    with pytest.raises(SettingsError) as wrong:
        secrets.get(APPID)
    assert str(wrong.value) == f"the secret file {path} is not a JSON object that maps appids to tokens"


def test_an_unchanged_file_of_secrets_is_parsed_once(tmp_path):
    """Each call asks for a token; a file with those of 10,000 apps takes far longer to parse than to read."""
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps({APPID: CANARY}), encoding="utf-8")
    secrets = load_settings({"accessTokens": f"file:{path}"}).access_tokens
    assert secrets is not None

    first = secrets._mapping()

    assert secrets._mapping() is first
    assert CANARY not in repr(secrets)


def test_secrets_show_in_no_repr():
    """Neither in the settings nor in what they are made of."""
    secrets = SecretMap.parse({APPID: CANARY})

    assert CANARY not in f"{secrets!r} {secrets} {secrets.source}"


def test_a_source_split_over_both_layers_is_reported_as_such(monkeypatch):
    """The stored half is put aside, and the text says so."""
    message = error_of(
        {"accessTokenUrl": "https://t.example.com/{appid}"}, monkeypatch, ACCESS_TOKEN_URL_BEARER=CANARY
    )

    assert message == (
        "WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL_BEARER needs WECHAT_MINIPROGRAM_ACCESS_TOKEN_URL (a token source in "
        "the environment overrides the one in stack config: wechat-miniprogram:accessTokenUrl)"
    )


def test_the_same_emulator_in_both_layers_is_no_other_endpoint(monkeypatch):
    """A shell that repeats the stack's endpoint does no harm."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", "emulator:x.db")

    assert load_settings({"endpoint": "emulator:x.db"}).emulator_path == "x.db"


def test_a_key_in_another_case_is_unknown_and_unused():
    """A warning that it is not a setting would be a lie if it were used."""
    assert load_settings({"request_timeout": "5"}).request_timeout == 30
    assert "did you mean requestTimeout?" in unknown_config_keys(["request_timeout"])[0]


def test_the_words_of_a_command_show_in_no_repr():
    """One of them may be a password."""
    assert CANARY not in repr(load_settings({"accessTokenCommand": f"get --password {CANARY}"}))


def test_the_arguments_of_a_provider_win_over_the_environment(monkeypatch):
    """Which is one for all providers of a program; what they do not say, it does."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_REQUEST_TIMEOUT", "7")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", f'{{"{APPID}": "{CANARY}"}}')

    settings = load_settings({"maxAttempts": "3", "accessTokenCommand": "print-token"}, provider="acme")

    assert (settings.request_timeout, settings.max_attempts) == (7, 3)
    assert (settings.access_tokens, settings.access_token_command) == (None, ("print-token",))
    assert settings.name_of("request_timeout") == "WECHAT_MINIPROGRAM_REQUEST_TIMEOUT"
    assert settings.name_of("max_attempts") == "maxAttempts of the provider acme"


def test_a_half_source_of_a_provider_names_what_it_puts_aside(monkeypatch):
    """The reader of the error may not know of the variable."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", f'{{"{APPID}": "{CANARY}"}}')

    with pytest.raises(SettingsError) as error:
        load_settings({"accessToken": CANARY}, provider="acme")

    assert str(error.value) == (
        "accessToken of the provider acme needs accessTokenAppid of the provider acme: a token selects the Mini "
        "Program by itself, so it is used for that appid alone (a token source in the program overrides the one "
        "in the environment: WECHAT_MINIPROGRAM_ACCESS_TOKENS)"
    )


def test_a_provider_may_name_an_emulator_beside_another_endpoint_of_the_environment(monkeypatch, tmp_path):
    """It wins, so nothing that is made for the emulator reaches a live Mini Program."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", DEFAULT_ENDPOINT)
    endpoint = f"emulator:{tmp_path / 'wechat.db'}"

    assert load_settings({"endpoint": endpoint}, provider="acme").endpoint == endpoint
    with pytest.raises(SettingsError, match="is an emulator and WECHAT_MINIPROGRAM_ENDPOINT names another"):
        load_settings({"endpoint": endpoint})
