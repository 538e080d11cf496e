"""Seed files: what they hold, what is wrong with them, and the published schema."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from tests.emulator.conftest import APPID, examples
from wechat_miniprogram_emulator.seed import AppSeed, Seed, seed_schema
from wechat_miniprogram_emulator.seed_file import parse_seed

OTHER = "wxfedcba9876543210"
A, B = (f"https://{name}.example.com" for name in "ab")

WHOLE = f"""
# Two shops.
apps:
  - appid: {APPID}
    live: [{A}, "{B}"]
    effective:
      - {A}
    mp: []
    third: [https://c.example.com]
    token: secret
    token_expires_in: 7200
    subject: personal
    permission_sets: [1, 18]
    confirm_file:
      file_name: Ab3dE5fG7h.txt
      file_content: "0123456789abcdef"
  - appid: {OTHER}
trusted_hosts: ["*"]
switches:
  empty_get: omit
  missing_file: -1
"""

GOOD = [
    WHOLE,
    "apps: []",
    "{}",
    f'{{"apps": [{{"appid": "{APPID}", "effective": null}}], "switches": null}}',
    f"apps:\n  - &shop {{appid: {APPID}, live: [{A}]}}\n  - <<: *shop\n    appid: {OTHER}\n",
    'switches: {missing_file: "86103"}',
]

APPS = ", ".join(AppSeed.model_fields)

BAD = [
    ("- 1", "1: seed: must be an object"),
    ("x: 1", "1: seed: unknown: x; allowed: apps, platforms, trusted_hosts, unfiled_hosts, switches"),
    ("apps:\n\n  - lives: []", f"3: apps.0: unknown: lives; allowed: {APPS}"),
    (
        "apps:\n  - appid: wx1",
        ("2: apps.0.appid: 'wx1' is not a valid appid: expected \"wx\" followed by 16 hexadecimal digits"),
    ),
    (f"apps:\n  -\n    live: [{A}]", "3: apps.0.appid: is missing"),
    (f"apps:\n  - appid: {APPID}\n    live: {A}", "3: apps.0.live: must be a list"),
    (
        f"apps:\n  - appid: {APPID}\n    live:\n    - {A}\n    - 5",
        "5: apps.0.live.1: must be text",
    ),
    (
        f"apps:\n  - appid: {APPID}\n    subject: company",
        "3: apps.0.subject: must be 'enterprise' or 'personal'",
    ),
    ("switches:\n  empty_get: no", "2: switches.empty_get: must be 'list' or 'omit'"),
]


def bomb(value, first="[x]", levels=20):
    """A text in which each value holds the one before several times over."""
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{n}: &a{n} {value.replace('*', f'*a{n - 1}')}" for n in range(1, levels)]
    return "\n".join(lines)


BEYOND_THE_SCHEMA = [
    ("", "empty; a seed holds apps, platforms, trusted_hosts, unfiled_hosts, switches", None),
    ("# nothing\n", "empty; a seed holds apps, platforms, trusted_hosts, unfiled_hosts, switches", None),
    ("apps: []\n\napps: []", "apps appears twice", 3),
    (f"apps:\n- appid: {APPID}\n- appid: {APPID}", "seed: apps.1 has the appid of apps.0", 3),
    (
        f"apps:\n- appid: {APPID}\n  token_expires_in: .inf",
        "apps.0.token_expires_in: must be a finite number",
        3,
    ),
    ("apps: [", "not valid YAML: expected the node content, but found '<stream end>'", 1),
    ("apps: []\n---\napps: []", "not valid YAML: but found another document", 2),
    ("a: 1\n\tb: 2", r"not valid YAML: found character '\t' that cannot start any token", 2),
    ("apps:\n - !!set {a}", "the tag !!set is not allowed", 2),
    ("apps: !python/object:os.system {}", "the tag !python/object:os.system is not allowed", 1),
    ("apps:\n- &a [*a]", "an alias of a value that it is part of", 2),
    ("{[a]: 1}", "not valid YAML: found unhashable key", 1),
    (
        bomb("[*, *, *, *, *, *, *, *, *]"),
        "with its aliases resolved this holds more than 1000000 values",
        7,
    ),
    (
        bomb("{<<: [*, *, *]}", "{x: 1}", 40),
        "with its aliases resolved this holds more than 1000000 values",
        13,
    ),
    ("\x01", "not valid YAML: unacceptable character #x0001: special characters are not allowed", None),
    ("[" * 5000, "nested too deeply", None),
]


@pytest.fixture
def seed(tmp_path):
    """Reads a text as a seed file."""

    def read(text):
        return parse_seed(text.encode(), tmp_path / "seed.yaml")

    return read


def test_a_seed_file_holds_what_the_control_plane_takes(seed):
    """Every field once; a code may be a number."""
    read = seed(WHOLE)

    assert read.model_dump(exclude_unset=True) == {
        "apps": (
            {
                "appid": APPID,
                "live": (A, B),
                "effective": (A,),
                "mp": (),
                "third": ("https://c.example.com",),
                "token": "secret",
                "token_expires_in": 7200,
                "subject": "personal",
                "permission_sets": (1, 18),
                "confirm_file": {"file_name": "Ab3dE5fG7h.txt", "file_content": "0123456789abcdef"},
            },
            {"appid": OTHER},
        ),
        "trusted_hosts": ["*"],
        "switches": {"empty_get": "omit", "missing_file": "-1"},
    }


def test_the_seed_on_the_page_is_one(seed):
    """What a reader copies works unchanged."""
    (text,) = examples("yaml")

    assert [app.appid for app in seed(text).apps] == [APPID, OTHER]


def test_an_alias_may_be_merged(seed):
    """Apps that are alike are written once."""
    first, second = seed(GOOD[4]).apps

    assert (second.appid, second.live) == (OTHER, first.live)


@pytest.mark.parametrize(("text", "reported"), BAD)
def test_a_fault_is_reported_with_its_line(seed, tmp_path, text, reported):
    """File, line, path in the file, and what is allowed there."""
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 - the whole text is compared
        seed(text)

    assert str(wrong.value) == f"{tmp_path}/seed.yaml:{reported}"


@pytest.mark.parametrize(("text", "reported", "line"), BEYOND_THE_SCHEMA)
def test_what_no_schema_can_see_is_reported_too(seed, tmp_path, text, reported, line):
    """YAML that is none, that JSON could not hold, or that says a thing twice."""
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 - the whole text is compared
        seed(text)

    assert str(wrong.value) == f"{tmp_path}/seed.yaml:{f'{line}:' if line else ''} {reported}"


def test_what_looks_like_a_date_stays_text(seed):
    """JSON has no dates, and a token may look like one."""
    assert seed(f"apps: [{{appid: {APPID}, token: 2024-01-01}}]").apps[0].token == "2024-01-01"


def test_faults_are_reported_together(seed):
    """One line of text for each."""
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 - the lines are compared
        seed("apps:\n  - appid: wx1\n    live: 5\n  - lives: []\ntrusted_hosts: 1\n")

    assert [line.split(":")[1] for line in str(wrong.value).splitlines()] == ["2", "3", "4", "5"]


def test_a_repeated_token_names_the_apps(seed):
    """The token itself is not shown."""
    with pytest.raises(ValueError, match=r":3: seed: apps\.1 has the token of apps\.0$") as wrong:
        seed(f"apps:\n  - {{appid: {APPID}, token: canary}}\n  - {{appid: {OTHER}, token: canary}}\n")

    assert "canary" not in str(wrong.value)


def test_a_file_that_is_no_text_is_named():
    """A data file given as a seed."""
    with pytest.raises(ValueError, match=r"data\.db: not UTF-8: invalid start byte at byte 6$"):
        parse_seed(b"SQLite\xff", "data.db")


def test_a_token_of_an_app_that_is_there_is_refused(wechat_emulator):
    """The text names the app, not the token, and nothing of the seed is put in place."""
    wechat_emulator.seed(APPID, token="canary")

    with pytest.raises(
        ValueError,
        match=f"^authorizer_access_token of {OTHER}: another token, ticket or secret has the same value$",
    ):
        wechat_emulator.sow({"apps": [{"appid": "wx0000000000000000"}, {"appid": OTHER, "token": "canary"}]})

    assert wechat_emulator.appids() == [APPID]


@pytest.mark.parametrize("text", GOOD)
def test_the_schema_takes_what_the_reader_takes(seed, text):
    """A file that the emulator takes is green in an editor."""
    read = seed(text)

    jsonschema.validate(yaml.safe_load(text), seed_schema())
    assert isinstance(read, Seed)


@pytest.mark.parametrize(("text", "reported"), BAD)
def test_the_schema_refuses_what_the_reader_refuses(text, reported):
    """A file that the emulator refuses is red in an editor, as far as a schema can see it."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), seed_schema())


def test_the_schema_says_what_each_field_of_an_app_is():
    """An editor shows it."""
    schema = seed_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    fields = {**schema["$defs"]["AppSeed"]["properties"], **schema["properties"]}
    assert [name for name, field in fields.items() if not field.get("description")] == []
