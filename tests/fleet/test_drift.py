"""Drift of one stack, read in a slot: a stand-in for the CLI exports, the emulator answers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import pytest

from pulumi_wechat_miniprogram.fleet import drift
from pulumi_wechat_miniprogram.fleet.drift import StackDrift, compare
from pulumi_wechat_miniprogram.fleet.states import Place
from tests.fleet.test_states import APP, APPID, entry

PLACE = Place("p", "fleet-00")


@pytest.fixture
def wechat(wechat_emulator, monkeypatch):
    """The emulator with the app, as the environment names it."""
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ENDPOINT", wechat_emulator.url)
    monkeypatch.setenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS", json.dumps({APPID: f"emulator-{APPID}"}))
    return wechat_emulator


@pytest.fixture
def exported(pulumi):
    """Let the CLI export a stack with the app."""
    pulumi(f"print({json.dumps({'version': 3, 'deployment': {'resources': [entry()]}})!r})")


def test_an_app_without_drift_is_counted_alone(wechat, exported):
    """A hundred thousand of them would fill the memory."""
    wechat.seed(APPID, live=APP.domains)
    heard: list[Mapping[str, object]] = []

    found = compare(None, 2, PLACE, heard.append)

    assert found == StackDrift("fleet-00", (APPID,))
    assert heard == [{"stack": "fleet-00", "apps": [APPID]}]


def test_an_app_with_drift(wechat, exported):
    """It is reported, and nothing is written."""
    wechat.seed(APPID, live=APP.domains[:1])

    (app,) = compare(None, 2, PLACE, lambda _: None).apps

    assert app.missing == (APP.domains[1],)
    assert wechat.writes() == []


def test_the_share_of_the_rate_is_kept_from_one_stack_to_the_next(wechat, exported):
    """The first call waits too."""
    wechat.seed(APPID, live=APP.domains)
    began = time.time()

    compare(600, 2, PLACE, lambda _: None)

    first, second = (call.time for call in wechat.calls())
    assert first - began >= 0.1
    assert second - first >= 0.05  # it takes a varying time to arrive


def test_no_stack(pulumi, wechat):
    """Nothing to compare."""
    pulumi("sys.exit(6)")

    assert compare(None, 2, PLACE, lambda _: None) == StackDrift("fleet-00")


def test_a_state_that_cannot_be_read(pulumi, wechat):
    """It is a problem of the stack."""
    pulumi("sys.exit('error: no route')")

    assert compare(None, 2, PLACE, lambda _: None) == StackDrift("fleet-00", problem="no route")


def test_apps_are_reported_while_others_are_compared(wechat, exported, monkeypatch):
    """Some together; the last message has the rest."""
    monkeypatch.setattr(drift, "_SAID", 1)
    wechat.seed(APPID, live=APP.domains)
    heard: list[Mapping[str, object]] = []

    compare(None, 2, PLACE, heard.append)

    assert [message["apps"] for message in heard] == [[APPID], []]
