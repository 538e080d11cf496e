"""Asking many Mini Programs when nobody answers."""

from __future__ import annotations

import socket

import httpx
import pytest

from pulumi_wechat_miniprogram.exports.asking import Asking, NotAsked
from pulumi_wechat_miniprogram.lifecycle.reconcile import NotSent, connect
from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.errors import Offboarded
from pulumi_wechat_miniprogram.wechat.tokens import TokenUnavailable
from tests.bench import APPID, OTHER, Bench


@pytest.fixture
def bench(wechat_emulator):
    """A bench whose other app has no token."""
    bench = Bench(wechat_emulator, max_attempts=1)
    yield bench
    bench.use.close()


@pytest.fixture
def unused_url():
    """A port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_nobody_is_asked_once_no_connection_was_made(bench):
    """A thousand apps would each wait for the time limit, and for every attempt."""
    ask = Asking(bench.use.observe)
    bench.line.fail(0, "before", httpx.ConnectError("refused"), times=9)
    with pytest.raises(NotSent):
        ask(APPID)

    with pytest.raises(NotAsked, match=f"^not asked, because no connection could be made for {APPID}$"):
        ask(OTHER)

    assert bench.line.passed == 1


def test_one_lost_connection_among_answers_stops_nothing(bench):
    """The next app is asked."""
    ask = Asking(bench.use.observe)
    assert ask(APPID)
    bench.line.fail(0, "before", httpx.ConnectError("refused"))
    with pytest.raises(NotSent):
        ask(APPID)

    assert ask(APPID)


def test_a_refusal_of_wechat_is_an_answer(bench):
    """It is there, so the next app is asked."""
    ask = Asking(bench.use.observe)
    bench.control.fault(errcode=61007)
    with pytest.raises(Offboarded):
        ask(APPID)
    bench.line.fail(0, "before", httpx.ConnectError("refused"))
    with pytest.raises(NotSent):
        ask(APPID)

    assert ask(APPID)


@pytest.mark.parametrize("source", ["component", "service"])
def test_nobody_is_asked_once_no_token_could_be_had_since_nobody_answers(source, unused_url):
    """The connection that is missing may be that of an app's token."""
    given = {
        "component": {
            "endpoint": unused_url,
            "component_appid": "wxc0c0c0c0c0c0c0c0",
            "component_appsecret": "s" * 20,
            "component_verify_ticket": "t" * 20,
            "authorizer_refresh_tokens": {APPID: "a" * 20, OTHER: "b" * 20},
        },
        "service": {"access_token_url": f"{unused_url}/{{appid}}"},
    }
    use = connect(Settings(max_attempts=1, **given[source]), warn=print)
    ask = Asking(use.observe)
    with pytest.raises(UserError, match=rf"^(wxc0|{APPID}).*no"):
        ask(APPID)

    with pytest.raises(NotAsked, match=f"^not asked, because no connection could be made for {APPID}$"):
        ask(OTHER)

    use.close()


def test_an_app_without_a_token_tells_nothing_of_the_endpoint(wechat_emulator):
    """The next app is asked."""
    wechat_emulator.seed(APPID)
    settings = {"endpoint": wechat_emulator.url, "access_tokens": {APPID: f"emulator-{APPID}"}}
    use = connect(Settings(**settings), warn=print)
    ask = Asking(use.observe)
    with pytest.raises(UserError, match="the configured access tokens belong to"):
        ask(OTHER)

    assert ask(APPID)
    use.close()


@pytest.mark.parametrize("fault", [{"http_status": 502}, {"body": "<html>"}])
def test_nobody_is_asked_once_a_gateway_answered_for_two_apps(bench, fault):
    """One answer may be about one app; after two nobody waits for the retries of all the others."""
    bench.control.fault(times=None, **fault)
    ask = Asking(bench.use.observe)
    for _ in range(2):
        with pytest.raises(UserError, match="(gateway|not WeChat's)"):
            ask(APPID)

    with pytest.raises(NotAsked, match=f"^not asked, because nothing answered for {APPID}$") as left:
        ask(OTHER)

    assert left.value.alike == left.value.error.alike


def test_nobody_is_asked_once_a_token_service_is_down():
    """It answers, but with no token for anybody."""
    busy = TokenUnavailable(APPID, "the service is busy", passing=True)

    def observe(_appid):
        raise busy

    ask = Asking(observe)
    for _ in range(2):
        with pytest.raises(TokenUnavailable):
            ask(APPID)

    with pytest.raises(NotAsked, match="nothing answered"):
        ask(OTHER)
