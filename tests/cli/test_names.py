"""Names of Mini Programs from a file."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.cli.report.names import read_names
from tests.exports.stacks import APPID, OTHER

EXPECTED = (
    'expected a JSON object such as {"wx0123456789abcdef": "Bakery"}, '
    "or CSV lines such as wx0123456789abcdef,Bakery"
)
NO_APPID = 'is not a valid appid: expected "wx" followed by 16 hexadecimal digits'


@pytest.mark.parametrize(
    "text",
    [
        f'{{"{APPID}": "Bakery, Main Street", "{OTHER}": "木兰书店"}}',
        f'\ufeffAppID,Name\r\n{APPID},"Bakery, Main Street"\r\n\r\n {OTHER} , 木兰书店 ,,\r\n',
        f'{APPID},"Bakery, Main Street"\n{OTHER},木兰书店',
    ],
    ids=["json", "csv-of-a-spreadsheet", "csv"],
)
def test_names_are_json_or_csv(text):
    """With a heading or without; empty columns and lines are passed over."""
    assert read_names(text.encode(), "names") == {APPID: "Bakery, Main Street", OTHER: "木兰书店"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe", f"names is not UTF-8 text; {EXPECTED}"),
        (b'{"a": ', f"names cannot be read: Expecting value: line 1 column 7 (char 6); {EXPECTED}"),
        (b'{"wx1": "a"}', f"names, entry 1: 'wx1' {NO_APPID}"),
        (f'{{"{APPID}": 5}}'.encode(), f"names, entry 1: expected one name for {APPID}"),
        (f'{{"{APPID}": {{"name": "a"}}}}'.encode(), f"names, entry 1: expected one name for {APPID}"),
        (
            f'{{"{APPID}": "a", "{APPID}": "b"}}'.encode(),
            f"names, entry 2: {APPID} has the name 'a' already",
        ),
        (b'wx1,"a', f"names cannot be read: unexpected end of data; {EXPECTED}"),
        (b"\nBakery;wx1\n", f"names, line 2: 'Bakery;wx1' {NO_APPID}"),
        (f"{APPID}\n".encode(), f"names, line 1: expected one name for {APPID}"),
        (f"{APPID},a,b\n".encode(), f"names, line 1: expected one name for {APPID}"),
    ],
)
def test_what_is_no_list_of_names_is_an_error(content, problem):
    """It says what, where, and what is expected."""
    with pytest.raises(ValueError, match="names") as refused:
        read_names(content, "names")

    assert str(refused.value) == problem


def test_many_problems_are_counted():
    """Ten are shown."""
    with pytest.raises(ValueError, match="names") as refused:
        read_names(b"a,b\n" * 12, "names")

    lines = str(refused.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "names has 2 more such problems"
