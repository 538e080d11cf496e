"""The component flow against the emulator's token endpoints: ticket, component token, authorizer token."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_wechat_miniprogram.settings import Settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errors import Offboarded, TokenRejected, WeChatError
from pulumi_wechat_miniprogram.wechat.tokens import TokenUnavailable, open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, OTHER, A

COMPONENT = "wxc0c0c0c0c0c0c0c0"
FROM_TICKET = {
    "component_appsecret": f"emulator-secret-{COMPONENT}",
    "component_verify_ticket": f"emulator-ticket-{COMPONENT}",
}
FETCH = ["api_component_token", "api_authorizer_token"]


class Flow:
    """A client whose tokens come by the component flow, on a clock that only the test moves."""

    def __init__(self, control, **given):
        """Seed two apps that authorise the platform; `given` are its credentials."""
        self.control = control
        self.now = 0.0
        self.warnings: list[str] = []
        for appid in (APPID, OTHER):
            control.seed(appid, live=[A])
        control.clear_calls()
        settings = Settings(
            endpoint=control.url,
            component_appid=COMPONENT,
            **{
                "authorizer_refresh_tokens": {a: f"emulator-refresh-{a}" for a in (APPID, OTHER)},
                **(given or FROM_TICKET),
            },
        )
        attempts = Attempts(4, sleep=self.advance, clock=lambda: self.now)
        wire = Wire(settings, attempts=attempts, warn=self.warnings.append)
        self.client = Client(wire, open_tokens(settings, wire, warn=self.warnings.append))

    def advance(self, seconds):
        """Move this machine's clock and WeChat's."""
        self.now += seconds
        self.control.advance(seconds)

    @property
    def calls(self):
        """The calls since the last look, in one word each."""
        names = [call.name for call in self.control.calls()]
        self.control.clear_calls()
        return names


@pytest.fixture
def flow(wechat_emulator):
    """A flow that begins with appsecret and ticket."""
    flow = Flow(wechat_emulator)
    yield flow
    flow.client.close()


def test_a_ticket_becomes_a_component_token_and_that_an_access_token_for_each_app(flow):
    """Each is fetched when it is first needed, and kept."""
    assert flow.client.live(APPID) == flow.client.live(APPID) == flow.client.live(OTHER) == (A,)
    assert flow.calls == [*FETCH, "get", "get", "api_authorizer_token", "get"]


def test_tokens_are_renewed_before_their_end(flow):
    """Five minutes early, so that no call meets an expired one."""
    flow.client.live(APPID)
    flow.advance(6899)
    flow.client.live(APPID)
    flow.advance(1)
    flow.control.clear_calls()

    flow.client.live(APPID)

    assert flow.calls == [*FETCH, "get"]


def test_an_access_token_that_somebody_else_replaced_is_fetched_anew(flow):
    """40001 on the call, one refresh, and the call goes through; the component token is still good."""
    flow.client.live(APPID)
    flow.control.end_tokens(APPID, becomes="invalid")
    flow.control.clear_calls()

    assert flow.client.live(APPID) == (A,)
    assert flow.calls == ["get", "api_authorizer_token", "get"]


def test_a_component_token_that_ended_is_fetched_anew(flow):
    """Found out when an app's token is refreshed."""
    flow.client.live(APPID)
    flow.control.end_tokens(COMPONENT, kind="component_access_token")
    flow.control.clear_calls()

    flow.client.live(OTHER)

    assert flow.calls == ["api_authorizer_token", "api_component_token", "api_authorizer_token", "get"]


def test_a_ready_component_token_replaces_secret_and_ticket(wechat_emulator):
    """No component token is fetched; once it has ended, the text says which one that is."""
    flow = Flow(wechat_emulator, component_access_token="never-given")

    with pytest.raises(TokenRejected) as rejected:
        flow.client.live(APPID)

    assert str(rejected.value).splitlines()[1:] == [
        "  This error concerns the platform's own token: give a current "
        "wechat-miniprogram:componentAccessToken, or wechat-miniprogram:componentAppsecret and the newest "
        "wechat-miniprogram:componentVerifyTicket."
    ]
    assert flow.calls == ["api_authorizer_token"]
    flow.client.close()


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        (
            {"component_verify_ticket": "old-ticket"},
            61006,
            "Give the newest component_verify_ticket: WeChat pushes",
        ),
        ({"component_appsecret": "wrong-secret"}, 40125, "Check the component's appsecret"),
        (
            {"authorizer_refresh_tokens": {APPID: "stale-refresh"}},
            61023,
            "Take the current one from the authorizer list (api_get_authorizer_list)",
        ),
    ],
)
def test_a_wrong_credential_explains_itself(wechat_emulator, given, code, text):
    """The code, its meaning, and which credential to fix; no value of any."""
    flow = Flow(wechat_emulator, **{**FROM_TICKET, **given})

    with pytest.raises(WeChatError) as refused:
        flow.client.live(APPID)

    assert refused.value.errcode == code
    assert text in str(refused.value)
    assert not [value for value in (*FROM_TICKET.values(), "stale-refresh") if value in str(refused.value)]
    flow.client.close()


def test_an_expired_ticket_explains_itself(flow):
    """It is good for twelve hours."""
    flow.control.end_tokens(COMPONENT, kind="component_verify_ticket")

    with pytest.raises(WeChatError, match="61005.*expired\n.*valid for 12 hours"):
        flow.client.live(APPID)


def test_a_newer_ticket_in_the_file_is_taken(wechat_emulator, tmp_path):
    """The file is read when it is used: whoever receives WeChat's pushes writes it."""
    ticket = tmp_path / "ticket"
    ticket.write_text("old", encoding="utf-8")
    flow = Flow(wechat_emulator, **{**FROM_TICKET, "component_verify_ticket": f"file:{ticket}"})

    ticket.write_text(wechat_emulator.push_ticket(), encoding="utf-8")

    assert flow.client.live(APPID) == (A,)
    flow.client.close()


def test_an_app_that_left_the_platform_is_reported_as_such(flow):
    """So that `onUnauthorized: keep` holds for it too."""
    flow.control.revoke(APPID)

    with pytest.raises(Offboarded, match=f"fetch of the authorizer access token for {APPID} refused"):
        flow.client.live(APPID)


def test_an_ip_that_is_not_allowed_is_named(flow):
    """With the page where to add it."""
    flow.control.platform(allowed_ips=["203.0.113.1"])

    with pytest.raises(WeChatError, match="61004") as refused:
        flow.client.live(APPID)

    assert "Add the IP 127.0.0.1 to the platform's IP allow-list (open.weixin.qq.com" in str(refused.value)


def test_an_app_without_a_refresh_token_is_named(wechat_emulator):
    """The text says whose there are."""
    flow = Flow(
        wechat_emulator, **FROM_TICKET, authorizer_refresh_tokens={OTHER: f"emulator-refresh-{OTHER}"}
    )

    with pytest.raises(TokenUnavailable) as none:
        flow.client.live(APPID)

    assert str(none.value) == (
        f"{APPID}: wechat-miniprogram:authorizerRefreshTokens has refresh tokens of {OTHER}; add the one of "
        "this appid"
    )
    flow.client.close()


def test_a_refresh_token_that_wechat_replaces_is_used_and_reported(flow):
    """Once, without its value; it is stored nowhere."""
    flow.control.switch(refresh_token_rotation="at-once")

    flow.client.live(APPID)
    flow.advance(7000)
    flow.client.live(APPID)

    assert [line.partition(". ")[0] for line in flow.warnings] == [
        f"{APPID}: WeChat gave a new authorizer_refresh_token"
    ] * 2
    assert "emulator-refresh" not in str(flow.warnings)


def test_an_answer_without_a_refresh_token_leaves_the_configured_one_in_use(flow):
    """WeChat's page lists it; nothing is said if it is missing."""
    body = json.dumps({"authorizer_access_token": f"emulator-{APPID}", "expires_in": 7200})
    flow.control.fault(path="/cgi-bin/component/api_authorizer_token", body=body)

    assert flow.client.live(APPID) == (A,)
    assert flow.warnings == []


def test_many_operations_at_once_fetch_one_component_token_and_one_token_an_app(flow):
    """Whoever comes while a token is fetched waits for it."""
    start = threading.Barrier(20)

    def read(appid):
        start.wait()
        return flow.client.live(appid)

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(read, [APPID, OTHER] * 10)) == [(A,)] * 20

    made = flow.calls
    assert made.count("api_component_token") == 1
    assert made.count("api_authorizer_token") == 2


def test_no_credential_of_the_flow_is_logged(flow, caplog):
    """The libraries' own logs and ours, at their most talkative."""
    with caplog.at_level(logging.DEBUG):
        flow.client.live(APPID)

    lines = [json.loads(r.message) for r in caplog.records if r.name == "pulumi_wechat_miniprogram.calls"]
    assert [line["action"] for line in lines] == [
        "fetch of the component access token",
        "fetch of the authorizer access token",
        "get",
    ]
    for secret in (*FROM_TICKET.values(), f"emulator-refresh-{APPID}"):
        assert secret not in caplog.text
    assert "access_token=***" in caplog.text
