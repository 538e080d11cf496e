"""Masking: used secrets in every text and form, what looks like one in foreign text, in linear time."""

from __future__ import annotations

import base64
import contextlib
import json
import time
import urllib.parse

import pytest

from pulumi_wechat_miniprogram.exports.reader import Urn
from pulumi_wechat_miniprogram.lifecycle.domain import parse_domain, read_listed
from pulumi_wechat_miniprogram.safety.masking import (
    credentials_in,
    mask,
    redact,
    remember,
    remember_foreign,
    remember_word,
    words_in,
)
from pulumi_wechat_miniprogram.safety.text import one_line, printable
from pulumi_wechat_miniprogram.settings import (
    SecretMap,
    SettingsError,
    load_settings,
    parse_secret,
    unknown_config_keys,
)

CANARY = "canary-0f9a1c"


@pytest.mark.parametrize(
    "text",
    [
        f"POST /wxa/x?access_token={CANARY}&a=b failed",
        f"/x?component_access_token={CANARY}",
        f'{{"component_appsecret": "{CANARY}", "a": 1}}',
        f'{{"component_appsecret":"a\\"b{CANARY}","a":1}}',
        f'{{"access_tokens": {{"wx0123456789abcdef": "{CANARY}"}}}}',
        f"{{'authorizer_refresh_token': '{CANARY}'}}",
        f"[(b'Authorization', b'Bearer {CANARY}')]",
        f"authorization: bearer {CANARY}",
        f"bearer {CANARY} is not known",
        f"X-Api-Key={CANARY}",
        f"X-Vault-Token: {CANARY}",
        f"X-Vault-Token:{CANARY}",
        f"X-Auth: Bearer {CANARY}",
        f"Token secret: {CANARY}",
        f"token:\n  {CANARY}",
        f"Authorization: Basic {CANARY}",
        f"authorization: Token {CANARY}",
        f'Authorization: Digest username="me", response="{CANARY}"',
        f"Set-Cookie: a=b; session={CANARY}",
        f"get --token {CANARY} --app x",
        f"get --password={CANARY}",
        f"get --password='a {CANARY}'",
        f"get --token 'a {CANARY}'",
        f'export DB_PASSWORD="a {CANARY}"',
        f"password: {CANARY}",
        f"password => '{CANARY}'",
        f"https://user:{CANARY}@example.com/",
        f"https://user:a/{CANARY}@example.com/",
        f"https://user:a#{CANARY}?@example.com/",
        f"https://user:a@{CANARY}@example.com/",
        f"https://:{CANARY}@example.com/",
        f"https://{CANARY}@example.com/",
        f"no_proxy=http://a/x,https://user:{CANARY}@example.com/",
        f'{{\\"access_token\\": \\"{CANARY}\\"}}',
        f'{{\\"access_token\\": \\"a\\\\\\"{CANARY}\\"}}',
        f'{{"token": "cut {CANARY}',
        f"Invalid port: '{CANARY}'",
        f"Port could not be cast to integer value as '{CANARY}'",
        f"<ComponentVerifyTicket><![CDATA[ticket@@@{CANARY}]]></ComponentVerifyTicket>",
        f"<token>{CANARY}</token>",
        f"<wx:token kind='a'>\n  {CANARY}\n</wx:token>",
        f'invalid token "{CANARY}" for this mount',
        f"invalid token `{CANARY}`",
        f"invalid token: got '{CANARY}'",
        f"the token is {CANARY}",
        f"token {CANARY} has ended",
        f"token: <{CANARY}>",
        f"token: |\n  {CANARY}",
        f"token: >-\n  x\n  {CANARY}",
        f"token ({CANARY})",
        f'token ("{CANARY}")',
        f"token; {CANARY}",
        f"curl -sSf http://127.0.0.1:1/t?key={CANARY}",
        f"/t?sig={CANARY}",
        f"DB_PASS={CANARY}",
        f"API_KEY={CANARY}",
        f"curl -u bob:{CANARY} https://example.com",
        f"curl --proxy-user 'bob:{CANARY}'",
        f"Basic {CANARY}",
        f"a=b&token%3D{CANARY}",
        f"token%253D{CANARY}",
        f"%22token%22%3A%20%22{CANARY}%22",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}",
        f"{CANARY}\n-----END EC PRIVATE KEY-----\n",
        f"无效的令牌: {CANARY}",
        f"token：{CANARY}",
        f"密码“{CANARY}”无效",
        f"token cAnaryOf{CANARY.replace('-', '')}",
        f"token canary-with-neither-figure-{CANARY[:6]}-nor-hump".replace(CANARY[:6], CANARY[:6]),
    ],
)
def test_what_replaces_a_secret_is_masked_in_foreign_text(text):
    """Also a secret that this process has never seen."""
    assert CANARY not in redact(text)
    assert "***" in redact(text)


ORDINARY = [
    "mall/ticketing: wx0000000000000001",
    "urn:pulumi:ticketing::mall::pulumi-python:dynamic/wechat-miniprogram:X::ticket: 1",
    "wechat-miniprogram:accessTokenCommand: nosuch cannot be started: No such file or directory",
    "its answer is not a token: more than one word",
    "get --token-file /run/token",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_the_products_own_sentences_and_names_are_never_altered(text):
    """`mask` knows secrets and nothing else."""
    assert mask(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "invalid credential, access_token is invalid or not latest",
        "dial tcp: lookup vault.example.com: no such host",
        "https://example.com:8443/a?b=c and https://example.com/x",
        "git@github.com:acme/shop.git",
        "Invalid port: '99999'",
        "the token of the app has ended",
        "token",
        'token "',
        "tokens: ",
        "authorization:",
        "a,token,b",
        "curl: (7) Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to it\nnext line",
        "Invalid port: 'it",
        "the token's owner isn't here",
        "the token (see docs) of wx0123456789abcdef",
        "token wx0123456789abcdef; try again",
        "token https://example.com/v1/abc",
        "access_token is invalid or not latest, could get access_token by getStableAccessToken",
        "Basic auth failed: KeyError: 'x'",
        "token:|\n",
        "<token>",
        "</token><appid>wx</appid>",
        "-u bob https://example.com",
        'token "it',
    ],
)
def test_foreign_text_without_a_secret_stays(text):
    """An error says what it is about."""
    assert redact(text) == text


def test_the_place_of_a_secret_stays_readable():
    """So that one sees what was wrong with it."""
    assert redact(f"POST https://u:{CANARY}@e.com/x?access_token={CANARY}&a=b: 403") == (
        "POST https://u:***@e.com/x?access_token=***&a=b: 403"
    )


def forms(secret):
    """How programs write a secret."""
    coded = [
        base64.b64encode(before + secret.encode() + after).decode()
        for before in (b"", b"a", b"ab", b"user:")
        for after in (b"", b"\n", b"12")
    ]
    return [
        secret,
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        *coded,
        *[each.replace("+", "-").replace("/", "_") for each in coded],
    ]


SECRET = 's3cr3t/of"a\\test+>>>???'


@pytest.mark.parametrize("form", forms(SECRET))
def test_a_secret_that_was_used_is_masked_in_every_form(form):
    """Quoted for a URL, escaped for JSON, and in base64 wherever it begins there."""
    remember(SECRET)

    shown = mask(f"<{form}>")

    assert shown.count("***") == 1
    assert len(shown) <= len("<***>") + len(form) - len(form.strip("=")) + 10


def test_a_short_secret_is_not_masked():
    """It is part of many words."""
    remember("short")

    assert mask("is short") == "is short"


def test_a_short_value_that_a_program_marked_as_secret_is_masked_as_a_whole_word():
    """A host of few letters is not part of another host."""
    remember_word("q7.cn")
    remember_word("")

    assert mask("https://q7.cn, q7.cn. m.q7.cn q7.cn.example.com q7.cn-x") == (
        "https://***, ***. m.q7.cn q7.cn.example.com q7.cn-x"
    )


def test_a_common_word_is_masked_in_foreign_text_alone():
    """The user name of a proxy is one of ours as well."""
    remember_foreign("zorro")
    remember_foreign("abc")
    remember_foreign("/zorro/")

    assert redact("zorro: no zorros, abc /x/zorro/x") == "***: no zorros, abc /x***x"
    assert mask("zorro") == "zorro"


def test_more_beginnings_than_are_compared_leave_nothing():
    """What begins like a very long secret, or like one of very many, is masked as far as the longest goes."""
    many = ["beginning-" + "x" * count for count in range(100)]

    assert mask("a beginning-xxx, b", also=many).startswith("a ***")
    assert mask("long" * 500, also=["long" * 499]) == "***"


def test_thousands_of_secrets_with_one_beginning_take_time_in_proportion():
    """As tokens of one issuer have it."""

    def seconds(count):
        secrets = [f"eyJhbGciOiJIUzI1NiJ9.{number:08}.signature" for number in range(count)]
        began = time.thread_time()
        assert mask(" ".join(secrets), also=secrets) == " ".join(["***"] * count)
        return time.thread_time() - began

    assert any(seconds(4000) < 24 * seconds(500) for _ in range(9))


def test_secrets_that_overlap_leave_nothing():
    """One begins in another, and one is the beginning of another."""
    for secret in ("overlap-abcdefgh", "abcdefgh-ijklmnop", "overlap-abcdefgh-more"):
        remember(secret)

    assert mask("x overlap-abcdefgh-ijklmnop y overlap-abcdefgh-more z") == "x *** y *** z"


def test_more_secrets_may_be_named_for_one_text():
    """What a command printed is masked in its stderr, and in no other text."""
    assert redact("+ echo passing-words", also=["passing-words"]) == "+ echo ***"
    assert mask("passing-words") == "passing-words"


def test_words_of_a_text_are_all_that_may_be_a_secret():
    """Between blanks, between quotes, and decoded."""
    assert {"one/two", "three"} <= words_in('{"a": {"b": ["one\\/two", 3, "three"]}}')
    assert {"x=y", "x", "y", "z"} <= words_in("x=y 'z'")


def test_credentials_of_a_command_are_found():
    """By the rules for foreign text."""
    found = credentials_in(f"get --password {CANARY} https://u:p-{CANARY}@e.com")

    assert sorted(found) == sorted([CANARY, f"p-{CANARY}"])


def test_a_long_text_is_cut_and_says_so():
    """What is left is enough for an error."""
    shown = redact("word " * 5000)

    assert shown.endswith("word … (cut)")
    assert len(shown) < 4200


@pytest.mark.parametrize("before", range(4060, 4110))
@pytest.mark.parametrize(
    "form", [" https://user:{}@example.com/", " password={} ", ' "token": "{}"', " {} ", " --token {} "]
)
def test_a_cut_leaves_no_part_of_a_secret(form, before):
    """Wherever it falls."""
    secret = "canary-that-was-used-1" if form == " {} " else "canary-not-seen-before"
    remember("canary-that-was-used-1")

    shown = redact("x" * (before - 30) + " " + form.format(secret) + " y" * 99)

    assert "canary" not in shown


def test_a_word_that_is_cut_is_left_out():
    """It might be the first part of a secret."""
    assert redact("x" * 5000) == " … (cut)"


UNITS = [
    *(
        "-token",
        "-",
        "_",
        '"',
        "'",
        "\\",
        " ",
        "\t",
        "\n",
        "a:",
        "a: ",
        "token:",
        "token: ",
        "token=",
        "token= ",
    ),
    *('"token":"', '"token":', "://", "://a:", "://a:@", "@", "Bearer ", "--token ", "token\\", "token, '"),
    *(
        "authorization:",
        "authorization:\n",
        "token:{",
        "x",
        '\\"',
        "x.",
        "1",
        "a-",
        "=",
        ";",
        "<",
        ">",
        "&",
        "`",
    ),
    *(
        "::",
        "#",
        "##[",
        " :",
        "rid:",
        "rid: ",
        "xn--",
        "https://",
        "https:",
        "[",
        "]",
        "{",
        "wx0",
        "%2",
        "é",
        "\x00",
    ),
    *(
        "port ",
        "port '",
        "port: ",
        "<token>",
        "<token ",
        "<![CDATA[",
        "token (",
        "token is ",
        "token; ",
        "%25",
        "%3D",
    ),
    *(
        "token%",
        "-u ",
        "-u a:",
        "-ua,",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "-----BEGIN A",
    ),
    *("token: |\n ", "\n ", "“", "令牌", "token：", "token “", "secret=", "("),
]


def seconds(search, unit, size):
    """The processor time of one run over so many characters of one shape."""
    text = (unit * size)[:size]
    began = time.thread_time()
    search(text)
    return time.thread_time() - began


def is_linear(search, unit):
    """Eight times the text takes about eight times the time; what is quadratic takes 64 times, however often."""
    return any(seconds(search, unit, 1 << 14) < 24 * seconds(search, unit, 1 << 11) + 0.004 for _ in range(9))


def quietly(use):
    """What refuses a text has read it as well."""

    def use_it(text):
        with contextlib.suppress(ValueError, SettingsError):
            use(text)

    use_it.__name__ = use.__name__
    return use_it


def long_redact(text):
    """Redact without a cut."""
    return redact(text, longest=1 << 20)


def redact_its_own_words(text):
    """Each word of a text is a secret in it."""
    return redact(text, also=words_in(text), longest=1 << 20)


def settings_with_a_url(text):
    """A value of the user's own in stack config."""
    return load_settings({"accessTokenUrl": f"https://{text}/{{appid}}"})


READERS = [
    *(
        long_redact,
        redact_its_own_words,
        mask,
        words_in,
        credentials_in,
        printable,
        one_line,
        read_listed,
    ),
    *map(quietly, (parse_domain, parse_secret, SecretMap.parse, settings_with_a_url, Urn.parse)),
    lambda text: unknown_config_keys([text[:1000]]),
]
"""Every function that reads foreign text by regular expressions."""


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_foreign_text_is_read_in_time_in_proportion_to_it(reader):
    """What tries every end of every run stalls the whole process: the interpreter's lock stops each thread."""
    assert [unit for unit in UNITS if not is_linear(reader, unit)] == []
