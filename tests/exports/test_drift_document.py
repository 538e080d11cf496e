"""The JSON document of drift, written and read."""

from __future__ import annotations

import json

import pytest

from pulumi_wechat_miniprogram.exports.drift import AppDrift, DriftUnreadable, drift_document, read_drift
from tests.exports.stacks import APPID, OTHER, A, B

APPS = (
    AppDrift(APPID, ("shop/dev",), ("urn",), missing=(A,), pending=(B,)),
    AppDrift(OTHER, (), (), problem="refused"),
    AppDrift("wx0000000000000000", (), (), pending=(A,)),
)


def test_what_was_written_is_read():
    """Every field of every app."""
    content = json.dumps(drift_document(APPS, ["missing"])).encode()

    assert read_drift(content, "drift.json") == APPS


@pytest.mark.parametrize(
    ("kinds", "drifted"), [(["missing", "extra"], 1), (["pending"], 2), (["other-modes"], 0)]
)
def test_the_counts_are_those_of_what_was_chosen(kinds, drifted):
    """A failing app is neither compared nor drifted."""
    document = drift_document(APPS, kinds)

    assert (document["compared"], document["drifted"], document["failed"]) == (2, drifted, 1)


def test_fields_of_newer_versions_are_ignored():
    """In the document and in each app."""
    document = drift_document(APPS, [])
    newer = {**document, "region": "cn", "apps": [{**app, "since": 1} for app in document["apps"]]}

    assert read_drift(json.dumps(newer).encode(), "drift.json") == APPS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"version": 2, "apps": []}',
        b'{"version": 1}',
        b"\xff\xfe\xfa",
        b"[" * 100_000,
        b"3" * 5_000,
    ],
)
def test_anything_else_is_one_error(content):
    """It names the file and the command that writes it."""
    with pytest.raises(DriftUnreadable) as unreadable:
        read_drift(content, "drift.json")

    assert str(unreadable.value) == (
        "drift.json is not the output of `wechat-miniprogram drift --json`; create it again"
    )
