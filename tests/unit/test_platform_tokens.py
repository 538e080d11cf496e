"""The tokens of third-party platforms: every source gives them, and none is used for an app."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pulumi_wechat_miniprogram.safety.errors import UserError
from pulumi_wechat_miniprogram.settings import Settings, load_settings
from pulumi_wechat_miniprogram.wechat.attempts import Attempts
from pulumi_wechat_miniprogram.wechat.client import Client
from pulumi_wechat_miniprogram.wechat.errors import WeChatError
from pulumi_wechat_miniprogram.wechat.tokens import AppUnknown, TokenUnavailable, open_tokens
from pulumi_wechat_miniprogram.wechat.wire import Wire
from tests.bench import APPID, OTHER
from tests.misbehaving import Misbehaving, Script

COMPONENT, ANOTHER = "wxc0c0c0c0c0c0c0c0", "wxc1c1c1c1c1c1c1c1"
OF_APP, OF_PLATFORM = f"emulator-{APPID}", f"emulator-component-{COMPONENT}"


def printing(**texts):
    """A command that prints a text for each appid."""
    return sys.executable, "-c", f"import os; print({texts!r}[os.environ['WECHAT_APPID']])"


def client_of(control, **given):
    """A client whose tokens come from these settings."""
    settings = Settings(endpoint=control.url, **given)
    wire = Wire(settings, attempts=Attempts(4, sleep=lambda _: None), warn=print)
    return Client(wire, open_tokens(settings, wire, warn=print))


@pytest.fixture
def control(wechat_emulator):
    """Two apps that authorise the platform."""
    wechat_emulator.seed(APPID)
    wechat_emulator.seed(OTHER)
    wechat_emulator.clear_calls()
    return wechat_emulator


SOURCES: dict[str, dict[str, Any]] = {
    "one token": {"access_token": OF_PLATFORM, "access_token_appid": COMPONENT},
    "a map": {"access_tokens": {APPID: OF_APP, COMPONENT: OF_PLATFORM}},
    "a command": {"access_token_command": printing(**{COMPONENT: OF_PLATFORM})},
    "a command, as JSON": {
        "access_token_command": printing(**{COMPONENT: json.dumps({"component_access_token": OF_PLATFORM})})
    },
    "a command, by the other name": {
        "access_token_command": printing(**{COMPONENT: json.dumps({"access_token": OF_PLATFORM})})
    },
    "a ready token": {"component_appid": COMPONENT, "component_access_token": OF_PLATFORM},
    "a ready token, as JSON": {
        "component_appid": COMPONENT,
        "component_access_token": json.dumps({"component_access_token": OF_PLATFORM, "expires_in": 7200}),
    },
    "a ticket": {
        "component_appid": COMPONENT,
        "component_appsecret": f"emulator-secret-{COMPONENT}",
        "component_verify_ticket": f"emulator-ticket-{COMPONENT}",
    },
}


@pytest.mark.parametrize("given", SOURCES.values(), ids=SOURCES)
def test_every_source_gives_the_token_of_a_platform(control, given):
    """No refresh token of any app is needed."""
    client = client_of(control, **given)

    assert client.platform_hosts(COMPONENT, "webview").testing == ()

    client.close()


@pytest.mark.parametrize("body", [OF_PLATFORM, json.dumps({"component_access_token": OF_PLATFORM})])
def test_a_token_service_gives_the_token_of_a_platform(control, body):
    """It is asked with the platform's appid."""
    answer = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    with Misbehaving(Script(parts=(answer,))) as service:
        client = client_of(control, access_token_url=f"{service.url}/{{appid}}")
        client.platform_hosts(COMPONENT, "server")
        client.close()

    assert service.received[0].startswith(f"GET /{COMPONENT} ".encode())


def test_a_ticket_is_spent_once_for_apps_and_platform(control):
    """Both use one component token, which is fetched again once it has ended."""
    refresh = {"authorizer_refresh_tokens": {APPID: f"emulator-refresh-{APPID}"}}
    client = client_of(control, **SOURCES["a ticket"], **refresh)

    client.platform_confirm_file(COMPONENT)
    client.live(APPID)
    control.end_tokens(COMPONENT, "component_access_token")
    client.platform_confirm_file(COMPONENT)

    file = "get_domain_confirmfile"
    assert [call.name for call in control.calls()] == [
        *("api_component_token", file),
        *("api_authorizer_token", "get"),
        *(file, "api_component_token", file),
    ]
    client.close()


AS_COMPONENT = json.dumps({"component_access_token": OF_PLATFORM})
AS_AUTHORIZER = json.dumps({"authorizer_access_token": OF_APP, "access_token": OF_APP})
PYTHON = Path(sys.executable).name
BOTH = printing(**{COMPONENT: OF_PLATFORM, APPID: OF_PLATFORM})


def live(client, appid=APPID):
    """A call for an app."""
    return client.live(appid)


def hosts(client, component=COMPONENT):
    """A call for a platform."""
    return client.platform_hosts(component, "server")


@pytest.mark.parametrize(
    ("given", "ask", "problem"),
    [
        (
            {"access_token_command": printing(**{APPID: AS_COMPONENT})},
            live,
            f"{APPID}: wechat-miniprogram:accessTokenCommand: what {PYTHON} printed has the wrong kind of "
            "token: component_access_token instead of authorizer_access_token",
        ),
        (
            {"access_token_command": printing(**{COMPONENT: AS_AUTHORIZER})},
            hosts,
            f"{COMPONENT}: wechat-miniprogram:accessTokenCommand: what {PYTHON} printed has the wrong kind of "
            "token: authorizer_access_token instead of component_access_token",
        ),
        (
            SOURCES["a ready token"],
            lambda client: hosts(client, ANOTHER),
            f"{ANOTHER}: wechat-miniprogram:componentAppid is {COMPONENT}, so no token is available for this "
            "third-party platform",
        ),
        (
            SOURCES["a ready token"],
            lambda client: live(client, COMPONENT),
            f"{COMPONENT}: wechat-miniprogram:componentAppid has this appid: it is the third-party platform "
            "itself, and the token of a Mini Program is needed",
        ),
        (
            SOURCES["a ready token"],
            live,
            f"{APPID}: wechat-miniprogram:authorizerRefreshTokens is not set; add the one of this appid",
        ),
        (
            SOURCES["a map"],
            lambda client: hosts(client, ANOTHER),
            f"{ANOTHER}: the configured access tokens belong to {APPID}, {COMPONENT}; add one for this appid",
        ),
        (
            {},
            hosts,
            f"{COMPONENT}: no access token is configured. Set one of WECHAT_MINIPROGRAM_ACCESS_TOKEN, ",
        ),
    ],
)
def test_a_token_that_does_not_fit_is_refused_before_any_call(control, given, ask, problem):
    """One error that says which token is wrong."""
    client = client_of(control, **given)

    with pytest.raises(TokenUnavailable) as refused:
        ask(client)

    assert str(refused.value).startswith(problem)
    assert not isinstance(refused.value, AppUnknown)
    assert OF_PLATFORM not in str(refused.value)
    assert control.calls() == []
    client.close()


@pytest.mark.parametrize(
    ("first", "then", "appid", "problem"),
    [
        (live, hosts, COMPONENT, f"its token source returned the token of {APPID}"),
        (hosts, live, APPID, f"its token source returned the token of {COMPONENT}"),
    ],
)
def test_one_token_for_an_app_and_a_platform_is_refused(control, first, then, appid, problem):
    """Whichever of the two is asked for first has it."""
    client = client_of(control, access_token_command=BOTH)
    with suppress(WeChatError):  # the token is a platform's, and the emulator knows
        first(client)
    control.clear_calls()

    with pytest.raises(TokenUnavailable, match=f"{appid}: {problem}"):
        then(client)

    assert control.calls() == []
    client.close()


def test_one_appid_is_not_both_an_app_and_a_platform(control):
    """The source gives one token for it, which was a platform's before."""
    client = client_of(control, **SOURCES["a map"])
    hosts(client)
    control.clear_calls()

    with pytest.raises(TokenUnavailable) as refused:
        live(client, COMPONENT)

    assert str(refused.value) == (
        f"{COMPONENT}: its token source returned one token as component_access_token and as "
        "authorizer_access_token, so nothing was sent. An appid is either that of a third-party platform or of "
        "a Mini Program"
    )
    assert control.calls() == []
    client.close()


@pytest.mark.parametrize(
    "config",
    [
        {"componentAccessToken": "t"},
        {"componentAppsecret": "s", "componentVerifyTicket": "t"},
        {"componentAccessToken": "t", "authorizerRefreshTokens": "{}"},
    ],
)
def test_a_platform_needs_no_refresh_tokens(config):
    """They may be left out where no app is called."""
    settings = load_settings({"componentAppid": COMPONENT, **config})

    assert settings.component_appid == COMPONENT


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (
            {"componentAppid": COMPONENT, "componentAccessToken": AS_AUTHORIZER},
            "componentAccessToken has the wrong kind of token: authorizer_access_token instead of component",
        ),
        (
            {"accessTokenAppid": APPID, "accessToken": AS_COMPONENT},
            "accessToken has the wrong kind of token: component_access_token instead of authorizer_access_token",
        ),
    ],
)
def test_a_configured_token_of_the_wrong_kind(config, problem):
    """The JSON says what it is."""
    with pytest.raises(UserError, match=f"^wechat-miniprogram:{problem}"):
        load_settings(config)
