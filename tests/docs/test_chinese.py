"""The tables of the Chinese pages say what the English ones say."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat import probe
from pulumi_wechat_miniprogram.wechat.errcodes import ERRCODES
from pulumi_wechat_miniprogram.wechat.probe import CAUSES
from tools import chinese
from wechat_miniprogram_emulator.routes import ROUTES

CREDENTIALS = {
    field: info.description or ""
    for field, info in Settings.model_fields.items()
    if chinese.of_credentials(field)
}
PATHS = {route.path: (route.handler.__doc__ or "").partition(": ")[2] for route in ROUTES.values()}
PAIRS = [
    *(
        (str(code), f"{row.meaning} {row.remedy}", chinese.CODES.get(code, ()))
        for code, row in ERRCODES.items()
    ),
    *((cause, text, chinese.CONFIRM_FILE.get(cause, ())[1:]) for cause, text in CAUSES.items()),
    *((field, text, (chinese.CREDENTIALS.get(field, ""),)) for field, text in CREDENTIALS.items()),
    *((path, text, (chinese.PATHS.get(path, ""),)) for path, text in PATHS.items()),
]
"""A name, the English text, and the Chinese ones, which the first test asks for."""
DOCS = Path(__file__).resolve().parents[2] / "docs"
EXACT = re.compile(r"`[^`]+`|\d+|MiniProgram\w+|ThirdParty\w+|\w+_\w+")
HAN = r"[\u4e00-\u9fff]"


@pytest.mark.parametrize(
    ("texts", "owners"),
    [
        pytest.param(chinese.CODES, ERRCODES, id="errcodes"),
        pytest.param(chinese.CONFIRM_FILE, CAUSES, id="causes"),
        pytest.param(chinese.CREDENTIALS, CREDENTIALS, id="settings"),
        pytest.param(chinese.PATHS, PATHS, id="endpoints"),
        pytest.param(chinese.TOKENS, {route.token for route in ROUTES.values()}, id="tokens"),
    ],
)
def test_each_code_cause_setting_and_endpoint_has_its_chinese_text(texts, owners):
    """A new one lacks a text, and one that is gone leaves a text without an owner."""
    assert {*texts} == {*owners}


@pytest.mark.parametrize(("english", "texts"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_numbers_and_names_are_those_of_the_english_text(english, texts):
    """A limit that changes in the code changes in both languages."""
    chinese_text = " ".join(texts)

    assert [name for name in EXACT.findall(english) if name not in chinese_text] == []


@pytest.mark.parametrize("texts", [pair[2] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_a_text_is_written_as_chinese_is(texts):
    """It has full-width punctuation, a blank between Chinese and Latin letters, and no row of a table breaks."""
    for text in texts:
        assert re.search(HAN, text)
        assert re.findall(rf"{HAN}[,.:;!?()]|{HAN}[A-Za-z0-9`]|[A-Za-z0-9`]{HAN}|[|\n]|[。，；]$", text) == []


@pytest.mark.parametrize(
    ("rows", "owners"),
    [
        pytest.param(chinese.errcodes, ERRCODES, id="errcodes"),
        pytest.param(chinese.causes, CAUSES, id="causes"),
        pytest.param(chinese.settings, CREDENTIALS, id="settings"),
        pytest.param(chinese.endpoints, ROUTES, id="endpoints"),
    ],
)
def test_a_table_has_a_row_for_each_of_them(rows, owners):
    """Two lines of head come first."""
    assert len(rows()) == 2 + len(owners)


@pytest.mark.parametrize("words", [cause.said for cause in chinese.CONFIRM_FILE.values()])
def test_a_cause_is_found_by_words_of_its_message(words):
    """A message that changes changes the table too."""
    assert words in inspect.getsource(probe)


def terms(page: str, column: int) -> list[str]:
    """Return a column of a glossary's table, without its head."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return [line.split("|")[column].strip() for line in lines if line.startswith("| ")][1:]


def test_both_glossaries_have_the_same_terms():
    """A term that one of them lacks is found in one language only."""
    assert sorted(terms("zh/glossary.md", 2)) == sorted(terms("glossary.md", 1))
