"""The files of the corpus keep their own rules."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.corpus.entries import ENTRIES, FILES, Entry, load

OFFICIAL_HOST = "developers.weixin.qq.com"
WHOLE = {
    "id": "a",
    "source": f"https://{OFFICIAL_HOST}/",
    "grade": "O",
    "endpoint": "/wxa/release",
    "response": '{"errcode":1,"errmsg":"no rid: 66cc41ab-6aaf22fd-1ffae523"}',
    "may_differ": {"trace": [" rid: 66cc41ab-6aaf22fd-1ffae523"]},
    "request": {"body": "{}"},
    "setup": {},
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_entries_of_a_file_are_in_order(path):
    """An entry is found where its id belongs."""
    ids = [entry.id for entry in load(path)]

    assert ids == sorted(ids)


def test_an_id_names_one_entry():
    """In all files together."""
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_tells_where_it_was_found(entry):
    """By a whole address; what is official is on WeChat's own pages, and what users saw in its community."""
    urls = [urlsplit(url) for url in (entry.source, entry.copy_read) if url]

    assert [
        url for url in urls if url.scheme != "https" or url.netloc not in {OFFICIAL_HOST, "github.com"}
    ] == []
    assert entry.grade == "S" or urls[0].netloc == OFFICIAL_HOST
    assert (entry.grade == "C") == urls[0].path.startswith("/community/")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"respnse": "{}"}, "Extra inputs are not permitted"),
        ({"grade": "A"}, "Input should be 'O', 'OS', 'C', 'S' or 'D'"),
        ({"response": None}, "either response, or errcode and errmsg"),
        ({"errcode": 1, "errmsg": "no"}, "either response, or errcode and errmsg"),
        ({"response": "{", "may_differ": {}}, "Invalid JSON"),
        ({"setup": None}, "either setup, or why"),
        ({"unanswered": "a reason"}, "either setup, or why"),
        ({"request": None}, "needs setup.send"),
        ({"may_differ": {"token": ["elsewhere"]}}, "is not a token of the response"),
        ({"may_differ": {"time": ["66cc41ab"]}}, "is not a time of the response"),
        ({"setup": {"before": [{"times": 2}]}}, "either control or call"),
        ({"setup": {"before": [{"call": "/wxa/release", "body": {}}]}}, "body of a call is text"),
    ],
)
def test_a_wrong_entry_is_refused(change, text):
    """Each with what is wrong."""
    Entry.model_validate(WHOLE)

    with pytest.raises(ValueError, match=text):
        Entry.model_validate({**WHOLE, **change})


@pytest.mark.parametrize(
    ("answer", "same"),
    [
        ('{"errcode":1,"errmsg":"no rid: 00000000-00000000-00000000"}', True),
        ('{"errcode":1,"errmsg":"no requestIP: 192.0.2.1 hint: [a1] rid: 00000000-00000000-00000000"}', True),
        ('{"errcode":1,"errmsg":"no hint: [a1]"}', True),
        ('{"errcode":1,"errmsg":"no"}', False),
        ('{"errcode":1,"errmsg":"no rid: 00000000"}', False),
        ('{"errcode":1,"errmsg":"nope rid: 00000000-00000000-00000000"}', False),
        ('{"errcode":2,"errmsg":"no rid: 00000000-00000000-00000000"}', False),
        ('{"errcode": 1, "errmsg": "no rid: 00000000-00000000-00000000"}', False),
        ('{"errmsg":"no rid: 00000000-00000000-00000000","errcode":1}', False),
        ('{"errcode":1,"errmsg":"no rid: 00000000-00000000-00000000","more":[]}', False),
    ],
)
def test_only_what_may_differ_differs(answer, same):
    """Every other byte counts, and a trace must be there."""
    assert bool(Entry.model_validate(WHOLE).pattern.fullmatch(answer)) == same


def test_where_only_code_and_text_are_known_fields_may_follow():
    """Such an entry says nothing of other fields."""
    known = {"errcode": 1, "errmsg": "no/", "response": None, "may_differ": {}}
    pattern = Entry.model_validate({**WHOLE, **known}).pattern

    seen = r'{"errcode":1,"errmsg":"no\/ rid: 00000000-00000000-00000000","requestdomain":[]}'
    assert pattern.fullmatch(seen)
    assert not pattern.fullmatch(seen.replace("no", "yes"))


def test_a_text_printed_for_readers_is_taken_without_its_layout():
    """Spaces outside strings go, and slashes are escaped, once."""
    printed = {"response": '{\n  "a b": "c\\" d/e\\/f",\n', "layout": "page", "cut": True, "may_differ": {}}

    entry = Entry.model_validate({**WHOLE, **printed})

    assert entry.expected == r'{"a b":"c\" d\/e\/f",'
    assert entry.pattern.fullmatch(entry.expected + '"more":1}')
